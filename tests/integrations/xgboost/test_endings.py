"""Trainings that raise, are interrupted or pruned, and calls that XGBoost refuses."""

from __future__ import annotations

from typing import Any

import pytest
import xgboost as xgb

PARAMS = {"objective": "binary:logistic", "eval_metric": ["auc", "logloss"], "nthread": 1}
QUIET: dict[str, Any] = {"verbose_eval": False}

pytestmark = pytest.mark.usefixtures("on")


class Boom(Exception):
    """The user's own exception."""


class Raising(xgb.callback.TrainingCallback):
    """Raises after an iteration."""

    def __init__(self, iteration: int, error: BaseException) -> None:
        self.iteration, self.error = iteration, error

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        if epoch == self.iteration:
            raise self.error
        return False


def test_exception_keeps_points_up_to_it(sets: Any, stored: Any) -> None:
    """The user's exception passes untouched; the iteration it came from is the last point."""
    train, valid = sets
    error = Boom("no")
    with pytest.raises(Boom) as caught:
        xgb.train(PARAMS, train, 20, evals=[(valid, "val")], callbacks=[Raising(5, error)], **QUIET)
    (run,) = stored()

    assert caught.value is error
    assert run.status == "failed"
    assert "Boom: no" in run.traceback
    assert list(run.series("val/loss").steps) == list(range(6))


def test_exception_in_a_metric(sets: Any, stored: Any) -> None:
    """An iteration whose evaluation failed has no point, and none is recorded twice."""
    train, valid = sets
    calls: list[int] = []

    def metric(predictions: Any, data: Any) -> tuple[str, float]:
        calls.append(1)
        if len(calls) == 3:
            raise Boom("metric")
        return "own", 1.0

    with pytest.raises(Boom):
        xgb.train(PARAMS, train, 9, evals=[(valid, "val")], custom_metric=metric, **QUIET)
    (run,) = stored()

    assert list(run.series("val/own").steps) == [0, 1]
    assert list(run.series("val/loss").steps) == [0, 1]


class TrialPruned(Exception):
    """Named like Optuna's."""


@pytest.mark.parametrize(
    ("error", "status"), [(KeyboardInterrupt(), "canceled"), (TrialPruned(), "pruned")]
)
def test_status_by_exception(sets: Any, stored: Any, error: BaseException, status: str) -> None:
    """Ctrl-C cancels, a pruned trial is pruned; both pass through, with the best until then."""
    train, valid = sets
    callbacks = [xgb.callback.EarlyStopping(rounds=9), Raising(2, error)]
    with pytest.raises(type(error)):
        xgb.train(PARAMS, train, 20, evals=[(valid, "val")], callbacks=callbacks, **QUIET)
    (run,) = stored()

    assert run.status == status
    assert len(run.series("val/loss").steps) == 3
    assert "best_iteration" in run.metrics


def test_bad_calls_are_xgboosts_business(sets: Any, stored: Any) -> None:
    """A call that XGBoost refuses raises what it always raises."""
    with pytest.raises(TypeError):
        xgb.train()
    with pytest.raises(TypeError, match="str"):
        xgb.train(PARAMS, "no data set")
    with pytest.raises(ValueError, match="no such"):
        xgb.train({"objective": "no such"}, sets[0])
    assert [run.status for run in stored()] == ["failed", "failed"]


def test_keyword_only_arguments_by_position(sets: Any, stored: Any) -> None:
    """XGBoost takes them and warns; they are recorded by their names."""
    train, valid = sets
    with pytest.warns(FutureWarning, match="evals"):
        xgb.train(PARAMS, train, 2, [(valid, "val")], verbose_eval=False)

    assert len(stored()[0].series("val/loss").steps) == 2


def test_iterators_are_not_consumed(sets: Any, stored: Any) -> None:
    """Evaluation sets and callbacks from iterators reach XGBoost whole."""
    train, valid = sets
    stop = xgb.callback.EarlyStopping(rounds=3)
    evals, callbacks = iter([(train, "train"), (valid, "eval")]), iter([stop])
    xgb.train(PARAMS, train, 50, evals=evals, callbacks=callbacks, **QUIET)
    (run,) = stored()

    assert {"train/loss", "val/loss"} <= set(run.metrics)
    assert run.params["stopped_early"] is True
    assert run.params["val_set.num_rows"] == 200
