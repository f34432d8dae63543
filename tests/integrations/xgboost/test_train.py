"""What one call of xgboost.train leaves behind."""

from __future__ import annotations

import gc
import pickle
import weakref
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

import epochlog

PARAMS = {"objective": "binary:logistic", "eval_metric": ["auc", "logloss"], "nthread": 1}
QUIET: dict[str, Any] = {"verbose_eval": False}
KEYS = {"auc": "roc_auc", "logloss": "loss"}

pytestmark = pytest.mark.usefixtures("on")


def test_curves_of_all_sets_and_metrics(sets: Any, stored: Any) -> None:
    """Every iteration of every set and metric is a point, equal to XGBoost's own history."""
    train, valid = sets
    theirs: dict[str, Any] = {}
    evals = [(train, "train"), (valid, "eval")]
    xgb.train(PARAMS, train, 20, evals=evals, evals_result=theirs, **QUIET)
    (run,) = stored()

    assert run.status == "completed"
    assert run.source == "xgboost"
    for name, split in (("train", "train"), ("eval", "val")):
        for metric, key in KEYS.items():
            series = run.series(f"{split}/{key}")
            assert list(series.steps) == list(range(20))
            assert list(series.values) == theirs[name][metric]
    assert list(run.series("eval-logloss").values) == theirs["eval"]["logloss"]


def test_training_data_are_train_under_any_name(sets: Any, stored: Any) -> None:
    """A set that is the training set itself is train; unknown names of the user's stay."""
    train, valid = sets
    xgb.train(PARAMS, train, 2, evals=[(train, "watch"), (valid, "holdout")], **QUIET)
    (run,) = stored()

    assert {"train/roc_auc", "holdout/roc_auc"} <= set(run.metrics)
    assert run.params["goal.holdout/roc_auc"] == "maximize"
    assert run.params["goal.holdout/loss"] == "minimize"


def test_rmse_stays_rmse(sets: Any, stored: Any) -> None:
    """The root is not the objective's value, so the squared error has no loss curve."""
    train, valid = sets
    xgb.train({"nthread": 1}, train, 2, evals=[(valid, "val")], **QUIET)
    (run,) = stored()

    assert "val/rmse" in run.metrics
    assert "val/loss" not in run.metrics


def test_effective_params(sets: Any, stored: Any) -> None:
    """What was passed, also by position, and what XGBoost made of it and of its defaults."""
    train, valid = sets
    xgb.train({**PARAMS, "eta": 0.2, "max_leaves": None}, train, 3, evals=[(valid, "val")], **QUIET)
    params = stored()[0].params

    assert params["eta"] == 0.2
    assert params["num_boost_round"] == 3
    assert params["booster.learning_rate"] == 0.2
    assert params["booster.max_depth"] == 6
    assert params["booster.reg_lambda"] == 1
    assert params["booster.booster"] == "gbtree"
    assert params["booster.objective"] == "binary:logistic"
    assert params["booster.eval_metric"] == ["auc", "logloss"]
    assert params["model_class"] == "xgboost.Booster"
    assert params["train_set.num_rows"] == 400
    assert params["train_set.num_features"] == 6
    assert params["val_set.num_rows"] == 200
    assert params["fit.verbose_eval"] is False
    assert "None" not in params.values()


def test_default_rounds_are_a_param(sets: Any, stored: Any) -> None:
    """Defaults of the call are effective, too."""
    xgb.train(PARAMS, sets[0])

    assert stored()[0].params["num_boost_round"] == 10


def test_params_as_pairs(sets: Any, stored: Any) -> None:
    """XGBoost takes a list of pairs, in which a name may stand twice."""
    train, valid = sets
    pairs = [("objective", "binary:logistic"), ("eval_metric", "auc"), ("eval_metric", "logloss")]
    xgb.train([*pairs, ("nthread", 1)], train, 2, evals=[(valid, "val")], **QUIET)
    (run,) = stored()

    assert run.params["eval_metric"] == ["auc", "logloss"]
    assert {"val/roc_auc", "val/loss"} <= set(run.metrics)


@pytest.mark.parametrize("how", ["argument", "callback", "save_best"])
def test_early_stopping(sets: Any, stored: Any, how: str) -> None:
    """The best iteration is the step of the best value, however early stopping was asked for."""
    train, valid = sets
    more: dict[str, Any] = {"early_stopping_rounds": 5}
    if how != "argument":
        more = {"callbacks": [xgb.callback.EarlyStopping(rounds=5, save_best=how == "save_best")]}
    booster = xgb.train(PARAMS, train, 300, evals=[(valid, "val")], **more, **QUIET)
    (run,) = stored()
    curve = run.series("val/loss")
    best = int(np.argmin(curve.values))

    assert run.metrics["best_iteration"].last == best == booster.best_iteration
    assert list(run.series("best_iteration").steps) == [best]
    assert run.metrics["best/val/loss"].last == min(curve.values) == booster.best_score
    assert run.metrics["best/val/roc_auc"].last == run.series("val/roc_auc").values[best]
    assert run.metrics["stopped_iteration"].last == curve.steps[-1] == best + 5
    assert run.params["stopped_early"] is True
    assert run.params["early_stopping.rounds"] == 5


def test_early_stopping_upwards(sets: Any, stored: Any) -> None:
    """For a metric that gets better upwards the best is the highest."""
    train, valid = sets
    params = {**PARAMS, "eval_metric": ["logloss", "auc"]}
    xgb.train(params, train, 300, evals=[(valid, "val")], early_stopping_rounds=3, **QUIET)
    (run,) = stored()

    assert run.metrics["best_iteration"].last == int(np.argmax(run.series("val/roc_auc").values))


def test_early_stopping_that_never_stops(sets: Any, stored: Any) -> None:
    """With too few rounds to act there is a best iteration, but nothing was stopped."""
    train, valid = sets
    xgb.train(PARAMS, train, 3, evals=[(valid, "val")], early_stopping_rounds=50, **QUIET)
    (run,) = stored()

    assert run.params["stopped_early"] is False
    assert "best_iteration" in run.metrics


def test_continued_training(sets: Any, stored: Any) -> None:
    """Steps go on where the first model ended, and its best iteration is not inherited."""
    train, valid = sets
    evals = [(valid, "val")]
    first = xgb.train(PARAMS, train, 300, evals=evals, early_stopping_rounds=3, **QUIET)
    rounds = first.num_boosted_rounds()
    second = xgb.train(PARAMS, train, 4, evals=evals, xgb_model=first, **QUIET)
    third = xgb.train(
        PARAMS, train, 9, evals=evals, xgb_model=first, early_stopping_rounds=2, **QUIET
    )
    _, plain, stopping = stored()
    curve = stopping.series("val/loss")

    assert second.best_iteration == first.best_iteration  # inherited: XGBoost's own trap
    assert list(plain.series("val/loss").steps) == list(range(rounds, rounds + 4))
    assert "best_iteration" not in plain.metrics
    assert plain.params["fit.xgb_model"] == "Booster"
    assert stopping.metrics["best_iteration"].last == third.best_iteration
    assert curve.steps[int(np.argmin(curve.values))] == third.best_iteration


def test_learning_rate_schedule(sets: Any, stored: Any) -> None:
    """With a scheduler each iteration has the rate that it was trained with."""
    train, valid = sets
    rates = [0.5, 0.5, 0.2, 0.1]
    schedule = xgb.callback.LearningRateScheduler(rates)
    xgb.train(PARAMS, train, 4, evals=[(valid, "val")], callbacks=[schedule], **QUIET)
    xgb.train({**PARAMS, "eta": 0.4}, train, 4, callbacks=[Setting(rates)], **QUIET)
    xgb.train(PARAMS, train, 4, **QUIET)
    scheduled, set_before, constant = stored()

    # XGBoost's scheduler acts after an iteration: the first one has the default.
    assert list(scheduled.series("learning_rate").values) == [0.3, 0.5, 0.5, 0.2]
    assert list(scheduled.series("learning_rate").steps) == [0, 1, 2, 3]
    # Rates that change by themselves: the curve begins just before the first change.
    assert list(set_before.series("learning_rate").steps) == [1, 2, 3]
    assert list(set_before.series("learning_rate").values) == rates[1:]
    assert "learning_rate" not in constant.metrics


class Setting(xgb.callback.TrainingCallback):
    """Sets the rate of the very iteration that is about to begin."""

    def __init__(self, rates: list[float]) -> None:
        self.rates = rates

    def before_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        model.set_param({"eta": self.rates[epoch]})
        return False


def test_model_and_importance(sets: Any, arrays: Any, stored: Any) -> None:
    """The stored UBJSON loads without trust and predicts the same; importances of all kinds."""
    train, _ = sets
    booster = xgb.train({**PARAMS, "max_depth": 2}, train, 2)
    (run,) = stored()
    (model,) = run.models
    (plot,) = [plot for plot in run.plots if plot.kind == "importance"]
    data = xgb.DMatrix(arrays[0])
    kinds = ("gain", "weight", "cover", "total_gain", "total_cover")

    assert model.format == "ubj"
    assert model.read_bytes() == bytes(booster.save_raw("ubj"))
    assert np.array_equal(model.load().predict(data), booster.predict(data))
    assert plot.data["features"] == [f"f{i}" for i in range(6)]
    for kind in kinds:
        score = booster.get_score(importance_type=kind)
        assert plot.data["importance"][kind] == [score.get(f"f{i}", 0.0) for i in range(6)]
    assert 0.0 in plot.data["importance"]["gain"]


@pytest.mark.parametrize("classes", [1, 3])
def test_linear_boosters(arrays: Any, stored: Any, classes: int) -> None:
    """A linear booster's importances are its coefficients, per class if there are several."""
    X, y = arrays
    params = {"booster": "gblinear", "nthread": 1, "updater": "coord_descent"}
    if classes > 1:
        params |= {"objective": "multi:softprob", "num_class": classes}
    booster = xgb.train(params, xgb.DMatrix(X, label=y), 3)
    (run,) = stored()
    (plot,) = run.plots
    own = booster.get_score(importance_type="weight")

    assert run.params["booster.booster"] == "gblinear"
    if classes == 1:
        assert plot.data["importance"]["coefficient"] == [own[f"f{i}"] for i in range(6)]
    else:
        assert plot.data["importance"]["coefficient[2]"] == [own[f"f{i}"][2] for i in range(6)]
    assert run.models


def test_data_sets(arrays: Any, stored: Any) -> None:
    """Data behind a DMatrix are inputs with roles; temporary ones, too."""
    X, y = arrays
    for order in ("C", "F"):
        train = xgb.DMatrix(np.asarray(X[:400], order=order), label=y[:400].copy())
        valid = xgb.DMatrix(X[400:].copy(), label=y[400:].copy())
        xgb.train(PARAMS, train, 2, evals=[(train, "train"), (valid, "val")], **QUIET)
    first, second = (sorted(run.datasets, key=lambda d: d.role) for run in stored())

    assert [d.role for d in first] == ["train", "validation"]
    assert all(d.digest for d in first)
    assert [d.digest for d in first] == [d.digest for d in second]
    assert first[0].digest != first[1].digest


def test_data_that_are_gone(arrays: Any, stored: Any) -> None:
    """A slice has no content of its own to look at: it is an input by its shape."""
    X, y = arrays
    part = xgb.DMatrix(X, label=y).slice(list(range(300)))
    xgb.train(PARAMS, part, 2)
    (dataset,) = stored()[0].datasets

    assert not dataset.digest
    assert (dataset.meta["rows"], dataset.meta["columns"]) == (300, 6)


def test_feature_names_and_kinds(arrays: Any, stored: Any) -> None:
    """Names come from the frame, and categories are told apart."""
    pd = pytest.importorskip("pandas")
    X, y = arrays
    frame = pd.DataFrame({"a": X[:, 0], "kind": pd.Categorical(y.astype(str))})
    train = xgb.DMatrix(frame, label=y, enable_categorical=True)
    xgb.train({**PARAMS, "tree_method": "hist"}, train, 2)
    (run,) = stored()

    assert run.params["feature_names"] == ["a", "kind"]
    assert run.params["categorical_features"] == ["kind"]
    assert run.plots[0].data["features"] == ["a", "kind"]
    assert run.datasets[0].digest


def test_checkpoints(sets: Any, stored: Any, tmp_path: Any) -> None:
    """Files of XGBoost's own checkpoint callback are checkpoints of the run."""
    saving = xgb.callback.TrainingCheckPoint(directory=tmp_path, interval=2)
    xgb.train(PARAMS, sets[0], 7, callbacks=[saving])
    (run,) = stored()
    files = sorted(path.name for path in tmp_path.glob("model_*"))

    assert [check.step for check in run.checkpoints] == [2, 4, 6]
    assert len(files) == 3


def test_texts(sets: Any, stored: Any) -> None:
    """A summary and the first tree are there to read."""
    booster = xgb.train(PARAMS, sets[0], 2)
    (run,) = stored()
    texts = {text.key: text.text for text in run.texts}

    assert "num_boosted_rounds: 2" in texts["model/summary"]
    assert booster.get_dump(with_stats=True)[0] in texts["model/first_trees"]


def test_runs_of_the_user(sets: Any, stored: Any) -> None:
    """In a run of the user's the first fit records into it, the next one into a child."""
    train, valid = sets
    with epochlog.start_run(name="mine") as run:
        run.log_params({"note": 1})
        xgb.train(PARAMS, train, 2, evals=[(valid, "val")], **QUIET)
        xgb.train(PARAMS, train, 3, evals=[(valid, "val")], **QUIET)
    mine = epochlog.get_run(run.id)

    assert mine.params["note"] == 1
    assert mine.params["num_boost_round"] == 2
    assert [child.params["num_boost_round"] for child in mine.children()] == [3]


def test_paused_records_nothing(sets: Any, stored: Any) -> None:
    """Inside paused() nothing is recorded, after it everything is."""
    with epochlog.paused():
        xgb.train(PARAMS, sets[0], 2)
    xgb.train(PARAMS, sets[0], 3)

    assert [run.params["num_boost_round"] for run in stored()] == [3]


def test_options(sets: Any, stored: Any) -> None:
    """Model, data, importance, texts and resolved params can be switched off one by one."""
    names = ("models", "datasets", "importance", "resolved_params", "summary")
    epochlog.uninstrument()
    epochlog.autolog("xgboost", hardware=False, options={"xgboost": dict.fromkeys(names, False)})
    xgb.train(PARAMS, sets[0], 2)
    (run,) = stored()

    assert not run.models
    assert not run.datasets
    assert not run.plots
    assert not run.texts
    assert not any(key.startswith("booster.") for key in run.params)


def test_custom_objective_and_metric(sets: Any, stored: Any) -> None:
    """The user's functions are named in params; no metric counts as an own objective's loss."""
    train, valid = sets

    def squares(predictions: Any, data: Any) -> tuple[Any, Any]:
        return predictions - data.get_label(), np.ones_like(predictions)

    def odd(predictions: Any, data: Any) -> tuple[str, float]:
        return "my@metric(%)/x", float(np.mean(predictions))

    theirs: dict[str, Any] = {}
    xgb.train(
        {"nthread": 1, "eval_metric": "logloss"}, train, 3, obj=squares, custom_metric=odd,
        evals=[(valid, "val")], evals_result=theirs, **QUIET,
    )  # fmt: skip
    (run,) = stored()

    assert run.params["objective"] == "squares"
    assert run.params["fit.custom_metric"] == "odd"
    assert "val/log_loss" in run.metrics
    assert list(run.series("val/my@metric(%)/x").values) == theirs["val"]["my@metric(%)/x"]


def test_pickles_hold_nothing_of_ours(sets: Any) -> None:
    """A pickled booster mentions epochlog nowhere, nor do its attributes."""
    booster = xgb.train(PARAMS, sets[0], 2, evals=[(sets[1], "val")], **QUIET)

    assert b"epochlog" not in pickle.dumps(booster)
    assert not booster.attributes()


def test_objects_are_freed(arrays: Any) -> None:
    """Nothing of ours keeps a booster, its matrix or large data alive."""
    X, y = arrays
    large = np.zeros((100_000, 6))
    train, big = xgb.DMatrix(X, label=y), xgb.DMatrix(large)
    booster = xgb.train(PARAMS, train, 2)
    alive = [weakref.ref(booster), weakref.ref(train), weakref.ref(large)]
    del booster, train, large
    gc.collect()

    assert [ref() for ref in alive] == [None, None, None]
    assert big.num_row() == 100_000


@pytest.mark.parametrize("booster", ["gbtree", "dart"])
def test_random_forest_inside_boosting(sets: Any, stored: Any, booster: str) -> None:
    """Several trees a round are one point a round."""
    train, valid = sets
    params = {**PARAMS, "booster": booster, "num_parallel_tree": 3, "subsample": 0.5}
    xgb.train(params, train, 4, evals=[(valid, "val")], **QUIET)
    (run,) = stored()

    assert list(run.series("val/loss").steps) == [0, 1, 2, 3]
    assert run.params["booster.num_parallel_tree"] == 3
    assert run.models[0].meta["num_boosted_rounds"] == 4
