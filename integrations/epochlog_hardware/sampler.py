"""A daemon thread that reads one probe while runs are open and logs each run's windows of time."""

from __future__ import annotations

import importlib
import threading
import time
from typing import Protocol

from epochlog.plugins.api import Run, guard
from epochlog_hardware.totals import Totals
from epochlog_hardware.window import Window

FIRST_PAUSES_S = (0.25, 0.5, 1.0, 2.0)
FRESH_S = 0.05  # a sample this young is as good as a new one
IDLE_S = 10.0  # the thread ends after this long without open runs


class Probe(Protocol):
    """What a sampler reads again and again.

    Attributes:
        present: False if there is nothing to sample here and never will be.
    """

    present: bool

    def sample(self, hurried: bool = False) -> dict[str, float]:
        """Return one reading, ``scope/quantity_unit`` -> value; what can't be read is left out.

        Args:
            hurried: a run is about to end: leave out what takes long.
        """
        ...

    def facts(self) -> dict[str, object]:
        """Return what does not change, for the run's environment."""
        ...


class _Watched:
    """One open run: its window of time, and what it has used so far."""

    __slots__ = ("context", "due", "read_at", "run", "taken", "totals", "window")

    def __init__(self, run: Run) -> None:
        self.run = run
        self.context = run.sample_context  # "rank=1" in a run that another process owns
        self.taken = 0
        self.due = 0.0  # at once
        self.read_at = 0.0
        self.window = Window()
        self.totals = Totals()

    def add(self, reading: dict[str, float], at: float) -> None:
        """Take a reading of the time ``at``, each once."""
        if at > self.read_at:
            self.read_at = at
            self.window.add(reading)
            self.totals.add(reading, at)


class Sampler:
    """Samples one probe for all open runs, on a thread that lives only while there are any.

    Args:
        name: of the thread.
        target: ``"module:Class"`` of the probe; imported and made on the thread.
        interval_s: length of a window once a run is some seconds old; what a killed process loses.
        reading_s: pause between the readings in it.
    """

    def __init__(
        self, name: str, target: str, interval_s: float = 5.0, reading_s: float = 1.0
    ) -> None:
        self._name = name
        self._target = target
        self._interval_s = interval_s
        self._reading_s = min(reading_s, interval_s)
        self._changed = threading.Condition()
        self._watched: dict[str, _Watched] = {}
        self._closing: list[tuple[_Watched, threading.Event]] = []
        self._thread: threading.Thread | None = None
        self._probe: Probe | None = None
        self._imported = threading.Event()
        self._absent = False
        self._latest: dict[str, float] = {}
        self._latest_at = 0.0

    def add(self, run: Run) -> None:
        """Sample for ``run`` from now on."""
        if self._absent:
            return
        with self._changed:
            self._watched[run.id] = _Watched(run)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name=f"epochlog-hardware-{self._name}", daemon=True
                )
                self._thread.start()
            else:
                self._changed.notify()

    def remove(self, run: Run) -> threading.Event:
        """Ask for a last sample of ``run``; the event is set once it is taken."""
        taken = threading.Event()
        with self._changed:
            known = self._watched.pop(run.id, None)
            if known is None or self._thread is None:
                taken.set()
            else:
                self._closing.append((known, taken))
                self._changed.notify()
        return taken

    def finish_imports(self, timeout_s: float) -> None:
        """Wait until the thread, if there is one, imports nothing any more."""
        if self._thread is not None:
            self._imported.wait(timeout_s)

    def _work(self) -> None:
        with guard(f"hardware {self._name}"):
            try:
                if self._probe is None:
                    module, _, cls = self._target.partition(":")
                    self._probe = getattr(importlib.import_module(module), cls)()
            finally:
                self._imported.set()
            self._absent = not self._probe.present
            while not self._absent and self._wait():
                self._round()
        self._let_go()  # done, or the probe failed: nobody may wait for this thread any more

    def _wait(self) -> bool:
        """Sleep until a sample is due or a run closes; return False when there is nothing to do."""
        with self._changed:
            idle_at = time.monotonic() + IDLE_S
            while not self._closing:
                now = time.monotonic()
                until = min((w.due for w in self._watched.values()), default=idle_at)
                if self._watched:
                    until = min(until, self._latest_at + self._reading_s)
                if self._watched and until <= now:
                    break
                if not self._watched and now >= idle_at:
                    self._thread = (
                        None  # here, under the lock: `add` starts another one from now on
                    )
                    return False
                self._changed.wait(until - now)
            return True

    def _round(self) -> None:
        """Read once for all runs, and log the windows of those that are due or closing."""
        with self._changed:
            closing, self._closing = self._closing, []
            now = time.monotonic()
            for key in [key for key, watched in self._watched.items() if not watched.run.active]:
                del self._watched[key]  # ended after the integration was switched off
            watching = list(self._watched.values())
        try:
            values = self._sample(hurried=bool(closing))
            last = [watched for watched, _ in closing]
            for watched in [*watching, *last]:
                watched.add(values, self._latest_at)
            for watched in [*(each for each in watching if each.due <= now), *last]:
                self._log(watched)
        finally:
            for _, taken in closing:
                taken.set()

    def _log(self, watched: _Watched) -> None:
        if watched.taken == 0 and not watched.context:
            self._log_facts(watched.run)
        self._advance(watched)
        if values := watched.window.take():
            values |= watched.totals.values()
            watched.run.log_system_metrics(values, context=watched.context)

    def _sample(self, hurried: bool) -> dict[str, float]:
        now = time.monotonic()
        if self._probe is not None and now - self._latest_at >= FRESH_S:
            self._latest = self._probe.sample(hurried)
            self._latest_at = now
        return self._latest

    def _log_facts(self, run: Run) -> None:
        if self._probe is not None and (facts := self._probe.facts()):
            run.log_environment(facts)

    def _advance(self, watched: _Watched) -> None:
        pauses = FIRST_PAUSES_S
        pause = pauses[watched.taken] if watched.taken < len(pauses) else self._interval_s
        watched.taken += 1
        watched.due = time.monotonic() + min(pause, self._interval_s)

    def _let_go(self) -> None:
        with self._changed:
            if self._thread is not threading.current_thread():
                return  # ended idle, and perhaps another thread has taken over
            self._thread = None
            self._watched.clear()
            for _, taken in self._closing:
                taken.set()
            self._closing.clear()
