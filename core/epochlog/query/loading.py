"""Load rows for many runs at once: a constant number of statements however many runs there are."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any

from sqlalchemy import BindParameter, Row, Select, Table, bindparam, case, func, select

from epochlog.query.metrics import SERIES_COLUMNS, Metrics, MetricSummary
from epochlog.query.opening import Reader
from epochlog.store.schema import (
    actor,
    artifact,
    artifact_version,
    code,
    environment,
    execution,
    experiment,
    io,
    key,
    metric_alias,
    param,
    project,
    series,
    tag,
)
from epochlog.store.typed import decode_value

BATCH = 500
"""Most runs that one statement asks for (databases limit the number of bound values)."""

METRIC, SYSTEM_METRIC = 0, 1
"""Values of ``series.kind``."""

ARTIFACT_COLUMNS = (
    func.coalesce(artifact.c.long_name, artifact.c.name).label("name"),
    artifact.c.type,
    *artifact_version.c,
)
"""Columns that an `ArtifactView` is made from."""

_parent = execution.alias("parent")
_PKS: BindParameter[Any] = bindparam("pks", expanding=True)

_RUNS = (
    select(
        *(
            execution.c[n]
            for n in [
                "pk",
                "id",
                "kind",
                "source",
                "parent_pk",
                "root_pk",
                "position",
                "status",
                "status_reason",
                "traceback",
                "created_at",
                "started_at",
                "ended_at",
                "updated_at",
                "deleted_at",
                "host",
                "pid",
                "note",
                "code_pk",
                "environment_pk",
            ]
        ),
        func.coalesce(execution.c.long_name, execution.c.name).label("name"),
        func.coalesce(experiment.c.long_name, experiment.c.name).label("experiment"),
        project.c.name.label("project"),
        actor.c.name.label("user"),
        _parent.c.id.label("parent_id"),
    )
    .join(experiment, experiment.c.pk == execution.c.experiment_pk)
    .join(project, project.c.pk == execution.c.project_pk)
    .outerjoin(actor, actor.c.pk == execution.c.actor_pk)
    .outerjoin(_parent, _parent.c.pk == execution.c.parent_pk)
    .where(execution.c.pk.in_(_PKS))
)
# Neither names nor the texts of numbers: of 50,000 rows they would take a third of the time.
_PARAMS = select(
    param.c.execution_pk,
    param.c.key_pk,
    param.c.vtype,
    param.c.num,
    case((param.c.num.is_(None), param.c.text)),
    param.c.body,
    param.c.flags,
).where(param.c.execution_pk.in_(_PKS))
_SERIES = (
    select(series.c.execution_pk.label("run_pk"), key.c.name, *SERIES_COLUMNS)
    .join(key, key.c.pk == series.c.key_pk)
    .where(series.c.execution_pk.in_(_PKS))
)
_own = key.alias("own")
_ALIASES = (
    select(metric_alias.c.execution_pk, _own.c.name.label("own"), key.c.name)
    .join(key, key.c.pk == metric_alias.c.key_pk)
    .join(_own, _own.c.pk == metric_alias.c.alias_pk)
    .where(metric_alias.c.execution_pk.in_(_PKS))
)
_TAGS = (
    select(tag.c.entity_pk.label("execution_pk"), key.c.name)
    .join(key, key.c.pk == tag.c.key_pk)
    .where(tag.c.entity_kind == "execution", tag.c.entity_pk.in_(_PKS))
)
_ARTIFACTS = (
    select(
        io.c.execution_pk,
        io.c.direction,
        io.c.slot,
        io.c.role,
        io.c.origin.label("io_origin"),
        *ARTIFACT_COLUMNS,
    )
    .join(artifact_version, artifact_version.c.pk == io.c.artifact_version_pk)
    .join(artifact, artifact.c.pk == artifact_version.c.artifact_pk)
    .where(io.c.execution_pk.in_(_PKS))
    .order_by(io.c.at, io.c.direction, io.c.slot, io.c.idx)
)


class Page:
    """Rows of some runs; each family is loaded for all of them when the first one asks for it."""

    def __init__(self, reader: Reader, pks: Sequence[int]) -> None:
        self.reader = reader
        self.pks = list(pks)

    def _rows(self, statement: Select[Any]) -> list[Row[Any]]:
        found: list[Row[Any]] = []
        for start in range(0, len(self.pks), BATCH):
            found += self.reader.rows(statement, {"pks": self.pks[start : start + BATCH]})
        return found

    def _grouped(
        self, statement: Select[Any], convert: Callable[[Any], Any]
    ) -> dict[int, list[Any]]:
        """Return the converted rows by the run's pk, which is their first column."""
        groups: dict[int, list[Any]] = defaultdict(list)
        for row in self._rows(statement):
            groups[row[0]].append(convert(row))
        return groups

    def _tuples(self, statement: Select[Any]) -> Iterator[tuple[Any, ...]]:
        for start in range(0, len(self.pks), BATCH):
            yield from self.reader.tuples(statement, {"pks": self.pks[start : start + BATCH]})

    @cached_property
    def runs(self) -> dict[int, Row[Any]]:
        """Pk -> row of the run with the names of its experiment, project, user and parent."""
        return {row.pk: row for row in self._rows(_RUNS)}

    @cached_property
    def params(self) -> dict[int, dict[str, Any]]:
        """Pk -> params, sorted by name."""
        found: dict[int, dict[int, Any]] = defaultdict(dict)
        for pk, key_pk, vtype, num, shown, body, flags in self._tuples(_PARAMS):
            found[pk][key_pk] = decode_value(vtype, num, shown, body, flags)
        names = self._names({key_pk for params in found.values() for key_pk in params})
        return {
            pk: {name: params[key_pk] for key_pk, name in names if key_pk in params}
            for pk, params in found.items()
        }

    def _names(self, key_pks: Collection[int]) -> list[tuple[int, str]]:
        """Return (pk, name) of params, sorted by name."""
        wanted, found = list(key_pks), []
        for start in range(0, len(wanted), BATCH):
            batch = wanted[start : start + BATCH]
            found += self.reader.tuples(select(key.c.pk, key.c.name).where(key.c.pk.in_(batch)))
        return sorted(found, key=itemgetter(1))

    @cached_property
    def _summaries(self) -> dict[int, list[MetricSummary]]:
        groups: dict[int, list[MetricSummary]] = defaultdict(list)
        for row in self._tuples(_SERIES):
            groups[row[0]].append(MetricSummary(row[1], row[2:]))
        for summaries in groups.values():
            summaries.sort(key=lambda each: each.key)
        return groups

    def metrics(self, pk: int, *, system: bool = False) -> Metrics:
        """Return the metrics (or system metrics) of one run, sorted by name."""
        found = self._summaries.get(pk, [])
        aliases = None if system else lambda: self.aliases.get(pk, {})
        return Metrics([each for each in found if each.is_system == system], aliases)

    @cached_property
    def aliases(self) -> dict[int, dict[str, str]]:
        """Pk -> a framework's own name of a curve -> the curve's name."""
        groups = self._grouped(_ALIASES, lambda row: (row.own, row.name))
        return {pk: dict(pairs) for pk, pairs in groups.items()}

    @cached_property
    def tags(self) -> dict[int, list[str]]:
        """Pk -> tags, sorted."""
        return {pk: sorted(names) for pk, names in self._grouped(_TAGS, lambda r: r.name).items()}

    @cached_property
    def environments(self) -> dict[int, Mapping[str, Any]]:
        """Pk of an environment -> the document; runs of one environment share it."""
        return self._documents(environment, "environment_pk")

    @cached_property
    def codes(self) -> dict[int, Mapping[str, Any]]:
        """Pk of a state of the code -> the document."""
        return self._documents(code, "code_pk")

    def _documents(self, table: Table, column: str) -> dict[int, Mapping[str, Any]]:
        wanted = list({getattr(row, column) for row in self.runs.values()} - {None})
        found: dict[int, Mapping[str, Any]] = {}
        for start in range(0, len(wanted), BATCH):
            batch = wanted[start : start + BATCH]
            rows = self.reader.tuples(select(table.c.pk, table.c.data).where(table.c.pk.in_(batch)))
            found.update((pk, json.loads(data)) for pk, data in rows)
        return found

    @cached_property
    def artifacts(self) -> dict[int, list[Row[Any]]]:
        """Pk -> what it read and wrote, in order of time."""
        return self._grouped(_ARTIFACTS, lambda row: row)
