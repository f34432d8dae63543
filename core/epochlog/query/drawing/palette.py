"""Colours that can be told apart by everybody, in a fixed order."""

from __future__ import annotations

COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#6a3d9a", "#8c564b")
"""Okabe and Ito (2008), without their yellow and black, and two more."""

DASHES = ("solid", "dashed", "dotted", "dashdot")


def color_of(place: int) -> str:
    """Return the colour of the run at a place; they repeat after eight."""
    return COLORS[place % len(COLORS)]


def dash_of(place: int) -> str:
    """Return the dash of the curve at a place inside one run; they repeat after four."""
    return DASHES[place % len(DASHES)]
