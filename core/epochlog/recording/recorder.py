"""Own this process's journal and its drain thread; start runs, survive forks, end in time."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from epochlog.base.guard import guard, warn_once
from epochlog.base.settings import Settings
from epochlog.contract.events import AnyEvent
from epochlog.contract.sink import Sink, StoreLocation
from epochlog.recording.console import finish_console, release_console
from epochlog.recording.drain import Announce
from epochlog.recording.exits import (
    forget_termination,
    keep_interrupt_exit,
    outcome_of_process,
    unwatch_termination,
    watch_termination,
)
from epochlog.recording.journal import Journal
from epochlog.recording.recovery import TERMINATED_SUFFIX, stranded_root
from epochlog.recording.stopping import Stops
from epochlog.recording.worker import Worker

if TYPE_CHECKING:
    from epochlog.recording.run import Run

_encode = msgspec.msgpack.Encoder().encode


class Watching(Protocol):
    """What watches the runs of a process; called by its background thread alone."""

    def observe(self, events: Sequence[AnyEvent]) -> None:
        """Take what was stored."""
        ...

    def look(self) -> Sequence[AnyEvent]:
        """Look whether a rule holds; return what is to be written about it."""
        ...

    def finish(self, timeout_s: float) -> None:
        """Wait for what was begun."""
        ...


class Recorder:
    """What a process needs to record: created once, journal and thread on the first event."""

    append: Callable[[bytes], None]
    """Take one encoded event. Rebound to the journal's own method once that is open."""

    def __init__(
        self,
        location: StoreLocation,
        settings: Settings,
        open_sink: Callable[[], Sink],
        announce: Announce | None = None,
    ) -> None:
        self.location = location
        self.settings = settings
        self.root = Path(location.root)
        self.open_sink = open_sink
        self.announce = announce
        self.open_runs: dict[str, Run] = {}
        self.undescribed: deque[Run] = deque()
        """New root runs whose environment and code the background thread has yet to describe."""
        self.stops = Stops(self)
        self.make_watch: Callable[[], Watching] | None = None
        """Makes what watches the runs; called on the background thread."""
        self.watch: Watching | None = None
        self.run_rules: dict[str, Sequence[Any]] = {}
        """Run id -> rules that it was started with."""
        self.journal: Journal | None = None
        self.worker: Worker | None = None
        self.renewals = 0
        """How often the store had to be made again, because somebody deleted it."""
        self.broken = ""
        """Why nothing can be recorded ("" = it can)."""
        self._drains = True
        self._lock = threading.RLock()
        self.append = self._open_and_append

    def _open_and_append(self, payload: bytes) -> None:
        with self._lock:
            if self.journal is None and not self.broken:
                self._open()
        self.append(payload)

    def _open(self) -> None:
        root = self._usable_root()
        if root is None:
            self.append = _discard
            return
        self.journal = journal = Journal(
            root, ring_events_max=self.settings.ring_events_max, rebind=self._rebind
        )
        if self._drains:
            self.worker = Worker(journal, self)
            self.worker.start()
        with guard("watching for SIGTERM"):
            if threading.current_thread() is threading.main_thread():
                watch_termination(Path(journal.info.path).with_suffix(TERMINATED_SUFFIX))
        _close_in_multiprocessing_child(self)

    def _rebind(self, append: Callable[[bytes], None]) -> None:
        self.append = append

    def _usable_root(self) -> Path | None:
        """Return a folder for the journal: the store's, or else the one for stranded journals."""
        for root in (self.root, stranded_root(self.location.url)):
            try:
                (root / "journals").mkdir(parents=True, exist_ok=True)
            except OSError:
                continue
            if os.access(root / "journals", os.W_OK):
                if root is not self.root:
                    warn_once(
                        f"store {self.root}",
                        f"the store folder {self.root} can't be written. Events are kept in "
                        f"{root}; once the folder is writable, 'epochlog ls' there brings them in. "
                        "EPOCHLOG_STORE=DIR chooses another.",
                    )
                return root
        self.broken = f"neither {self.root} nor a folder for temporary files can be written"
        warn_once(
            f"store {self.root}",
            f"{self.broken}: nothing is recorded. Set EPOCHLOG_STORE to a writable folder.",
        )
        return None

    def emit(self, event: AnyEvent) -> None:
        """Encode and append one event; never raises into the user's code."""
        with guard("writing an event"):
            self.append(_encode(event))

    def flush(self, timeout_s: float | None = None) -> bool:
        """Store all that was appended before this call; return whether that succeeded in time."""
        finish_console(1.0)
        worker = self.worker
        if worker is None:
            return not self.broken
        return worker.flush(self.settings.finish_timeout_s if timeout_s is None else timeout_s)

    def close(self, *, process_ends: bool = True) -> None:
        """End open runs, store everything, release the journal. Bounded by ``finish_timeout_s``.

        Args:
            process_ends: open runs end like the process (exception, exit code); else "completed".
        """
        with guard("ending the process's runs"):
            status, reason, traceback = (
                outcome_of_process() if process_ends else ("completed", "", "")
            )
            for run in list(self.open_runs.values())[::-1]:
                run.end(status, reason, traceback)
        finish_console(self.settings.finish_timeout_s)
        worker, journal = self.worker, self.journal
        if worker is None or journal is None:
            return
        complete = worker.stop(self.settings.finish_timeout_s)
        self.detach()
        unwatch_termination()
        if not complete:
            warn_once(
                "finish",
                f"not everything is stored yet; {journal.info.path} keeps the rest, "
                "and whoever opens the store next ('epochlog ls') brings it in",
            )

    def detach(self) -> None:
        """Let go of the journal: whatever is logged from now on opens a new one."""
        with self._lock:
            self.worker = self.journal = None
            self.append = self._open_and_append

    def after_fork_in_child(self) -> None:
        """Start afresh: the parent's journal, thread and locks are the parent's."""
        self._lock = threading.RLock()
        if self.journal is not None:
            self.journal.forget()
        forget_termination()
        if self.worker is not None and self.worker.importing:
            # The parent's thread held locks of the import system: here they are never released, and
            # a thread of ours that imports the database would wait for ever. Readers bring in
            # what this process writes.
            self._drains = False
        self.journal = self.worker = None
        self.open_runs = {}
        self.watch = None
        self.undescribed = deque()
        self.append = self._open_and_append


def _discard(payload: bytes) -> None:
    del payload


def _close_in_multiprocessing_child(recorder: Recorder) -> None:
    """Children of multiprocessing run no atexit functions, but do run these finalizers."""
    process = sys.modules.get("multiprocessing.process")
    util = sys.modules.get("multiprocessing.util")
    if process is not None and util is not None and process.parent_process() is not None:
        util.Finalize(None, recorder.close, exitpriority=10)


_recorder: Recorder | None = None
_registered = False


def get_recorder() -> Recorder | None:
    """Return this process's recorder, or None if nothing was configured yet."""
    return _recorder


def configure(
    location: StoreLocation,
    settings: Settings,
    open_sink: Callable[[], Sink],
    announce: Announce | None = None,
) -> Recorder:
    """Make the recorder of this process, or keep the one it has if the store is the same.

    Args:
        location: where the store is.
        settings: limits and intervals.
        open_sink: called on the drain thread when there is something to store.
        announce: receives every batch of events after it was stored.
    """
    global _recorder, _registered
    if _recorder is not None and _recorder.location == location:
        _recorder.settings, _recorder.announce = settings, announce
        return _recorder
    if _recorder is not None:
        _recorder.close(process_ends=False)
    _recorder = Recorder(location, settings, open_sink, announce)
    if not _registered:
        _registered = True
        atexit.register(_at_exit)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_after_fork_in_child)
    return _recorder


def close_recorder() -> None:
    """Close this process's recorder and forget it."""
    global _recorder
    if _recorder is not None:
        _recorder.close(process_ends=False)
        _recorder = None


def _at_exit() -> None:
    if _recorder is not None:
        with guard("closing at exit"):
            _recorder.close()
        release_console()
        keep_interrupt_exit()


def _after_fork_in_child() -> None:
    if _recorder is not None:
        _recorder.after_fork_in_child()
