"""Look for damage in a store: the database file, its references, its points, its blobs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from epochlog.base.errors import StoreCorrupt
from epochlog.contract.sink import StoreLocation
from epochlog.store.blobs import BlobStore, open_blobs
from epochlog.store.codec import decode
from epochlog.store.database import open_engine, place
from epochlog.store.errors import translate
from epochlog.store.schema import blob, series, series_chunk


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong: where (database, points, blobs), what, and what to do."""

    part: str
    text: str


def check_store(location: StoreLocation, *, deep: bool = False) -> list[Problem]:
    """Return what is wrong with the store at ``location``, an empty list if nothing is.

    Args:
        location: the store.
        deep: also unpack all points and read all blobs, which takes as long as reading them.

    Raises:
        StoreError: there is no store, or it can't be opened at all.
    """
    engine = open_engine(location, readonly=True)
    blobs = open_blobs(location.blobs or f"{location.root}/blobs")
    try:
        with engine.connect() as connection:
            problems = list(_database(connection))
            problems += _counts(connection)
            if deep:
                problems += _points(connection)
            problems += _blobs(connection, blobs, deep=deep)
            return problems
    except SQLAlchemyError as error:
        raise translate(error, place(engine)) from error
    finally:
        engine.dispose()


def _database(connection: Connection) -> Iterator[Problem]:
    if connection.dialect.name != "sqlite":
        return
    where = place(connection.engine)
    for (text,) in connection.exec_driver_sql("PRAGMA quick_check(10)"):
        if text != "ok":
            advice = f'"sqlite3 {where} .recover" may save its content'
            yield Problem("database", f"{where}: {text}; {advice}")
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(10):
        yield Problem("database", f"row {row[1]} of {row[0]} refers to a missing row of {row[2]}")


def _counts(connection: Connection) -> Iterator[Problem]:
    """Compare how many points a curve has with how many its chunks hold."""
    held: dict[int, int] = {}
    for pk, count in connection.execute(select(series_chunk.c.series_pk, series_chunk.c.count)):
        held[pk] = held.get(pk, 0) + count
    for pk, count in connection.execute(select(series.c.pk, series.c.count)):
        if held.get(pk, 0) != count:
            yield Problem("points", f"series {pk} has {held.get(pk, 0)} of its {count} points")


def _points(connection: Connection) -> Iterator[Problem]:
    query = select(series_chunk.c.series_pk, series_chunk.c.seq, series_chunk.c.data)
    for pk, seq, data in connection.execute(query):
        try:
            decode(data)
        except StoreCorrupt as error:
            yield Problem("points", f"series {pk}, chunk {seq}: {error}")


def _blobs(connection: Connection, blobs: BlobStore, *, deep: bool) -> Iterator[Problem]:
    for digest, size, location in connection.execute(
        select(blob.c.digest, blob.c.size, blob.c.location)
    ):
        try:
            found = blobs.size(location)
        except OSError as error:
            yield Problem("blobs", f"blob {digest} can't be read: {error}")
            continue
        if found != size:
            yield Problem("blobs", f"blob {digest} has {found} bytes instead of {size}")
        elif deep:
            with blobs.open(location) as file:
                if hashlib.file_digest(cast(Any, file), "sha256").hexdigest() != digest:
                    yield Problem("blobs", f"blob {digest} has another content than it should")
