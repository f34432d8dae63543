"""Boosting loops written by hand."""

from __future__ import annotations

import gc
import os
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from processes import run_python

import epochlog
from epochlog_lightgbm import loops

pytestmark = pytest.mark.usefixtures("on")

PARAMS = {
    "objective": "binary",
    "metric": ["auc", "binary_logloss"],
    "verbose": -1,
    "num_threads": 1,
}


def boost(sets: Any, rounds: int) -> lgb.Booster:
    """Return a booster trained by hand."""
    train, valid = sets
    booster = lgb.Booster(PARAMS, train)
    booster.add_valid(valid, "valid_0")
    for _ in range(rounds):
        booster.update()
        booster.eval_train()
        booster.eval_valid()
    return booster


def ended() -> None:
    """Wait until the runs of deleted boosters have ended."""
    gc.collect()
    loops.close_all()


def test_one_run_per_booster(sets: Any, stored: Any) -> None:
    """Evaluations between updates are curves; deleting the booster ends its run with the model."""
    booster = boost(sets, 4)
    text = booster.model_to_string()
    values = [value for _, metric, value, _ in booster.eval_valid() if metric == "auc"]
    del booster
    ended()
    (run,) = stored()

    assert run.status == "completed"
    assert list(run.series("val/roc_auc").steps)[:4] == [0, 1, 2, 3]
    assert run.metrics["val/roc_auc"].last == values[0]
    assert set(run.metrics) >= {"train/roc_auc", "train/loss", "val/loss"}
    assert run.metrics["stopped_iteration"].last == 3
    assert run.models[0].read_text() == text
    assert run.params["train_set.num_rows"] == 400
    assert run.params["booster.num_leaves"] == 31
    assert run.plots[0].kind == "importance"


def test_learning_rate_that_changes(sets: Any, stored: Any) -> None:
    """reset_parameter inside a loop shows as a curve of the learning rate."""
    booster = lgb.Booster({**PARAMS, "learning_rate": 0.3}, sets[0])
    for rate in (0.3, 0.3, 0.2, 0.1):
        booster.reset_parameter({"learning_rate": rate})
        booster.update()
    del booster
    ended()
    series = stored()[0].series("learning_rate")

    assert dict(zip(series.steps, series.values, strict=True)) == {1: 0.3, 2: 0.2, 3: 0.1}


def test_two_boosters_side_by_side(sets: Any, arrays: Any, stored: Any) -> None:
    """Two boosters updated in turns have a run each."""
    X, y = arrays
    boosters = [lgb.Booster(PARAMS, lgb.Dataset(X[i:], y[i:])) for i in (0, 100)]
    for _ in range(3):
        for booster in boosters:
            booster.update()
            booster.eval_train()
    del booster
    boosters.clear()
    ended()

    assert sorted(run.params["train_set.num_rows"] for run in stored()) == [500, 600]
    assert [list(run.series("train/roc_auc").steps) for run in stored()] == [[0, 1, 2]] * 2


def test_loop_inside_a_run_of_the_user(sets: Any, stored: Any) -> None:
    """In the user's run the loop records into that run, which stays current and open."""
    with epochlog.start_run(name="mine") as run:
        booster = boost(sets, 2)
        assert epochlog.current_run() is run
        del booster
        ended()
        assert run.active
    (mine,) = stored()

    assert mine.name == "mine"
    assert len(mine.series("val/roc_auc").steps) == 2
    assert len(mine.models) == 1


def test_the_loops_run_is_not_current(sets: Any, stored: Any) -> None:
    """Nothing else that happens during a loop lands in the loop's run."""
    booster = boost(sets, 1)

    assert epochlog.current_run() is None
    del booster
    ended()


def test_train_and_cv_are_no_loops(sets: Any, stored: Any) -> None:
    """The updates inside train and cv open no runs of their own."""
    train, valid = sets
    booster = lgb.train(PARAMS, train, 2, valid_sets=[valid])
    lgb.cv(PARAMS, train, 2, nfold=2)
    del booster
    ended()

    assert sorted(run.kind for run in stored()) == ["fit", "fit", "fold", "fold"]


def test_custom_objective_and_named_evaluation(sets: Any, stored: Any) -> None:
    """update(fobj=…) is a step like any other, and eval(data, name) a curve under that name."""
    train, valid = sets

    def objective(preds: Any, data: Any) -> tuple[Any, Any]:
        p = 1 / (1 + np.exp(-preds))
        return p - data.get_label(), p * (1 - p)

    booster = lgb.Booster({**PARAMS, "objective": "none"}, train)
    for _ in range(3):
        booster.update(fobj=objective)
        booster.eval(valid, "holdout")
    del booster
    ended()

    assert list(stored()[0].series("holdout/roc_auc").steps) == [0, 1, 2]


def test_boosters_loaded_from_text_are_left_alone(sets: Any, stored: Any) -> None:
    """A booster without training data raises what it always raises, and no run opens."""
    booster = lgb.Booster(model_str=lgb.train(PARAMS, sets[0], 2).model_to_string())
    with pytest.raises(Exception, match=r".+"):
        booster.update()

    assert len(stored()) == 1


SCRIPT = """
import epochlog
epochlog.autolog("lightgbm", hardware=False)
import lightgbm as lgb, numpy as np
X = np.random.default_rng(0).normal(size=(200, 3)); y = (X[:, 0] > 0).astype(int)
booster = lgb.Booster({"objective": "binary", "verbose": -1, "metric": "auc", "num_threads": 1}, lgb.Dataset(X, y))
for _ in range(3):
    booster.update(); booster.eval_train()
"""


def test_end_of_the_process_ends_the_run(stored: Any, tmp_path: Any) -> None:
    """A booster that lives to the end of the script still has its model recorded."""
    done = run_python(SCRIPT)
    (run,) = stored()

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert run.status == "completed"
    assert len(run.models) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_fork_in_the_middle_of_a_loop(stored: Any) -> None:
    """A forked child that exits does not end or repeat its parent's loop."""
    code = (
        SCRIPT
        + "\nimport os\nif os.fork() == 0:\n    raise SystemExit(0)\nos.wait()\nbooster.update(); booster.eval_train()"
    )
    done = run_python(code, timeout=60)
    (run,) = stored()

    assert done.returncode == 0, done.stderr
    assert list(run.series("train/roc_auc").steps) == [0, 1, 2, 3]
    assert len(run.models) == 1
