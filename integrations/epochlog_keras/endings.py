"""End the runs of deleted models on a thread of our own.

A finalizer may run at any moment, in the middle of our own code too, and must take no lock.
``SimpleQueue.put`` is made for that; everything else happens on the other side of the queue.
"""

from __future__ import annotations

import atexit
import os
import threading
import weakref
from queue import SimpleQueue
from typing import Any, Protocol

JOIN_TIMEOUT_S = 5.0


class Closable(Protocol):
    """A loop, as far as this module knows it."""

    def close(self, *, end: bool = True) -> None:
        """End the run."""
        ...


class Endings:
    """The loops of this process by id of their model, and the thread that ends them."""

    def __init__(self) -> None:
        self.loops: dict[int, Any] = {}
        self._queue: SimpleQueue[Closable | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._references: dict[int, weakref.ref[Any]] = {}
        self._registered = False

    def add(self, model: Any, loop: Closable) -> None:
        """Keep ``loop`` until its model is deleted."""
        if not self._registered:
            # Registered after the recorder's own, so it runs before that one.
            self._registered = True
            atexit.register(self.close_all, end=False)
            if hasattr(os, "register_at_fork"):
                os.register_at_fork(after_in_child=self._after_fork_in_child)
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="epochlog-keras", daemon=True)
            self._thread.start()
        address = id(model)
        self.loops[address] = loop
        self._references[address] = weakref.ref(model, lambda _: self._deleted(address, loop))

    def _deleted(self, address: int, loop: Closable) -> None:
        self._references.pop(address, None)
        if self.loops.get(address) is loop:
            self.loops.pop(address, None)
            self._queue.put(loop)

    def close_all(self, *, end: bool = True) -> None:
        """Close all loops now, on this thread; ``end``: their runs as well."""
        thread, self._thread = self._thread, None
        if thread is not None and thread.is_alive():
            self._queue.put(None)
            thread.join(JOIN_TIMEOUT_S)
        while self.loops:
            _, loop = self.loops.popitem()
            loop.close(end=end)
        self._references.clear()

    def _run(self) -> None:
        while (loop := self._queue.get()) is not None:
            loop.close()

    def _after_fork_in_child(self) -> None:
        """The parent's loops are the parent's to end; its thread does not exist here."""
        self.loops.clear()
        self._references.clear()
        self._queue, self._thread = SimpleQueue(), None
