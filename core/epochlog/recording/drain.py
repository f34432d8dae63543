"""Move one journal's events into the sink, in batches and exactly once, and announce them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from epochlog.base.errors import PositionMoved
from epochlog.base.guard import guard
from epochlog.contract.events import AnyEvent, JournalOpened, Notice
from epochlog.contract.sink import Batch, JournalInfo, Sink
from epochlog.recording.frames import FRAME_MAX_BYTES, HEADER, scan

READ_BYTES = 4 * 2**20

Announce = Callable[[Sequence[AnyEvent]], None]


class Drain:
    """Reads a journal from its committed position and writes batches to a sink.

    Any process may drain any journal: the sink commits the position with the rows, and tells by
    `PositionMoved` when somebody else was faster.
    """

    def __init__(self, info: JournalInfo, sink: Sink, announce: Announce | None = None) -> None:
        self.info = info
        self._sink = sink
        self._announce = announce
        self._announced = 0
        self.position = sink.position(info)
        self.corrupt_bytes = 0

    def run(self, *, final: bool = False) -> int:
        """Store everything that the journal holds now; return the number of events.

        Args:
            final: its writer is gone, so a frame cut off at the end is damage.

        Raises:
            StoreError: the sink could not take a batch; what was stored stays stored.
        """
        with Path(self.info.path).open("rb", buffering=0) as file:
            return self._store(file.fileno(), os.fstat(file.fileno()).st_size, final)

    def _store(self, fd: int, size: int, final: bool) -> int:
        """Store what a file holds up to ``size``; return the number of events."""
        stored = 0
        while self.position < size:
            count, moved = self._step(fd, size, final)
            stored += count
            if not moved:
                break
        return stored

    def _chosen(self, events: list[AnyEvent]) -> list[AnyEvent]:
        return [e for e in events if type(e) is not JournalOpened]

    def _step(self, fd: int, size: int, final: bool) -> tuple[int, bool]:
        """Store one batch; return its number of events and whether the position moved."""
        data = self._read(fd, size)
        last = final and self.position + len(data) >= size
        result = scan(data, final=last)
        if result.consumed == 0:
            return 0, False
        found = self._chosen(result.events)
        if result.corrupt_bytes:
            found += self._damage_notices(found, result.corrupt_bytes)
        end = self.position + result.consumed
        batch = Batch(self.info, self.position, end, found, result.corrupt_bytes)
        try:
            self._sink.write(batch)
        except PositionMoved as moved:
            return 0, self._follow(moved.position, data[: result.consumed], found)
        self.position = end
        self.corrupt_bytes += result.corrupt_bytes
        self._tell(found, end)
        return len(found), True

    def _follow(self, position: int, data: bytes, found: list[AnyEvent]) -> bool:
        """Go on behind what somebody else (a reader) stored, and announce that here, too.

        Returns:
            Whether the position moved forward.
        """
        if position <= self.position:
            self.position = position
            return False
        behind = position - self.position
        if behind < len(data):
            data = data[:behind]
            found = self._chosen(scan(data, final=True).events)
        self.position += len(data)
        self._tell(found, self.position)
        return True

    def _read(self, fd: int, size: int) -> bytes:
        wanted = min(READ_BYTES, size - self.position)
        data = os.pread(fd, wanted, self.position)
        if len(data) >= HEADER.size and wanted < size - self.position:
            # A frame larger than one read: take it whole, if its length is believable.
            _, length, _ = HEADER.unpack_from(data)
            if READ_BYTES < length + HEADER.size <= FRAME_MAX_BYTES:
                data = os.pread(fd, length + HEADER.size, self.position)
        return data

    def _damage_notices(self, found: list[AnyEvent], corrupt_bytes: int) -> list[AnyEvent]:
        """Say in every run of this batch that bytes of its journal were damaged."""
        runs = {e.run: e.at for e in found if not isinstance(e, JournalOpened)}
        text = (
            f"{corrupt_bytes} damaged bytes of the journal {self.info.id} were skipped; "
            "events in them are lost"
        )
        return [Notice(run, at, "warning", "journal", text) for run, at in runs.items()]

    def _tell(self, found: Sequence[AnyEvent], end: int) -> None:
        if self._announce is None or end <= self._announced:
            return
        self._announced = end
        with guard("announcing events to plugins"):
            self._announce(found)
