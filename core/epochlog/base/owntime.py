"""Add up the time that a thread spends in epochlog's code, by the run that it is spent for.

`guard` tells when our code begins and ends; nearly all that we do on a user's thread is inside one.
Time goes to the innermost account that this thread has entered, and to one only: a child's is not
its parent's. ``log_metrics`` is too fast to be measured each time: it is counted, every 64th call
is timed, and the mean stands for all.

Not counted: the few instructions of a wrapper around the framework's call, ``autolog()`` and
arming integrations (no run is open), our background thread, worker processes, calls after the end.
"""

from __future__ import annotations

from threading import get_ident
from time import perf_counter

SAMPLED_EVERY = 64
"""Of so many calls of ``log_metrics`` one is timed; a power of two."""

FIRST = SAMPLED_EVERY - 2
"""Counting begins here: the second call is the first to be timed (the very first warms caches)."""


class Account:
    """Seconds of our own, spent for one run.

    Attributes:
        seconds: inside guards.
        counter: calls of ``log_metrics``, plus `FIRST`; those at multiples of 64 are timed.
        closed: the run has ended.
    """

    __slots__ = ("_outside_s", "_samples", "closed", "counter", "seconds")

    def __init__(self) -> None:
        self.seconds = 0.0
        self.counter = FIRST
        self.closed = False
        self._samples = 0
        self._outside_s = 0.0

    def sample(self, seconds: float) -> None:
        """Note how long a chosen call took; inside a guard its time is counted there."""
        self._samples += 1
        if not threads[get_ident()].depth:
            self._outside_s += max(0.0, seconds)

    def total_s(self) -> float:
        """Return all seconds so far."""
        if not self._samples:
            return self.seconds
        return self.seconds + self._outside_s * (self.counter - FIRST) / self._samples


class Thread:
    """What one thread is doing: how many guards deep, since when, for which accounts."""

    __slots__ = ("account", "began", "depth", "entered")

    def __init__(self) -> None:
        self.depth = 0
        self.began = 0.0
        self.account = Account()  # nobody's
        self.entered = [self.account]


class _Threads(dict[int, Thread]):
    """By number of the thread: five times faster than attributes of a ``threading.local``.

    A number is given again once a thread is gone; what the old one left open is purged by `enter`.
    """

    def __missing__(self, number: int) -> Thread:
        made = self[number] = Thread()
        return made


threads = _Threads()


def enter(account: Account) -> None:
    """From now on this thread's time of ours is spent for ``account``."""
    thread = threads[get_ident()]
    _settle(thread, thread.account)
    entered = thread.entered
    while len(entered) > 1 and entered[-1].closed:  # left in another thread, or never
        entered.pop()
    entered.append(account)
    thread.account = account


def leave(account: Account) -> None:
    """Undo the last `enter` of an account in this thread, if there was one."""
    thread = threads[get_ident()]
    entered = thread.entered
    for place in range(len(entered) - 1, 0, -1):
        if entered[place] is account:
            _settle(thread, thread.account)
            del entered[place]
            thread.account = entered[-1]
            return


def claim(account: Account) -> None:
    """Count for ``account`` what was spent since the outermost guard began or was settled."""
    _settle(threads[get_ident()], account)


def _settle(thread: Thread, account: Account) -> None:
    if thread.depth:
        now = perf_counter()
        account.seconds += now - thread.began
        thread.began = now
