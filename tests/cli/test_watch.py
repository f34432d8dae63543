"""``epochlog watch`` tells of lost runs and of what watchdogs note, once each."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from processes import environment

import epochlog
from epochlog.cli.app import App
from epochlog.cli.watch import Observer
from epochlog.recording.recorder import close_recorder

Call = Callable[..., Result]

VICTIM = """
import epochlog, math, time
run = epochlog.start_run("victim")
run.log_metrics({"loss": math.nan}, step=0)
run.flush()
run.flush()  # what was noted about the point before
print("ready", flush=True)
time.sleep(100)
"""


def kill_a_run() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", VICTIM], env=environment(EPOCHLOG_HARDWARE="0"), text=True,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_a_killed_run_and_its_notes_are_told_once(call: Call, filled: Path) -> None:
    """Only what is new since the watching began, each thing once."""
    observer = Observer(App(), None)
    assert list(observer.news()) == []

    kill_a_run()

    news = [(alarm.name, alarm.rule, alarm.text) for _, alarm in observer.news()]
    assert sorted(news) == [
        ("victim", "lost", "lost: the process ended without a word (killed, crashed or out of memory)"),
        ("victim", "nan", "loss is nan at step 0"),
    ]  # fmt: skip
    assert list(observer.news()) == []


def test_one_look_for_a_scheduler(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--once: exit code 0 and silence if all is well, else 1, the lines, and the rule's command."""
    epochlog.start_run("fine").end()
    close_recorder()
    assert (call("watch", "--once").exit_code, call("watch", "--once").output) == (0, "")
    kill_a_run()
    monkeypatch.setenv("EPOCHLOG_WATCH", "lost -> command")
    monkeypatch.setenv("EPOCHLOG_WATCH_COMMAND", f"sh -c 'cat > {tmp_path}/told'")

    result = call("watch", "--once", "--json")

    assert result.exit_code == 1
    told = sorted(json.loads(line)["rule"] for line in result.output.splitlines())
    assert told == ["lost", "nan"]
    assert json.loads((tmp_path / "told").read_text())["name"] == "victim"
    assert call("watch", "--once", "--hours", "0").exit_code == 0
