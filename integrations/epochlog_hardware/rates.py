"""Turn counters that only grow into rates."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

SHORTEST_S = 0.05
"""Counters tick every 10 ms: a rate over less than this says more about the ticks than the use."""


class Rates:
    """Per-second rates between two readings; the first reading gives none.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._before: dict[str, float] = {}
        self._at = 0.0

    def of(self, counters: Mapping[str, float]) -> dict[str, float]:
        """Return the rate of each counter that was there the last time and did not go back."""
        now, before = self._clock(), self._before
        elapsed_s = now - self._at
        if before and elapsed_s < SHORTEST_S:
            return {}
        self._at, self._before = now, dict(counters)
        if not before:
            return {}
        return {
            key: (value - before[key]) / elapsed_s
            for key, value in counters.items()
            if key in before and value >= before[key]
        }
