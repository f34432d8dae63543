"""The one background thread: drain the journal, beat, force to disk, rotate."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from epochlog.base.clock import now_us
from epochlog.base.errors import StoreError, StoreUnavailable
from epochlog.base.guard import guard, report, warn_once
from epochlog.contract.events import AnyEvent, Notice
from epochlog.contract.sink import Sink
from epochlog.recording.drain import Drain
from epochlog.recording.exits import move_termination
from epochlog.recording.journal import Journal
from epochlog.recording.recovery import TERMINATED_SUFFIX
from epochlog.recording.rescue import Deleted, rescue
from epochlog.recording.surroundings import describe_new_runs

if TYPE_CHECKING:
    from epochlog.recording.recorder import Recorder

RETRY_MAX_S = 30.0
REST_MAX_S = 5.0
DRAIN_SHARE = 0.005
"""Part of one core that storing takes while little is waiting: few large batches cost less."""
WAITING_MAX_BYTES = 4 * 2**20
DELETING_S = 0.5
"""The time that a deletion is given to end before a new store is made in its place."""
ACTIONS_TIMEOUT_S = 5.0
"""The longest that the end of a process waits for what a watchdog began."""

_encode = msgspec.msgpack.Encoder().encode


class Worker:
    """Drains one process's journal every ``flush_interval_s`` and when somebody asks to flush."""

    def __init__(self, journal: Journal, recorder: Recorder) -> None:
        self._journal = journal
        self._recorder = recorder
        self._settings = recorder.settings
        self._sink: Sink | None = None
        self._drain: Drain | None = None
        self._wake = threading.Event()
        self._done = threading.Condition()
        self._rounds_asked = 0
        self._rounds_done = 0
        self._round_ok = True
        self._stopping = False
        self._retry_at = 0.0
        self._retry_s = 0.0
        self._synced_at = self._beat_at = time.monotonic()
        self._synced_size = 0
        self._retired: list[tuple[Drain, int]] = []
        self._deleted: list[Deleted] = []
        self.importing = False
        """Whether this thread imports modules just now; who is forked meanwhile never can."""
        self._thread = threading.Thread(target=self._run, name="epochlog", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def flush(self, timeout_s: float) -> bool:
        """Store what the journal holds now; return whether that succeeded within ``timeout_s``."""
        if threading.current_thread() is self._thread:
            return False
        with self._done:
            self._rounds_asked += 1
            target = self._rounds_asked
            self._wake.set()
            done = self._done.wait_for(
                lambda: self._rounds_done >= target or not self._thread.is_alive(), timeout_s
            )
            return done and self._rounds_done >= target and self._round_ok

    def stop(self, timeout_s: float) -> bool:
        """Store everything, close the journal, end the thread; return whether all was stored."""
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout_s)
        return not self._thread.is_alive() and self._round_ok

    def _run(self) -> None:
        # Heavy imports (the database) happen here, and not in the first seconds unless asked for.
        self._rest(self._settings.first_flush_s)
        while not self._stopping:
            begin = time.thread_time()
            self._round()
            self._rest((time.thread_time() - begin) / DRAIN_SHARE)
        self._finish()

    def _rest(self, pause_s: float) -> None:
        """Wait until the next round is due: asked for, much is waiting, or the pause is over.

        Readers bring in by themselves what is not stored yet, so there is no hurry to take a core
        away from the training.
        """
        slice_s = self._settings.flush_interval_s
        end = time.monotonic() + min(max(pause_s, slice_s), REST_MAX_S)
        while (left_s := end - time.monotonic()) > 0:
            if self._wake.wait(min(left_s, slice_s)) or self._journal.held:
                break
            if self._drain is not None and self._waiting_bytes() > WAITING_MAX_BYTES:
                break
            if self._recorder.stops.rung():
                break
        self._wake.clear()

    def _round(self) -> None:
        asked, ok = self._rounds_asked, False
        self.importing = self._drain is None
        try:
            ok = self._tick()
        except Exception as error:
            report("the recording thread", error)
        self.importing = False
        with self._done:
            self._round_ok = ok
            self._rounds_done = asked
            self._done.notify_all()

    def _tick(self) -> bool:
        self._heed_deletion()
        self._describe()
        stored = self._store()
        if self._waiting_bytes() > self._settings.journal_max_bytes:
            self._journal.hold_back(None, "the store is away and the journal has reached its limit")
        elif self._journal.held:
            self._write_held()
        if stored and self._sink is not None:
            self._look_for_stops(self._sink)
        self._watch()
        self._keep_safe()
        return stored and not self._journal.held

    def _describe(self) -> None:
        try:
            describe_new_runs(self._recorder)
        except Exception as error:  # raised under test; storing must go on nevertheless
            report("describing a run's surroundings", error)

    def _is_due(self) -> bool:
        asked = self._rounds_asked > self._rounds_done or self._stopping
        return asked or time.monotonic() >= self._retry_at

    def _store(self) -> bool:
        """Drain; on failure wait longer each time, unless somebody asks to flush."""
        if not self._is_due():
            return False
        try:
            if self._drain is None:
                self._drain = self._open_sink()
            self._drain_retired()
            self._drain.run()
            self._rotate()
        except (StoreError, OSError) as error:
            self._postpone(error)
            return False
        self._retry_s = self._retry_at = 0.0
        return True

    def _open_sink(self) -> Drain:
        sink = self._recorder.open_sink()
        try:
            self._deleted = rescue(self._deleted, sink, set(self._recorder.open_runs))
            drain = Drain(self._journal.info, sink, self._announce)
        except BaseException:  # the next try opens another
            sink.close()
            raise
        self._sink = sink
        return drain

    def _postpone(self, error: Exception) -> None:
        self._retry_s = min(RETRY_MAX_S, max(1.0, self._retry_s * 2))
        self._retry_at = time.monotonic() + self._retry_s
        if self._retry_s >= 4.0 or not isinstance(error, StoreUnavailable):
            warn_once(
                f"storing {self._journal.info.id}",
                f"events can't be stored yet ({error}); they wait in {self._journal.info.path}, "
                "training goes on. 'epochlog doctor' looks for the cause.",
            )

    def _announce(self, events: Sequence[AnyEvent]) -> None:
        """Tell watchdogs and plugins what was stored."""
        recorder = self._recorder
        watch = recorder.watch
        if watch is None and recorder.make_watch is not None:
            watch = recorder.watch = recorder.make_watch()
        if watch is not None:
            watch.observe(events)
        if recorder.announce is not None:
            recorder.announce(events)

    def _watch(self) -> None:
        """Ask the watchdogs; what they say goes into this very journal, also at the end."""
        watch = self._recorder.watch
        if watch is not None:
            try:
                for event in watch.look():
                    self._journal.append(_encode(event))
            except Exception as error:
                report("watching runs", error)

    def _look_for_stops(self, sink: Sink) -> None:
        ask = getattr(sink, "stop_requests", None)  # a sink of before there were requests
        if ask is not None:
            try:
                self._recorder.stops.poll(ask)
            except StoreError:  # storing will say so, if it lasts
                return

    def _write_held(self) -> None:
        if self._journal.write_held():
            self._say_dropped()

    def _say_dropped(self) -> None:
        metrics, self._journal.dropped_metrics = self._journal.dropped_metrics, 0
        others, self._journal.dropped_others = self._journal.dropped_others, 0
        if not metrics and not others:
            return
        text = (
            f"{metrics} log_metrics calls and {others} other events were dropped while the journal "
            "could not be written"
        )
        for run in list(self._recorder.open_runs):
            self._recorder.emit(Notice(run, now_us(), "error", "journal", text))

    def _waiting_bytes(self) -> int:
        return self._journal.size() - (self._drain.position if self._drain else 0)

    def _keep_safe(self) -> None:
        now = time.monotonic()
        if now - self._synced_at >= self._settings.fsync_interval_s:
            self._synced_at = now
            size = self._journal.size()
            if size != self._synced_size:
                self._synced_size = size
                with guard("fsync of the journal"):
                    self._journal.sync()
        if now - self._beat_at >= self._settings.heartbeat_interval_s:
            self._beat_at = now
            self._journal.touch()
            if self._sink is not None and self._recorder.open_runs:
                self._sink.heartbeat(self._journal.info, now_us())

    def _rotate(self) -> None:
        """Begin a new file once the old one is large and stored, so that disk use stays bounded."""
        drain = self._drain
        if drain is None or drain.position < self._settings.journal_segment_bytes:
            return
        if self._sink is None:
            return
        self._retired.append((drain, self._new_file()))
        self._drain = Drain(self._journal.info, self._sink, self._announce)

    def _new_file(self) -> int:
        """Go on in another journal; return a descriptor of the one before."""
        _, held_fd = self._journal.rotate()
        with guard("watching for SIGTERM"):
            move_termination(Path(self._journal.info.path).with_suffix(TERMINATED_SUFFIX))
        for run in list(self._recorder.open_runs.values()):
            run.move_to_current_journal()
        return held_fd

    def _heed_deletion(self) -> None:
        try:
            if self._is_due() and self._is_deleted():
                self._leave_deleted()
        except OSError as error:
            self._postpone(error)

    def _is_deleted(self) -> bool:
        gone = not Path(self._journal.info.path).exists()
        return gone or getattr(self._sink, "deleted", False)  # a sink of before there was that

    def _leave_deleted(self) -> None:
        """Begin in a new store what goes on: somebody deleted the one that we recorded into."""
        warn_once(
            f"deleted {self._journal.info.id}",
            f"the store {self._recorder.root} was deleted while this process records into it; runs "
            "that are still open, and new ones, go into a new one there",
        )
        time.sleep(DELETING_S)  # whoever deletes it should not meet new files
        runs = set(self._recorder.open_runs)
        old, stored = self._journal.info, 0 if self._drain is None else self._drain.position
        self._deleted += [Deleted(each.info, fd, each.position, runs) for each, fd in self._retired]
        self._deleted.append(Deleted(old, self._new_file(), stored, runs))
        self._retired = []
        self._recorder.renewals += 1
        self._recorder.undescribed.extend(
            run for run in list(self._recorder.open_runs.values()) if run.parent_id is None
        )
        if self._sink is not None:
            self._sink.close()
        self._sink = self._drain = None

    def _drain_retired(self) -> None:
        """Finish files that were rotated away a round ago: no writer can be inside them any more.

        Before the current file, because order matters to points without a step.
        """
        while self._retired:
            drain, held_fd = self._retired.pop()
            drain.run(final=True)
            os.close(held_fd)
            Path(drain.info.path).unlink()

    def _finish(self) -> None:
        """Last round: store the rest; delete the journal only when all of it is stored."""
        self._describe()
        self._recorder.detach()
        self._round()
        if self._round_ok and self._waiting_bytes() > 0:  # what watchdogs said of the last points
            self._round()
        if self._recorder.watch is not None:
            self._recorder.watch.finish(ACTIONS_TIMEOUT_S)
        if not self._round_ok or self._sink is None or self._drain is None:
            return
        with guard("closing the journal"):
            self._sink.close_journal(self._journal.info, now_us(), status="completed")
            if self._drain.position >= self._journal.size():
                self._journal.remove()
            self._sink.close()
