"""Choose which points of a curve to show, so that no peak, dip or gap of it is lost."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def within(x: Array, start: float | None = None, end: float | None = None) -> Array:
    """Return the indices (int64, ascending) of the points with ``start <= x <= end``.

    A missing bound is open. Points without a place (x is NaN) are left out.
    """
    keep = ~np.isnan(x) if x.dtype.kind == "f" else np.ones(len(x), bool)
    if start is not None:
        keep &= x >= start
    if end is not None:
        keep &= x <= end
    return np.flatnonzero(keep)


def downsample(
    x: Array, y: Array, *, max_points: int | None = None, buckets: int | None = None
) -> Array:
    """Return the indices of the points to show, ascending in ``x``.

    The range of ``x`` is cut into equal buckets (pixel columns, say). Of each, the lowest and the
    highest point are kept, and its first NaN, so that a curve that breaks off still does. The very
    first and last points are kept too. Equal input gives equal output.

    Args:
        x: places, shape (n,), any number type and order; points with NaN here are left out.
        y: values, shape (n,), NaN and ±Inf allowed.
        max_points: return at most so many (at least 5 are allowed to be returned).
        buckets: number of buckets, instead of ``max_points``; up to 3 points come from each.
    """
    order = _order(x)
    x, y = (x, y) if order is None else (x[order], y[order])
    nan = np.isnan(y)
    has_nan = bool(nan.any())
    if buckets is None:
        buckets = len(y) if max_points is None else (max_points - 2) // (3 if has_nan else 2)
    buckets = max(buckets, 1)
    if len(y) <= (max_points or 2 * buckets):
        kept = np.arange(len(y))
    else:
        starts = _bucket_starts(x, buckets)
        kept = _extremes(y, starts, has_nan)
        if has_nan:
            kept = np.union1d(kept, _firsts(nan, starts))
        kept = np.union1d(kept, (0, len(y) - 1))
    return kept if order is None else order[kept]


def _order(x: Array) -> Array | None:
    """Return indices that sort ``x`` and leave out NaN; None if nothing needs to be done."""
    if x.dtype.kind == "f" and np.isnan(x).any():
        placed = np.flatnonzero(~np.isnan(x))
        sorted_places: Array = placed[np.argsort(x[placed], kind="stable")]
        return sorted_places
    if len(x) < 2 or bool((x[1:] >= x[:-1]).all()):
        return None
    return np.argsort(x, kind="stable")


def _bucket_starts(x: Array, buckets: int) -> Array:
    """Return where each bucket that is not empty begins in the sorted ``x``."""
    finite = x[np.isfinite(x)] if x.dtype.kind == "f" else x
    if not len(finite):
        return np.zeros(1, np.int64)
    edges = np.linspace(float(finite[0]), float(finite[-1]), buckets + 1)[1:-1]
    starts = np.searchsorted(x, edges, side="left")
    return np.unique(np.concatenate(([0], starts[starts < len(x)])))


def _extremes(y: Array, starts: Array, has_nan: bool) -> Array:
    """Return the first place of the minimum and of the maximum in each bucket."""
    lowest, highest = (np.fmin, np.fmax) if has_nan else (np.minimum, np.maximum)
    found = [
        _firsts(y == np.repeat(reduce.reduceat(y, starts), np.diff(starts, append=len(y))), starts)
        for reduce in (lowest, highest)
    ]
    return np.union1d(*found)


def _firsts(mask: Array, starts: Array) -> Array:
    """Return the first True of each bucket (buckets without any give none)."""
    places = np.flatnonzero(mask)
    bucket = np.searchsorted(starts, places, side="right")
    first = np.ones(len(places), bool)
    first[1:] = bucket[1:] != bucket[:-1]
    return places[first]
