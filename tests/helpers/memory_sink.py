"""A sink in memory that keeps the contract of `epochlog.contract.sink.Sink`, and can be made to fail."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from epochlog.base.errors import PositionMoved, StoreUnavailable
from epochlog.contract.events import AnyEvent
from epochlog.contract.sink import Batch, JournalInfo, StopRequest


class MemorySink:
    """Keeps events in a list; ``away`` makes every write fail as a locked database would."""

    deleted = False

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self.positions: dict[str, int] = {}
        self.closed: list[tuple[str, str, str]] = []
        self.beats = 0
        self.requests: dict[str, StopRequest] = {}
        self.away = False
        self.corrupt_bytes = 0
        self._lock = threading.Lock()

    def position(self, journal: JournalInfo) -> int:
        return self.positions.get(journal.id, 0)

    def write(self, batch: Batch) -> None:
        with self._lock:
            if self.away:
                raise StoreUnavailable("the store is away; try again")
            if batch.start != self.position(batch.journal):
                raise PositionMoved(self.position(batch.journal))
            self.events += batch.events
            self.corrupt_bytes += batch.corrupt_bytes
            self.positions[batch.journal.id] = batch.end

    def heartbeat(self, journal: JournalInfo, at: int) -> None:
        self.beats += 1

    def stop_requests(self, runs: Sequence[str]) -> dict[str, StopRequest]:
        return {run: self.requests[run] for run in runs if run in self.requests}

    def close_journal(
        self, journal: JournalInfo, at: int, *, status: str, reason: str = "", traceback: str = ""
    ) -> None:
        self.closed.append((journal.id, status, reason))

    def close(self) -> None:
        pass

    def of(self, kind: type) -> list[AnyEvent]:
        """Return the events of one type."""
        return [event for event in self.events if type(event) is kind]
