"""Time budget of optional work."""

from __future__ import annotations

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
