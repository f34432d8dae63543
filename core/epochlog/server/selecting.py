"""Turn what a page shows (filter, project, group, parent) into runs in an order; keep orders."""

from __future__ import annotations

import math
import threading
import uuid
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from sqlalchemy import ColumnElement, bindparam, select

from epochlog.base.errors import FilterError, RunNotFound
from epochlog.query.arranging import Arranger, Pks
from epochlog.query.compare import MISSING
from epochlog.query.filters.keys import names_in
from epochlog.query.filters.nodes import And, Call, Compare, Constant, Node
from epochlog.query.filters.parse import parse_filter, parse_order
from epochlog.query.filters.sources import run
from epochlog.query.opening import Reader
from epochlog.query.ordering import DEFAULT_ORDER
from epochlog.server.asking import Selection, Within
from epochlog.server.library import Library
from epochlog.server.values import uncell
from epochlog.store.schema import execution, experiment, project

SNAPSHOTS_MAX = 32

_BY_ID = select(execution.c.id, execution.c.pk).where(
    execution.c.id.in_(bindparam("ids", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Runs in an order as they were at a moment."""

    id: str
    cursor: str
    pks: Pks


class Snapshots:
    """The latest orders that were asked for; windows of one order fit together. For many threads.

    Args:
        library: the store.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._kept: OrderedDict[str, Snapshot] = OrderedDict()
        self._newest: dict[str, str] = {}
        self._lock = threading.Lock()

    def find(self, selection: Selection, asked: str = "") -> Snapshot:
        """Return the snapshot ``asked`` for, or if it is gone (or "") one of the present."""
        question = _question(selection)
        with self._lock:
            if asked in self._kept and asked.startswith(question):
                self._kept.move_to_end(asked)
                return self._kept[asked]
        cursor, arranger = self._library.arranger()
        with self._lock:
            kept = self._kept.get(self._newest.get(question, ""))
        if kept is not None and kept.cursor == cursor:
            return kept
        pks = arrange(self._library.reader, arranger, selection)
        found = Snapshot(f"{question}-{uuid.uuid4().hex[:12]}", cursor, pks)
        with self._lock:
            self._kept[found.id] = found
            self._newest[question] = found.id
            while len(self._kept) > SNAPSHOTS_MAX:
                self._kept.popitem(last=False)
            if len(self._newest) > 4 * SNAPSHOTS_MAX:
                self._newest.clear()
        return found


def _question(selection: Selection) -> str:
    import hashlib

    fields = {name: getattr(selection, name) for name in Selection.__struct_fields__}
    return hashlib.sha256(msgspec.json.encode(fields)).hexdigest()[:16]


def arrange(reader: Reader, arranger: Arranger, selection: Selection) -> Pks:
    """Return the pks of the selected runs, in order.

    Raises:
        FilterError: the filter or the order is malformed or names something that can't be.
        RunNotFound: there is no such parent.
    """
    node = _node(selection)
    always = tuple(_always(reader, selection, node))
    order = selection.order or (DEFAULT_ORDER if not selection.parent else "position, started")
    return arranger.arrange(node, order, always=always, expression=selection.where)


def check_order(order: str) -> None:
    """Raise FilterError if an order is malformed."""
    parse_order(order)


def _node(selection: Selection) -> Node | None:
    parsed = parse_filter(selection.where)
    parts = [*([] if parsed is None else [parsed]), *map(_equal, selection.within)]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _equal(within: Within) -> Node:
    parsed = parse_order(within.field)
    if len(parsed) != 1:
        raise FilterError("a group is one field", within.field, 0)
    name = parsed[0][0]
    try:
        value = uncell(within.value)
    except ValueError as error:
        raise FilterError(str(error), within.field, 0) from error
    if value is MISSING or value is None:
        return Compare(name, "==", Constant(None, 0), 0)
    if isinstance(value, float) and math.isnan(value):
        return Call("isnan", name, (), 0)
    return Compare(name, "==", Constant(value, 0), 0)


def _always(
    reader: Reader, selection: Selection, node: Node | None
) -> Iterator[ColumnElement[bool]]:
    fields = set() if node is None else {name.path[0] for name in names_in(node)}
    if selection.archived:
        yield run.c.deleted_at.is_not(None)
    elif not fields & {"archived", "deleted"}:
        yield run.c.deleted_at.is_(None)
    if selection.parent:
        yield run.c.parent_pk == pk_of(reader, selection.parent)
    elif not selection.nested:
        yield run.c.parent_pk.is_(None)
    if selection.project:
        inner = select(project.c.pk).where(project.c.name == selection.project)
        yield run.c.project_pk.in_(inner)
    if selection.experiment:
        name = experiment.c.name == selection.experiment[:255]
        yield run.c.experiment_pk.in_(select(experiment.c.pk).where(name))


def pk_of(reader: Reader, id: str) -> int:
    """Return the pk of a run.

    Raises:
        RunNotFound: there is none with this id.
    """
    rows = reader.rows(select(execution.c.pk).where(execution.c.id == id))
    if not rows:
        raise RunNotFound(f"no run {id!r}")
    return int(rows[0].pk)


def pks_of(reader: Reader, ids: list[str]) -> dict[str, int]:
    """Return id -> pk of those runs that there are."""
    found: dict[str, int] = {}
    for start in range(0, len(ids), 500):
        found.update(reader.tuples(_BY_ID, {"ids": ids[start : start + 500]}))
    return found
