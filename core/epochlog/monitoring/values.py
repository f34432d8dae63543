"""Read the values of rules: numbers, durations, sizes, shares, texts; the default says which."""

from __future__ import annotations

import math
import re
from typing import Any

UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
UNITS_BYTES = {
    "B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
    "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30, "TiB": 2.0**40,
}  # fmt: skip
_QUANTITY = re.compile(r"([-+]?[0-9.]+(?:e[-+]?[0-9]+)?)\s*([A-Za-z%]*)")


def kind_of(default: Any) -> str:
    """Return what kind of value is meant where this is the default."""
    if isinstance(default, (int, float)):
        return "number"
    if isinstance(default, str) and (found := _QUANTITY.fullmatch(default)):
        for kind, units in (("duration", UNITS_S), ("size", UNITS_BYTES), ("share", {"%": 0.01})):
            if found[2] in units:
                return kind
    return "text"


def read_value(text: Any, default: Any) -> Any:
    """Return a value as the check takes it: seconds, bytes, a fraction, a number or text.

    Raises:
        ValueError: it is no such thing; says what would be.
    """
    kind = kind_of(default)
    if kind == "text":
        return str(text)
    found = _QUANTITY.fullmatch(str(text).strip())
    units = {"number": {}, "duration": UNITS_S, "size": UNITS_BYTES, "share": {"%": 0.01}}[kind]
    if found is not None and (not found[2] or found[2] in units):
        try:
            number = float(found[1]) * units.get(found[2], 1.0)
        except ValueError:
            number = math.nan
        if math.isfinite(number) and number >= 0:
            return number
    raise ValueError(_EXPECTED[kind])


_EXPECTED = {
    "number": "a number, not negative",
    "duration": "a duration such as 30s, 10m or 2h",
    "size": "a size such as 500MB or 2GiB",
    "share": "a share such as 50% or 0.5",
}


def say_duration(seconds: float) -> str:
    """Return a duration for people, in its largest unit."""
    for unit, size in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def say_size(size: float) -> str:
    """Return a size for people."""
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        if size >= UNITS_BYTES[unit]:
            return f"{size / UNITS_BYTES[unit]:.3g} {unit}"
    return f"{size:.0f} B"
