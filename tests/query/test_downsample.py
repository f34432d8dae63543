"""Down-sampling keeps what the eye would see."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from epochlog.query.downsample import downsample, within

floats = st.floats(allow_nan=True, allow_infinity=True, width=64)
curves = st.integers(0, 300).flatmap(lambda n: arrays(np.float64, n, elements=floats))


@given(y=curves, most=st.integers(5, 60))
def test_peaks_ends_and_gaps_survive(y, most):
    """First, last, lowest and highest point are kept, and a NaN if there is any."""
    kept = downsample(np.arange(len(y)), y, max_points=most)

    assert len(kept) <= max(most, 5)
    assert np.all(np.diff(kept) > 0)
    if len(y):
        assert (0, len(y) - 1) == (kept[0], kept[-1])
        assert np.array_equal(np.isnan(y).any(), np.isnan(y[kept]).any())
    if (~np.isnan(y)).any():
        assert np.nanmin(y) == np.nanmin(y[kept])
        assert np.nanmax(y) == np.nanmax(y[kept])


@given(y=curves, buckets=st.integers(1, 40))
def test_every_bucket_keeps_its_extremes(y, buckets):
    """In each pixel column the drawn range is that of all its points."""
    x = np.arange(len(y), dtype=float)
    kept = downsample(x, y, buckets=buckets)
    if len(y) < 2:
        assert len(kept) == len(y)
        return
    column = np.clip((x / x[-1] * buckets).astype(int), 0, buckets - 1)
    for each in range(buckets):
        whole, part = y[column == each], y[kept][column[kept] == each]
        if (~np.isnan(whole)).any():
            # Edges of floating point may move a point to the neighbour column, never lose it.
            near = y[kept][abs(column[kept] - each) <= 1]
            assert np.nanmin(near) <= np.nanmin(whole)
            assert np.nanmax(near) >= np.nanmax(whole)
        assert len(part) <= 3 + 2


def test_it_is_deterministic_and_exact_about_duplicates():
    """The first of equal extremes is taken, every time."""
    y = np.array([1.0, 0.0, 0.0, 5.0, 5.0, 1.0] * 50)
    x = np.arange(len(y))
    first, again = (downsample(x, y, buckets=10) for _ in range(2))

    assert np.array_equal(first, again)
    assert 1 in first
    assert 2 not in first


def test_few_points_come_back_whole():
    """Nothing is lost of a curve that is short enough."""
    y = np.array([3.0, np.nan, 1.0])

    assert downsample(np.arange(3), y, max_points=10).tolist() == [0, 1, 2]
    assert downsample(np.arange(0), np.array([]), max_points=10).tolist() == []


def test_any_axis_will_do():
    """Unordered places are sorted, missing ones left out, equal and infinite ones survive."""
    y = np.arange(6.0)
    assert downsample(np.array([1.0, 2.0, 0.0]), y[:3], buckets=5).tolist() == [2, 0, 1]
    assert downsample(np.array([1.0, np.nan, 3.0]), y[:3], buckets=5).tolist() == [0, 2]
    assert len(downsample(np.zeros(100), np.arange(100.0), max_points=10)) <= 10
    x = np.array([-np.inf, *range(100), np.inf])
    kept = downsample(x, np.arange(102.0), max_points=20)
    assert (kept[0], kept[-1]) == (0, 101)


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [(None, None, [0, 1, 3]), (2, None, [1, 3]), (None, 2, [0, 1]), (2, 2, [1]), (9, 1, [])],
)
def test_bounds_are_inclusive(start, end, wanted):
    """Points on a bound belong to the range; points without a place don't."""
    assert wanted == within(np.array([1.0, 2.0, np.nan, 3.0]), start, end).tolist()
