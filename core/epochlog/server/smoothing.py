"""Smooth a curve by distances on its x axis, over all of its points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_FORGOTTEN = 1e-18


def smooth(x: Array, y: Array, method: str, weight: float) -> Array:
    """Return the smoothed values, as long as ``y``; NaN where ``y`` is not finite.

    Args:
        x: places, ascending.
        y: values; those that are not finite count for nothing.
        method: ema, gaussian or mean.
        weight: 0 … <1 as of TensorBoard: with points at equal distances, ``ema`` is its curve.
            The other methods average over the same mean distance.
    """
    there = np.isfinite(y)
    if weight <= 0 or len(y) < 2 or not there.any():
        return np.where(there, y, np.nan)
    values = np.where(there, y, 0.0)
    if method == "ema":
        found = _ema(_distances(x), values, there.astype(float), weight)
    else:
        width = _spacing(x) * weight / (1 - weight)
        found = _box(x, values, there.astype(float), width)
        for _ in range(2 if method == "gaussian" else 0):  # three boxes are nearly a bell
            found = _box(x, np.nan_to_num(found), there.astype(float), width)
    return np.where(there, found, np.nan)


def _spacing(x: Array) -> float:
    return float(x[-1] - x[0]) / (len(x) - 1)


def _distances(x: Array) -> Array:
    """Return the distance to the point before in units of the mean distance."""
    spacing = _spacing(x)
    if not spacing > 0:
        return np.ones(len(x))
    return np.diff(x, prepend=x[0]) / spacing


def _ema(distance: Array, y: Array, given: Array, weight: float) -> Array:
    """Debiased exponential mean: s[i] = a[i]·s[i-1] + y[i], over the same sum of ones.

    Worked out for all points at once: after pass k each sum reaches 2^k points back, and passes end
    when what is further back counts for nothing.
    """
    decay = weight**distance
    total, ones = y.copy(), given.copy()
    reach = 1
    while reach < len(y):
        total[reach:] += decay[reach:] * total[:-reach].copy()
        ones[reach:] += decay[reach:] * ones[:-reach].copy()
        longer = decay[reach:] * decay[:-reach]
        decay[:reach] = 0.0  # nothing is further back
        decay[reach:] = longer
        if decay.max() < _FORGOTTEN:
            break
        reach *= 2
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Array = total / ones
        return found


def _box(x: Array, y: Array, given: Array, width: float) -> Array:
    """Mean of the points at most ``width`` away on either side."""
    sums = np.concatenate(([0.0], np.cumsum(y)))
    counts = np.concatenate(([0.0], np.cumsum(given)))
    left = np.searchsorted(x, x - width, "left")
    right = np.searchsorted(x, x + width, "right")
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Array = (sums[right] - sums[left]) / (counts[right] - counts[left])
        return found
