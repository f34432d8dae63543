"""All fields that filters and orders know, and what each is in the tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, FromClause, case, cast, func, select

from epochlog.base.clock import now_us
from epochlog.contract.events import STATUSES
from epochlog.query.filters.sources import (
    ACTOR,
    EXPERIMENT,
    PARENT,
    PROJECT,
    ROOT,
    RUN,
    Bool,
    Source,
    artifact_source,
    console_source,
    run,
    tag_source,
)
from epochlog.store.schema import FLAG_STATS, execution

Expression: TypeAlias = Callable[[FromClause], ColumnElement[Any]]

STATS = ("first", "last", "min", "max", "best")
NUMBERS = ("count", "nan_count", "sum", "mean")


@dataclass(frozen=True, slots=True)
class Field:
    """A field that was found.

    Attributes:
        source: where its rows are.
        type: any (number or text), number, text, time, duration, bool or set.
        number, text: its columns; a param has both, all others one.
        is_text: whether a row is text; numbers have ``text`` too, for people with a SQL client.
        whole: the whole text, where ``text`` is cut.
        present: whether the row really has a value (None: whenever the columns aren't NULL).
        flags: the two bits that tell NaN and ±Inf, for params and metrics.
        values: all values there can be, if there are few.
        many: a run has several; a condition holds if it does for any of them.
    """

    source: Source
    type: str
    number: Expression | None = None
    text: Expression | None = None
    is_text: Callable[[FromClause], Bool] | None = None
    whole: Expression | None = None
    present: Callable[[FromClause], Bool] | None = None
    flags: Expression | None = None
    values: tuple[str, ...] = ()
    many: bool = False


def _text(name: str, source: Source = RUN, values: tuple[str, ...] = ()) -> Field:
    return Field(source, "text", text=lambda rows: rows.c[name], values=values)


def _time(name: str, source: Source = RUN) -> Field:
    return Field(source, "time", number=lambda rows: rows.c[name])


def _number(name: str, source: Source = RUN) -> Field:
    return Field(source, "number", number=lambda rows: rows.c[name])


def _duration(rows: FromClause) -> ColumnElement[Any]:
    # Up to now while it runs, as `RunView.duration` says it. Databases tell the time differently,
    # so the moment is a constant of the statement.
    now = cast(now_us(), BigInteger)
    open_end = case((rows.c.status == "running", now), else_=rows.c.updated_at)
    return (func.coalesce(rows.c.ended_at, open_end) - rows.c.started_at) / 1e6


def _children(_: FromClause) -> ColumnElement[Any]:
    child = execution.alias()
    inner = select(func.count()).where(child.c.parent_pk == run.c.pk, child.c.deleted_at.is_(None))
    count: ColumnElement[Any] = inner.correlate(run).scalar_subquery()
    return count


def _run_fields(source: Source) -> dict[str, Field]:
    """Fields of a run's own row, of this run or of a relative."""
    return {
        "id": _text("id", source),
        "name": Field(
            source,
            "text",
            text=lambda rows: rows.c.name,
            whole=lambda rows: func.coalesce(rows.c.long_name, rows.c.name),
        ),
        "status": _text("status", source, STATUSES),
        "source": _text("source", source),
        "framework": _text("source", source),
        "kind": _text("kind", source),
        "host": _text("host", source),
        "note": _text("note", source),
        "status_reason": _text("status_reason", source),
        "traceback": _text("traceback", source),
        "position": _number("position", source),
        "started": _time("started_at", source),
        "ended": _time("ended_at", source),
        "created": _time("created_at", source),
        "updated": _time("updated_at", source),
        "duration": Field(source, "duration", number=_duration),
    }


def _dataset(name: str) -> Field:
    source = artifact_source("", "dataset")
    return Field(source, "text", text=lambda rows: rows.c[name], many=True)


def _artifact(name: str, direction: str = "out") -> Field:
    source = artifact_source(direction)
    return Field(source, "text", text=lambda rows: rows.c[name], many=True)


_DELETED = Field(RUN, "bool", number=lambda rows: rows.c.deleted_at)

FIELDS: dict[tuple[str, ...], Field] = {
    **{(name,): field for name, field in _run_fields(RUN).items()},
    **{("parent", name): field for name, field in _run_fields(PARENT).items()},
    **{("root", name): field for name, field in _run_fields(ROOT).items()},
    ("parent",): Field(PARENT, "row", text=lambda rows: rows.c.id),
    ("experiment",): _text("name", EXPERIMENT),
    ("project",): _text("name", PROJECT),
    ("user",): _text("name", ACTOR),
    ("archived",): _DELETED,
    ("deleted",): _DELETED,
    ("console",): Field(console_source(), "text", text=lambda rows: rows.c.body, many=True),
    ("children", "count"): Field(RUN, "number", number=_children),
    ("tags",): Field(tag_source(), "set", text=lambda rows: rows.c.name, many=True),
    ("artifacts",): Field(artifact_source("out"), "set", text=lambda rows: rows.c.name, many=True),
    ("datasets",): Field(
        artifact_source("", "dataset"), "set", text=lambda rows: rows.c.name, many=True
    ),
    **{("dataset", name): _dataset(name) for name in ("name", "digest", "role")},
    **{("artifact", name): _artifact(name) for name in ("name", "type", "digest", "role")},
}
"""Every field but those under params, metrics and system_metrics."""

KEYED = ("params", "metrics", "system_metrics")


def field_names() -> list[str]:
    """Return how all fields are written."""
    names = [".".join(path) for path in FIELDS if path[0] not in ("parent", "root")]
    return [
        *names,
        "parent.name",
        "parent.id",
        "root.id",
        "params.NAME",
        "metrics.NAME.STAT",
        "system_metrics.NAME.STAT",
    ]


def param_field(source: Source) -> Field:
    """Return the field for a param's rows."""
    return Field(
        source,
        "any",
        number=lambda rows: rows.c.num,
        text=lambda rows: rows.c.text,
        is_text=lambda rows: rows.c.vtype.in_(("str", "json", "opaque")),
        whole=lambda rows: func.coalesce(rows.c.body, rows.c.text),
        present=lambda rows: rows.c.vtype != "null",
        flags=lambda rows: rows.c.flags,
    )


def metric_field(source: Source, stat: str, part: str) -> Field:
    """Return the field for a statistic of a series' rows; ``part`` is value or step."""
    if stat == "mean":
        return Field(
            source,
            "number",
            number=lambda rows: rows.c.sum / func.nullif(rows.c["count"] - rows.c.nan_count, 0),
        )
    if stat in ("count", "nan_count"):
        return Field(source, "number", number=lambda rows: rows.c[stat])
    column = "sum" if stat == "sum" else f"{stat}_{part}"
    if part == "step":
        return Field(source, "number", number=lambda rows: rows.c[column])
    shift = 4 ** FLAG_STATS.index(stat)

    def flags(rows: FromClause) -> ColumnElement[Any]:
        # Two bits of an integer, by arithmetic that every database has.
        bits: ColumnElement[Any] = (rows.c.flags // shift) % 4
        return bits

    def present(rows: FromClause) -> Bool:
        return (rows.c[column].is_not(None)) | (flags(rows) == 1)

    return Field(source, "number", number=lambda rows: rows.c[column], present=present, flags=flags)
