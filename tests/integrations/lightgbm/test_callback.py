"""The callback for those who like to be explicit."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import pytest

import epochlog
from epochlog_lightgbm import EpochlogCallback

PARAMS = {"objective": "binary", "metric": "auc", "verbose": -1, "num_threads": 1}


def test_in_a_run_of_the_user(sets: Any, stored: Any) -> None:
    """Without autolog the callback records curves into the current run, and the model when asked."""
    train, valid = sets
    with epochlog.start_run(
        name="mine",
    ) as run:
        callback = EpochlogCallback()
        booster = lgb.train(PARAMS, train, 4, valid_sets=[train, valid], callbacks=[callback])
        callback.finish(booster)
        assert run.active
    (mine,) = stored()

    assert list(mine.series("val/roc_auc").steps) == [0, 1, 2, 3]
    assert mine.params["train_set.num_rows"] == 400
    assert mine.params["objective"] == "binary"
    assert len(mine.models) == 1


def test_a_run_of_its_own(sets: Any, stored: Any) -> None:
    """Without any run it opens one, and ends it with the block."""
    train, valid = sets
    epochlog.autolog(disable=["lightgbm"], hardware=False)
    with EpochlogCallback() as callback:
        lgb.train(PARAMS, train, 2, valid_sets=[valid], callbacks=[callback])
    with pytest.raises(ZeroDivisionError), EpochlogCallback() as callback:
        lgb.train(PARAMS, train, 3, valid_sets=[valid], callbacks=[callback, lambda env: 1 / 0])
    first, second = stored()

    assert (first.status, second.status) == ("completed", "failed")
    assert [len(run.series("val/roc_auc").steps) for run in (first, second)] == [2, 1]


def test_cv(sets: Any, stored: Any) -> None:
    """In cv it records means and deviations."""
    with epochlog.start_run() as run:
        lgb.cv(PARAMS, sets[0], 3, nfold=2, callbacks=[EpochlogCallback(run)])
    mine = epochlog.get_run(run.id)

    assert len(mine.series("cv/roc_auc.mean").steps) == 3


def test_nothing_twice_with_autolog(on: None, sets: Any, stored: Any) -> None:
    """With autolog on, train is recorded once."""
    train, valid = sets
    lgb.train(PARAMS, train, 3, valid_sets=[valid], callbacks=[EpochlogCallback()])
    (run,) = stored()

    assert list(run.series("val/roc_auc").steps) == [0, 1, 2]
