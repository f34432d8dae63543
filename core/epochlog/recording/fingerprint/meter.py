"""Measure the cost of hashing while it runs, and stop it when it will exceed its time budget."""

from __future__ import annotations

import time

FREE_BYTES = 2**20
"""Data up to this size is always hashed in full: it takes about a millisecond, and a small data set
then has one version, whatever the budget."""

CHUNK_BYTES = 2**22
OBJECT_COST_BYTES = 64
"""A Python object is counted like this many bytes of an array when the cost is estimated."""


class OverBudget(Exception):  # noqa: N818 - a signal inside this package
    """Hashing all of the content would take longer than the budget."""


class Meter:
    """Counts what was hashed out of ``total`` bytes; raises `OverBudget` once that is foreseeable.

    The first `FREE_BYTES` are the sample from which the speed of this machine and this kind of data
    is measured.
    """

    __slots__ = ("budget_s", "done", "started", "total")

    def __init__(self, budget_s: float | None = None, total: int = 0) -> None:
        self.budget_s = budget_s
        self.total = total
        self.done = 0
        self.started = time.perf_counter()

    def add(self, size: int) -> None:
        """Note that ``size`` more bytes were hashed."""
        self.done += size
        if self.budget_s is None or self.done < FREE_BYTES or self.done >= self.total:
            return
        elapsed = time.perf_counter() - self.started
        if elapsed * (self.total / self.done) > self.budget_s:
            raise OverBudget

    def chunk(self, wanted: int = CHUNK_BYTES) -> int:
        """Return how many bytes to hash before the next `add`: few at first, to learn the speed."""
        return wanted if self.budget_s is None or self.done >= FREE_BYTES else FREE_BYTES
