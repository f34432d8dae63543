"""Capture the console while runs are open, on a thread of its own, never in the output's way.

A file that output goes to is read. What goes to a terminal or a pipe is seen when Python writes
it, so that a terminal stays a terminal and nobody has to keep up with anybody: nothing of ours is
in between. (A pipe of our own would need a reader: a thread can't read while a C extension that
prints holds the GIL, and a process that dies takes the output of forked children with it.)
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from epochlog.base.guard import guard, warn_once
from epochlog.recording import listeners
from epochlog.recording.console_folding import Folder
from epochlog.recording.console_lines import RunConsole
from epochlog.recording.console_sources import (
    BOTH,
    STDERR,
    STDOUT,
    File,
    Mark,
    Plan,
    Skipped,
    Tee,
    Want,
    plan_streams,
)

if TYPE_CHECKING:
    from epochlog.recording.run import Run

OWNER = "console"
PERIOD_S = 0.25
IDLE_AFTER_S, IDLE_PERIOD_S = 30.0, 0.5
SLICE_BYTES = 64 * 1024
REST_PER_WORK = 15.0
"""While much is printed, our thread rests so many times as long as it works: it shares the GIL."""


class Console:
    """The console of this process: sources, one thread, the runs that are open."""

    def __init__(self, limit_bytes: int, *, relay: bool = False) -> None:
        self.limit_bytes = limit_bytes
        self.relay = relay
        self._open: dict[str, RunConsole] = {}
        self._sources: list[Any] = []
        self._folders: dict[int, Folder] = {}
        self._receivers: dict[Any, list[RunConsole]] = {}
        self._texts: list[Any] = []
        self._key: list[Any] = []
        self._lock = threading.RLock()  # the user's threads: sources come and go
        self._work = threading.RLock()  # whoever reads the sources
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._busy = False

    # -- on the user's threads -------------------------------------------------------------------

    def opened(self, run: Run) -> None:
        """A run was opened: what is printed from now on belongs to it."""
        if run.parent_id is not None or run.sample_context:
            return
        with self._lock:
            if not self._open:
                self._begin()
            if not self._sources:
                return
            self._open[run.id] = console = RunConsole(run, self.limit_bytes)
            console.sources = len(self._sources)
            self._mark(Mark(console, opens=True))

    def closing(self, run: Run) -> None:
        """A run is about to end: what was printed until now belongs to it."""
        with self._lock:
            console = self._open.pop(run.id, None)
            if console is None:
                return
            self._mark(Mark(console, opens=False))
            if not self._open:
                for source in self._sources:
                    source.remove()
        self._wake.set()

    def _begin(self) -> None:
        """The first run is open: look where the output goes now."""
        plans = self._plans()
        texts = [plan.text for plan in plans if plan.how in ("file", "relay")]
        self._texts = texts
        _flush(texts)
        if not self._sources or self._key != _key(plans):
            self.finish(PERIOD_S * 4)
            _close(self._sources)
            self._sources = _sources_of(plans)
            self._key = _key(self._plans())  # a relay has changed where the output goes
            self._receivers = {}
        for source in self._sources:
            source.install()
        if self._sources and (self._thread is None or not self._thread.is_alive()):
            self._thread = threading.Thread(target=self._run, name="epochlog-console", daemon=True)
            self._thread.start()
        self._wake.set()

    def _plans(self) -> list[Plan]:
        plans = plan_streams()
        if not self.relay:
            return plans
        from epochlog.recording.console_relay import relayed

        return relayed(plans, {getattr(source, "identity", "") for source in self._sources})

    def _mark(self, mark: Mark) -> None:
        _flush(self._texts)
        for source in self._sources:
            source.mark(mark)

    def finish(self, timeout_s: float) -> None:
        """Log all that was printed until now."""
        if self._work.acquire(timeout=timeout_s):
            try:
                while self._round():
                    pass
            finally:
                self._work.release()

    def stop(self) -> None:
        """Log what the open runs printed, and let go of all streams."""
        for console in list(self._open.values()):
            self.closing(console.run)
        self.finish(1.0)
        self.release()

    def release(self) -> None:
        """Give descriptors back, so that what is printed from now on goes its old way."""
        _flush(self._texts)
        if self._work.acquire(timeout=1.0):
            try:
                _close(self._sources)
                self._sources, self._receivers = [], {}
            finally:
                self._work.release()

    def forget(self) -> None:
        """After a fork: the child's output is not looked at, and nothing is left on its streams."""
        for source in self._sources:
            source.remove()
        _close(self._sources)
        self.__init__(self.limit_bytes, relay=self.relay)  # type: ignore[misc]

    # -- on our thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        idle_s = 0.0
        while True:
            if not self._open and not self._waiting():
                self._wake.wait()
            began, more = time.thread_time(), False
            with guard("reading the console"), self._work:
                more = self._round()
            idle_s = 0.0 if more or self._busy else idle_s + PERIOD_S
            rest_s = min(PERIOD_S, (time.thread_time() - began) * REST_PER_WORK)
            if not more:
                rest_s = max(rest_s, IDLE_PERIOD_S if idle_s > IDLE_AFTER_S else PERIOD_S)
            self._wake.clear()
            self._wake.wait(rest_s)

    def _waiting(self) -> bool:
        return any(source.waiting for source in self._sources)

    def _round(self) -> bool:
        """Read a slice of all sources; return whether more is waiting."""
        self._busy = False
        consoles: dict[int, RunConsole] = {id(c): c for c in list(self._open.values())}
        for source in list(self._sources):
            receivers = self._receivers.setdefault(source, [])
            for number, piece in source.take(self._want(receivers)):
                self._busy = True
                if isinstance(piece, Mark):
                    self._pass_mark(source, receivers, piece)
                elif isinstance(piece, Skipped):
                    self._cut(receivers, number, piece.lines + 1)  # the line with the gap, too
                else:
                    self._feed(receivers, number, piece)
            consoles.update((id(c), c) for c in receivers)
        for console in consoles.values():
            if self._folders:
                rows = [folder.unfinished() for folder in list(self._folders.values())]
                console.set_unfinished(next((row for row in rows if row), ""))
            console.log()
        return self._waiting()

    def _want(self, receivers: list[RunConsole]) -> Want:
        budget = max(4096, min(SLICE_BYTES, self.limit_bytes // 4))
        head = max((each.head_left for each in receivers), default=0)
        return Want(budget, head, self.limit_bytes if receivers else 0)

    def _feed(self, receivers: list[RunConsole], number: int, data: str | bytes) -> None:
        if not receivers:  # printed between two runs
            return
        folder = self._folders.setdefault(number, Folder())
        folder.feed(data)
        if lines := folder.take():
            for each in receivers:
                each.add(lines, number)

    def _cut(self, receivers: list[RunConsole], number: int, lines: int) -> None:
        if folder := self._folders.get(number):
            folder.cut()
        for each in receivers:
            each.add([], number, lines)

    def _pass_mark(self, source: Any, receivers: list[RunConsole], mark: Mark) -> None:
        for number in source.streams:
            if folder := self._folders.get(number):
                lines = folder.finish()
                for each in receivers:
                    each.add(lines, number)
        console = mark.console
        if mark.opens:
            receivers.append(console)
            return
        if console in receivers:
            receivers.remove(console)
        console.sources -= 1
        if console.sources <= 0:
            console.log(final=True)


def _close(sources: list[Any]) -> None:
    for source in sources:
        if not isinstance(source, Tee):
            source.close()


def _key(plans: list[Plan]) -> list[Any]:
    """Return what tells whether the output still goes where it went before."""
    key: list[Any] = []
    for plan in plans:
        found = os.fstat(plan.stream) if plan.how else None
        key.append((plan.how, id(plan.text), found and (found.st_dev, found.st_ino)))
    return key


def _sources_of(plans: list[Plan]) -> list[Any]:
    """Return the sources for a plan; a file that both streams go to is read once."""
    sources: list[Any] = []
    tees: dict[int, Any] = {plan.stream: plan.text for plan in plans if plan.how == "tee"}
    files = {plan.stream: plan.stream for plan in plans if plan.how == "file"}
    if len(files) == 2 and os.path.sameopenfile(STDOUT, STDERR):
        files = {STDOUT: BOTH}
    for number, seen_as in files.items():
        try:
            sources.append(File(number, seen_as))
        except OSError:
            tees |= {plan.stream: plan.text for plan in plans if plan.stream == number}
    relays = {plan.stream: plan.text for plan in plans if plan.how == "relay"}
    if relays:
        tees |= _add_relays(sources, relays)
    if tees:
        sources.append(Tee(dict(sorted(tees.items()))))
    return sources


def _add_relays(sources: list[Any], texts: dict[int, Any]) -> dict[int, Any]:
    """Put relays behind streams, one if both go to one place; return those where it failed."""
    from epochlog.recording.console_relay import Relay, identity_of

    groups: list[tuple[int, ...]] = [(number,) for number in texts]
    if len(texts) == 2 and identity_of(STDOUT) == identity_of(STDERR):
        groups = [(STDOUT, STDERR)]
    failed: dict[int, Any] = {}
    for group in groups:
        try:
            sources.append(Relay(group))
        except OSError as error:
            warn_once("console relay", f"no relay for the console ({error}): what Python writes")
            failed |= {number: texts[number] for number in group}
    return failed


def _flush(texts: list[Any]) -> None:
    """Let everything that was printed go its way, so that it is in the file before the mark."""
    if not texts:
        return
    for text in texts:
        try:
            text.flush()
        except (OSError, ValueError):  # the user's next print will say so
            continue
    if "ctypes" in sys.modules:
        with guard("flushing C's standard output"):
            _flush_c()


_c_flush: Callable[[], None] | None = None


def _flush_c() -> None:
    """Flush what C libraries printed: their buffer is not Python's."""
    global _c_flush
    if _c_flush is None:
        _c_flush = _find_c_flush()
    _c_flush()


def _find_c_flush() -> Callable[[], None]:
    import ctypes

    try:
        library = ctypes.CDLL(None)
        stream = ctypes.c_void_p.in_dll(library, "stdout")
    except (OSError, ValueError, AttributeError, TypeError):  # Windows, macOS: another name
        return lambda: None
    return lambda: library.fflush(stream) and None


_console: Console | None = None
_registered = False


def watch_console(limit_bytes: int, *, relay: bool = False) -> None:
    """Capture the console of all runs that are opened in this process from now on."""
    global _console, _registered
    if _console is not None:
        _console.limit_bytes, _console.relay = limit_bytes, relay
        return
    _console = console = Console(limit_bytes, relay=relay)
    listeners.add_run_listener(console.opened, console.closing, owner=OWNER)
    if not _registered:
        _registered = True
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_after_fork_in_child)


def unwatch_console() -> None:
    """Capture no console any more."""
    global _console
    if _console is not None:
        listeners.remove_run_listeners(OWNER)
        _console.stop()
        _console = None


def finish_console(timeout_s: float) -> None:
    """Log what was printed until now, and wait for that for so long at most."""
    if _console is not None:
        with guard("reading the console"):
            _console.finish(timeout_s)


def release_console() -> None:
    """At the end of the process: let what is still printed go its old way."""
    if _console is not None:
        with guard("letting go of the console"):
            _console.release()


def _after_fork_in_child() -> None:
    if _console is not None:
        with guard("forgetting the parent's console"):
            _console.forget()
