"""Measure the cost of hashing while it runs, and stop it when it will exceed its time budget."""

from __future__ import annotations

import time

FREE_BYTES = 2**20
"""Data up to this size is always hashed in full: it takes about a millisecond, and a small data set
then has one version, whatever the budget."""

CHUNK_BYTES = 2**22
OBJECT_COST_BYTES = 64
"""A Python object is counted like this many bytes of an array when the cost is estimated."""

PATIENCE = 8
"""Wall time is taken for work only where it is so many times the processor time."""


class OverBudget(Exception):  # noqa: N818 - a signal inside this package
    """Hashing all of the content would take longer than the budget."""


class Meter:
    """Counts what was hashed out of ``total`` bytes; raises `OverBudget` once that is foreseeable.

    The first `FREE_BYTES` are the sample from which the speed of this machine and this kind of data
    is measured: in processor time, so that the same data have the same version on a busy machine.
    Waiting counts only beyond `PATIENCE` times that, which is what a slow disk makes of it.
    """

    __slots__ = ("_began_cpu", "budget_s", "done", "started", "total")

    def __init__(self, budget_s: float | None = None, total: int = 0) -> None:
        self.budget_s = budget_s
        self.total = total
        self.done = 0
        self.started = time.perf_counter()
        self._began_cpu = time.thread_time()

    def add(self, size: int) -> None:
        """Note that ``size`` more bytes were hashed."""
        self.done += size
        if self.budget_s is None or self.done < FREE_BYTES or self.done >= self.total:
            return
        busy_s = time.thread_time() - self._began_cpu
        elapsed = max(busy_s, (time.perf_counter() - self.started) / PATIENCE)
        if elapsed * (self.total / self.done) > self.budget_s:
            raise OverBudget

    def chunk(self, wanted: int = CHUNK_BYTES) -> int:
        """Return how many bytes to hash before the next `add`: few at first, to learn the speed."""
        return wanted if self.budget_s is None or self.done >= FREE_BYTES else FREE_BYTES
