"""Open a store for reading, after bringing in what dead processes left in their journals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Executable, Row, select
from sqlalchemy.exc import SQLAlchemyError

from epochlog.base.errors import StoreError
from epochlog.base.guard import report
from epochlog.base.settings import Settings, load_settings, locate
from epochlog.contract.sink import Sink, StoreLocation
from epochlog.recording.recovery import RecoveryReport, recover
from epochlog.store.blobs import open_blobs, read_blob
from epochlog.store.database import file_identity, open_engine, place
from epochlog.store.errors import translate
from epochlog.store.schema import blob


@dataclass(frozen=True, eq=False)
class Reader:
    """A store opened for reading.

    Attributes:
        engine: read-only connections.
        location: database URL, local folder and blob URL.
        recovery: what was brought in from journals; None if that failed or was not tried.
    """

    engine: Engine
    location: StoreLocation
    recovery: RecoveryReport | None = None

    def connect(self) -> Connection:
        """Return a new read-only connection (a context manager)."""
        return self.engine.connect()

    def rows(self, statement: Executable, values: Any = None) -> Sequence[Row[Any]]:
        """Run one statement and return all its rows.

        Raises:
            StoreCorrupt: the database file is damaged.
            StoreUnavailable: the database is locked or away.
        """
        try:
            with self.engine.connect() as connection:
                return connection.execute(statement, values or {}).all()
        except SQLAlchemyError as error:
            raise translate(error, place(self.engine)) from error

    def tuples(self, statement: Executable, values: Any = None) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows as the driver's plain tuples.

        For many rows of numbers and texts: row objects of 100,000 would take twice as long.

        Raises:
            StoreCorrupt: the database file is damaged.
            StoreUnavailable: the database is locked or away.
        """
        try:
            with self.engine.connect() as connection:
                cursor: Any = connection.execute(statement, values or {}).cursor
                return list(cursor.fetchall())
        except SQLAlchemyError as error:
            raise translate(error, place(self.engine)) from error

    @contextmanager
    def snapshot(self) -> Iterator[Callable[[Executable, Any], list[tuple[Any, ...]]]]:
        """Give a function that reads like `tuples`, each time from one and the same state.

        Raises:
            StoreCorrupt: the database file is damaged.
            StoreUnavailable: the database is locked or away.
        """
        try:
            with self.engine.connect() as connection:
                yield lambda statement, values: list(
                    connection.execute(statement, values).cursor.fetchall()
                )
        except SQLAlchemyError as error:
            raise translate(error, place(self.engine)) from error

    def blob(self, digest: str) -> bytes | None:
        """Return the content with this digest; None if the store holds none.

        Raises:
            StoreError: the store should hold it, but its file is gone or unreadable.
        """
        rows = self.rows(select(blob.c.location).where(blob.c.digest == digest))
        if not rows:
            return None
        blobs = open_blobs(self.location.blobs or f"{self.location.root}/blobs")
        try:
            return read_blob(blobs, rows[0].location)
        except OSError as error:
            raise StoreError(
                f"the content {digest} of {self.location.root} can't be read ({error}); it may "
                "have been deleted by hand, or its disk or bucket is away"
            ) from error


def open_store(settings: Settings | None = None, *, recovering: bool = True) -> Reader:
    """Open the store that ``settings`` name (default: the settings of the working directory).

    Journals of processes that are gone are replayed first; if that is impossible (the store is not
    writable, say), reading goes on with what is committed.

    Raises:
        StoreError: there is no store there, or it can't be read.
    """
    url, root, blobs = locate(settings or load_settings())
    location = StoreLocation(url, str(root), blobs)
    recovery: RecoveryReport | None = None
    failure: Exception | None = None
    if recovering:
        # Not under `guard`: that would raise under test, but a reader must read what there is.
        try:
            recovery = recover(Path(root), partial(_open_sink, location), url=url)
        except Exception as error:
            failure = error
    engine = _engine(location)  # says itself what is wrong with the store
    if failure is not None:
        report("recovery of journals", failure)
    return Reader(engine, location, recovery)


def _open_sink(location: StoreLocation) -> Sink:
    # Imported only when there is a journal to bring in: with NumPy it takes longer than reading.
    from epochlog.store.sink import open_sink

    return open_sink(location)


ENGINES_MAX = 8
"""Stores whose connections this process keeps open; each is two or three file descriptors."""

_engines: dict[tuple[str, object], Engine] = {}


def _engine(location: StoreLocation) -> Engine:
    """Return this process's engine for the location; opening one costs milliseconds."""
    key: tuple[str, object] = (location.url, None)
    with suppress(OSError):  # opening says better what is wrong
        key = (location.url, file_identity(location.url))
    engine = _engines.get(key)
    if engine is None:  # no lock: who is forked while it is held would wait for ever
        engine = _engines.setdefault(key, open_engine(location, readonly=True))
        for oldest in list(_engines)[:-ENGINES_MAX]:
            left = _engines.pop(oldest, None)
            if left is not None:
                left.dispose()  # whoever still reads with it gets new connections
    return engine
