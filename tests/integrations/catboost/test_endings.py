"""Trainings that do not finish keep their curves; long ones are seen while they run."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from catboost import CatBoostClassifier, CatBoostError, CatBoostRegressor
from processes import start_python

import epochlog
from epochlog_catboost import live

QUIET: dict[str, Any] = {"verbose": False, "thread_count": 1, "depth": 2}


class FailsAt:
    """A user's callback with a bug."""

    def __init__(self, iteration: int) -> None:
        self.iteration = iteration

    def after_iteration(self, info: Any) -> bool:
        """Raise at an iteration, counted from 1 as CatBoost does."""
        if info.iteration == self.iteration:
            raise ValueError("bug of the user's")
        return True


def test_exception_at_an_iteration(on: None, arrays: Any, stored: Any) -> None:
    """What was done before a callback raised is stored; the error is CatBoost's own."""
    X, y = arrays
    with pytest.raises(CatBoostError, match="bug of the user's"):
        CatBoostClassifier(iterations=20, **QUIET).fit(
            X, y, eval_set=(X, y), callbacks=[FailsAt(8)]
        )
    (run,) = stored()

    assert run.status == "failed"
    assert list(run.series("train/loss").steps) == list(range(8))
    assert list(run.series("val/loss").steps) == list(range(8))
    assert run.metrics["stopped_iteration"].last == 7
    assert run.params["depth"] == 2
    assert run.datasets[0].digest


def test_exception_without_files(on: None, arrays: Any, stored: Any) -> None:
    """With allow_writing_files=False nothing is left of a failed training, and the run says so."""
    X, y = arrays
    with pytest.raises(CatBoostError):
        CatBoostClassifier(iterations=20, allow_writing_files=False, **QUIET).fit(
            X, y, callbacks=[FailsAt(8)]
        )
    (run,) = stored()

    assert run.status == "failed"
    assert "train/loss" not in run.metrics
    assert any("allow_writing_files" in notice.text for notice in run.notices)


def test_error_before_training(on: None, arrays: Any, stored: Any) -> None:
    """Data that CatBoost refuses: failed, no curve of an earlier training in the same folder."""
    X, y = arrays
    CatBoostClassifier(iterations=5, **QUIET).fit(X, y)
    with pytest.raises(CatBoostError):
        CatBoostClassifier(iterations=5, **QUIET).fit(X, y[:10])
    _, run = stored()

    assert run.status == "failed"
    assert "train/loss" not in run.metrics


def test_points_appear_while_it_trains(
    on: None, arrays: Any, stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long training is followed: its points are there before it ends, and each is there once."""
    monkeypatch.setattr(live, "LOOK_EVERY_S", 0.05)
    seen: list[int] = []

    class Watch:
        def after_iteration(self, info: Any) -> bool:
            time.sleep(0.005)
            if info.iteration == 80:
                (run,) = stored()
                seen.append(run.metrics["train/loss"].count if "train/loss" in run.metrics else 0)
            return True

    X, y = arrays
    model = CatBoostClassifier(iterations=100, **QUIET)
    model.fit(X, y, eval_set=(X, y), callbacks=[Watch()])
    (run,) = stored()
    theirs = model.evals_result_["validation"]["Logloss"]

    assert 0 < seen[0] <= 80
    assert list(run.series("val/loss").steps) == list(range(100))
    assert list(run.series("val/loss").values) == pytest.approx(theirs, rel=1e-9)
    assert not run.notices


def test_two_trainings_in_one_folder(on: None, arrays: Any, stored: Any) -> None:
    """Threads that share train_dir get their own exact curves all the same."""
    X, y = arrays
    models = [CatBoostRegressor(iterations=40 + i, **QUIET) for i in range(3)]
    threads = [threading.Thread(target=model.fit, args=(X, y * 1.0)) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = {run.metrics["train/loss"].count: run for run in stored()}

    assert sorted(found) == [40, 41, 42]
    for model in models:
        theirs = model.evals_result_["learn"]["RMSE"]
        assert list(found[len(theirs)].series("train/loss").values) == theirs
    assert not live._running


def test_no_thread_is_left(on: None, arrays: Any) -> None:
    """After a fit, failed or not, nothing of ours runs on."""
    X, y = arrays
    CatBoostClassifier(iterations=3, **QUIET).fit(X, y)
    with pytest.raises(CatBoostError):
        CatBoostClassifier(iterations=9, **QUIET).fit(X, y, callbacks=[FailsAt(3)])

    assert "epochlog-catboost" not in {thread.name for thread in threading.enumerate()}


LONG = """
import epochlog; epochlog.autolog(hardware=False)
import sys, numpy as np
from catboost import CatBoostRegressor
rng = np.random.default_rng(0); X = rng.random((2000, 10)); y = X[:, 0] + rng.random(2000)
model = CatBoostRegressor(iterations=200_000, verbose=False, thread_count=1, depth=3)
print("ready", flush=True)
model.fit(X, y, eval_set=(X, y))
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_signals(number: int, stored: Any, folder: Path) -> None:
    """Ctrl-C: canceled, with the whole curve. Killed: what was seen so far is readable."""
    process = start_python(LONG, cwd=folder)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(6)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    (run,) = stored()
    steps = list(run.series("val/loss").steps)

    assert len(steps) > 20
    assert steps == list(range(len(steps)))
    if number == signal.SIGINT:
        assert "KeyboardInterrupt" in errors
        assert run.status == "canceled"
        lines = (folder / "catboost_info" / "learn_error.tsv").read_text().splitlines()
        assert len(steps) == len(lines) - 1


def test_recording_that_breaks(on: None, arrays: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug of ours at any place leaves training alone."""
    from epochlog_catboost import datasets, outcome, training

    X, y = arrays
    plain = CatBoostClassifier(iterations=5, **QUIET)
    with epochlog.paused():
        plain.fit(X, y)
    monkeypatch.setenv("EPOCHLOG_RAISE", "0")
    for module, name in (
        (training, "log_datasets"), (training, "pool_facts"), (training, "points_of"),
        (training, "log_outcome"), (outcome, "log_importance"), (datasets, "_named"),
    ):  # fmt: skip
        with monkeypatch.context() as patch:
            patch.setattr(module, name, lambda *args, **kwargs: 1 / 0)
            model = CatBoostClassifier(iterations=5, **QUIET).fit(X, y)

        assert (model.predict(X) == plain.predict(X)).all()
        assert not live._running
