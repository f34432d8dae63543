"""Boosting loops written by hand."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest
import xgboost as xgb
from processes import run_python

import epochlog
from epochlog_xgboost import loops

pytestmark = pytest.mark.usefixtures("on")

PARAMS = {"objective": "binary:logistic", "eval_metric": ["auc", "logloss"], "nthread": 1}


def boost(sets: Any, rounds: int, **params: Any) -> xgb.Booster:
    """Return a booster trained by hand."""
    train, valid = sets
    booster = xgb.Booster({**PARAMS, **params}, [train, valid])
    for i in range(rounds):
        booster.update(train, i)
        booster.eval_set([(train, "train"), (valid, "eval")], i)
    return booster


def ended() -> None:
    """Wait until the runs of deleted boosters have ended."""
    gc.collect()
    loops.close_all()


def test_one_run_per_booster(sets: Any, stored: Any) -> None:
    """Evaluations between updates are curves; deleting the booster ends its run with the model."""
    booster = boost(sets, 4)
    raw = bytes(booster.save_raw("ubj"))
    last = booster.eval(sets[1], "eval", 3)
    del booster
    ended()
    (run,) = stored()

    assert run.status == "completed"
    assert list(run.series("val/roc_auc").steps)[:4] == [0, 1, 2, 3]
    assert f"eval-auc:{run.metrics['val/roc_auc'].last:.17f}"[:20] in last
    assert set(run.metrics) >= {"train/roc_auc", "train/loss", "val/loss"}
    assert run.metrics["stopped_iteration"].last == 3
    assert run.models[0].read_bytes() == raw
    assert run.params["objective"] == "binary:logistic"
    assert run.params["train_set.num_rows"] == 400
    assert run.params["val_set.num_rows"] == 200
    assert run.params["booster.max_depth"] == 6
    assert run.plots[0].kind == "importance"
    assert {dataset.role for dataset in run.datasets} == {"train", "validation"}


def test_iteration_that_the_user_forgot(sets: Any, stored: Any) -> None:
    """eval() without an iteration still belongs to the round that the booster has reached."""
    train, valid = sets
    booster = xgb.Booster(PARAMS, [train])
    for i in range(3):
        booster.update(train, i)
        booster.eval(valid, "test")
    del booster
    ended()

    assert list(stored()[0].series("test/loss").steps) == [0, 1, 2]


def test_learning_rate_that_changes(sets: Any, stored: Any) -> None:
    """set_param inside a loop shows as a curve of the learning rate."""
    train, _ = sets
    booster = xgb.Booster({**PARAMS, "learning_rate": 0.3}, [train])
    for i, rate in enumerate((0.3, 0.3, 0.2, 0.1)):
        booster.set_param("learning_rate", rate)
        booster.update(train, i)
    del booster
    ended()
    series = stored()[0].series("learning_rate")

    assert dict(zip(series.steps, series.values, strict=True)) == {1: 0.3, 2: 0.2, 3: 0.1}


def test_custom_objectives(sets: Any, stored: Any) -> None:
    """update with an own objective, and boost with gradients, count one step a call."""
    train, valid = sets

    def squares(predictions: Any, data: Any) -> tuple[Any, Any]:
        return predictions - data.get_label(), np.ones_like(predictions)

    booster = xgb.Booster({"nthread": 1, "eval_metric": "logloss"}, [train])
    for i in range(3):
        booster.update(train, i, squares)
        booster.eval(valid, "eval", i)
    del booster
    ended()
    (run,) = stored()

    assert run.params["objective"] == "squares"
    assert list(run.series("val/log_loss").steps) == [0, 1, 2]


def test_boost_with_gradients(sets: Any, stored: Any) -> None:
    """A loop may make the gradients itself."""
    train, valid = sets
    booster = xgb.Booster({"nthread": 1, "base_score": 0.5}, [train])
    for i in range(3):
        gradient = booster.predict(train, output_margin=True, training=True) - train.get_label()
        booster.boost(train, iteration=i, grad=gradient, hess=np.ones_like(gradient))
        booster.eval(valid, "eval", i)
    del booster
    ended()

    assert list(stored()[0].series("val/rmse").steps) == [0, 1, 2]


def test_two_boosters_side_by_side(arrays: Any, stored: Any) -> None:
    """Two boosters updated in turns have a run each."""
    X, y = arrays
    matrices = [xgb.DMatrix(X[i:], label=y[i:]) for i in (0, 100)]
    boosters = [xgb.Booster(PARAMS, [matrix]) for matrix in matrices]
    for i in range(3):
        for booster, matrix in zip(boosters, matrices, strict=True):
            booster.update(matrix, i)
            booster.eval(matrix, "train", i)
    del booster
    boosters.clear()
    ended()

    assert sorted(run.params["train_set.num_rows"] for run in stored()) == [500, 600]
    assert [list(run.series("train/loss").steps) for run in stored()] == [[0, 1, 2]] * 2


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
    assert len(mine.series("val/loss").steps) == 2
    assert len(mine.models) == 1


def test_the_loops_run_is_not_current(sets: Any, stored: Any) -> None:
    """Nothing else that happens during a loop lands in the loop's run."""
    booster = boost(sets, 1)

    assert epochlog.current_run() is None
    del booster
    ended()


def test_train_and_cv_are_no_loops(sets: Any, stored: Any) -> None:
    """Updates inside train and cv belong to these."""
    train, valid = sets
    booster = xgb.train(PARAMS, train, 2, evals=[(valid, "eval")], verbose_eval=False)
    xgb.cv(PARAMS, train, 2, nfold=2)
    booster.eval(valid)
    del booster
    ended()

    assert [run.kind for run in stored()] == ["fit", "fit", "fold", "fold"]


def test_paused_loops_are_not_recorded(sets: Any, stored: Any) -> None:
    """A loop inside paused() leaves nothing."""
    with epochlog.paused():
        booster = boost(sets, 2)
    del booster
    ended()
    xgb.train(PARAMS, sets[0], 3)

    assert [run.params.get("num_boost_round") for run in stored()] == [3]


def test_uninstrument_ends_loops(sets: Any, stored: Any) -> None:
    """Switching off ends what is open; the booster goes on working."""
    booster = boost(sets, 2)
    epochlog.uninstrument()
    booster.update(sets[0], 2)
    (run,) = stored()

    assert run.status == "completed"
    assert run.metrics["stopped_iteration"].last == 1
    assert booster.num_boosted_rounds() == 3


@pytest.mark.slow
def test_process_that_ends(stored: Any) -> None:
    """A booster that lives until the process ends has a complete run, too."""
    done = run_python(
        "import epochlog; epochlog.autolog(hardware=False)\n"
        "import numpy as np, xgboost as xgb\n"
        "X = np.random.default_rng(0).normal(size=(300, 4)); y = (X[:, 0] > 0).astype(int)\n"
        "d = xgb.DMatrix(X, label=y)\n"
        "b = xgb.Booster({'objective': 'binary:logistic', 'nthread': 1}, [d])\n"
        "for i in range(3): b.update(d, i); b.eval(d, 'train', i)\n"
    )
    (run,) = stored()

    assert (done.returncode, done.stderr) == (0, "")
    assert run.status == "completed"
    assert list(run.series("train/loss").steps) == [0, 1, 2]
    assert len(run.models) == 1
