"""What one call of lightgbm.train leaves behind."""

from __future__ import annotations

import pickle
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

import epochlog

PARAMS = {
    "objective": "binary",
    "metric": ["auc", "binary_logloss"],
    "verbose": -1,
    "num_threads": 1,
}
OURS = {"auc": "roc_auc", "binary_logloss": "loss"}

pytestmark = pytest.mark.usefixtures("on")


def test_curves_of_all_sets_and_metrics(sets: Any, stored: Any) -> None:
    """Every iteration of every set and metric is a point, equal to what LightGBM itself recorded."""
    train, valid = sets
    theirs: dict[str, Any] = {}
    lgb.train(
        PARAMS, train, 20, valid_sets=[train, valid], callbacks=[lgb.record_evaluation(theirs)]
    )
    (run,) = stored()

    assert run.status == "completed"
    assert run.source == "lightgbm"
    for name, split in (("training", "train"), ("valid_1", "val")):
        for metric in PARAMS["metric"]:
            series = run.series(f"{name} {metric}")  # LightGBM's own words find it, too
            assert series.key == f"{split}/{OURS[metric]}"
            assert list(series.steps) == list(range(20))
            assert list(series.values) == theirs[name][metric]


def test_names_of_the_user_stay(sets: Any, stored: Any) -> None:
    """valid_names become the first part of the curves' names, LightGBM's own name finds the curve, too."""
    train, valid = sets
    lgb.train(PARAMS, train, 2, valid_sets=[train, valid], valid_names=["train", "holdout"])
    lgb.train(PARAMS, train, 2, valid_sets=[valid])
    named, unnamed = stored()

    assert set(named.metrics) >= {"train/roc_auc", "holdout/roc_auc"}
    assert unnamed.metrics.aliases["valid_0 auc"] == "val/roc_auc"
    assert named.metrics.aliases["holdout binary_logloss"] == "holdout/loss"
    assert unnamed.params["goal.val/roc_auc"] == "maximize"
    assert unnamed.params["goal.val/loss"] == "minimize"


def test_params(sets: Any, stored: Any) -> None:
    """What was passed, what LightGBM made of it, and what it saw of the data are params."""
    train, valid = sets
    lgb.train(
        {**PARAMS, "eta": 0.2},
        train,
        num_boost_round=3,
        valid_sets=valid,
        keep_training_booster=True,
    )
    params = stored()[0].params

    assert params["eta"] == 0.2
    assert params["booster.learning_rate"] == 0.2
    assert params["booster.num_leaves"] == 31
    assert params["num_boost_round"] == 3
    assert params["model_class"] == "lightgbm.Booster"
    assert params["fit.keep_training_booster"] is True
    assert params["train_set.num_rows"] == 400
    assert params["train_set.num_features"] == 6
    assert params["val_set.num_rows"] == 200
    assert params["feature_names"][0] == "Column_0"


def test_early_stopping(sets: Any, stored: Any) -> None:
    """The best iteration is the step of the best value, LightGBM's own number is kept beside it."""
    train, valid = sets
    stop = lgb.early_stopping(5, first_metric_only=True, verbose=False)
    booster = lgb.train(
        {**PARAMS, "metric": "binary_logloss"}, train, 500, valid_sets=[valid], callbacks=[stop]
    )
    (run,) = stored()
    curve = run.series("val/loss")
    best = int(np.argmin(curve.values))

    assert run.params["stopped_early"] is True
    assert run.metrics["best_iteration"].last == best == booster.best_iteration - 1
    assert run.metrics["lightgbm.best_iteration"].last == booster.best_iteration
    assert run.metrics["best/val/loss"].last == curve.values[best]
    assert run.metrics["stopped_iteration"].last == curve.steps[-1] == best + 5


def test_early_stopping_that_never_stops(sets: Any, stored: Any) -> None:
    """Early stopping that was given too few rounds to act has a best iteration, but stopped nothing."""
    train, valid = sets
    lgb.train(
        PARAMS, train, 3, valid_sets=[valid], callbacks=[lgb.early_stopping(50, verbose=False)]
    )
    (run,) = stored()

    assert run.params["stopped_early"] is False
    assert "best_iteration" in run.metrics


def test_learning_rate_is_a_curve_when_it_changes(sets: Any, stored: Any) -> None:
    """A schedule shows as a curve; a constant rate does not."""
    train, valid = sets
    lgb.train(
        PARAMS,
        train,
        4,
        valid_sets=[valid],
        callbacks=[lgb.reset_parameter(learning_rate=[0.1, 0.1, 0.05, 0.02])],
    )
    lgb.train(PARAMS, train, 4, valid_sets=[valid])
    changing, constant = stored()
    series = changing.series("learning_rate")

    assert dict(zip(series.steps, series.values, strict=True)) == {1: 0.1, 2: 0.05, 3: 0.02}
    assert "learning_rate" not in constant.metrics


def test_model_and_importance(sets: Any, arrays: Any, stored: Any) -> None:
    """The stored text is a model that predicts the same; importances have names, gain and split."""
    train, _ = sets
    booster = lgb.train(PARAMS, train, 5)
    (run,) = stored()
    (model,) = run.models
    (plot,) = [plot for plot in run.plots if plot.kind == "importance"]
    again = lgb.Booster(model_str=model.read_text())

    assert model.format == "lightgbm-text"
    assert np.array_equal(again.predict(arrays[0]), booster.predict(arrays[0]))
    assert plot.data["features"] == booster.feature_name()
    assert plot.data["importance"]["gain"] == list(booster.feature_importance("gain"))
    assert plot.data["importance"]["split"] == list(booster.feature_importance("split"))


def test_data_sets(arrays: Any, stored: Any) -> None:
    """Training and validation sets are inputs with roles; equal content has an equal digest."""
    X, y = arrays
    for order in ("C", "F"):
        train = lgb.Dataset(np.asarray(X[:400], order=order), y[:400])
        valid = lgb.Dataset(X[400:], y[400:], reference=train)
        lgb.train(PARAMS, train, 2, valid_sets=[train, valid])
    first, second = (sorted(run.datasets, key=lambda d: d.role) for run in stored())

    assert [d.role for d in first] == ["train", "validation"]
    assert all(d.digest for d in first)
    assert [d.digest for d in first] == [d.digest for d in second]
    assert first[0].digest != first[1].digest


def test_data_that_lightgbm_freed(sets: Any, stored: Any) -> None:
    """A data set whose raw data is gone is an input by its shape, without a made-up digest."""
    train, _ = sets
    train.construct()
    lgb.train(PARAMS, train, 2)
    (dataset,) = stored()[0].datasets

    assert not dataset.digest
    assert dataset.meta["rows"] == 400
    assert dataset.meta["columns"] == 6


class Boom(Exception):
    """The user's own exception."""


def boom_at(iteration: int, error: BaseException) -> Any:
    """Return a callback that raises after ``iteration``."""

    def callback(env: Any) -> None:
        if env.iteration == iteration:
            raise error

    return callback


def test_exception_keeps_points_up_to_it(sets: Any, stored: Any) -> None:
    """The user's exception passes untouched; the iteration it came from is the last point."""
    train, valid = sets
    error = Boom("no")
    with pytest.raises(Boom) as caught:
        lgb.train(PARAMS, train, 20, valid_sets=[valid], callbacks=[boom_at(5, error)])
    (run,) = stored()

    assert caught.value is error
    assert run.status == "failed"
    assert "Boom: no" in run.traceback
    assert list(run.series("val/roc_auc").steps) == list(range(6))


class TrialPruned(Exception):
    """Named like Optuna's."""


@pytest.mark.parametrize(
    ("error", "status"), [(KeyboardInterrupt(), "canceled"), (TrialPruned(), "pruned")]
)
def test_status_by_exception(sets: Any, stored: Any, error: BaseException, status: str) -> None:
    """Ctrl-C cancels, a pruned trial is pruned; both pass through."""
    train, valid = sets
    with pytest.raises(type(error)):
        lgb.train(PARAMS, train, 20, valid_sets=[valid], callbacks=[boom_at(2, error)])
    (run,) = stored()

    assert run.status == status
    assert len(run.series("val/roc_auc").steps) == 3


def test_bad_calls_are_lightgbms_business(sets: Any, stored: Any) -> None:
    """A call that LightGBM refuses raises what it always raises."""
    with pytest.raises(TypeError):
        lgb.train()
    with pytest.raises(TypeError, match="Dataset"):
        lgb.train(PARAMS, "no data set")
    assert [run.status for run in stored()] == ["failed"]


def test_runs_of_the_user(sets: Any, stored: Any) -> None:
    """In a run of the user's the first fit records into it, the next one into a child."""
    train, valid = sets
    with epochlog.start_run(name="mine") as run:
        run.log_params({"note": 1})
        lgb.train(PARAMS, train, 2, valid_sets=[valid])
        lgb.train(PARAMS, train, 3, valid_sets=[valid])
    mine = epochlog.get_run(run.id)

    assert mine.params["note"] == 1
    assert mine.params["num_boost_round"] == 2
    assert [child.params["num_boost_round"] for child in mine.children()] == [3]


def test_paused_records_nothing(sets: Any, stored: Any) -> None:
    """Inside paused() nothing is recorded, after it everything is."""
    with epochlog.paused():
        lgb.train(PARAMS, sets[0], 2)
    lgb.train(PARAMS, sets[0], 3)

    assert [run.params["num_boost_round"] for run in stored()] == [3]


def test_options(sets: Any, stored: Any) -> None:
    """Model, data, importance and resolved params can be switched off one by one."""
    names = ("models", "datasets", "importance", "resolved_params")
    epochlog.uninstrument()
    epochlog.autolog("lightgbm", hardware=False, options={"lightgbm": dict.fromkeys(names, False)})
    lgb.train(PARAMS, sets[0], 2)
    (run,) = stored()

    assert not run.models
    assert not run.datasets
    assert not run.plots
    assert not any(key.startswith("booster.") for key in run.params)


def test_continued_training_goes_on_counting(arrays: Any, stored: Any) -> None:
    """With init_model the steps go on where the first model ended."""
    first = lgb.train(PARAMS, lgb.Dataset(*arrays), 3)
    again = lgb.Dataset(*arrays)
    lgb.train(PARAMS, again, 2, valid_sets=[again], init_model=first)
    run = stored()[-1]

    assert list(run.series("train/roc_auc").steps) == [3, 4]
    assert run.params["fit.init_model"] == "Booster"


def test_pickles_hold_nothing_of_ours(sets: Any) -> None:
    """A pickled booster mentions epochlog nowhere."""
    booster = lgb.train(PARAMS, sets[0], 2, valid_sets=[sets[1]])

    assert b"epochlog" not in pickle.dumps(booster)


def test_booster_is_freed(sets: Any) -> None:
    """Nothing of ours keeps a booster alive once its user drops it."""
    import gc
    import weakref

    alive = weakref.ref(
        lgb.train(PARAMS, sets[0], 2, valid_sets=[sets[1]], keep_training_booster=True)
    )
    gc.collect()

    assert alive() is None
