"""Cheap statistics of columns: nulls, min, max, mean, class counts; no warnings, NaN ignored."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

CLASSES_MAX = 50


def summarize(values: Any) -> dict[str, Any]:
    """Return nulls, min, max and mean of a NumPy array along its first axis.

    Values are numbers for a 1-D array, lists with one item a column for a 2-D array. Empty for
    other dtypes and empty arrays.
    """
    import numpy as np

    kind = values.dtype.kind
    if kind not in "biuf" or not values.size:
        return {}
    # The user's floating-point error settings, warnings included, stay out of this.
    with np.errstate(all="ignore"):
        if kind != "f":
            low, high = values.min(axis=0), values.max(axis=0)
            mean = values.mean(axis=0, dtype=np.float64)
            nulls = np.zeros(values.shape[1:], np.int64)
        else:
            nulls = np.isnan(values).sum(axis=0)
            low, high = np.fmin.reduce(values, axis=0), np.fmax.reduce(values, axis=0)
            if nulls.any():
                total = np.add.reduce(values, axis=0, dtype=np.float64, where=~np.isnan(values))
                mean = total / (len(values) - nulls)
            else:
                mean = np.add.reduce(values, axis=0, dtype=np.float64) / len(values)
    found = {"nulls": nulls, "min": low, "max": high, "mean": mean}
    return {name: value.tolist() for name, value in found.items()}


def count_classes(values: Any) -> dict[str, int]:
    """Return how often each value occurs, or {} if there are more than `CLASSES_MAX` or no classes.

    Floats are classes only if they are all whole numbers (LightGBM's labels are).
    """
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(values, numpy.ndarray):
        if values.ndim != 1 or values.dtype.kind not in "biufUSO" or not values.size:
            return {}
        if values.dtype.kind == "f":
            with numpy.errstate(all="ignore"):
                whole = numpy.isfinite(values).all() and (values == numpy.rint(values)).all()
            if not whole:
                return {}
        values = values.tolist()
    counts: Counter[Any] = Counter()
    for start in range(0, len(values), 1000):
        counts.update(values[start : start + 1000])
        if len(counts) > CLASSES_MAX:
            return {}
    if any(isinstance(value, (list, tuple, dict)) for value in counts):
        return {}
    return {str(value): count for value, count in sorted(counts.items(), key=lambda kv: str(kv[0]))}
