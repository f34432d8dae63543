"""Small helpers around SQLAlchemy Core that several writers share."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Dialect, Select, bindparam
from sqlalchemy.sql.dml import Delete, Insert, Update

from epochlog.store.schema import SEARCH_CHARS

IN_MAX = 500
"""Values in one IN list; SQLite's oldest limit on parameters is 999."""

_T = TypeVar("_T")


def pieces(values: Iterable[_T], size: int = IN_MAX) -> Iterator[list[_T]]:
    """Yield ``values`` in lists of at most ``size``."""
    items = list(values)
    for start in range(0, len(items), size):
        yield items[start : start + size]


@lru_cache(maxsize=256)
def _limited(query: Select[Any], column: Column[Any]) -> Select[Any]:
    return query.where(column.in_(bindparam("wanted", expanding=True)))


def select_in(
    connection: Connection, query: Select[Any], column: Column[Any], values: Iterable[Any]
) -> Iterator[Any]:
    """Yield the rows of ``query`` whose ``column`` is among ``values``.

    ``query`` should be a constant: what is made of it is remembered.
    """
    limited = _limited(query, column)
    for some in pieces(values):
        yield from connection.execute(limited, {"wanted": some})


@lru_cache(maxsize=256)
def _compiled(
    statement: Insert | Update | Delete, dialect: Dialect, keys: tuple[str, ...] | None
) -> tuple[str, tuple[str, ...] | None, dict[str, Any]]:
    """Return (SQL, names of positional parameters or None, constants and defaults)."""
    compiled: Any = statement.compile(
        dialect=dialect, column_keys=None if keys is None else [*keys]
    )
    defaults = {name: value for name, value in compiled.params.items() if value is not None}
    defaults |= {column.key: column.default.arg for column in compiled.insert_prefetch}
    return str(compiled), tuple(compiled.positiontup) if compiled.positional else None, defaults


def run_many(
    connection: Connection, statement: Insert | Update | Delete, rows: Sequence[dict[str, Any]]
) -> None:
    """Execute ``statement`` once for each of ``rows``; nothing if there are none.

    The rows, which all have the same keys, go straight to the driver: SQLAlchemy's own
    preparation of each row costs several times what the database takes for it.

    Args:
        connection: inside a transaction.
        statement: a constant; its SQL is compiled once. Values need no type conversion.
        rows: parameters by name; column defaults are filled in.
    """
    if not rows:
        return
    keys = tuple(rows[0]) if isinstance(statement, Insert) and statement.select is None else None
    sql, places, defaults = _compiled(statement, connection.dialect, keys)
    if defaults:
        rows = [{**defaults, **row} for row in rows]
    if places is None:
        connection.exec_driver_sql(sql, list(rows))
    elif len(places) == 1:
        connection.exec_driver_sql(sql, [(row[places[0]],) for row in rows])
    else:
        connection.exec_driver_sql(sql, list(map(itemgetter(*places), rows)))


def cut(text: str, size: int = SEARCH_CHARS) -> str:
    """Return ``text`` in at most ``size`` characters; a cut text ends in its digest: unique."""
    if len(text) <= size:
        return text
    return f"{text[: size - 17]}~{sha256(text)[:16]}"


def long(text: str, size: int = SEARCH_CHARS) -> str | None:
    """Return ``text`` if `cut` shortens it: what goes into the column beside."""
    return text if len(text) > size else None


def sha256(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
