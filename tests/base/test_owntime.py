"""Our own time goes to the run it was spent for, once, whatever is nested in what."""

from __future__ import annotations

import threading

import pytest

from epochlog.base import owntime
from epochlog.base.guard import guard
from epochlog.base.owntime import Account, claim, enter, leave


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    """Put our clock in the place of the real one."""
    made = Clock()
    monkeypatch.setattr("epochlog.base.guard.perf_counter", made)
    monkeypatch.setattr("epochlog.base.owntime.perf_counter", made)
    return made


def test_nested_guards_count_once(clock):
    """Only the outermost guard of a thread is timed."""
    account = Account()
    enter(account)
    with guard("outer"):
        clock.now += 1
        with guard("inner"):
            clock.now += 2
    clock.now += 10
    leave(account)

    assert account.total_s() == 3


def test_time_in_a_guard_that_fails_counts(clock):
    """A failure inside costs its time, too, and leaves the depth as it was."""
    account = Account()
    enter(account)
    with pytest.raises(ZeroDivisionError), guard("broken"):
        clock.now += 1
        raise ZeroDivisionError
    leave(account)

    assert account.total_s() == 1
    assert owntime.threads[threading.get_ident()].depth == 0


def test_time_goes_to_the_innermost_account(clock):
    """A child opened and left inside one guard takes just its part of it."""
    parent, child = Account(), Account()
    enter(parent)
    with guard("all"):
        clock.now += 1
        enter(child)
        clock.now += 2
        leave(child)
        clock.now += 4
    leave(parent)

    assert (parent.total_s(), child.total_s()) == (5, 2)


def test_time_can_be_claimed(clock):
    """What opening a run took belongs to that run, though another was entered meanwhile."""
    outer, opened = Account(), Account()
    enter(outer)
    with guard("opening"):
        clock.now += 3
        claim(opened)
    leave(outer)
    claim(opened)  # outside of guards there is nothing to claim

    assert (outer.total_s(), opened.total_s()) == (0, 3)


def test_accounts_may_be_left_in_any_order(clock):
    """Leaving the outer one first, twice, or in another thread harms nobody."""
    first, second, third = Account(), Account(), Account()
    enter(first)
    enter(second)
    leave(first)
    leave(first)
    with guard("second"):
        clock.now += 1
    second.closed = True  # ended elsewhere, never left here
    enter(third)
    thread = threading.Thread(target=leave, args=(third,))
    thread.start()
    thread.join()
    with guard("third"):
        clock.now += 2
    leave(third)

    assert [each.total_s() for each in (first, second, third)] == [0, 1, 2]
    assert len(owntime.threads[threading.get_ident()].entered) == 1


def test_threads_have_their_own_accounts(clock):
    """What another thread does in our code is not this thread's cost."""
    account = Account()
    enter(account)

    def elsewhere() -> None:
        with guard("elsewhere"):
            clock.now += 5

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    leave(account)

    assert account.total_s() == 0


def test_calls_are_counted_by_the_mean_of_those_timed():
    """Calls outside of guards count with the mean; those inside are in the guard's time."""
    account = Account()
    account.counter += 100
    account.sample(0.002)
    with guard("inside"):
        account.sample(0.002)

    assert account.total_s() == pytest.approx(100 * 0.001)
    account.sample(-1.0)  # the wall clock was set back
    assert account.total_s() == pytest.approx(100 * 0.002 / 3)
