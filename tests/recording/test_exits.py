"""What an exception or exit code means for a run."""

from __future__ import annotations

import sys

import pytest

from epochlog.recording import exits


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (None, "completed", ""),
        (GeneratorExit(), "completed", ""),
        (SystemExit(), "completed", ""),
        (SystemExit("words"), "failed", "sys.exit('words')"),
        (KeyboardInterrupt(), "canceled", "KeyboardInterrupt"),
        (ValueError("two\nlines"), "failed", "ValueError: two"),
        (type("TrialPruned", (Exception,), {})("step 3"), "pruned", "TrialPruned: step 3"),
    ],
)
def test_outcome_of_an_exception(error: BaseException | None, status: str, reason: str) -> None:
    """Each way out has its status and a one-line reason."""
    assert exits.outcome_of(error)[:2] == (status, reason)


def test_sys_exit_is_watched_until_the_last_run_needs_it_no_more() -> None:
    """sys.exit is replaced once, and the original comes back with the last run."""
    original = sys.exit
    exits.watch_exit_code("a")
    exits.watch_exit_code("b")
    assert sys.exit is not original
    exits.unwatch_exit_code("a")
    assert sys.exit is not original
    exits.unwatch_exit_code("b")

    assert sys.exit is original


def test_somebody_elses_sys_exit_on_top_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who replaced sys.exit after us keeps their function."""
    monkeypatch.setattr(sys, "exit", sys.exit)
    exits.watch_exit_code("a")
    theirs = lambda status=None: None
    sys.exit = theirs
    exits.unwatch_exit_code("a")

    assert sys.exit is theirs
