"""Find the names that a mistyped one was probably meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def close_names(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return up to ``most`` names that resemble ``name``, best first."""
    names = list(known)
    lowered: dict[str, str] = {}
    for each in names:
        lowered.setdefault(each.lower(), each)
    found = [lowered[n] for n in difflib.get_close_matches(name.lower(), lowered, most, 0.6)]
    # "acc" for "val/accuracy": what people abbreviate, difflib rates low.
    parts = [each for each in names if name and name.lower() in each.lower()]
    return list(dict.fromkeys((*found, *sorted(parts, key=len))))[:most]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'a' or 'b'?"``, or "" if nothing is near."""
    close = close_names(name, known)
    return f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
