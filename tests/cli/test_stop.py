"""``epochlog stop``, on trainings that run in other processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from processes import environment

Call = Callable[..., Result]

LOOP = """
import time, epochlog
epochlog.autolog(hardware=False, capture="none")
with epochlog.start_run("loop") as run:
    run.flush()
    print("ready", flush=True)
    for step in range(3000):
        run.log_metrics({"loss": 1.0}, step=step)
        if epochlog.stop_requested():
            break
        time.sleep(0.02)
print("steps", step + 1, flush=True)
"""
DEAF = LOOP.replace("epochlog.stop_requested()", "False")
BOOSTER = """
import time, numpy, lightgbm, epochlog
epochlog.autolog(hardware=False, capture="none")
X = numpy.random.default_rng(0).normal(size=(50, 3))
def slowly(env):
    time.sleep(0.02)
    if env.iteration == 0:
        epochlog.flush()
        print("ready", flush=True)
params = {"verbosity": -1, "num_threads": 1}
done = lightgbm.train(params, lightgbm.Dataset(X, X[:, 0]), 3000, callbacks=[slowly])
print("steps", done.num_trees(), flush=True)
"""


class Training:
    """A script in a process of its own that says when it trains."""

    def __init__(self, code: str, **env: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], env=environment(EPOCHLOG_FIRST_FLUSH_S="0", **env),
            text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def steps(self) -> int:
        """Wait for its end; return how many steps it did."""
        out, _ = self.process.communicate(timeout=100)
        return int(out.split()[-1])


@pytest.fixture
def train() -> Iterator[Callable[..., Training]]:
    """Return a function that starts a training; none outlives the test."""
    started: list[Training] = []

    def start(code: str, **env: str) -> Training:
        started.append(Training(code, **env))
        return started[-1]

    yield start
    for training in started:
        training.process.kill()
        training.process.wait()
        if training.process.stdout is not None:
            training.process.stdout.close()


def test_a_loop_that_asks_is_stopped(call: Call, train: Callable[..., Training]) -> None:
    """It leaves its loop, the process ends by itself, and the run says who asked and why."""
    training = train(LOOP)

    result = call("stop", "loop", "--reason", "flat", "--wait")

    assert result.exit_code == 0, result.output
    assert "loop was asked to stop" in result.output
    assert "completed: stopped on request of " in result.output
    assert result.output.endswith(": flat\n")
    assert training.steps() < 3000
    assert training.process.returncode == 0
    assert "stopped-on-request" in call("tag", "loop").output


@pytest.mark.slow
def test_a_booster_is_stopped_where_that_is_allowed(
    call: Call, train: Callable[..., Training]
) -> None:
    """LightGBM ends as by early stopping, with a model; the setting may come by environment."""
    training = train(BOOSTER, EPOCHLOG_ALLOW_STOP="1")

    assert call("stop", "last", "--wait").exit_code == 0

    steps = training.steps()
    assert 0 < steps < 3000
    assert "model" in call("show", "last").output


def test_what_takes_no_requests_says_what_to_do(call: Call, train: Callable[..., Training]) -> None:
    """Nothing is written; the message names the setting, the function, the process and --force."""
    training = train(DEAF)

    result = call("stop", "loop")

    assert result.exit_code == 1
    for word in ("allow_stop=True", "stop_requested()", "--force", str(training.process.pid)):
        assert word in result.output
    assert training.process.poll() is None


def test_force_ends_the_process(call: Call, train: Callable[..., Training]) -> None:
    """SIGTERM, to the very process that writes the run; the run is canceled."""
    training = train(DEAF)

    result = call("stop", "loop", "--force", "--wait")

    assert result.exit_code == 0, result.output
    assert "canceled" in result.output
    training.process.wait(100)
    assert training.process.returncode == -signal.SIGTERM


def test_force_hits_no_other_process(call: Call, train: Callable[..., Training]) -> None:
    """A process that has none of this store's journals open is left alone."""
    from epochlog.cli.stop import _has_open_below

    journals = Path(os.environ["EPOCHLOG_STORE"]) / "journals"
    assert not _has_open_below(os.getpid(), journals.resolve())
    training = train(DEAF)
    assert _has_open_below(training.process.pid, journals.resolve())
    assert not _has_open_below(2**22 + 1, journals.resolve())


def test_what_has_ended_can_not_be_stopped(call: Call, filled: Path) -> None:
    """The message says how it ended; an unknown run is not found."""
    result = call("stop", "base")
    assert (result.exit_code, "has ended already: completed" in result.output) == (1, True)
    assert call("stop", "nope").exit_code == 3


def test_a_run_above_is_asked_for_all_below(call: Call, train: Callable[..., Training]) -> None:
    """A request to a run reaches loops in children that were opened before and after it."""
    nested = LOOP.replace(
        'with epochlog.start_run("loop") as run:',
        'outer = epochlog.start_run("outer")\nwith outer.start_child("loop") as run:',
    )
    training = train(nested)
    deadline = time.monotonic() + 60
    result = call("stop", "outer")
    while result.exit_code and time.monotonic() < deadline:  # until the loop has asked once
        result = call("stop", "outer")

    assert result.exit_code == 0, result.output
    assert training.steps() < 3000
