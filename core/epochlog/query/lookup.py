"""Find one run by id, by the beginning or end of its id, or by name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from epochlog.base.errors import RunNotFound
from epochlog.query.loading import Page
from epochlog.query.opening import Reader
from epochlog.query.run_view import RunView
from epochlog.query.suggest import close_names
from epochlog.store.schema import SEARCH_CHARS, execution

PREFIX_MIN_CHARS = 4
CANDIDATES_MAX = 5


def find_run(reader: Reader, ref: str) -> RunView:
    """Return the run that ``ref`` means.

    Args:
        reader: the store.
        ref: an id, the first or last four or more characters of one, or a name. Of several runs
            with one name, the newest is meant if it is the only one at the top level.

    Raises:
        RunNotFound: nothing or more than one run fits; the message lists near ones.
    """
    ref = ref.strip()
    for condition in _conditions(ref):
        rows = _rows(reader, condition)
        if len(rows) == 1:
            return RunView(Page(reader, [rows[0].pk]), rows[0].pk)
        if rows:
            raise RunNotFound(_ambiguous(ref, rows))
    raise RunNotFound(_unknown(reader, ref))


def _conditions(ref: str) -> list[Any]:
    """Return the meanings of ``ref``, the most exact first."""
    column = execution.c
    found = [
        column.id == ref.lower(),
        (column.name == ref[:SEARCH_CHARS]) & column.parent_pk.is_(None),
        column.name == ref[:SEARCH_CHARS],
    ]
    if len(ref) >= PREFIX_MIN_CHARS and set(ref.lower()) <= set("0123456789abcdef-"):
        beginning = ref.lower()
        # A range instead of LIKE: the index on ids serves it in every database.
        found.append((column.id >= beginning) & (column.id < beginning + "g"))
        found.append(column.id.endswith(beginning, autoescape=True))
    return found


def _rows(reader: Reader, condition: Any) -> Any:
    statement = (
        select(execution.c.pk, execution.c.id, execution.c.name, execution.c.status)
        .where(condition)
        .order_by(execution.c.pk.desc())
        .limit(CANDIDATES_MAX + 1)
    )
    return reader.rows(statement)


def _ambiguous(ref: str, rows: Any) -> str:
    lines = [f"  {row.id}  {row.name}  {row.status}" for row in rows[:CANDIDATES_MAX]]
    more = "\n  …" if len(rows) > CANDIDATES_MAX else ""
    return f"{ref!r} means more than one run; use an id:\n" + "\n".join(lines) + more


def _unknown(reader: Reader, ref: str) -> str:
    newest = select(execution.c.name).order_by(execution.c.pk.desc()).limit(1000)
    close = close_names(ref, dict.fromkeys(row.name for row in reader.rows(newest)))
    near = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
    return f'no run {ref!r} in {reader.location.root}{near} ("epochlog ls" lists all runs)'
