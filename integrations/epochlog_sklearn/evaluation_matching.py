"""Compare arrays that a user passes with predictions: equal, a column of them, or made of them.

Most are not, and each metric call asks of several predictions: the first row rules nearly all out.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

CHECKSUM_BYTES = 16 * 1024 * 1024
COLUMNS_MAX = 50
COLUMNS_SUMMED = 2
_TOLERANCE = 1e-3
"""Of the first row's test, which only decides whether to look at all; three decimals' worth."""

_BEYOND = 700.0
"""Of larger numbers the exponential is no float."""


class Candidate:
    """An array that may be somebody's predictions, and what is asked of it again and again.

    Attributes:
        array: the values, never of objects.
        first: the first of them; a row if there are columns.
        is_text: whether they are words.
    """

    __slots__ = ("_range", "_sums", "_two", "array", "first", "is_text")

    def __init__(self, array: np.ndarray) -> None:
        self.array = array
        self.first = array[0]
        self.is_text = array.dtype.kind in "USO"
        self._two: tuple[np.ndarray | None] | None = None
        self._range: tuple[float, float] | None = None
        self._sums: dict[np.dtype[Any], int] = {}

    def two(self) -> np.ndarray | None:
        """Return which rows have the first of two labels; None if there are more or fewer."""
        if self._two is None:
            high = self.array == self.first
            rest = self.array[~high]
            several = not len(rest) or bool((rest != rest[0]).any())
            self._two = (None if several else high,)
        return self._two[0]

    def range(self) -> tuple[float, float]:
        """Return the least and the largest value."""
        if self._range is None:
            self._range = float(self.array.min()), float(self.array.max())
        return self._range

    def checksum(self, dtype: np.dtype[Any]) -> int:
        """Return the checksum of the values as another type."""
        if dtype not in self._sums:
            self._sums[dtype] = _checksum(self.array, dtype)
        return self._sums[dtype]


def holds(values: np.ndarray, candidate: Candidate) -> bool:
    """Return whether predictions, or a column of them, equal an array of as many rows."""
    if (values.dtype.kind in "USO") != candidate.is_text:
        return False
    if values.ndim == candidate.array.ndim:
        return equal(values, candidate.array)
    if candidate.array.ndim != 1 or values.ndim != 2 or values.shape[1] > COLUMNS_MAX:
        return False
    places = np.flatnonzero(_same(values[0], candidate.first))
    return any(equal(values[:, k], candidate.array) for k in places)


def derives(
    values: np.ndarray, candidate: Candidate, classes: Any = None, *, numbers: bool
) -> bool:
    """Return whether a threshold, a rounding, a largest column … of predictions gives an array.

    Args:
        values: the predictions.
        candidate: of as many rows.
        classes: what the columns stand for.
        numbers: whether numbers were predicted, not classes.
    """
    if values.dtype.kind not in "fiu" or candidate.array.ndim != 1 or values.ndim > 2:
        return False
    columns = values if values.ndim == 2 else values[:, None]
    if columns.shape[1] > 1 and _is_largest(columns, candidate, classes):
        return True
    if columns.shape[1] > COLUMNS_MAX:
        return False
    if columns.shape[1] == 2:
        columns = columns[:, 1:]
    if candidate.two() is not None and _is_threshold(columns, candidate):
        return True
    if not numbers or values.dtype.kind != "f" or candidate.array.dtype.kind not in "fiu":
        return False
    return any(_is_changed(column, candidate) for column in columns.T)


def _is_largest(columns: np.ndarray, candidate: Candidate, classes: Any) -> bool:
    named = isinstance(classes, np.ndarray) and len(classes) == columns.shape[1]
    first = columns[0].argmax()
    if first == candidate.first and equal(columns.argmax(1), candidate.array):
        return True
    if not named or classes[first] != candidate.first:
        return False
    return equal(classes[columns.argmax(1)], candidate.array)


def _is_threshold(columns: np.ndarray, candidate: Candidate) -> bool:
    """Return whether one label is given above and another below some score of a column."""
    high = candidate.two()
    assert high is not None
    above, below = columns[high], columns[~high]
    return bool((above.min(0) > below.max(0)).any() or (below.min(0) > above.max(0)).any())


def _is_changed(column: np.ndarray, candidate: Candidate) -> bool:
    """Return whether a column was rounded, clipped or raised: `_CHANGES`."""
    mine, theirs = float(column[0]), float(candidate.first)
    if math.isfinite(mine) and not _may_become(mine, theirs):
        low, high = candidate.range()
        if not (theirs == low and mine < low) and not (theirs == high and mine > high):
            return False
    return any(equal(change(column, candidate), candidate.array) for change in _CHANGES)


def _may_become(mine: float, theirs: float) -> bool:
    """Return whether a prediction, as it is, rounded or raised, is about a number."""
    made = [mine, *(round(mine, digits) for digits in range(3))]
    if mine < _BEYOND:
        made += math.expm1(mine), math.exp(mine)
    return any(abs(value - theirs) <= _TOLERANCE * max(1.0, abs(value)) for value in made)


_CHANGES: tuple[Callable[[np.ndarray, Candidate], np.ndarray], ...] = (
    lambda column, _: np.round(column),
    lambda column, _: np.round(column, 1),
    lambda column, _: np.round(column, 2),
    lambda column, _: np.round(column, 3),
    lambda column, candidate: np.clip(column, candidate.array.min(), candidate.array.max()),
    lambda column, _: np.expm1(column),
    lambda column, _: np.exp(column),
)
"""What people do to predictions before they compare them."""


def equal(one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether two arrays hold equal values, NaN being equal to NaN; types may differ."""
    if one.shape != other.shape or (one.dtype.kind in "USO") != (other.dtype.kind in "USO"):
        return False
    if one.dtype.kind == "O":
        one = one.astype(str)
    if one.ndim == 1 and len(one):
        first, others = one[0], other[0]
        if first != others and (first == first or others == others):  # not NaN both
            return False
    few = slice(None, None, max(1, len(one) // 16))
    return _equal(one[few], other[few]) and _equal(one, other)


def _same(one: Any, other: Any) -> Any:
    """Compare single values, or each of a row with one value."""
    return (one == other) | ((one != one) & (other != other))


def _equal(one: np.ndarray, other: np.ndarray) -> bool:
    same = np.asarray(one == other)
    if one.dtype.kind == "f" and other.dtype.kind == "f" and not same.all():
        same |= (one != one) & (other != other)
    return bool(same.all())


def checksums(array: Any) -> Iterator[tuple[np.dtype[Any], int]]:
    """Yield (type, checksum) of predictions and of their columns, if they are few."""
    if isinstance(array, np.ndarray) and array.nbytes <= CHECKSUM_BYTES and array.dtype.kind != "O":
        yield array.dtype, _checksum(array, array.dtype)
        if array.ndim == 2 and array.shape[1] <= COLUMNS_SUMMED:
            for column in array.T:
                yield array.dtype, _checksum(column, array.dtype)


def _checksum(array: np.ndarray, dtype: np.dtype[Any]) -> int:
    if array.dtype != dtype:
        if array.dtype.kind in "USO" or dtype.kind in "USO":
            return -1
        array = array.astype(dtype)
    return zlib.crc32(np.ascontiguousarray(array).view(np.uint8).data)
