"""Count the runs nested in others with one statement."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from epochlog.query.opening import Reader
from epochlog.store.schema import execution

BATCH = 500


def children_counts(reader: Reader, ids: Sequence[str]) -> dict[str, int]:
    """Return id -> number of runs directly below it, for those that have any."""
    parent = execution.alias()
    counts: dict[str, int] = {}
    for start in range(0, len(ids), BATCH):
        statement = (
            select(parent.c.id, func.count().label("below"))
            .join(execution, execution.c.parent_pk == parent.c.pk)
            .where(parent.c.id.in_(ids[start : start + BATCH]), execution.c.deleted_at.is_(None))
            .group_by(parent.c.id)
        )
        counts |= {row.id: row.below for row in reader.rows(statement)}
    return counts
