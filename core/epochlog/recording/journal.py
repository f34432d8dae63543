"""Append events to this process's own file: one write each, no shared lock, database, network."""

from __future__ import annotations

import os
import threading
import weakref
from collections import deque
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import msgspec

from epochlog.base.clock import now_us
from epochlog.base.guard import warn_once
from epochlog.base.ids import new_id
from epochlog.contract.events import METRIC_TAG, JournalOpened
from epochlog.contract.sink import JournalInfo
from epochlog.recording.frames import HEADER, MAGIC, frame
from epochlog.recording.locks import try_lock
from epochlog.recording.machine import boot_id, host_name

FORMAT_VERSION = "1"
SUFFIX = ".journal"
JOURNALS_FOLDER = "journals"

_METRIC_PREFIX = bytes((0x97, METRIC_TAG))  # MessagePack: array of 7, tag


class Journal:
    """One process's append-only file, locked for as long as the process lives.

    `append` may be called by any thread: a single ``write(2)`` to a file opened with ``O_APPEND``
    is not interleaved with others. Bytes that it took over survive the death of the process.
    """

    append: Callable[[bytes], None]
    """Take one encoded event. Replaced while the file can't be written."""

    def __init__(
        self,
        root: Path,
        *,
        ring_events_max: int = 10_000,
        rebind: Callable[[Callable[[bytes], None]], None] | None = None,
    ) -> None:
        """Create the file below ``root`` and lock it.

        Args:
            root: the store's local folder.
            ring_events_max: events kept in memory while the file can't be written.
            rebind: told of the new ``append`` whenever it is replaced, so that the hot path can
                hold the method itself.

        Raises:
            OSError: the folder can't be made or written.
        """
        self._rebind = rebind
        self._folder = root / JOURNALS_FOLDER
        self._ring: deque[bytes] = deque()
        self._ring_max = ring_events_max
        self._ring_lock = threading.Lock()
        self.dropped_metrics = 0
        self.dropped_others = 0
        self._fd, self.info = self._create()
        self._closing = weakref.finalize(self, os.close, self._fd)
        self._closing.atexit = False  # the last events of a process come late
        self._use(self._append)

    def _use(self, append: Callable[[bytes], None]) -> None:
        self.append = append
        if self._rebind is not None:
            self._rebind(append)

    def _create(self) -> tuple[int, JournalInfo]:
        info_id = new_id()
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{info_id}{SUFFIX}"
        # Locked under another name first, so that no reader takes it for a dead process's journal.
        hidden = path.with_suffix(".new")
        fd = os.open(hidden, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        i = JournalInfo(info_id, host_name(), boot_id(), os.getpid(), now_us(), str(path))
        opened = JournalOpened(i.id, i.opened_at, i.host, i.boot, i.pid, FORMAT_VERSION)
        try:
            try_lock(fd)
            os.write(fd, frame(msgspec.msgpack.encode(opened)))
            hidden.rename(path)
        except OSError:  # it is tried again and again: no descriptor may stay behind
            os.close(fd)
            hidden.unlink(missing_ok=True)
            raise
        return fd, i

    def _append(
        self,
        payload: bytes,
        pack: Callable[..., bytes] = HEADER.pack,
        write: Callable[[int, bytes], int] = os.write,
    ) -> None:
        data = pack(MAGIC, len(payload), crc32(payload)) + payload
        try:
            if write(self._fd, data) == len(data):
                return
        except OSError:
            pass
        self.hold_back(payload, "the disk is full or the journal can't be written")

    def hold_back(self, payload: bytes | None, why: str) -> None:
        """Keep events in memory from now on, until `write_held` succeeds."""
        if self.append == self._append:
            self._use(self._keep)
            warn_once(
                f"journal {self.info.id}",
                f"{why} ({self.info.path}): training goes on, "
                f"up to {self._ring_max} events wait in memory",
            )
        if payload is not None:
            self._keep(payload)

    def _keep(self, payload: bytes) -> None:
        with self._ring_lock:
            if len(self._ring) >= self._ring_max:
                self._drop_oldest()
            self._ring.append(payload)

    def _drop_oldest(self) -> None:
        """Make room: metric points go first, and are counted; others only if there are none."""
        for position, payload in enumerate(self._ring):
            if payload.startswith(_METRIC_PREFIX):
                del self._ring[position]
                self.dropped_metrics += 1
                return
        self._ring.popleft()
        self.dropped_others += 1

    @property
    def held(self) -> bool:
        """Whether events wait in memory because the file can't take them."""
        return self.append != self._append

    def write_held(self) -> bool:
        """Write the events kept in memory; return whether recording is back to normal."""
        with self._ring_lock:
            while self._ring:
                data = frame(self._ring[0])
                try:
                    if os.write(self._fd, data) != len(data):
                        return False
                except OSError:
                    return False
                self._ring.popleft()
            self._use(self._append)
        return True

    def size(self) -> int:
        """Return the length of the file in bytes."""
        return os.fstat(self._fd).st_size

    def sync(self) -> None:
        """Force the file to disk, so that a power cut takes nothing that was written before."""
        os.fsync(self._fd)

    def touch(self) -> None:
        """Show other hosts that the writer lives (by the file's modification time)."""
        os.utime(self.info.path)

    def rotate(self) -> tuple[JournalInfo, int]:
        """Go on in a new file; return the old one's info and a descriptor that holds its lock.

        ``dup2`` swaps the file behind our descriptor at once: a thread in the middle of ``append``
        writes to the old file or to the new one, never to a descriptor that means something else.
        """
        old = self.info
        fresh_fd, self.info = self._create()
        held_fd = os.dup(self._fd)
        os.dup2(fresh_fd, self._fd, inheritable=False)
        os.close(fresh_fd)
        return old, held_fd

    def forget(self) -> None:
        """After a fork: close the parent's file in the child, and leave the parent's lock alone."""
        self._closing()

    def remove(self) -> None:
        """Delete the file after everything in it was committed.

        The descriptor stays open for as long as somebody has the journal: a late thread then
        writes into a file without a name, not into somebody else's.
        """
        Path(self.info.path).unlink(missing_ok=True)
