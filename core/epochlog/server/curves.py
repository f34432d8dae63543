"""Read many curves at once and keep the latest in memory."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from epochlog.query.filters.keys import Keys
from epochlog.query.loading import METRIC, SYSTEM_METRIC
from epochlog.query.opening import Reader
from epochlog.server.asking import MetricRef
from epochlog.server.points import NO_POINTS, Points, read_points
from epochlog.store.schema import metric_alias, series

_c = series.c
# Written once: putting such a statement together takes longer than running it.
_CURVES = (
    select(
        _c.pk, _c.execution_pk, _c.key_pk, _c.context, _c.count, _c.last_at, _c.sum, _c.last_value
    )
    .where(
        _c.execution_pk.in_(bindparam("pks", expanding=True)),
        _c.key_pk.in_(bindparam("keys", expanding=True)),
        _c.kind == bindparam("kind"),
    )
    .order_by(_c.context)
)
_OF_CONTEXT = _CURVES.where(_c.context == bindparam("context"))

CACHE_BYTES_MAX = 40 * 2**20
BATCH = 400


@dataclass(frozen=True, slots=True)
class CurveRow:
    """A stored curve: which, and a mark that changes with its points."""

    pk: int
    run_pk: int
    key_pk: int
    context: str
    count: int
    mark: tuple[Any, ...]


class Curves:
    """Curves of a store; those read lately are kept. For many threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Any, tuple[Any, Any, int]] = OrderedDict()
        self._bytes = 0
        self._used = 0.0
        self._lock = threading.Lock()

    def keep(self, key: Any, mark: Any, value: Any, nbytes: int) -> None:
        """Remember something about a curve as long as its ``mark`` stays."""
        with self._lock:
            old = self._kept.pop(key, None)
            self._bytes += nbytes - (old[2] if old else 0)
            self._kept[key] = (mark, value, nbytes)
            self._used = time.monotonic()
            while self._bytes > CACHE_BYTES_MAX and len(self._kept) > 1:
                self._bytes -= self._kept.popitem(last=False)[1][2]

    def kept(self, key: Any, mark: Any) -> Any:
        """Return what is remembered, or None."""
        with self._lock:
            found = self._kept.get(key)
            self._used = time.monotonic()
            if found is None or found[0] != mark:
                return None
            self._kept.move_to_end(key)
            return found[1]

    def _latest(self, pk: int) -> Points | None:
        """Return the points as they were when they were last asked for."""
        with self._lock:
            found = self._kept.get(pk)
            return None if found is None else found[1]

    def forget_unused(self, after_s: float) -> None:
        """Free the memory if nobody asked for a curve for so long."""
        with self._lock:
            if self._kept and time.monotonic() - self._used > after_s:
                self._kept.clear()
                self._bytes = 0

    def read(self, reader: Reader, rows: Sequence[CurveRow]) -> dict[int, Points]:
        """Return pk of the curve -> its points."""
        found: dict[int, Points] = {}
        missing: list[CurveRow] = []
        for row in rows:
            points = self.kept(row.pk, row.mark)
            if points is None:
                missing.append(row)
            else:
                found[row.pk] = points
        if missing:
            old = {row.pk: kept for row in missing if (kept := self._latest(row.pk)) is not None}
            read = read_points(reader, [row.pk for row in missing], old)
            for row in missing:
                found[row.pk] = points = read.get(row.pk, NO_POINTS)
                self.keep(row.pk, row.mark, points, points.nbytes)
        return found


def find_curves(
    reader: Reader, run_pks: Iterable[int], metrics: Sequence[MetricRef]
) -> list[dict[int, list[CurveRow]]]:
    """Return for each metric: pk of the run -> its curves of that name, by context."""
    keys = Keys(reader)
    keys.prefetch(metric.key for metric in metrics)
    pks = list(run_pks)
    found: list[dict[int, list[CurveRow]]] = []
    for metric in metrics:
        kind = METRIC if metric.kind == "metric" else SYSTEM_METRIC
        key_pk = keys.find(metric.key, kind)
        curves: dict[int, list[CurveRow]] = {}
        if key_pk is not None:
            aliased = keys.aliased(key_pk) if kind == METRIC else ()
            for row in _rows(reader, pks, [key_pk], kind, metric.context):
                curves.setdefault(row.run_pk, []).append(row)
            known = _known(reader, pks, key_pk) if aliased else set()
            for row in _rows(reader, pks, aliased, kind, metric.context) if known else ():
                if (row.run_pk, row.key_pk) in known and row.run_pk not in curves:
                    curves.setdefault(row.run_pk, []).append(row)
        found.append(curves)
    return found


def _rows(
    reader: Reader, pks: Sequence[int], keys: Sequence[int], kind: int, context: str | None
) -> list[CurveRow]:
    found: list[CurveRow] = []
    asked: dict[str, Any] = {"keys": list(keys), "kind": kind}
    if context is not None:
        asked["context"] = context[:255]
    for start in range(0, len(pks), BATCH):
        asked["pks"] = pks[start : start + BATCH]
        rows = reader.tuples(_CURVES if context is None else _OF_CONTEXT, asked)
        for pk, run_pk, own_key, own_context, count, *mark in rows:
            found.append(CurveRow(pk, run_pk, own_key, own_context, count, (count, *mark)))
    return found


def _known(reader: Reader, pks: Sequence[int], alias: int) -> set[tuple[int, int]]:
    """Return (run, curve) pairs in which the run knows the curve by another name."""
    c = metric_alias.c
    found: set[tuple[int, int]] = set()
    for start in range(0, len(pks), BATCH):
        statement = select(c.execution_pk, c.key_pk).where(
            c.alias_pk == alias, c.execution_pk.in_(pks[start : start + BATCH])
        )
        rows: Any = reader.rows(statement)
        found |= {(run_pk, key_pk) for run_pk, key_pk in rows}
    return found
