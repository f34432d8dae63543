"""However a process ends, its run has the right status and everything up to that moment."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from processes import run_python, start_python

import epochlog

PLAIN = "import epochlog, sys\nrun = epochlog.start_run(name='plain')\nrun.log_metrics({'a': 1.0}, step=0)\n"
WITH = "import epochlog, sys\nwith epochlog.start_run(name='with') as run:\n    run.log_metrics({'a': 1.0}, step=0)\n    "
# In slices: CPython loses sight of a signal that comes while a thread gives up the GIL on its way into
# one long sleep (it does not look again before it blocks), until that sleep is over.
WAITING = "import time\nprint('ready', flush=True)\nfor _ in range(600): time.sleep(0.1)\n"


def the_run(store: Path) -> epochlog.query.runs.RunView:
    (run,) = epochlog.runs(store=store)
    assert run.series("a").values.tolist() == [1.0]
    return run


@pytest.mark.parametrize("script", [PLAIN, WITH], ids=["plain", "with"])
@pytest.mark.parametrize(
    ("ending", "code", "status", "reason"),
    [
        ("pass", 0, "completed", ""),
        ("sys.exit(0)", 0, "completed", ""),
        ("sys.exit(3)", 3, "failed", "sys.exit(3)"),
        ("raise ValueError('too deep')", 1, "failed", "ValueError: too deep"),
        ("raise KeyboardInterrupt", -2, "canceled", "KeyboardInterrupt"),
    ],
)
def test_status_tells_how_the_script_ended(
    store: Path, script: str, ending: str, code: int, status: str, reason: str
) -> None:
    """Status and reason follow from the way out, and the exit code is what it is without us."""
    result = run_python(script + ending)
    assert (result.returncode, result.stdout) == (code, ""), result.stderr

    run = the_run(store)
    assert (run.status, run.status_reason) == (status, reason)
    if status == "failed" and "ValueError" in reason:
        assert "ValueError: too deep" in run.traceback


@pytest.mark.parametrize(
    ("number", "status", "reason"),
    [
        (signal.SIGINT, "canceled", "KeyboardInterrupt"),
        (signal.SIGTERM, "canceled", "SIGTERM"),
        (
            signal.SIGKILL,
            "lost",
            "the process ended without a word (killed, crashed or out of memory)",
        ),
    ],
)
@pytest.mark.parametrize(
    "script", [PLAIN + WAITING, WITH + WAITING.replace("\n", "\n    ")], ids=["plain", "with"]
)
def test_signals_end_a_run_with_the_right_status(
    store: Path, script: str, number: signal.Signals, status: str, reason: str
) -> None:
    """A real signal ends the process by that very signal, at once, and the run says so."""
    process = start_python(script)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    sent = time.monotonic()
    process.send_signal(number)
    process.communicate(timeout=60)
    assert time.monotonic() - sent < 30
    assert process.returncode == -number

    run = the_run(store)
    assert (run.status, run.status_reason) == (status, reason)


def test_a_sigterm_handler_of_the_user_stays_in_charge(store: Path) -> None:
    """Who handles SIGTERM themselves gets it, and their own exit decides the status."""
    script = (
        "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *a: sys.exit(7))\n"
        + PLAIN
        + WAITING
    )
    process = start_python(script)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 7

    assert the_run(store).status_reason == "sys.exit(7)"


def test_exit_leaves_no_trace_of_us(store: Path) -> None:
    """sys.exit is the original again once no plain run is open."""
    script = (
        "import sys\noriginal = sys.exit\n"
        + PLAIN
        + "epochlog.end_run()\nassert sys.exit is original\n"
    )
    assert run_python(script).returncode == 0

    assert the_run(store).status == "completed"


def test_fault_in_c_makes_a_lost_run(store: Path) -> None:
    """A segmentation fault is a lost run with all its points."""
    result = run_python(PLAIN + "import os; os.abort()")
    assert result.returncode == -signal.SIGABRT

    assert the_run(store).status == "lost"
