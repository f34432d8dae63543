"""Follow curves while they grow: only the chunks that changed are read and decoded again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, tuple_

from epochlog.query.metrics import MetricSummary
from epochlog.query.opening import Reader
from epochlog.store.codec import Points, decode, join
from epochlog.store.schema import series_chunk

CHUNK_POINTS = 64
"""Points that are kept of a chunk of up to 4096; a chunk of the size of the tail is kept whole."""
WHOLE_POINTS = 256
CURVES_A_QUERY, CHUNKS_A_QUERY = 200, 200
CURVES_MAX = 1000
"""Curves that are remembered; those that have not grown for the longest time are forgotten."""


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """A curve in few points, by step.

    Attributes:
        values: means of neighbouring points, NaN where all of them are.
        weights: how many points each stands for.
        steps, times, epochs: of the last of them; times in seconds since 1970; epochs None if no
            point has one.
    """

    values: NDArray[Any]
    weights: NDArray[Any]
    steps: NDArray[Any]
    times: NDArray[Any]
    epochs: NDArray[Any] | None

    def __len__(self) -> int:
        return len(self.values)

    def resampled(self, width: int) -> list[float]:
        """Return at most ``width`` values, each the mean of an equal share of the points."""
        if len(self) <= width:
            return [float(value) for value in self.values]
        centers = np.cumsum(self.weights) - self.weights / 2
        share = np.minimum((centers / self.weights.sum() * width).astype(int), width - 1)
        finite = np.isfinite(self.values)
        weights = np.where(finite, self.weights, 0.0)
        total = np.bincount(share, weights * np.where(finite, self.values, 0.0), width)
        count = np.bincount(share, weights, width)
        taken = np.bincount(share, minlength=width) > 0
        with np.errstate(invalid="ignore", divide="ignore"):
            means = np.where(count > 0, total / count, np.nan)
        return [float(value) for value in means[taken]]


class Growing:
    """Sketches of curves that other processes extend.

    Reads of the curves which chunks they have, then the content of the new and changed ones.

    Args:
        reader: the store.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._counts: dict[int, int] = {}
        self._parts: dict[int, dict[tuple[int, int], tuple[int, Sketch]]] = {}
        self._sketches: dict[int, Sketch] = {}

    def sketch(self, summary: MetricSummary) -> Sketch:
        """Return the curve as it is now."""
        self.read([summary])
        return self._sketches[summary.series_pk]

    def _forget_old(self) -> None:
        while len(self._sketches) > CURVES_MAX:
            oldest = next(iter(self._sketches))
            del self._sketches[oldest], self._parts[oldest], self._counts[oldest]

    def read(self, summaries: Sequence[MetricSummary]) -> None:
        """Read what is new of many curves at once: two questions instead of two for each."""
        grown = {
            each.series_pk: each.count
            for each in summaries
            if self._counts.get(each.series_pk) != each.count
            or each.series_pk not in self._sketches
        }
        pks = list(grown)
        for start in range(0, len(pks), CURVES_A_QUERY):
            some = pks[start : start + CURVES_A_QUERY]
            for pk, sketch in self._read(some).items():
                self._sketches.pop(pk, None)
                self._sketches[pk] = sketch
                self._counts[pk] = grown[pk]
        self._forget_old()

    def _read(self, pks: Sequence[int]) -> dict[int, Sketch]:
        c = series_chunk.c
        listed = select(c.series_pk, c.writer_pk, c.seq, c.count).where(c.series_pk.in_(pks))
        counts: dict[int, dict[tuple[int, int], int]] = {pk: {} for pk in pks}
        for pk, writer, seq, count in self._reader.tuples(listed):
            counts[pk][writer, seq] = count
        missing: list[tuple[int, int, int]] = []
        for pk, chunks in counts.items():
            known = self._parts.get(pk, {})
            kept = {mark: part for mark, part in known.items() if chunks.get(mark) == part[0]}
            self._parts[pk] = kept
            missing += [(pk, *mark) for mark in chunks if mark not in kept]
        for start in range(0, len(missing), CHUNKS_A_QUERY):
            some = missing[start : start + CHUNKS_A_QUERY]
            data = select(c.series_pk, c.writer_pk, c.seq, c.count, c.data)
            wanted = tuple_(c.series_pk, c.writer_pk, c.seq).in_(some)
            for pk, writer, seq, count, content in self._reader.tuples(data.where(wanted)):
                self._parts[pk][writer, seq] = (count, thinned(decode(content)))
        return {
            pk: joined([part for _, (_, part) in sorted(self._parts[pk].items(), key=_place)])
            for pk in pks
        }


def _place(part: tuple[tuple[int, int], Any]) -> tuple[int, int]:
    return part[0]


def newest_points(reader: Reader, series_pk: int, seen: dict[int, int], most: int) -> Points:
    """Return the points of a curve that were stored since ``seen``, in the order of their times.

    Args:
        reader: the store.
        series_pk: the curve.
        seen: writer -> how many of its points were returned; is brought up to date.
        most: of a writer that is new in ``seen``, return only so many, its newest.
    """
    c = series_chunk.c
    listed = select(c.writer_pk, c.seq, c.count).where(c.series_pk == series_pk)
    chunks: dict[int, list[tuple[int, int]]] = {}
    for row in reader.rows(listed.order_by(c.writer_pk, c.seq)):
        chunks.setdefault(row.writer_pk, []).append((row.seq, int(row._mapping["count"])))
    parts = []
    for writer, sizes in chunks.items():
        total = sum(size for _, size in sizes)
        fresh = total - seen[writer] if writer in seen else min(total, most)
        seen[writer] = total
        wanted, first = fresh, sizes[-1][0]
        for seq, size in reversed(sizes):  # a writer only ever adds to the end
            first, wanted = seq, wanted - size
            if wanted <= 0:
                break
        if fresh > 0:
            data = select(c.data).where(c.series_pk == series_pk, c.writer_pk == writer)
            rows = reader.rows(data.where(c.seq >= first).order_by(c.seq))
            points = join([decode(row.data) for row in rows])
            parts.append(points.slice(max(len(points) - fresh, 0), len(points)))
    if not parts:
        none = np.empty(0, np.int64)
        return Points(none, none, np.empty(0, np.float64))
    points = join(parts)
    order = np.argsort(points.times, kind="stable")
    return Points(points.steps[order], points.times[order], points.values[order])


def thinned(points: Points) -> Sketch:
    """Return the sketch of one chunk."""
    count = len(points)
    times = points.times / 1e6
    if count <= WHOLE_POINTS:
        ones = np.ones(count)
        return Sketch(points.values, ones, points.steps, times, points.epochs)
    edges = np.linspace(0, count, CHUNK_POINTS + 1).astype(int)
    starts, lasts = edges[:-1], edges[1:] - 1
    finite = np.isfinite(points.values)
    total = np.add.reduceat(np.where(finite, points.values, 0.0), starts)
    good = np.add.reduceat(finite.astype(float), starts)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(good > 0, total / good, np.nan)
    epochs = None if points.epochs is None else points.epochs[lasts]
    return Sketch(values, np.diff(edges).astype(float), points.steps[lasts], times[lasts], epochs)


def joined(parts: list[Sketch]) -> Sketch:
    """Return the sketch of all parts together, by step, equal steps by time."""
    if not parts:
        none = np.empty(0)
        return Sketch(none, none, none, none, None)
    epochs = None
    if any(part.epochs is not None for part in parts):
        gaps = (np.full(len(p), np.nan) if p.epochs is None else p.epochs for p in parts)
        epochs = np.concatenate(list(gaps))
    values, weights, steps, times = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("values", "weights", "steps", "times")
    )
    order = np.lexsort((times, steps))
    return Sketch(
        values[order],
        weights[order],
        steps[order],
        times[order],
        None if epochs is None else epochs[order],
    )
