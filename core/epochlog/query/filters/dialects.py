"""Conditions on text that databases spell differently."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func

from epochlog.query.filters.sources import Bool

_ESCAPE = "\\"


def text_condition(function: str, column: ColumnElement[Any], wanted: str) -> Bool:
    """Return the SQL of like, contains, startswith, endswith or matches.

    ``like`` ignores case, % stands for anything, _ for one character, a backslash before them for
    themselves. The others mind case; they compare pieces instead of using LIKE, which ignores
    case in SQLite and minds it in PostgreSQL.
    """
    if function == "like":
        return column.ilike(wanted, escape=_ESCAPE)
    if function == "matches":
        return column.regexp_match(wanted)
    if not wanted:
        return column.is_not(None)
    if function == "startswith":
        return func.substr(column, 1, len(wanted)) == wanted
    if function == "endswith":
        start = func.length(column) - len(wanted) + 1
        return (start >= 1) & (func.substr(column, start) == wanted)
    return func.replace(column, wanted, "") != column
