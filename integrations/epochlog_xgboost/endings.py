"""End the runs of deleted boosters on a thread of our own.

A finalizer may run at any moment, in the middle of our own code too, and must take no lock.
``SimpleQueue.put`` is made for that; everything else happens on the other side of the queue.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Protocol

from epochlog.plugins.api import guard

JOIN_TIMEOUT_S = 5.0


class Closable(Protocol):
    """A loop, as far as this module knows it."""

    @property
    def booster(self) -> Callable[[], Any]:
        """Weak reference to the loop's booster."""
        ...

    def close(self, ending: Any) -> None:
        """Record ``ending`` and end the run."""
        ...


class Endings:
    """The loops of this process by id of their booster, and the thread that ends them."""

    def __init__(self) -> None:
        self.loops: dict[int, Any] = {}
        self._queue: SimpleQueue[tuple[Closable, Any] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._registered = False

    def add(self, booster: Any, loop: Closable) -> None:
        """Keep ``loop`` until its booster is deleted."""
        if not self._registered:
            # Registered after the recorder's own, so it runs before that one.
            self._registered = True
            atexit.register(self._at_exit)
            if hasattr(os, "register_at_fork"):
                os.register_at_fork(after_in_child=self._after_fork_in_child)
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="epochlog-xgboost", daemon=True)
            self._thread.start()
        self.loops[id(booster)] = loop

    def deleted(self, booster: Any, ending_of: Callable[[Any], Any]) -> None:
        """Take the last facts of a booster that is being finalized, and have its run ended."""
        loop = self.loops.pop(id(booster), None)
        if loop is not None:
            self._queue.put((loop, ending_of(booster)))

    def close_all(self, ending_of: Callable[[Any], Any]) -> None:
        """End all runs now, on this thread."""
        thread, self._thread = self._thread, None
        if thread is not None and thread.is_alive():
            self._queue.put(None)
            thread.join(JOIN_TIMEOUT_S)
        while self.loops:
            _, loop = self.loops.popitem()
            ending = None
            with guard("xgboost end of all loops"):
                booster = loop.booster()
                ending = None if booster is None else ending_of(booster)
            loop.close(ending)

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            loop, ending = item
            loop.close(ending)

    def _at_exit(self) -> None:
        from epochlog_xgboost.loops import close_all

        close_all()

    def _after_fork_in_child(self) -> None:
        """The parent's loops are the parent's to end; its thread does not exist here."""
        self.loops.clear()
        self._queue, self._thread = SimpleQueue(), None
