"""Write what runs used and produced, and hand a run's inputs down to the runs inside it.

A model that a nested run logs must still reach the data that its parent loaded. So a child gets
copies of its parent's inputs when it is opened, and of each further input while it is open; but
nothing comes from the root of a pipeline, and nothing passes from one child to another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, func, insert, literal, or_, select

from epochlog.store.schema import execution, io
from epochlog.store.sql import run_many, select_in

_GIVING = (
    select(io.c.execution_pk)
    .join(execution, execution.c.pk == io.c.execution_pk)
    .where(io.c.direction == "in", execution.c.kind != "pipeline")
    .distinct()
)
_above = execution.alias("above")
_CHILDREN = (
    select(execution.c.pk, execution.c.ended_at)
    .join(_above, _above.c.pk == execution.c.parent_pk)
    .where(_above.c.kind != "pipeline")
)
_own = io.alias("own")
_INHERIT = insert(io).from_select(
    ["execution_pk", "direction", "slot", "idx", "artifact_version_pk", "role", "origin", "at"],
    select(
        bindparam("b_child", type_=io.c.execution_pk.type),
        io.c.direction,
        io.c.slot,
        io.c.idx,
        io.c.artifact_version_pk,
        io.c.role,
        literal("inherited"),
        io.c.at,
    ).where(
        io.c.execution_pk == bindparam("b_parent"),
        io.c.direction == "in",
        ~exists(
            select(_own.c.idx).where(
                _own.c.execution_pk == bindparam("b_child"),
                _own.c.direction == "in",
                _own.c.slot == io.c.slot,
                or_(
                    _own.c.idx == io.c.idx,
                    _own.c.artifact_version_pk == io.c.artifact_version_pk,
                ),
            )
        ),
    ),
)


class Inputs:
    """Writes rows of table ``io`` in the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def inherit(self, opened: Sequence[tuple[int, int]]) -> None:
        """Copy the inputs of parents to the children just opened: (parent's pk, child's pk)."""
        parents = {parent for parent, _ in opened}
        giving = {
            row[0] for row in select_in(self._connection, _GIVING, io.c.execution_pk, parents)
        }
        rows = []
        for parent, child in opened:  # a child may have a child that was opened after it
            if parent in giving:
                giving.add(child)
                rows.append({"b_parent": parent, "b_child": child})
        run_many(self._connection, _INHERIT, rows)

    def add(self, execution_pk: int, direction: str, row: dict[str, Any]) -> None:
        """Add a row for one use or product; the same version in the same input slot is added once.

        Args:
            execution_pk: the run.
            direction: "in" or "out".
            row: slot, artifact_version_pk, role, origin, at.
        """
        if not self._add_one(execution_pk, direction, row) or direction != "in":
            return
        level = self._open_children([execution_pk], row["at"])
        while level:
            for child in level:
                self._add_one(child, "in", {**row, "origin": "inherited"})
            level = self._open_children(level, row["at"])

    def _add_one(self, execution_pk: int, direction: str, row: dict[str, Any]) -> bool:
        c = io.c
        here = and_(c.execution_pk == execution_pk, c.direction == direction, c.slot == row["slot"])
        if direction == "in":
            same = select(c.idx).where(here, c.artifact_version_pk == row["artifact_version_pk"])
            if self._connection.execute(same).first() is not None:
                return False
        last = self._connection.execute(select(func.max(c.idx)).where(here)).scalar()
        new = {
            **row,
            "execution_pk": execution_pk,
            "direction": direction,
            "idx": 0 if last is None else last + 1,
        }
        self._connection.execute(insert(io), new)
        return True

    def _open_children(self, parents: Sequence[int], at: int) -> list[int]:
        """Return the children that were open at ``at``; a pipeline's root hands nothing down."""
        found = select_in(self._connection, _CHILDREN, execution.c.parent_pk, parents)
        return [pk for pk, ended_at in found if ended_at is None or ended_at >= at]
