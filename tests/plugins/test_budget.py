"""Time budget of optional work."""

from __future__ import annotations

from contextlib import suppress

import pytest

from epochlog import session
from epochlog.plugins.api import Budget


def test_budget_is_a_share_of_the_fit_with_a_floor():
    """The budget is 5 % of the fit, and never less than the floor."""
    assert Budget(100.0).total_s == pytest.approx(5.0)
    assert Budget(0.001).total_s == pytest.approx(0.25)
    assert Budget(10.0, share=0.5, floor_s=0).total_s == pytest.approx(5.0)


def test_spent_time_counts_also_when_the_work_fails():
    """Time spent lowers what is left, whether the work succeeded or raised."""
    budget = Budget(1.0)
    with pytest.raises(ZeroDivisionError), budget.spend():
        raise ZeroDivisionError

    assert budget.spent_s > 0
    assert budget.left_s == pytest.approx(budget.total_s - budget.spent_s)


def test_work_that_does_not_fit_is_refused_and_explained():
    """An estimate beyond what is left is refused; the notice names the work, the cost and the setting."""
    budget = Budget(1.0)

    assert budget.allows()
    assert budget.allows(0.2)
    assert not budget.allows(0.3)
    budget.spent_s = 1.0
    assert not budget.allows()
    assert budget.left_s == 0.0
    text = budget.skipped("the confusion matrix", 0.3)
    assert "the confusion matrix" in text
    assert "0.3 s" in text
    assert "budget_share" in text


def test_short_work_always_fits():
    """A millisecond of work is done even when the budget is spent."""
    budget = Budget(0.0, floor_s=0.0)

    assert budget.allows(0.001)
    assert not budget.allows(0.1)
    assert not budget.allows()


def test_settings_bound_the_budget(monkeypatch):
    """budget_share and budget_floor_s come from this process's settings."""
    monkeypatch.setenv("EPOCHLOG_BUDGET_SHARE", "0.5")
    monkeypatch.setenv("EPOCHLOG_BUDGET_FLOOR_S", "0.1")
    session.ensure_session()

    assert Budget(10.0).total_s == 5.0
    assert Budget(0.0).total_s == 0.1


def test_what_was_written_tells_how_long_more_will_take() -> None:
    """First an assumption counts, then what this process has measured of the same kind."""
    budget = Budget(0.0)
    assert budget.estimate_s("test format", 2**20, assumed_per_s=2**20) == 1.0
    with budget.spend("test format", 2**20):
        sum(range(200_000))

    assert budget.estimate_s("test format", 2**22, 1.0) == pytest.approx(4 * budget.spent_s)
    assert budget.estimate_s("another format", 2**20, 2**20) == 1.0


def test_small_or_failed_writes_teach_nothing() -> None:
    """The time of a small file is not that of its bytes, nor is the time until an error."""
    budget = Budget(0.0)
    with budget.spend("test small", 1000):
        sum(range(200_000))
    with suppress(OSError), budget.spend("test small", 2**30):
        raise OSError("disk full")

    assert budget.estimate_s("test small", 2**20, 2**20) == 1.0


def test_much_is_tried_on_a_sample_first() -> None:
    """Before the first large file a mebibyte is written: an assumption too good is corrected."""
    budget = Budget(0.0)
    estimate_s = budget.estimate_s("test large", 2**30, assumed_per_s=1e15)

    assert budget.spent_s < estimate_s
    assert estimate_s > 0.01
