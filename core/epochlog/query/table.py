"""Read some columns of some runs: a window of a table, however many columns there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, select

from epochlog.base.errors import FilterError
from epochlog.query.compare import MISSING
from epochlog.query.filters.fields import KEYED, Field
from epochlog.query.filters.keys import PARAM, Keys, possible_keys
from epochlog.query.filters.names import Names
from epochlog.query.filters.nodes import Name
from epochlog.query.filters.parse import parse_order
from epochlog.query.filters.sources import RUN, run
from epochlog.query.loading import BATCH, METRIC, SYSTEM_METRIC, Page
from epochlog.query.metrics import SERIES_COLUMNS, MetricSummary
from epochlog.query.opening import Reader
from epochlog.query.run_view import RunView
from epochlog.store.schema import metric_alias, param, series
from epochlog.store.typed import decode_value

VALUES_MAX = 20
"""Of a field with several values a cell shows so many."""

_OWN: dict[str, Callable[[RunView], Any]] = {
    **{
        name: lambda view, name=name: getattr(view, name)  # type: ignore[misc]
        for name in (
            "id", "name", "status", "status_reason", "kind", "source", "host", "note", "position",
            "experiment", "project", "user", "started", "ended", "created", "updated", "tags",
        )
    },
    "framework": lambda view: view.source,
    "duration": lambda view: view.duration.total_seconds() if view.duration else MISSING,
    "archived": lambda view: view.deleted is not None,
    "deleted": lambda view: view.deleted is not None,
    "parent": lambda view: view.parent_id or MISSING,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it was asked for.

    Attributes:
        id: a field of the filter language, as written.
        name, field: what it means.
        kind: field, param, metric or system_metric.
        key: name of the param or metric, else "".
        stat, part: of a metric, e.g. ("min", "value"); else "".
        key_pk: None: no run has it.
    """

    id: str
    name: Name
    field: Field
    kind: str
    key: str = ""
    stat: str = ""
    part: str = ""
    context: str = ""
    key_pk: int | None = None


def parse_columns(reader: Reader, ids: Sequence[str]) -> list[Column]:
    """Return the columns that fields of the filter language name.

    Raises:
        FilterError: one is malformed or unknown (params and metrics that no run has are fine).
    """
    keys = Keys(reader)
    parsed = [(each, _name(each)) for each in ids]
    keys.prefetch(text for _, name in parsed for text in possible_keys(name))
    return [_column(reader, keys, each, name) for each, name in parsed]


@lru_cache(maxsize=4_000)
def _name(id: str) -> Name:
    terms = parse_order(id)
    if len(terms) != 1 or terms[0][1]:
        raise FilterError("a column is one field", id, 0)
    return terms[0][0]


def _column(reader: Reader, keys: Keys, id: str, name: Name) -> Column:
    names = Names(reader, keys, id, missing_ok=True)
    field = names.field(name)
    if name.path[0] not in KEYED or len(name.path) < 2:
        return Column(id, name, field, "field")
    if name.path[0] == "params":
        key = ".".join(name.path[1:])
        return Column(id, name, field, "param", key, key_pk=keys.find(key, PARAM))
    kind = METRIC if name.path[0] == "metrics" else SYSTEM_METRIC
    key, stat, part = names.split(name)
    word = "metric" if kind == METRIC else "system_metric"
    return Column(id, name, field, word, key, stat, part, name.context, keys.find(key, kind))


def views_of(reader: Reader, pks: Sequence[int]) -> list[RunView]:
    """Return the runs with these pks, in this order; those that are gone are left out."""
    page = Page(reader, pks)
    return [RunView(page, pk) for pk in page.pks if pk in page.runs]


def cells(views: Sequence[RunView], columns: Sequence[Column]) -> Iterator[list[Any]]:
    """Yield the cells of each run.

    A cell is a plain value, `MISSING` where the run has none, or a list of texts. A constant number
    of statements, whatever the number of columns (a few more for fields of relatives).
    """
    if not views:
        return
    reader, pks = views[0].reader, [view.pk for view in views]
    read = [
        _params(reader, pks, [c for c in columns if c.kind == "param"]),
        _metrics(reader, pks, [c for c in columns if c.kind.endswith("metric")]),
        *(_others(reader, pks, c) for c in columns if c.kind == "field" and not _is_own(c)),
    ]
    found = {key: value for each in read for key, value in each.items()}
    for view, pk in zip(views, pks, strict=True):
        yield [_own(view, c) if _is_own(c) else found.get((pk, c.id), MISSING) for c in columns]


def _is_own(column: Column) -> bool:
    return len(column.name.path) == 1 and column.name.path[0] in _OWN


def _own(view: RunView, column: Column) -> Any:
    value = _OWN[column.name.path[0]](view)
    return MISSING if value is None or value == "" else value


def _batches(pks: Sequence[int]) -> Iterable[Sequence[int]]:
    return (pks[start : start + BATCH] for start in range(0, len(pks), BATCH))


def _params(
    reader: Reader, pks: Sequence[int], columns: Sequence[Column]
) -> dict[tuple[int, str], Any]:
    by_key: dict[int, list[str]] = {}
    for column in columns:
        if column.key_pk is not None:
            by_key.setdefault(column.key_pk, []).append(column.id)
    found: dict[tuple[int, str], Any] = {}
    c = param.c
    wanted = (c.execution_pk, c.key_pk, c.vtype, c.num, c.text, c.body, c.flags)
    for batch in _batches(pks) if by_key else ():
        statement = select(*wanted).where(c.execution_pk.in_(batch), c.key_pk.in_(by_key))
        for pk, key_pk, *columns_of_value in reader.tuples(statement):
            value = decode_value(*columns_of_value)
            found.update(((pk, each), value) for each in by_key[key_pk])
    return found


def _metrics(
    reader: Reader, pks: Sequence[int], columns: Sequence[Column]
) -> dict[tuple[int, str], Any]:
    keys = Keys(reader)
    keys.prefetch_aliases(c.key_pk for c in columns if c.kind == "metric" and c.key_pk is not None)
    wanted: dict[tuple[int, int, str], list[Column]] = {}
    others: list[tuple[int, int, Column]] = []
    for column in columns:
        if column.key_pk is None:
            continue
        kind = METRIC if column.kind == "metric" else SYSTEM_METRIC
        wanted.setdefault((column.key_pk, kind, column.context), []).append(column)
        for pk in keys.aliased(column.key_pk) if kind == METRIC else ():
            wanted.setdefault((pk, kind, column.context), [])
            others.append((column.key_pk, pk, column))
    found: dict[tuple[int, str], Any] = {}
    for batch in _batches(pks) if wanted else ():
        summaries = _summaries(reader, batch, {key for key, *_ in wanted})
        for (pk, *identity), summary in summaries.items():
            for column in wanted.get(tuple(identity), ()):  # type: ignore[arg-type]
                found[pk, column.id] = _statistic(summary, column)
        for pk, key_pk, column in _aliased(reader, batch, others):
            known = summaries.get((pk, key_pk, METRIC, column.context))
            if known is not None:
                found.setdefault((pk, column.id), _statistic(known, column))
    return found


def _summaries(
    reader: Reader, pks: Sequence[int], keys: Iterable[int]
) -> dict[tuple[int, int, int, str], MetricSummary]:
    c = series.c
    statement = select(c.execution_pk, c.key_pk, c.kind, c.context, *SERIES_COLUMNS)
    rows = reader.tuples(statement.where(c.execution_pk.in_(pks), c.key_pk.in_(list(keys))))
    return {(row[0], row[1], row[2], row[3]): MetricSummary("", row[4:]) for row in rows}


def _aliased(
    reader: Reader, pks: Sequence[int], others: Sequence[tuple[int, int, Column]]
) -> Iterator[tuple[int, int, Column]]:
    """Yield (run, curve, column) where a run knows the column's curve by that other name."""
    if not others:
        return
    c = metric_alias.c
    statement = select(c.execution_pk, c.alias_pk, c.key_pk).where(
        c.execution_pk.in_(pks), c.alias_pk.in_({alias for alias, _, _ in others})
    )
    rows: Any = reader.rows(statement)
    known = {tuple(row) for row in rows}
    for alias, key_pk, column in others:
        yield from ((pk, key_pk, column) for pk in pks if (pk, alias, key_pk) in known)


def _statistic(summary: MetricSummary, column: Column) -> Any:
    value = getattr(summary, column.stat)
    if value is None:
        return MISSING
    if column.part == "step":
        return MISSING if value.step is None else value.step
    return value if isinstance(value, int) else float(value)


def _others(reader: Reader, pks: Sequence[int], column: Column) -> dict[tuple[int, str], Any]:
    """Read a field of another row: of the parent, of data sets, a count."""
    field = column.field
    expression = field.text or field.number
    if expression is None:
        return {}
    found: dict[tuple[int, str], Any] = {}
    for batch in _batches(pks):
        if field.source is RUN:
            statement = select(run.c.pk, expression(run))
        else:
            rows = field.source.make("x")
            link = and_(field.source.link(rows), *field.source.own(rows))
            statement = select(run.c.pk, expression(rows)).select_from(run.join(rows, link))
        many: Any = reader.rows(statement.where(run.c.pk.in_(batch)))
        for pk, value in many:
            if not field.many:
                found[pk, column.id] = MISSING if value is None else value
                continue
            several = found.setdefault((pk, column.id), [])
            if value not in several and len(several) < VALUES_MAX:
                several.append(value)
    return found
