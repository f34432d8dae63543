"""The callback for those who like to be explicit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xgboost as xgb

import epochlog
from epochlog_xgboost import EpochlogCallback

PARAMS = {"objective": "binary:logistic", "eval_metric": ["auc", "logloss"], "nthread": 1}


class Boom(xgb.callback.TrainingCallback):
    """Raises after the first iteration."""

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        raise ZeroDivisionError


def test_in_a_run_of_the_user(sets: Any, stored: Any) -> None:
    """Without autolog the callback records curves, configuration and model into the current run."""
    train, valid = sets
    with epochlog.start_run(name="mine") as run:
        booster = xgb.train(
            PARAMS, train, 4, evals=[(train, "train"), (valid, "eval")], verbose_eval=False,
            callbacks=[EpochlogCallback()],
        )  # fmt: skip
        assert run.active
    (mine,) = stored()

    assert list(mine.series("val/loss").steps) == [0, 1, 2, 3]
    assert mine.params["booster.objective"] == "binary:logistic"
    assert mine.models[0].read_bytes() == bytes(booster.save_raw("ubj"))


def test_a_run_of_its_own(sets: Any, stored: Any) -> None:
    """Without any run it opens one that ends with the training, or with the block."""
    train, valid = sets
    evals = [(valid, "eval")]
    epochlog.autolog(disable=["xgboost"], hardware=False)
    xgb.train(PARAMS, train, 2, evals=evals, callbacks=[EpochlogCallback()], verbose_eval=False)
    with pytest.raises(ZeroDivisionError), EpochlogCallback() as callback:
        xgb.train(PARAMS, train, 3, evals=evals, callbacks=[callback, Boom()], verbose_eval=False)
    first, second = stored()

    assert (first.status, second.status) == ("completed", "failed")
    assert [len(run.series("val/loss").steps) for run in (first, second)] == [2, 1]
    assert epochlog.current_run() is None


@pytest.mark.parametrize("first", [True, False])
def test_last_iteration_of_early_stopping(sets: Any, stored: Any, first: bool) -> None:
    """Before or behind early stopping in the list: the last iteration and the best are there."""
    train, valid = sets
    stop, ours = xgb.callback.EarlyStopping(rounds=3), EpochlogCallback()
    theirs: dict[str, Any] = {}
    with epochlog.start_run():
        xgb.train(
            PARAMS, train, 100, evals=[(valid, "eval")], evals_result=theirs, verbose_eval=False,
            callbacks=[ours, stop] if first else [stop, ours],
        )  # fmt: skip
    (run,) = stored()

    assert list(run.series("val/loss").values) == theirs["eval"]["logloss"]
    assert run.metrics["best_iteration"].last == int(np.argmin(theirs["eval"]["logloss"]))
    assert run.metrics["stopped_iteration"].last == len(theirs["eval"]["logloss"]) - 1


def test_cv(sets: Any, stored: Any) -> None:
    """In cv it records means and deviations."""
    with epochlog.start_run() as run:
        xgb.cv(PARAMS, sets[0], 3, nfold=2, callbacks=[EpochlogCallback(run)])
    mine = epochlog.get_run(run.id)

    assert len(mine.series("cv/loss.mean").steps) == 3


def test_nothing_twice_with_autolog(on: None, sets: Any, stored: Any) -> None:
    """With autolog on, train is recorded once."""
    train, valid = sets
    ours = EpochlogCallback()
    xgb.train(PARAMS, train, 3, evals=[(valid, "eval")], callbacks=[ours], verbose_eval=False)
    (run,) = stored()

    assert list(run.series("val/loss").steps) == [0, 1, 2]
    assert len(run.models) == 1
