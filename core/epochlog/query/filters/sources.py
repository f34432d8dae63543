"""Where the value of a field lives: the run's own row, or rows of another table linked to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, FromClause, Select, Table, and_, select

from epochlog.store.schema import (
    actor,
    artifact,
    artifact_version,
    console,
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

run = execution.alias("run")
"""The run that a statement is about; every condition refers to it."""

Bool: TypeAlias = ColumnElement[bool]

INNER = "x"
"""Name of the rows inside a subquery, which is a scope of its own."""


@dataclass(frozen=True, slots=True)
class Source:
    """Rows that belong to a run.

    Attributes:
        identity: equal for two sources with the same rows.
        make: returns the rows under a name (the same object for the same name: making one is slow).
        own: condition on the rows themselves (which key, which context).
        link: condition that ties a row to the run of the statement.
        run_pk: the column of a row that holds the run's pk; None if there is no such column.
        unique: a run has at most one such row.
    """

    identity: tuple[Any, ...]
    make: Callable[[str], FromClause]
    own: Callable[[FromClause], tuple[Bool, ...]]
    link: Callable[[FromClause], Bool]
    run_pk: Callable[[FromClause], ColumnElement[int]] | None = None
    unique: bool = True

    def exists(self, predicate: Callable[[FromClause], Bool]) -> Bool:
        """Return the condition that the run has a row for which ``predicate`` holds."""
        rows = self.make(INNER)
        inner = select(1).select_from(rows).where(*self.own(rows), predicate(rows))
        return inner.where(self.link(rows)).correlate(run).exists()

    def members(self, predicate: Callable[[FromClause], Bool]) -> Select[Any]:
        """Return the pks of all runs that have a row for which ``predicate`` holds."""
        assert self.run_pk is not None
        rows = self.make(INNER)
        return select(self.run_pk(rows)).where(*self.own(rows), predicate(rows))

    def scalar(self, value: Callable[[FromClause], ColumnElement[Any]]) -> ColumnElement[Any]:
        """Return a value of the run's row as a subquery (NULL if it has none)."""
        rows = self.make(INNER)
        inner = select(value(rows)).where(*self.own(rows), self.link(rows))
        return inner.correlate(run).scalar_subquery()


@lru_cache(maxsize=64)
def _alias(table: Table, name: str) -> FromClause:
    return table.alias(name)


def _rows_of(table: Table) -> Callable[[str], FromClause]:
    return partial(_alias, table)


def _nothing_more(_: FromClause) -> tuple[Bool, ...]:
    return ()


def param_source(key_pk: int) -> Source:
    """Rows of ``param`` for one name."""
    return Source(
        ("param", key_pk),
        _rows_of(param),
        lambda rows: (rows.c.key_pk == key_pk,),
        lambda rows: rows.c.execution_pk == run.c.pk,
        lambda rows: rows.c.execution_pk,
    )


def series_source(key_pk: int, kind: int, context: str, aliased: tuple[int, ...] = ()) -> Source:
    """Rows of ``series`` for one name and context.

    Args:
        key_pk: the name.
        kind: metric or system metric.
        context: which of the curves of that name.
        aliased: curves for which some run has the name as an alias.
    """

    def named(rows: FromClause) -> Bool:
        itself = rows.c.key_pk == key_pk
        if not aliased:
            return itself
        other_name = metric_alias.alias("other_name")
        known = select(1).where(
            other_name.c.alias_pk == key_pk,
            other_name.c.key_pk == rows.c.key_pk,
            other_name.c.execution_pk == rows.c.execution_pk,
        )
        return itself | (rows.c.key_pk.in_(aliased) & known.correlate(rows).exists())

    return Source(
        ("series", key_pk, kind, context),
        _rows_of(series),
        lambda rows: (named(rows), rows.c.kind == kind, rows.c.context == context),
        lambda rows: rows.c.execution_pk == run.c.pk,
        lambda rows: rows.c.execution_pk,
    )


def tag_source() -> Source:
    """Tags of a run: rows with ``name``."""

    @lru_cache(maxsize=8)
    def make(name: str) -> FromClause:
        return (
            select(tag.c.entity_pk, key.c.name)
            .join(key, key.c.pk == tag.c.key_pk)
            .where(tag.c.entity_kind == "execution")
            .subquery(name)
        )

    return Source(
        ("tag",),
        make,
        _nothing_more,
        lambda rows: rows.c.entity_pk == run.c.pk,
        lambda rows: rows.c.entity_pk,
        unique=False,
    )


def one_tag_source(key_pk: int) -> Source:
    """The row of ``tag`` for one name, found by its index."""
    return Source(
        ("tag", key_pk),
        _rows_of(tag),
        lambda rows: (rows.c.key_pk == key_pk, rows.c.entity_kind == "execution"),
        lambda rows: rows.c.entity_pk == run.c.pk,
        lambda rows: rows.c.entity_pk,
    )


def console_source() -> Source:
    """What was printed: rows of some lines each, in ``body``."""
    return Source(
        ("console",),
        _rows_of(console),
        _nothing_more,
        lambda rows: rows.c.execution_pk == run.c.pk,
        lambda rows: rows.c.execution_pk,
        unique=False,
    )


def artifact_source(direction: str, type: str = "") -> Source:
    """What a run produced ("out") or used ("in"): name, type, version, digest, role."""

    @lru_cache(maxsize=8)
    def make(name: str) -> FromClause:
        rows = (
            select(
                io.c.execution_pk,
                io.c.role,
                artifact.c.name,
                artifact.c.type,
                artifact_version.c.version,
                artifact_version.c.digest,
            )
            .join(artifact_version, artifact_version.c.pk == io.c.artifact_version_pk)
            .join(artifact, artifact.c.pk == artifact_version.c.artifact_pk)
        )
        if direction:
            rows = rows.where(io.c.direction == direction)
        if type:
            rows = rows.where(artifact.c.type == type)
        return rows.subquery(name)

    return Source(
        ("io", direction, type),
        make,
        _nothing_more,
        lambda rows: rows.c.execution_pk == run.c.pk,
        lambda rows: rows.c.execution_pk,
        unique=False,
    )


def _row_source(name: str, table: Table, foreign_key: str) -> Source:
    return Source(
        (name,),
        _rows_of(table),
        _nothing_more,
        lambda rows: rows.c.pk == run.c[foreign_key],
    )


EXPERIMENT = _row_source("experiment", experiment, "experiment_pk")
PROJECT = _row_source("project", project, "project_pk")
ACTOR = _row_source("actor", actor, "actor_pk")
PARENT = _row_source("parent", execution, "parent_pk")
ROOT = _row_source("root", execution, "root_pk")
RUN = Source(("run",), lambda _: run, _nothing_more, lambda _: and_(True))
"""The run's own row; its values are used as they are, without subquery."""
