"""Curves and bars on one line."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochlog.cli.sparkline import LEVELS, bar, sparkline


def test_a_rising_line_rises() -> None:
    """Eight rising values use all eight levels."""
    assert sparkline(range(8)) == LEVELS


def test_long_curves_are_averaged() -> None:
    """A curve longer than the width is shown as means of equal shares."""
    assert sparkline([0, 0, 1, 1], 2) == "▁█"


def test_gaps_are_marked() -> None:
    """A share without a finite value is a cross, not a value."""
    assert sparkline([1.0, math.nan, 2.0, math.inf]) == "▁×█×"
    assert sparkline([math.nan, 1.0, 1.0, math.nan], 2) == "▄▄"


def test_flat_and_empty_curves() -> None:
    """A constant curve is in the middle; no values make no curve."""
    assert (sparkline([2.0, 2.0]), sparkline([]), sparkline([math.nan])) == ("▄▄", "", "×")
    assert sparkline([0.001] * 1000, 7) == "▄" * 7
    assert sparkline([0.001, math.nextafter(0.001, 1)]) == "▄▄"


@given(st.lists(st.floats(), max_size=200), st.integers(1, 40))
def test_any_values_fit(values: list[float], width: int) -> None:
    """Any floats, the greatest included, give a line of at most the width."""
    for rich in (True, False):
        line = sparkline(values, width, rich=rich)
        assert len(line) == min(len(values), width)
        assert rich or line.isascii()


@pytest.mark.parametrize(
    ("share", "drawn"),
    [(0, ""), (1, "████"), (0.5, "██"), (1e-9, "▏"), (2, "████"), (math.nan, "")],
)
def test_bars_fill_their_share(share: float, drawn: str) -> None:
    """A bar is as long as its share, and never vanishes unless that is zero."""
    assert bar(share, 4) == drawn


def test_bars_in_ascii() -> None:
    """Without block characters a bar is made of #."""
    assert (bar(0.5, 4, rich=False), bar(1e-9, 4, rich=False)) == ("##", "#")
