"""All ranks of a training end after the same batch, or those that go on would wait for ever.

Rank 0 is the one that is asked to stop. About once a second, after a batch that it named before, it
writes into the process group's key-value store whether this batch was the last, and which one is
next to be asked about; the other ranks wait there for the answer. No collective call, nothing on
the device; and nothing at all unless the run accepts requests to stop.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

PERIOD_S, BATCHES_MAX = 1.0, 200
KEPT = 64
"""Answers that are kept in the store: no rank is so many behind."""


class Agreement:
    """One process's part in the agreement.

    Args:
        store: of the process group.
        key: the same in all processes, and only of this training.
        others: number of other ranks; 0 in those that follow rank 0.
    """

    def __init__(self, store: Any, key: str, others: int = 0) -> None:
        self._store, self._key, self._others = store, key, others
        self._batches, self._asked, self._next = 0, 0, 1
        self._at = time.monotonic()
        self._answers: deque[str] = deque()
        if not others:
            store.add(f"{key}/ready", 1)

    @staticmethod
    def offer(store: Any, key: str) -> None:
        """In rank 0, before the others call `offered`: requests to stop are accepted."""
        store.set(f"{key}/offered", "1")

    @staticmethod
    def offered(store: Any, key: str) -> bool:
        """In the other ranks: whether `offer` was called."""
        return bool(store.check([f"{key}/offered"]))

    def is_last(self, wanted: Callable[[], bool]) -> bool:
        """Return, after each batch, whether training ends here.

        Args:
            wanted: whether rank 0 was asked to stop; only called there, once all can.
        """
        self._batches += 1
        if self._batches < self._next:
            return False
        return self._decide(wanted) if self._others else self._hear()

    def _decide(self, wanted: Callable[[], bool]) -> bool:
        now = time.monotonic()
        each_s = (now - self._at) / (self._batches - self._asked)
        ahead = max(1, min(BATCHES_MAX, int(PERIOD_S / max(each_s, 1e-6))))
        self._at, self._asked, self._next = now, self._batches, self._batches + ahead
        last = False
        try:
            last = self._store.add(f"{self._key}/ready", 0) == self._others and wanted()
        finally:  # whatever happens here, the others wait
            self._store.set(f"{self._key}/{self._batches}", f"{int(last)} {self._next}")
            self._forget_old()
        return last

    def _forget_old(self) -> None:
        self._answers.append(f"{self._key}/{self._batches}")
        if len(self._answers) > KEPT:
            with suppress(Exception):  # some stores delete nothing
                self._store.delete_key(self._answers.popleft())

    def _hear(self) -> bool:
        last, following = self._store.get(f"{self._key}/{self._batches}").split()
        self._next = int(following)
        return bool(int(last))
