"""The outcome of a training, the health of its recording and the life of its process are three facts."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import lightgbm as lgb
import pytest
from processes import run_python, start_python
from sklearn.linear_model import LogisticRegression

import epochlog
from epochlog.recording.run import Run

ONE_LINE = "import epochlog; epochlog.autolog()\n"
TRAIN = """
import lightgbm as lgb, numpy as np, os, signal, sys, time
X = np.random.default_rng(0).normal(size=(400, 4)); y = (X[:, 0] > 0).astype(int)
def train(at_five):
    def callback(env):
        if env.iteration == 5:
            at_five()
    data = lgb.Dataset(X, y)
    lgb.train({"objective": "binary", "verbose": -1, "num_threads": 1}, data, 20,
              valid_sets=[data], valid_names=["val"], callbacks=[callback])
"""


def read_one(store: Path) -> Any:
    (run,) = epochlog.runs(store=store)
    return run


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ending", "code", "status"),
    [
        ("def at_five(): sys.exit(3)", 3, "failed"),
        ("def at_five(): raise ValueError('too deep')", 1, "failed"),
        ("def at_five(): os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, "lost"),
        ("def at_five(): os.kill(os.getpid(), signal.SIGTERM); time.sleep(9)", -15, "canceled"),
        ("def at_five(): raise KeyboardInterrupt", -2, "canceled"),
    ],
    ids=["exit", "error", "kill", "term", "interrupt"],
)
def test_a_training_that_dies_at_iteration_five(
    store: Path, ending: str, code: int, status: str
) -> None:
    """However a process ends in the middle of a training, its run says so and has points 0 to 5."""
    done = run_python(f"{ONE_LINE}{TRAIN}{ending}\ntrain(at_five)")
    run = read_one(store)

    assert done.returncode == code, done.stderr
    assert run.status == status
    curve = run.series("val/loss")
    # A signal that kills at once takes the point of the iteration it came in.
    assert list(curve.steps) in (list(range(6)), list(range(5)))


@pytest.mark.slow
def test_exit_after_the_training_leaves_the_training_completed(store: Path) -> None:
    """A fit that ended well stays completed, whatever the script does afterwards."""
    done = run_python(f"{ONE_LINE}{TRAIN}train(lambda: None)\nsys.exit(3)")

    assert done.returncode == 3
    assert read_one(store).status == "completed"


@pytest.mark.slow
def test_ctrl_c_in_a_training_cancels_it(store: Path) -> None:
    """A real Ctrl-C ends the process as it would without us; the curve up to it is there."""
    process = start_python(
        f"{ONE_LINE}{TRAIN}def at_five():\n    print('five', flush=True)\n"
        "    for _ in range(100): time.sleep(0.1)\ntrain(at_five)"
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "five\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    run = read_one(store)

    assert process.returncode == -signal.SIGINT
    assert run.status == "canceled"
    assert run.metrics["val/loss"].count >= 5


VERBS = ["log_metrics", "log_params", "log_dataset", "log_model", "log_plot", "log_text"]


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_that_fails_changes_no_status(
    stored: Any, cancer: Any, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    """When one kind of record can't be made, training ends as ever, the run is completed, the rest is there."""
    monkeypatch.delenv("EPOCHLOG_RAISE")

    def broken(*args: Any, **kwargs: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Run, verb, broken)
    X, y = cancer
    data = lgb.Dataset(X, y)
    model = lgb.train(
        {"objective": "binary", "verbose": -1, "num_threads": 1}, data, 5, valid_sets=[data]
    )
    LogisticRegression().fit(X, y)
    runs = stored()

    assert model.current_iteration() == 5
    assert [run.status for run in runs] == ["completed", "completed"]
    assert bool(runs[0].metrics) == (verb != "log_metrics")
    assert bool(runs[0].params) == (verb != "log_params")
    assert not (verb == "log_model" and runs[0].models)


def test_a_model_that_cannot_be_stored_is_a_notice(
    only: Any, cancer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fitted estimator that refuses to be serialised costs the model only; the run is completed."""
    monkeypatch.delenv("EPOCHLOG_RAISE")

    class Stubborn(LogisticRegression):
        def __reduce_ex__(self, protocol: Any) -> Any:
            raise TypeError("not me")

    model = Stubborn().fit(*cancer)
    run = only()

    assert run.status == "completed"
    assert run.params["C"] == 1.0
    assert model.coef_.shape == (1, 30)


def test_an_exception_of_the_user_that_is_caught_fails_its_fit_only(
    stored: Any, cancer: Any
) -> None:
    """A fit that failed and was caught is a failed child; the user's run and later fits complete."""
    with epochlog.start_run("mine") as mine:
        for C in (1.0, -1.0, 2.0):
            try:
                LogisticRegression(C=C).fit(*cancer)
            except ValueError:
                mine.log_text("caught", "yes")
    first, *children = stored()

    assert (first.name, first.status) == ("mine", "completed")
    assert [child.status for child in children] == ["failed", "completed"]
    assert "InvalidParameterError" in children[0].traceback


def test_a_run_that_cannot_be_opened_stops_no_training(
    stored: Any, cancer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When opening a run fails, the training is as ever, and the next one is recorded."""
    monkeypatch.delenv("EPOCHLOG_RAISE")

    def broken(*args: Any, **kwargs: Any) -> None:
        raise OSError("too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(Run, "announce_start", broken)
        data = lgb.Dataset(*cancer)
        params = {"objective": "binary", "verbose": -1, "num_threads": 1}
        model = lgb.train(params, data, 5, valid_sets=[data])
        score = LogisticRegression().fit(*cancer).score(*cancer)
    LogisticRegression(C=2.0).fit(*cancer)

    assert model.current_iteration() == 5
    assert score > 0.9
    assert [run.params["C"] for run in stored()] == [2.0]
