"""Cheap statistics of columns: nulls, range, mean, quantiles, most frequent; NaN is ignored."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from typing import Any

CLASSES_MAX = 50
SMALL_MAX, SMALL_RANGE_MAX = 2**53, 2**16
TOP = 10
"""Most frequent texts or categories of a column that are kept."""

SORTED_MAX = 2**16
"""Quantiles are those of about so many values, in evenly spaced rows: sorting takes its time."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Of numbers; without interpolation, so that they are values that occur."""


def summarize(values: Any) -> dict[str, Any]:
    """Return nulls, min, max, mean and `QUANTILES` of a NumPy array along its first axis.

    Values are numbers for a 1-D array, lists with one item a column for a 2-D array. Empty for
    other dtypes and empty arrays. Booleans have no quantiles.
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
        if kind != "b":
            found["quantiles"] = _quantiles(values)
    return {name: value.tolist() for name, value in found.items()}


def _quantiles(values: Any) -> Any:
    """Return `QUANTILES` along the first axis; NaN sorts last and is not counted."""
    import numpy as np

    values = values[:: -(-values.size // SORTED_MAX)]
    nulls = np.isnan(values).sum(axis=0) if values.dtype.kind == "f" else 0
    ordered = np.sort(values, axis=0)
    counts = np.maximum(np.full(values.shape[1:], len(values)) - nulls, 1)
    places = [np.minimum((counts * q).astype(np.int64), counts - 1) for q in QUANTILES]
    picked = [np.take_along_axis(ordered, place[None, ...], axis=0)[0] for place in places]
    return np.stack(picked, axis=-1)


def most_frequent(values: Any) -> dict[str, Any]:
    """Return the number of different texts, and how often the `TOP` most frequent ones occur.

    Values that occur once (names, addresses, texts) are left out: they describe rows, not data.
    Empty for what can't be counted.
    """
    try:
        counts = Counter(values)
    except TypeError:  # lists in an object column
        return {}
    top = [(value, n) for value, n in counts.most_common(TOP) if n > 1]
    if not all(isinstance(value, (str, int, float, bool)) for value, _ in top):
        return {}
    return {"different": len(counts), **({"top": {str(v)[:100]: n for v, n in top}} if top else {})}


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
        if (found := _count_small_numbers(values)) is not None:
            return found
        values = values.tolist()
    counts: Counter[Any] = Counter()
    for start in range(0, len(values), 1000):
        counts.update(values[start : start + 1000])
        if len(counts) > CLASSES_MAX:
            return {}
    if any(isinstance(value, (list, tuple, dict)) for value in counts):
        return {}
    return _sorted(counts.items())


def _count_small_numbers(values: Any) -> dict[str, int] | None:
    """Count whole numbers of a small range, ten times faster; None if they are not that."""
    import numpy as np

    if values.dtype.kind not in "biuf":
        return None
    low, high = values.min().item(), values.max().item()
    if not -SMALL_MAX < low <= high < SMALL_MAX or high - low > SMALL_RANGE_MAX:
        return None
    counts = np.bincount(values.astype(np.int64) - int(low))
    places = np.flatnonzero(counts)
    if len(places) > CLASSES_MAX:
        return {}
    kind = type(low)
    return _sorted((kind(place + int(low)), int(counts[place])) for place in places.tolist())


def _sorted(counts: Iterable[tuple[Any, int]]) -> dict[str, int]:
    return {str(value): count for value, count in sorted(counts, key=lambda kv: str(kv[0]))}
