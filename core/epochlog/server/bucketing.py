"""Cut a curve into equal-width buckets, so that no peak, dip, gap or NaN of it is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def edges(low: float, high: float, buckets: int) -> Array:
    """Return the inner edges of ``buckets`` equal parts of a range."""
    if not high > low:
        return np.empty(0)
    return np.linspace(low, high, buckets + 1)[1:-1]


def starts_of(x: Array, inner: Array) -> NDArray[np.int64]:
    """Return where each bucket that is not empty begins in the ascending ``x``."""
    starts = np.searchsorted(x, inner, "left")
    return np.unique(np.concatenate(([0], starts[starts < len(x)]))).astype(np.int64)


def bucketed(x: Array, y: Array, inner: Array) -> dict[str, Array]:
    """Return the arrays of the form ``buckets``: x, x0, x1, min, max, mean, first, last, count."""
    starts = starts_of(x, inner)
    sizes = np.diff(starts, append=len(x))
    ends = starts + sizes - 1
    finite = np.isfinite(y)
    if finite.all():
        low, high = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
        mean = np.add.reduceat(y, starts) / sizes
    else:
        held = np.where(finite, y, np.nan)
        low, high = np.fmin.reduceat(held, starts), np.fmax.reduceat(held, starts)
        counts = np.add.reduceat(finite.astype(float), starts)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.add.reduceat(np.where(finite, y, 0.0), starts) / counts
    x0, x1 = x[starts], x[ends]
    # From the first place, so that places as large as wall times keep their last digits.
    middle = x[0] + np.add.reduceat(x - x[0], starts) / sizes
    return {
        "x": middle,
        "x0": x0,
        "x1": x1,
        "min": low,
        "max": high,
        "mean": mean,
        "first": y[starts],
        "last": y[ends],
        "count": sizes.astype(float),
    }


def nonfinite(x: Array, y: Array, inner: Array) -> dict[str, tuple[int, Array]]:
    """Return kind -> (how many, places of the first in each bucket) of NaN, +∞ and −∞."""
    found: dict[str, tuple[int, Array]] = {}
    if np.isfinite(y).all():
        return dict.fromkeys(("nan", "inf", "ninf"), (0, x[:0]))
    for name, mask in (("nan", np.isnan(y)), ("inf", y == np.inf), ("ninf", y == -np.inf)):
        places = x[mask]
        if len(places) > len(inner) + 1:
            found[name] = (len(places), places[starts_of(places, inner)])
        else:
            found[name] = (len(places), places)
    return found


def band(
    curves: Sequence[tuple[Array, Array]], low: float, high: float, buckets: int
) -> Mapping[str, Array]:
    """Return mean, std, min, max and count over curves on common places (the form ``band``).

    Where all of them together have few places, those are used; else the middles of the buckets.
    Between its points a curve is taken to be straight; before its first and after its last it does
    not count, and neither do values that are not finite.
    """
    clean = [(x[np.isfinite(y)], y[np.isfinite(y)]) for x, y in curves]
    clean = [(x, y) for x, y in clean if len(x)]
    if not clean:
        none = np.empty(0)
        return dict.fromkeys(("x", "mean", "std", "min", "max", "count"), none)
    places = np.unique(np.concatenate([x for x, _ in clean]))
    inner = edges(low, high, buckets)
    if len(places) > 2 * buckets:
        places = np.concatenate(([low], inner, [high]))
        places = (places[1:] + places[:-1]) / 2
    table = np.full((len(clean), len(places)), np.nan)
    for row, (x, y) in zip(table, clean, strict=True):
        few = len(x) <= 2 * buckets
        cut = {"x": x, "mean": y} if few else bucketed(x, y, inner)
        row[:] = np.interp(places, cut["x"], cut["mean"], left=np.nan, right=np.nan)
    count = np.isfinite(table).sum(0)
    kept = count > 0
    table, count, places = table[:, kept], count[kept], places[kept]
    mean = np.nanmean(table, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        std = np.sqrt(np.nansum((table - mean) ** 2, 0) / np.where(count > 1, count - 1, np.nan))
    return {
        "x": places,
        "mean": mean,
        "std": std,
        "min": np.nanmin(table, 0),
        "max": np.nanmax(table, 0),
        "count": count.astype(float),
    }
