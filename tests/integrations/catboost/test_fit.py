"""What one training leaves behind: curves, ending, model."""

from __future__ import annotations

import pickle
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from catboost import CatBoost, CatBoostClassifier, CatBoostRanker, CatBoostRegressor, Pool, train

import epochlog

QUIET: dict[str, Any] = {"verbose": False, "thread_count": 1, "depth": 2}

pytestmark = pytest.mark.usefixtures("on")


def halves(arrays: Any) -> tuple[Any, ...]:
    """Return training and validation halves."""
    X, y = arrays
    return X[:200], y[:200], X[200:], y[200:]


def watched_key(name: str, metric: str) -> str:
    """Return our key of one of CatBoost's curves."""
    split = {"learn": "train", "validation": "val"}[name]
    return f"{split}/{ {'Logloss': 'loss', 'AUC': 'roc_auc'}[metric] }"


def test_curves_equal_the_history(arrays: Any, stored: Any) -> None:
    """Every iteration of every set and metric is a point, bit-equal to evals_result_."""
    X, y, X_val, y_val = halves(arrays)
    model = CatBoostClassifier(iterations=20, custom_metric=["AUC", "F1"], **QUIET)
    model.fit(X, y, eval_set=[(X_val, y_val), (X_val[:50], y_val[:50])])
    (run,) = stored()
    keys = {
        ("learn", "Logloss"): "train/loss",
        ("learn", "F1"): "train/f1",
        ("validation_0", "Logloss"): "val/loss",
        ("validation_0", "AUC"): "val/roc_auc",
        ("validation_1", "Logloss"): "val_1/loss",
        ("validation_1", "AUC"): "val_1/roc_auc",
    }

    assert run.status == "completed"
    assert run.source == "catboost"
    for (name, metric), key in keys.items():
        assert list(run.series(key).steps) == list(range(20))
        assert list(run.series(key).values) == model.evals_result_[name][metric]
    assert list(run.series("validation_1/AUC").values) == model.evals_result_["validation_1"]["AUC"]
    assert run.params["goal.val/roc_auc"] == "maximize"
    assert run.params["goal.val/loss"] == "minimize"


def test_points_have_the_time_at_which_they_were_made(arrays: Any, stored: Any) -> None:
    """Wall times are CatBoost's own: ordered, within the fit, not all at its end."""
    X, y = arrays
    before = time.time_ns() // 1000
    CatBoostClassifier(iterations=300, **QUIET).fit(X, y)
    after = time.time_ns() // 1000
    (run,) = stored()
    times = np.asarray(run.series("train/loss").times)

    assert (np.diff(times) >= 0).all()
    assert len(set(times)) > 100
    assert before <= times[0]
    assert times[-1] <= after


def test_metric_period_keeps_x_values(arrays: Any, stored: Any) -> None:
    """With metric_period=7 the points lie at 0, 7, 14 … and the last iteration, as in CatBoost's files."""
    X, y, X_val, y_val = halves(arrays)
    model = CatBoostClassifier(iterations=24, metric_period=7, **QUIET)
    model.fit(X, y, eval_set=(X_val, y_val))
    (run,) = stored()

    assert list(run.series("train/loss").steps) == [0, 7, 14, 21, 23]
    assert list(run.series("val/loss").values) == model.evals_result_["validation"]["Logloss"]
    assert run.params.get("stopped_early", False) is False
    assert run.metrics["stopped_iteration"].last == 23


@pytest.mark.parametrize("write", [True, False])
def test_metric_period_with_early_stopping(arrays: Any, stored: Any, write: bool) -> None:
    """The watched metric has every iteration, the others each seventh; also without CatBoost's files."""
    X, y, X_val, y_val = halves(arrays)
    model = CatBoostClassifier(
        iterations=500, metric_period=7, learning_rate=0.5, allow_writing_files=write, **QUIET
    )
    model.fit(X, y, eval_set=(X_val, y_val), early_stopping_rounds=12)
    (run,) = stored()
    count = len(model.evals_result_["validation"]["Logloss"])

    assert list(run.series("val/loss").steps) == list(range(count))
    assert list(run.series("train/loss").steps) == list(range(0, count, 7))
    assert run.metrics["best_iteration"].last == np.argmin(run.series("val/loss").values)
    assert run.metrics["stopped_iteration"].last == count - 1


def test_early_stopping(arrays: Any, stored: Any) -> None:
    """best_iteration is the hand-made argmin, where training stopped is known, so is the shrunk model."""
    X, y, X_val, y_val = halves(arrays)
    model = CatBoostClassifier(iterations=400, learning_rate=0.5, **QUIET)
    model.fit(X, y, eval_set=(X_val, y_val), early_stopping_rounds=10)
    (run,) = stored()
    values = list(run.series("val/loss").values)
    best = int(np.argmin(values))

    assert run.metrics["best_iteration"].last == best == model.best_iteration_
    assert run.metrics["best/val/loss"].last == values[best]
    assert run.metrics["stopped_iteration"].last == best + 10 == len(values) - 1
    assert run.params["stopped_early"] is True
    assert run.params["tree_count"] == best + 1
    assert run.params["use_best_model"] is True
    assert run.params["od_wait"] == 10


def test_best_of_a_metric_to_maximize(arrays: Any, stored: Any) -> None:
    """With eval_metric AUC the best iteration is the argmax; without eval_set there is none."""
    X, y, X_val, y_val = halves(arrays)
    model = CatBoostClassifier(iterations=30, eval_metric="AUC", **QUIET)
    model.fit(X, y, eval_set=(X_val, y_val))
    CatBoostClassifier(iterations=5, **QUIET).fit(X, y)
    watched, bare = stored()

    assert watched.metrics["best_iteration"].last == np.argmax(watched.series("val/roc_auc").values)
    for name, found in model.best_score_.items():
        for metric, value in found.items():
            best = watched.series(f"best/{watched_key(name, metric)}")
            theirs = model.evals_result_[name][metric]
            assert (list(best.values), list(best.steps)) == ([value], [theirs.index(value)])
    assert "best_iteration" not in bare.metrics
    assert bare.metrics["best/train/loss"].last == bare.series("train/loss").values[-1]


def test_train_function(arrays: Any, stored: Any) -> None:
    """catboost.train is one run, with the iterations of its argument."""
    X, y = arrays
    pool = Pool(X, y)
    model = train(pool, {"loss_function": "Logloss", **QUIET}, iterations=6, eval_set=pool)
    (run,) = stored()

    assert run.params["model_class"] == "CatBoost"
    assert run.params["iterations"] == 6
    assert list(run.series("val/loss").values) == model.evals_result_["validation"]["Logloss"]


def test_ranker(arrays: Any, stored: Any) -> None:
    """A ranking loss has no curve of its own: what CatBoost evaluates is there, and importances."""
    X, y = arrays
    groups = np.repeat(np.arange(60), 5)
    pool = Pool(X, y, group_id=groups)
    model = CatBoostRanker(iterations=7, **QUIET).fit(X, y, group_id=groups, eval_set=pool)
    CatBoostRanker(iterations=3, **QUIET).fit(pool)
    run, bare = stored()

    assert list(run.series("val/PFound").values) == model.evals_result_["validation"]["PFound"]
    assert run.params["loss_function"] == "YetiRank"
    assert [plot.kind for plot in run.plots] == ["importance"]
    assert getattr(model, "_prediction_values_change", None) is None
    assert bare.status == "completed"
    assert bare.params["tree_count"] == 3


@pytest.mark.parametrize("loss", ["Quantile:alpha=0.7", "MAE", "RMSE", "Poisson"])
def test_loss_of_regression(arrays: Any, stored: Any, loss: str) -> None:
    """The objective's own metric is the loss, whatever it is called; its name is an alias."""
    X, y = arrays
    model = CatBoostRegressor(loss_function=loss, iterations=5, **QUIET).fit(X, y.astype(float))
    (run,) = stored()

    assert list(run.series("train/loss").values) == model.evals_result_["learn"][loss]
    assert list(run.series(f"learn/{loss}").values) == model.evals_result_["learn"][loss]


def test_multiclass_and_text_labels(arrays: Any, stored: Any) -> None:
    """CatBoostClassifier chooses MultiClass by the labels: that is the recorded loss."""
    X, _ = arrays
    labels = np.where(X[:, 0] > 0.5, "high", np.where(X[:, 0] < -0.5, "low", "middle"))
    model = CatBoostClassifier(iterations=4, **QUIET).fit(X, labels)
    (run,) = stored()

    assert run.params["loss_function"] == "MultiClass"
    assert run.params["class_names"] == ["high", "low", "middle"]
    assert list(run.series("train/loss").values) == model.evals_result_["learn"]["MultiClass"]


class SquaredSum:
    """A metric of the user's."""

    def evaluate(self, approxes: Any, target: Any, weight: Any) -> tuple[float, float]:
        """Return sum and count."""
        return float(np.sum((np.asarray(approxes[0]) - np.asarray(target)) ** 2)), len(target)

    def is_max_optimal(self) -> bool:
        """Less is better."""
        return False

    def get_final_error(self, error: float, weight: float) -> float:
        """Return the mean."""
        return error / weight


@pytest.mark.filterwarnings("ignore:Failed to import numba")
def test_metric_of_the_user(arrays: Any, stored: Any) -> None:
    """A metric object has its curve under its class's name."""
    X, y = arrays
    model = CatBoostRegressor(iterations=4, eval_metric=SquaredSum(), **QUIET)
    model.fit(X, y.astype(float), eval_set=(X, y.astype(float)))
    (run,) = stored()

    assert (
        list(run.series("val/SquaredSum").values) == model.evals_result_["validation"]["SquaredSum"]
    )
    assert "goal.val/SquaredSum" not in run.params


def test_continued_training(arrays: Any, stored: Any) -> None:
    """init_model: the curve is that of the new trees, tree_count that of all, best not the first's."""
    X, y, X_val, y_val = halves(arrays)
    first = CatBoostClassifier(iterations=5, **QUIET).fit(X, y, eval_set=(X_val, y_val))
    second = CatBoostClassifier(iterations=8, learning_rate=0.01, **QUIET)
    second.fit(X, y, eval_set=(X_val, y_val), init_model=first, use_best_model=False)
    _, run = stored()

    assert list(run.series("train/loss").values) == second.evals_result_["learn"]["Logloss"]
    assert list(run.series("train/loss").steps) == list(range(8))
    assert run.params["tree_count"] == second.tree_count_ == first.tree_count_ + 8
    assert run.metrics["best_iteration"].last == second.best_iteration_
    assert run.params["fit.init_model"] == "CatBoostClassifier"
    assert run.params["fit.use_best_model"] is False


def test_model_comes_back(arrays: Any, stored: Any) -> None:
    """The model is stored as cbm, loads without trust into its class, and predicts the same."""
    X, y = arrays
    model = CatBoostClassifier(iterations=5, **QUIET).fit(X, y)
    plain = CatBoost({"iterations": 5, "loss_function": "Logloss", **QUIET}).fit(X, y)
    for run, theirs in zip(stored(), (model, plain), strict=True):
        (artifact,) = run.models
        loaded = artifact.load()

        assert artifact.format == "cbm"
        assert type(loaded) is type(theirs)
        assert (loaded.predict(X) == theirs.predict(X)).all()


def test_importances(arrays: Any, stored: Any) -> None:
    """The plot has CatBoost's own numbers under the features' names."""
    X, y = arrays
    model = CatBoostClassifier(iterations=5, **QUIET)
    model.fit(Pool(X, y, feature_names=list("abcde")))
    (plot,) = stored()[0].plots

    assert plot.data["features"] == list("abcde")
    assert plot.data["importance"]["PredictionValuesChange"] == list(model.feature_importances_)


def test_snapshot_is_a_checkpoint_and_goes_on(arrays: Any, stored: Any, folder: Path) -> None:
    """save_snapshot: the file is stored; the resumed run has the whole curve."""

    class Stop:
        def after_iteration(self, info: Any) -> bool:
            return info.iteration < 6

    X, y = arrays
    for callbacks in ([Stop()], None):
        model = CatBoostClassifier(iterations=15, train_dir="snap", **QUIET)
        model.fit(X, y, callbacks=callbacks, save_snapshot=True, snapshot_interval=0)
    first, second = stored()

    assert list(first.series("train/loss").steps) == list(range(6))
    assert first.params["stopped_early"] is True
    assert [c.name for c in first.checkpoints] == ["snapshot"]
    assert first.params["fit.save_snapshot"] is True
    assert list(second.series("train/loss").values) == model.evals_result_["learn"]["Logloss"]
    assert list(second.series("train/loss").steps) == list(range(15))


def test_runs_of_the_user(arrays: Any, stored: Any) -> None:
    """The first fit goes into the user's own run, the next one into a child; the model pickles as ever."""
    X, y = arrays
    with epochlog.start_run("mine"):
        CatBoostClassifier(iterations=3, **QUIET).fit(X, y)
        model = CatBoostClassifier(iterations=4, **QUIET).fit(X, y)
    mine, child = stored()

    assert mine.name == "mine"
    assert mine.metrics["train/loss"].count == 3
    assert child.parent.id == mine.id
    assert child.name == "CatBoostClassifier"
    assert child.metrics["train/loss"].count == 4
    assert b"epochlog" not in pickle.dumps(model)
