"""Draw curves and bars on one line of text."""

from __future__ import annotations

import math
from collections.abc import Sequence

LEVELS = "▁▂▃▄▅▆▇█"
LEVELS_ASCII = "_.-=+*#@"
EIGHTHS = " ▏▎▍▌▋▊▉█"
NOT_FINITE, NOT_FINITE_ASCII = "×", "x"
ROUNDING = 1e-12


def sparkline(values: Sequence[float], width: int = 20, *, rich: bool = True) -> str:
    """Return a curve of at most ``width`` characters.

    Each character is the mean of its share of the values, between the least and the greatest of
    them. A share without any finite value is marked ×.

    Args:
        values: any numbers, NaN and ±Inf included, in the order of their steps.
        width: characters at most; with fewer values, one each.
        rich: use block characters instead of ASCII.
    """
    levels = LEVELS if rich else LEVELS_ASCII
    means = _means(values, width)
    finite = [mean for mean in means if mean is not None]
    low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
    span = high - low
    if not math.isfinite(span):  # of the order of the greatest double: halve before subtracting
        means = [None if mean is None else mean / 4 for mean in means]
        low, high = low / 4, high / 4
        span = high - low
    if span <= ROUNDING * max(abs(low), abs(high)):
        span = 0.0  # means of equal values differ in their last digits
    return "".join(
        (NOT_FINITE if rich else NOT_FINITE_ASCII)
        if mean is None
        else levels[min(int((mean - low) / span * 8), 7) if span > 0 else 3]
        for mean in means
    )


def _means(values: Sequence[float], width: int) -> list[float | None]:
    count = len(values)
    shares = min(count, max(width, 1))
    means: list[float | None] = []
    for share in range(shares):
        part = values[share * count // shares : (share + 1) * count // shares]
        finite = [float(value) for value in part if math.isfinite(value)]
        means.append(sum(value / len(finite) for value in finite) if finite else None)
    return means


def bar(share: float, width: int = 20, *, rich: bool = True) -> str:
    """Return a bar that fills ``share`` (0 to 1) of ``width`` characters; something if not zero."""
    share = min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0
    if not rich:
        return "#" * (max(1, round(share * width)) if share > 0 else 0)
    eighths = max(1, round(share * width * 8)) if share > 0 else 0
    return (EIGHTHS[8] * (eighths // 8) + EIGHTHS[eighths % 8]).rstrip()
