"""What the drain asks of a store: take batches of events exactly once, and know how far it got."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from epochlog.contract.events import AnyEvent


@dataclass(frozen=True, slots=True)
class JournalInfo:
    """Who writes a journal; the content of its first frame."""

    id: str
    host: str
    boot: str
    pid: int
    opened_at: int
    path: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive events of one journal, from byte ``start`` up to byte ``end``.

    ``corrupt_bytes`` were skipped in between because no frame with a right checksum was found.
    """

    journal: JournalInfo
    start: int
    end: int
    events: Sequence[AnyEvent]
    corrupt_bytes: int = 0


@dataclass(frozen=True, slots=True)
class StopRequest:
    """Somebody asked a run to end early.

    Attributes:
        run: id of the run that was asked; the request also holds for what is nested in it.
        by: who asked: a person, or a watchdog.
        reason: why, in one line.
        at: when, in microseconds since the epoch.
    """

    run: str
    by: str
    reason: str
    at: int


@runtime_checkable
class Sink(Protocol):
    """A durable taker of batches.

    It is called by one thread of one process at a time, never by the training thread.
    `write` is atomic: rows and the journal's new position are committed together or not at all.
    """

    def position(self, journal: JournalInfo) -> int:
        """Return the committed position of ``journal`` in bytes (0 for an unknown one)."""
        ...

    def write(self, batch: Batch) -> None:
        """Commit ``batch`` and set the journal's position to ``batch.end``.

        Raises:
            PositionMoved: the committed position is not ``batch.start``; nothing was written.
            StoreUnavailable: nothing was written, trying later may work.
            StoreError: nothing was written, and trying again won't help without the user.
        """
        ...

    def heartbeat(self, journal: JournalInfo, at: int) -> None:
        """Note that the writer of ``journal`` lives; its ``lost`` runs are ``running`` again."""
        ...

    @property
    def deleted(self) -> bool:
        """Whether somebody deleted the store since it was opened: then a new one is opened."""
        ...

    def stop_requests(self, runs: Sequence[str]) -> dict[str, StopRequest]:
        """Return which of the open ``runs`` were asked to stop, themselves or by a run above.

        Above trials, candidates and folds of a search nobody is asked for: the search itself ends
        between them, so that what it compares stays comparable.

        Asked every few seconds while runs accept requests; must be cheap when there are none.
        """
        ...

    def close_journal(
        self, journal: JournalInfo, at: int, *, status: str, reason: str = "", traceback: str = ""
    ) -> None:
        """End every run that this journal started and that is still open, with ``status``.

        ``at`` is used as the end time if the run has no event; else its last event's time is.
        """
        ...

    def close(self) -> None:
        """Release connections. The sink is not used afterwards."""
        ...


@dataclass(frozen=True, slots=True)
class StoreFlavor:
    """A kind of store that a plugin offers.

    Attributes:
        name: "sqlite", "postgresql" …
        schemes: URL schemes it serves.
        open_sink: ``"package.module:function"``; called with a ``StoreLocation``, returns a `Sink`.
        description: one line for ``epochlog plugins``.
    """

    name: str
    schemes: tuple[str, ...]
    open_sink: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class StoreLocation:
    """Where a store is.

    Attributes:
        url: SQLAlchemy URL of the database.
        root: local folder for journals, staged files and (by default) blobs.
        blobs: fsspec URL of the blob store.
    """

    url: str
    root: str
    blobs: str = ""
    options: dict[str, str] = field(default_factory=dict)
