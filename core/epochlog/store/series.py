"""Read the points of a stored curve as NumPy arrays, whole or chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, select

from epochlog.store.codec import FloatArray, IntArray, Points, decode, join
from epochlog.store.schema import series_chunk


@dataclass(frozen=True, slots=True)
class SeriesColumns:
    """All points of one curve, sorted by step, equal steps by time; arrays of shape (n,).

    Attributes:
        steps: int64, or float64 if any step was no integer.
        values: float64 with NaN and ±Inf as logged.
        times: int64 microseconds since the epoch (UTC).
        epochs: float64 with NaN where none was given, or None if none was given at all.
    """

    steps: IntArray | FloatArray
    values: FloatArray
    times: IntArray
    epochs: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.values)


def read_series(connection: Connection, series_pk: int) -> SeriesColumns:
    """Return all points of a curve in the order of their steps; empty arrays if it has none."""
    parts = list(read_chunks(connection, series_pk))
    if not parts:
        none = np.empty(0, np.int64)
        return SeriesColumns(none, np.empty(0, np.float64), none)
    return sort(join(parts))


def read_chunks(connection: Connection, series_pk: int) -> Iterator[Points]:
    """Yield the chunks of a curve, per writer in the order they were logged (not sorted by step).

    Reduce curves too big for memory with it.
    """
    query = (
        select(series_chunk.c.data)
        .where(series_chunk.c.series_pk == series_pk)
        .order_by(series_chunk.c.writer_pk, series_chunk.c.seq)
    )
    for (data,) in connection.execute(query):
        yield decode(data)


def sort(points: Points) -> SeriesColumns:
    """Return ``points`` by step, equal steps by time, equal times as logged."""
    steps, times = points.steps, points.times
    if len(points) > 1 and not _is_sorted(points):
        # NaN steps go last; int64 and float64 both sort exactly.
        order = np.lexsort((times, steps))
        epochs = None if points.epochs is None else points.epochs[order]
        return SeriesColumns(steps[order], points.values[order], times[order], epochs)
    return SeriesColumns(steps, points.values, times, points.epochs)


def _is_sorted(points: Points) -> bool:
    steps, times = points.steps, points.times
    rises = steps[1:] > steps[:-1]
    if rises.all():
        return True
    ties = (steps[1:] == steps[:-1]) & (times[1:] >= times[:-1])
    return bool((rises | ties).all())
