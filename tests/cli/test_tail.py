"""``epochlog tail``, on processes that really write."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import Result
from processes import environment

Call = Callable[..., Result]

COMMAND = [sys.executable, "-c", "from epochlog.cli.main import main; main()"]
WRITER = """
import sys, epochlog
with epochlog.start_run("live") as run:
    run.log_metrics({"loss": 1.0, "acc": 0.1}, step=0)
    run.flush()
    print("ready", flush=True)
    for line in sys.stdin:
        word = line.strip()
        if word == "end":
            break
        if word == "fail":
            raise ValueError("diverged")
        run.log_metrics({"loss": 1 / float(word), "acc": 0.5}, step=int(word))
        run.flush()
        print("logged", flush=True)
"""


class Writer:
    """A process with an open run that does as it is told, and says when that is stored."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [COMMAND[0], "-c", WRITER], env=environment(EPOCHLOG_HARDWARE="0"), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.wait()

    def wait(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline()

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()


@contextmanager
def writing() -> Iterator[Writer]:
    """Run a `Writer` and make sure that it is gone afterwards."""
    writer = Writer()
    try:
        yield writer
    finally:
        writer.process.kill()
        writer.process.wait()


@contextmanager
def tailing(*args: str) -> Iterator[subprocess.Popen[str]]:
    """Run ``epochlog tail`` with a short interval."""
    process = subprocess.Popen(
        [*COMMAND, "tail", "--interval", "0.1", *args], env=environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def line_with(process: subprocess.Popen[str], word: str) -> str:
    """Read lines until one has ``word``."""
    assert process.stdout is not None
    for line in process.stdout:
        if word in line:
            return line
    raise AssertionError(f"no line with {word!r}")


def test_points_come_as_they_are_recorded(store: Path) -> None:
    """What is there is shown, then each new point, then how the run ended; exit code 0."""
    with writing() as writer, tailing() as tail:
        assert "live" in line_with(tail, "running")
        assert line_with(tail, "step 0").endswith("step 0      acc 0.1  loss 1\n")
        writer.tell("4")
        assert "loss 0.25" in line_with(tail, "step 4")
        writer.tell("end")
        assert "✔ completed after" in line_with(tail, "completed")
        assert tail.wait(30) == 0


def test_a_failed_run_gives_exit_code_1(store: Path) -> None:
    """A run that fails ends the tail with its reason and exit code 1."""
    with writing() as writer, tailing("live") as tail:
        line_with(tail, "step 0")
        writer.tell("fail")
        assert "diverged" in line_with(tail, "✘ failed")
        assert tail.wait(30) == 1


def test_a_killed_run_is_lost(store: Path) -> None:
    """When the writer is killed, the tail notices and ends."""
    with writing() as writer, tailing("live") as tail:
        line_with(tail, "step 0")
        writer.process.kill()
        line_with(tail, "? lost")
        assert tail.wait(30) == 1


def test_interrupt_is_quiet(store: Path) -> None:
    """Ctrl-C ends the tail with 130 and says nothing; the run goes on."""
    with writing() as writer, tailing() as tail:
        line_with(tail, "step 0")
        tail.send_signal(signal.SIGINT)
        _, err = tail.communicate(timeout=30)
        assert (tail.returncode, err) == (130, "")
        writer.tell("2")
        writer.wait()
        writer.tell("end")
        assert writer.process.wait(60) == 0


def test_ended_runs_and_globs(call: Call, filled: Path) -> None:
    """A run that has ended shows its last points; --metrics and --last choose."""
    lines = call("tail", "base", "-m", "val/*", "-n", "3").output.splitlines()
    assert lines[0].startswith("base  ✔ completed")
    assert [line.split()[1:3] for line in lines[1:-1]] == [
        ["step", "47"],
        ["step", "48"],
        ["step", "49"],
    ]
    assert "train/loss" not in "".join(lines)
    assert len(call("tail", "base", "-n", "0").output.splitlines()) == 2
    assert call("tail", "broken").exit_code == 1


def test_json_lines(call: Call, filled: Path) -> None:
    """--json gives one object a point, then the status."""
    *points, end = map(json.loads, call("tail", "worse", "--json").output.splitlines())
    assert points[0]["metrics"] == {"train/loss": 0.9, "val/loss": 2.0}
    assert end == {"status": "completed", "reason": ""}


def test_without_a_run_the_newest_is_followed(call: Call, filled: Path) -> None:
    """Without RUN and with nothing running, the newest run is shown."""
    assert call("tail").output.startswith("search  ")


@pytest.mark.parametrize("args", [["nope"], ["last~9"]])
def test_unknown_run(call: Call, filled: Path, args: list[str]) -> None:
    """A run that isn't there is not found."""
    assert call("tail", *args).exit_code == 3
