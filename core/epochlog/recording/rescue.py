"""Store what a deleted journal still holds: who has its file open can read it to the end."""

from __future__ import annotations

import os
from collections.abc import Collection

from epochlog.contract.events import AnyEvent, JournalOpened, RunStarted
from epochlog.contract.sink import JournalInfo, Sink
from epochlog.recording.drain import Drain


class Rescue(Drain):
    """Reads a journal without a name into a store that was made again, or that is still there.

    Of a store made again, people want neither the runs that they deleted nor half of those that go
    on: it gets all that open runs have logged to this journal, and of the others what is new.
    """

    def __init__(
        self, info: JournalInfo, fd: int, sink: Sink, *, stored: int, open_runs: Collection[str]
    ) -> None:
        """Prepare.

        Args:
            info: who wrote it.
            fd: the file.
            sink: of the store as it is now.
            stored: how many of its bytes were committed before.
            open_runs: ids of the runs that go on.
        """
        super().__init__(info, sink)
        self._fd = fd
        self._stored = stored
        self._wanted = None if self.position else set(open_runs)

    def run(self, *, final: bool = True) -> int:
        """Store what is wanted; return the number of events."""
        size = os.fstat(self._fd).st_size
        return self._store(self._fd, min(self._stored, size), final) + self._store(
            self._fd, size, final
        )

    def _chosen(self, events: list[AnyEvent]) -> list[AnyEvent]:
        if self._wanted is None:  # only the journal was deleted
            return super()._chosen(events)
        if self.position >= self._stored:
            self._wanted.update(e.run for e in events if isinstance(e, RunStarted))
        return [e for e in events if not isinstance(e, JournalOpened) and e.run in self._wanted]
