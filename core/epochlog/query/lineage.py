"""What an artifact was made from, and what was made from it, however many steps away.

One recursive statement each, two hops a round (version → its producer → that run's inputs), with
plain UNION: sets end cycles and diamonds, where UNION ALL would never come to an end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, literal, select

from epochlog.query.artifacts import ArtifactView
from epochlog.query.loading import ARTIFACT_COLUMNS, Page
from epochlog.query.opening import Reader
from epochlog.query.run_view import RunView
from epochlog.store.schema import artifact, artifact_version, execution, io


@dataclass(frozen=True, slots=True)
class Lineage:
    """A part of the graph of artifacts and runs.

    Attributes:
        artifacts: the versions that were reached, the one that was asked for among them, by age.
        runs: the runs that produced them or, downstream, used them on the way, by age.
        edges: (id of a run's input, id of the run, id of its output).
    """

    artifacts: tuple[ArtifactView, ...]
    runs: tuple[RunView, ...]
    edges: tuple[tuple[str, str, str], ...]


def upstream(reader: Reader, version_id: str) -> Lineage:
    """Return everything that the artifact version was made from.

    Args:
        reader: the store.
        version_id: id of an artifact version (``ArtifactView.id``).
    """
    return _lineage(reader, version_id, _upstream)


def downstream(reader: Reader, version_id: str) -> Lineage:
    """Return everything that was made from the artifact version (see `upstream`)."""
    return _lineage(reader, version_id, _downstream)


def _start(version_id: str) -> Any:
    c = artifact_version.c
    return select(c.pk.label("pk")).where(c.id == version_id).cte("lineage", recursive=True)


def _upstream(version_id: str) -> Select[Any]:
    found = _start(version_id)
    version, used = artifact_version.alias(), io.alias()
    more = (
        select(used.c.artifact_version_pk)
        .select_from(found)
        .join(version, version.c.pk == found.c.pk)
        .join(used, (used.c.execution_pk == version.c.producer_pk) & (used.c.direction == "in"))
    )
    return select(found.union(more).c.pk)


def _downstream(version_id: str) -> Select[Any]:
    found = _start(version_id)
    version, used = artifact_version.alias(), io.alias()
    more = (
        select(version.c.pk)
        .select_from(found)
        .join(used, (used.c.artifact_version_pk == found.c.pk) & (used.c.direction == "in"))
        .join(version, version.c.producer_pk == used.c.execution_pk)
    )
    return select(found.union(more).c.pk)


def _lineage(reader: Reader, version_id: str, direction: Any) -> Lineage:
    reached = direction(version_id).subquery()
    versions = reader.rows(
        select(
            *ARTIFACT_COLUMNS,
            literal("out").label("direction"),
            literal("").label("slot"),
            literal("").label("role"),
        )
        .join(artifact, artifact.c.pk == artifact_version.c.artifact_pk)
        .join(reached, reached.c.pk == artifact_version.c.pk)
        .order_by(artifact_version.c.pk)
    )
    ids = {row.pk: row.id for row in versions}
    producers = {row.producer_pk for row in versions if row.producer_pk is not None}
    page = Page(reader, sorted(producers))
    runs = {pk: RunView(page, pk) for pk in page.pks if pk in page.runs}
    inputs = _inputs(reader, reached)
    edges = {
        (ids[used], runs[row.producer_pk].id, row.id)
        for row in versions
        for used in inputs.get(row.producer_pk, ())
        if used in ids and row.producer_pk in runs
    }
    return Lineage(
        tuple(ArtifactView(reader, row) for row in versions),
        tuple(runs.values()),
        tuple(sorted(edges)),
    )


def _inputs(reader: Reader, reached: Any) -> dict[int, set[int]]:
    """Return the pks of the reached versions that each run used."""
    statement = (
        select(io.c.execution_pk, io.c.artifact_version_pk)
        .join(reached, reached.c.pk == io.c.artifact_version_pk)
        .join(execution, execution.c.pk == io.c.execution_pk)
        .where(io.c.direction == "in")
    )
    found: dict[int, set[int]] = {}
    rows: Any = reader.rows(statement)
    for run_pk, version_pk in rows:
        found.setdefault(run_pk, set()).add(version_pk)
    return found
