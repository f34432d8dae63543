"""A study that several processes have open keeps a true status, whatever order journals come in."""

from __future__ import annotations

from typing import Any

import pytest

from epochlog.base.ids import new_id
from epochlog.contract.events import RunEnded, RunStarted

STUDY, ONE, TWO = (new_id() for _ in range(3))


def study(at: int) -> RunStarted:
    """A process opens the study."""
    return RunStarted(STUDY, at, "study", kind="study")


def trial(run: str, at: int) -> RunStarted:
    """A process begins a trial of it."""
    return RunStarted(run, at, "trial", kind="trial", parent=STUDY)


def status(desk: Any) -> Any:
    """Return the study's (status, time of its end)."""
    return desk.one("SELECT status, ended_at FROM execution WHERE id = ?", STUDY)


def test_an_end_passes_the_study_on(desk: Any, second_desk: Any) -> None:
    """While another process is in a trial, the study stays open, and is that process's."""
    desk.write(study(1), trial(ONE, 2))
    second_desk.write(study(3), trial(TWO, 4), RunEnded(TWO, 5, "completed"))
    second_desk.write(RunEnded(STUDY, 6, "completed"))
    assert status(desk) == ("running", None)

    second_desk.sink.close_journal(second_desk.info, 7, status="completed")
    assert status(desk) == ("running", None)

    desk.write(RunEnded(ONE, 8, "completed"), RunEnded(STUDY, 9, "failed"))
    assert status(desk) == ("failed", 9)


def test_a_process_that_dies_takes_the_study_it_had_alone(desk: Any, second_desk: Any) -> None:
    """A study that passed on to a process is lost with it."""
    desk.write(study(1), trial(ONE, 2))
    second_desk.write(study(3), RunEnded(STUDY, 6, "completed"))
    desk.sink.close_journal(desk.info, 7, status="lost")

    assert status(desk)[0] == "lost"


def test_a_journal_that_is_stored_late(desk: Any, second_desk: Any) -> None:
    """What began and ended before the last end changes nothing when it is told after it."""
    second_desk.write(study(3), RunEnded(STUDY, 10, "canceled"))
    desk.write(study(1))
    assert status(desk) == ("canceled", 10)

    desk.write(trial(ONE, 2), RunEnded(ONE, 4, "completed"), RunEnded(STUDY, 5, "completed"))
    assert status(desk) == ("canceled", 10)


def test_a_late_journal_of_a_process_that_still_works(desk: Any, second_desk: Any) -> None:
    """A trial that began before the last end, and goes on, opens the study again."""
    second_desk.write(study(3), RunEnded(STUDY, 10, "completed"))
    desk.write(study(1), trial(ONE, 2))
    assert status(desk) == ("running", None)

    desk.write(RunEnded(ONE, 12, "completed"), RunEnded(STUDY, 13, "completed"))
    assert status(desk) == ("completed", 13)


def test_the_own_open_trials_keep_no_study_open(desk: Any) -> None:
    """Who ends the study while a trial of its own is open has ended it."""
    desk.write(study(1), trial(ONE, 2), RunEnded(STUDY, 6, "completed"))

    assert status(desk) == ("completed", 6)


@pytest.mark.parametrize("kind", ["run", "search"])
def test_other_runs_end_when_they_are_told_to(desk: Any, second_desk: Any, kind: str) -> None:
    """Open children in workers keep no other run open: its end is its owner's business."""
    desk.write(RunStarted(STUDY, 1, "search", kind=kind))
    second_desk.write(trial(ONE, 2))
    desk.write(RunEnded(STUDY, 6, "completed"))

    assert status(desk) == ("completed", 6)
