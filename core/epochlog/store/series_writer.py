"""Write points of curves: their summaries into ``series``, the points into ``series_chunk``.

A curve's newest chunk is small and is rewritten until it has `TAIL_POINTS`; four chunks of one
size class become one of the next, up to `FULL_POINTS`. So a live run writes little at a time and
a finished one has few rows, and each point is packed only a few times. Chunks belong to the
journal that they came from, so two processes that log into one curve never touch one chunk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from epochlog.store.codec import Points, decode, encode, encode_axes, join
from epochlog.store.gathering import METRIC, Curve, fill_steps
from epochlog.store.schema import series, series_chunk
from epochlog.store.sql import cut, long, run_many, select_in
from epochlog.store.summary import Summary, from_row, infer_direction, summarize

TAIL_POINTS = 256
MERGE_POINTS = 1024
FULL_POINTS = 4096
MERGE_CHUNKS = 4
CACHED_SERIES_MAX = 2048

SeriesKey = tuple[int, int, int, str]
"""(execution_pk, key_pk, kind, context as stored)"""

_chunk_key = (
    (series_chunk.c.series_pk == bindparam("b_series"))
    & (series_chunk.c.writer_pk == bindparam("b_writer"))
    & (series_chunk.c.seq == bindparam("b_seq"))
)
_UPDATE_CHUNK = (
    update(series_chunk)
    .where(_chunk_key)
    .values(count=bindparam("b_count"), data=bindparam("b_data"))
)
_DELETE_CHUNK = delete(series_chunk).where(_chunk_key)
_READ_CHUNKS = (
    select(series_chunk.c.seq, series_chunk.c.data)
    .where(series_chunk.c.series_pk == bindparam("b_series"))
    .where(series_chunk.c.writer_pk == bindparam("b_writer"))
    .where(series_chunk.c.seq >= bindparam("b_seq"))
    .order_by(series_chunk.c.seq)
)
_SUMMARIES = select(*(c for c in series.c if c.name != "long_context"))
_KEYS = select(series.c.execution_pk, series.c.key_pk, series.c.kind, series.c.context, series.c.pk)
_CHUNKS = select(*(c for c in series_chunk.c if c.name != "data")).order_by(series_chunk.c.seq)
_INSERT_SERIES = insert(series)
_INSERT_CHUNK = insert(series_chunk)
_UPDATED = [
    c.name
    for c in series.c
    if c.name not in ("pk", "execution_pk", "key_pk", "kind", "context", "long_context")
]
_UPDATE_SERIES = (
    update(series)
    .where(series.c.pk == bindparam("b_pk"))
    .values({name: bindparam(f"v_{name}") for name in _UPDATED})
)


@dataclass(slots=True)
class Target:
    """A curve with the keys that the tables know it by."""

    key: SeriesKey
    curve: Curve


@dataclass(slots=True)
class _Chunks:
    """What a writer remembers of its chunks of one series.

    Attributes:
        next_seq: number of the next new chunk.
        small: (seq, count) of the chunks at the end that are not full, the tail left out.
        tail: points of the newest chunk if it still grows, under ``tail_seq``.
    """

    next_seq: int = 0
    small: list[tuple[int, int]] = field(default_factory=list)
    tail: Points | None = None
    tail_seq: int = 0


@dataclass(slots=True)
class _Changes:
    """Chunk rows to write at the end of a batch, and series whose chunks are to be merged."""

    inserts: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    merges: list[tuple[int, _Chunks]] = field(default_factory=list)
    axes: dict[tuple[int, int, int], bytes] = field(default_factory=dict)


class SeriesWriter:
    """Writes curves in the caller's transaction; remembers chunks between batches of one journal.

    `forget` has to be called whenever a transaction was rolled back or another process wrote
    for the same journal.
    """

    def __init__(self) -> None:
        self._pks: dict[SeriesKey, int] = {}
        self._chunks: dict[tuple[int, int], _Chunks] = {}

    def forget(self) -> None:
        """Drop all that is remembered."""
        self._pks.clear()
        self._chunks.clear()

    def write(
        self, connection: Connection, targets: Sequence[Target], writer_pk: int, fresh: set[int]
    ) -> None:
        """Add the points of ``targets``, each a different series.

        Args:
            connection: inside the transaction.
            targets: what to add, by series.
            writer_pk: the journal that the points come from.
            fresh: executions made in this transaction, which have no series yet.
        """
        if len(self._pks) > CACHED_SERIES_MAX:
            self.forget()
        stored = self._stored(connection, targets, fresh)
        points = self._write_summaries(connection, targets, stored)
        new = {key for key in points if key not in stored}
        if new:
            self._find(connection, {key[0] for key in new})
        self._load_chunks(connection, [self._pks[k] for k in points if k in stored], writer_pk)
        changes = _Changes()
        for key, added in points.items():
            pk = self._pks[key]
            chunks = self._chunks.setdefault((pk, writer_pk), _Chunks())
            _append(chunks, added, pk, changes)
        self._write_chunks(connection, changes, writer_pk)

    def _stored(
        self, connection: Connection, targets: Sequence[Target], fresh: set[int]
    ) -> dict[SeriesKey, dict[str, Any]]:
        """Return the rows of those series that exist."""
        keys = [target.key for target in targets if target.key[0] not in fresh]
        self._find(connection, {key[0] for key in keys if key not in self._pks})
        pks = [self._pks[key] for key in keys if key in self._pks]
        rows: dict[SeriesKey, dict[str, Any]] = {}
        for row in select_in(connection, _SUMMARIES, series.c.pk, pks):
            values = row._asdict()
            rows[values["execution_pk"], values["key_pk"], values["kind"], values["context"]] = (
                values
            )
        for key in keys:
            if key not in rows:  # removed meanwhile
                self._pks.pop(key, None)
        return rows

    def _find(self, connection: Connection, executions: Iterable[int]) -> None:
        for row in select_in(connection, _KEYS, series.c.execution_pk, executions):
            self._pks[row[0], row[1], row[2], row[3]] = row[4]

    def _write_summaries(
        self,
        connection: Connection,
        targets: Sequence[Target],
        stored: dict[SeriesKey, dict[str, Any]],
    ) -> dict[SeriesKey, Points]:
        """Insert or update the rows in ``series``; return the points with all steps known."""
        inserts, updates = [], []
        filled: dict[SeriesKey, Points] = {}
        for target in targets:
            row = stored.get(target.key)
            before = None if row is None else from_row(row)
            points = filled[target.key] = fill_steps(
                target.curve, None if before is None else before.last[1]
            )
            summary = summarize(points)
            if row is None or before is None:
                inserts.append(_new_row(target, summary))
            else:
                merged = before.merge(summary).to_row(row["direction"])
                updates.append({"b_pk": row["pk"], **{f"v_{k}": v for k, v in merged.items()}})
        run_many(connection, _INSERT_SERIES, inserts)
        run_many(connection, _UPDATE_SERIES, updates)
        return filled

    def _load_chunks(self, connection: Connection, pks: Iterable[int], writer_pk: int) -> None:
        """Read what is not remembered of this writer's chunks of the series ``pks``."""
        unknown = [pk for pk in pks if (pk, writer_pk) not in self._chunks]
        for pk, writer, seq, count in select_in(
            connection, _CHUNKS, series_chunk.c.series_pk, unknown
        ):
            if writer != writer_pk:
                continue
            chunks = self._chunks.setdefault((pk, writer_pk), _Chunks())
            chunks.next_seq = seq + 1
            if count >= FULL_POINTS:
                chunks.small.clear()
            else:
                chunks.small.append((seq, count))
        for pk in unknown:
            chunks = self._chunks.setdefault((pk, writer_pk), _Chunks())
            if chunks.small and chunks.small[-1][1] < TAIL_POINTS:
                chunks.tail_seq, _ = chunks.small.pop()
                where = {"b_series": pk, "b_writer": writer_pk, "b_seq": chunks.tail_seq}
                chunks.tail = decode(connection.execute(_READ_CHUNKS, where).one().data)

    def _write_chunks(self, connection: Connection, changes: _Changes, writer_pk: int) -> None:
        for row in changes.inserts:
            row["writer_pk"] = writer_pk
        for row in changes.updates:
            row["b_writer"] = writer_pk
        run_many(connection, _UPDATE_CHUNK, changes.updates)
        run_many(connection, _INSERT_CHUNK, changes.inserts)
        for pk, chunks in changes.merges:
            _merge(connection, pk, writer_pk, chunks)


def _new_row(target: Target, summary: Summary) -> dict[str, Any]:
    execution_pk, key_pk, kind, context = target.key
    direction = infer_direction(target.curve.key) if kind == METRIC else 0
    return {
        "execution_pk": execution_pk,
        "key_pk": key_pk,
        "kind": kind,
        "context": context,
        "long_context": long(target.curve.context),
        **summary.to_row(direction),
    }


def series_key(execution_pk: int, key_pk: int, curve: Curve) -> SeriesKey:
    """Return what the tables know ``curve`` by."""
    return execution_pk, key_pk, curve.kind, cut(curve.context)


def _append(chunks: _Chunks, added: Points, pk: int, changes: _Changes) -> None:
    """Put ``added`` behind the tail: full chunks first, then one that is sealed or the new tail."""
    points = added if chunks.tail is None else join([chunks.tail, added])
    reuse = chunks.tail is not None
    chunks.tail = None
    start = 0
    while start < len(points):
        part = points.slice(start, start + FULL_POINTS)
        data = encode(part, _shared_axes(part, added, start, changes) if not reuse else None)
        if reuse:
            seq = chunks.tail_seq
            changes.updates.append(
                {"b_series": pk, "b_seq": seq, "b_count": len(part), "b_data": data}
            )
        else:
            seq = chunks.next_seq
            chunks.next_seq += 1
            changes.inserts.append({"series_pk": pk, "seq": seq, "count": len(part), "data": data})
        reuse = False
        start += FULL_POINTS
        if len(part) >= FULL_POINTS:
            chunks.small.clear()
        elif len(part) >= TAIL_POINTS:
            chunks.small.append((seq, len(part)))
        else:
            chunks.tail, chunks.tail_seq = part, seq
    if _to_merge(chunks.small):
        changes.merges.append((pk, chunks))


def _shared_axes(part: Points, added: Points, start: int, changes: _Changes) -> bytes:
    """Return packed steps and times; metrics of the same calls share the arrays, and this."""
    name = (id(added.steps), id(added.times), start)
    found = changes.axes.get(name)
    if found is None:
        found = changes.axes[name] = encode_axes(part)
    return found


def _to_merge(small: list[tuple[int, int]]) -> int:
    """Return how many chunks at the end are to become one, 0 for none."""
    for limit in (MERGE_POINTS, FULL_POINTS):
        run = 0
        while run < len(small) and small[-1 - run][1] < limit:
            run += 1
        if run >= MERGE_CHUNKS:
            return run
    return 0


def _merge(connection: Connection, pk: int, writer_pk: int, chunks: _Chunks) -> None:
    """Make one chunk of each run of small ones, the tail left out."""
    while run := _to_merge(chunks.small):
        seqs = [seq for seq, _ in chunks.small[-run:]]
        where = {"b_series": pk, "b_writer": writer_pk}
        rows = connection.execute(_READ_CHUNKS, {**where, "b_seq": seqs[0]})
        points = join([decode(row.data) for row in rows if row.seq in seqs])
        change = {"b_seq": seqs[0], "b_count": len(points), "b_data": encode(points)}
        connection.execute(_UPDATE_CHUNK, {**where, **change})
        run_many(connection, _DELETE_CHUNK, [{**where, "b_seq": seq} for seq in seqs[1:]])
        del chunks.small[-run:]
        if len(points) < FULL_POINTS:
            chunks.small.append((seqs[0], len(points)))
        else:
            chunks.small.clear()
