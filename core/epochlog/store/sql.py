"""Small helpers around SQLAlchemy Core that several writers share."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Select, bindparam
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


def select_in(
    connection: Connection, query: Select[Any], column: Column[Any], values: Iterable[Any]
) -> Iterator[Any]:
    """Yield the rows of ``query`` whose ``column`` is among ``values``."""
    limited = query.where(column.in_(bindparam("wanted", expanding=True)))
    for some in pieces(values):
        yield from connection.execute(limited, {"wanted": some})


def run_many(
    connection: Connection, statement: Insert | Update | Delete, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Execute ``statement`` once for each of ``rows``; nothing if there are none."""
    if rows:
        connection.execute(statement, list(rows))


def cut(text: str, size: int = SEARCH_CHARS) -> str:
    """Return ``text`` in at most ``size`` characters; a cut text stays unique by a digest at its end."""
    if len(text) <= size:
        return text
    return f"{text[: size - 17]}~{sha256(text)[:16]}"


def long(text: str, size: int = SEARCH_CHARS) -> str | None:
    """Return ``text`` if `cut` shortens it: what goes into the column beside."""
    return text if len(text) > size else None


def sha256(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
