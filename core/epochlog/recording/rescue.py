"""Store what a deleted journal still holds: who has its file open can read it to the end."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from epochlog.contract.events import AnyEvent, JournalOpened, RunStarted
from epochlog.contract.sink import JournalInfo, Sink
from epochlog.recording.drain import Drain


@dataclass(slots=True)
class Deleted:
    """A journal that somebody deleted, or whose store somebody deleted.

    Attributes:
        info: who wrote it.
        fd: its file, which is read from here.
        stored: how many of its bytes were committed to some store.
        runs: the runs that were open when it was deleted.
    """

    info: JournalInfo
    fd: int
    stored: int
    runs: set[str]


def rescue(deleted: list[Deleted], sink: Sink, open_runs: Collection[str]) -> list[Deleted]:
    """Store what is wanted of deleted journals; return those that are still needed.

    They are until their runs end: the new store may be deleted, too, by an ``rm -r`` that goes on.

    Args:
        deleted: the oldest first.
        sink: of the store as it is now.
        open_runs: ids of the runs that go on.
    """
    for each in deleted:
        Rescue(each, sink, open_runs).run()
        each.stored = os.fstat(each.fd).st_size
        Path(each.info.path).unlink(missing_ok=True)
    for each in deleted:  # not before all are stored: a failure above is followed by another try
        if each.runs.isdisjoint(open_runs):
            os.close(each.fd)
    return [each for each in deleted if not each.runs.isdisjoint(open_runs)]


class Rescue(Drain):
    """Reads a journal without a name into a store that was made again, or that is still there.

    Of a store made again, people want neither the runs that they deleted nor half of those that go
    on: it gets all that open runs have logged to this journal, and of the others what is new.
    """

    def __init__(self, deleted: Deleted, sink: Sink, open_runs: Collection[str]) -> None:
        """Ask the store how much of the journal it has."""
        super().__init__(deleted.info, sink)
        self._fd = deleted.fd
        self._stored = deleted.stored
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
