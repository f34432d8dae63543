"""Commit batches of events to the store's database, exactly once each."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, bindparam, case, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.dml import Update

from epochlog.base.clock import now_us
from epochlog.base.errors import EpochlogError, PositionMoved, StoreError
from epochlog.base.guard import raises_under_test
from epochlog.contract.events import AnyEvent, JournalOpened, Notice
from epochlog.contract.sink import Batch, JournalInfo, StopRequest, StoreLocation
from epochlog.store.artifacts import Artifacts
from epochlog.store.blobs import open_blobs
from epochlog.store.contents import Contents
from epochlog.store.database import file_identity, open_engine, place
from epochlog.store.described import write_described
from epochlog.store.errors import is_environmental, translate
from epochlog.store.executions import OPEN_STATUSES, Executions
from epochlog.store.gathering import gather
from epochlog.store.names import Names
from epochlog.store.schema import SEARCH_CHARS, execution, journal
from epochlog.store.series_writer import SeriesWriter, Target, series_key
from epochlog.store.stops import find_requests

logger = logging.getLogger("epochlog.store")

_FIND_JOURNAL = select(journal.c.pk, journal.c.position).where(journal.c.id == bindparam("b_id"))
_ADVANCE = (
    update(journal)
    .where(journal.c.pk == bindparam("b_pk"))
    .values(
        position=bindparam("b_position"),
        heartbeat_at=bindparam("b_at"),
        corrupt_bytes=journal.c.corrupt_bytes + bindparam("b_corrupt"),
    )
)


def open_sink(location: StoreLocation) -> StoreSink:
    """Return a sink for the store at ``location``, made if it isn't there.

    Raises:
        StoreError: as `epochlog.store.database.open_engine` does.
    """
    return StoreSink(location)


class StoreSink:
    """The `epochlog.contract.sink.Sink` that keeps runs in a database and a blob store.

    For one thread at a time. What it remembers between batches is dropped whenever a
    transaction fails or another process turns out to have written for the same journal.
    """

    def __init__(self, location: StoreLocation) -> None:
        self._engine = open_engine(location)
        self._url, self._file = location.url, file_identity(location.url)
        self._where = place(self._engine)
        self._contents = Contents(open_blobs(location.blobs or f"{location.root}/blobs"))
        self._names = Names(location.options.get("project", "default"))
        self._series = SeriesWriter()
        self._ends: dict[int, int] = {}

    @property
    def deleted(self) -> bool:
        """Whether the database's file was deleted, or another made in its place, since opening."""
        return file_identity(self._url) != self._file

    def position(self, journal: JournalInfo) -> int:
        """Return the committed position of ``journal`` in bytes (0 for an unknown one)."""
        try:
            with self._engine.connect().execution_options(begin="BEGIN") as connection:
                found = _find_journal(connection, journal)
        except SQLAlchemyError as error:
            raise translate(error, self._where) from error
        return 0 if found is None else found[1]

    def write(self, batch: Batch) -> None:
        """Commit ``batch`` and set the journal's position to ``batch.end``; see `Sink.write`."""
        with self._transaction() as connection, self._contents.until_committed():
            pk, position = _journal(connection, batch.journal)
            if position != batch.start:
                raise PositionMoved(position)
            if self._ends.get(pk) != position:
                self._series.forget()  # somebody else wrote for this journal meanwhile
            self._write_events(connection, pk, batch.events)
            advance = {
                "b_pk": pk,
                "b_position": batch.end,
                "b_at": now_us(),
                "b_corrupt": batch.corrupt_bytes,
            }
            connection.execute(_ADVANCE, advance)
        self._ends[pk] = batch.end

    def heartbeat(self, journal: JournalInfo, at: int) -> None:
        """Note that the writer of ``journal`` lives; its ``lost`` runs are ``running`` again."""
        with self._transaction() as connection:
            pk, _ = _journal(connection, journal)
            connection.execute(_journals(pk).values(heartbeat_at=at, closed_at=None))
            connection.execute(
                update(execution)
                .where(execution.c.journal_pk == pk, execution.c.status == "lost")
                .values(status="running", status_reason="", ended_at=None)
            )

    def stop_requests(self, runs: Sequence[str]) -> dict[str, StopRequest]:
        """Return which of ``runs`` were asked to stop; see `Sink.stop_requests`."""
        try:
            with self._engine.connect().execution_options(begin="BEGIN") as connection:
                return find_requests(connection, runs)
        except SQLAlchemyError as error:
            raise translate(error, self._where) from error

    def close_journal(
        self, journal: JournalInfo, at: int, *, status: str, reason: str = "", traceback: str = ""
    ) -> None:
        """End every run that this journal owns and that is still open; see `Sink.close_journal`."""
        with self._transaction() as connection:
            pk, _ = _journal(connection, journal)
            c = execution.c
            started = case((c.updated_at > 0, c.updated_at), else_=at)
            connection.execute(
                update(execution)
                .where(c.journal_pk == pk, c.status.in_(OPEN_STATUSES))
                .values(
                    status=status[:16],
                    status_reason=reason[:SEARCH_CHARS],
                    traceback=traceback or None,
                    ended_at=started,
                )
            )
            connection.execute(_journals(pk).values(closed_at=at))

    def close(self) -> None:
        """Release connections. The sink is not used afterwards."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """Begin, and commit at the end of the block; on any failure forget and raise ours."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except BaseException as error:
            self._forget()
            if isinstance(error, EpochlogError) or not isinstance(error, Exception):
                raise
            raise translate(error, self._where) from error

    def _forget(self) -> None:
        self._names.forget()
        self._series.forget()

    def _write_events(self, connection: Connection, pk: int, events: Sequence[AnyEvent]) -> None:
        """Write ``events``; those that can't be written become a notice and stop no others."""
        failure = self._try(connection, pk, events)
        if failure is None:
            return
        if len(events) > 1:  # find the culprit: half by half, in order
            middle = len(events) // 2
            self._write_events(connection, pk, events[:middle])
            self._write_events(connection, pk, events[middle:])
            return
        self._give_up(connection, pk, events[0], failure)

    def _give_up(self, connection: Connection, pk: int, event: AnyEvent, error: Exception) -> None:
        """Leave one event out, and say so in its run."""
        kind = type(event).__name__
        text = f"a {kind} event could not be stored: {type(error).__name__}: {error}"[:2000]
        logger.warning("%s", text, exc_info=error)
        assert not isinstance(event, JournalOpened)
        notice = Notice(event.run, event.at, "error", "store", text)
        second = self._try(connection, pk, [notice])
        if second is not None:
            logger.warning("and a notice neither: %s", second)

    def _try(self, connection: Connection, pk: int, events: Sequence[AnyEvent]) -> Exception | None:
        """Write all of ``events`` or none of them; return why not, or raise what hits all alike."""
        savepoint = connection.begin_nested()
        try:
            self._write_all(connection, pk, events)
            savepoint.commit()
        except Exception as error:
            self._forget()
            # Left to the outer rollback: with a full disk SQLite has already undone everything.
            if _is_final(error):
                raise
            savepoint.rollback()
            return error
        return None

    def _write_all(self, connection: Connection, pk: int, events: Sequence[AnyEvent]) -> None:
        batch = gather(events)
        runs = Executions(connection, self._names, pk)
        runs.write(batch.others, batch.latest)
        if batch.curves:
            keys = self._names.keys(connection, {curve.key for curve in batch.curves})
            targets = [
                Target(series_key(runs[curve.run], keys[curve.key], curve), curve)
                for curve in batch.curves
            ]
            self._series.write(connection, targets, pk, runs.fresh)
        if batch.others:
            artifacts = Artifacts(connection, self._names, runs, self._contents)
            notices = artifacts.write(batch.others)
            write_described(connection, self._names, runs, [*batch.others, *notices])


def _is_final(error: Exception) -> bool:
    """Return whether leaving out single events can't help (under test no bug of ours is hidden)."""
    return isinstance(error, StoreError) or is_environmental(error) or raises_under_test()


def _find_journal(connection: Connection, info: JournalInfo) -> tuple[int, int] | None:
    row = connection.execute(_FIND_JOURNAL, {"b_id": info.id}).first()
    return None if row is None else (row[0], row[1])


def _journal(connection: Connection, info: JournalInfo) -> tuple[int, int]:
    """Return (pk, committed position) of a journal, with a new row if it is unknown."""
    found = _find_journal(connection, info)
    if found is not None:
        return found
    row = {
        "id": info.id,
        "host": info.host[:SEARCH_CHARS],
        "boot": info.boot[:SEARCH_CHARS],
        "pid": info.pid,
        "opened_at": info.opened_at,
        "heartbeat_at": now_us(),
        "position": 0,
        "corrupt_bytes": 0,
    }
    connection.execute(journal.insert(), row)
    made = _find_journal(connection, info)
    assert made is not None
    return made


def _journals(pk: int) -> Update:
    return update(journal).where(journal.c.pk == pk)
