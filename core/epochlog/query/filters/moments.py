"""Read moments and durations as people write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?\s*[smhdw]\s*)+", re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])", re.ASCII)

DAY_US = 86_400_000_000


def seconds_of(text: Any) -> float | None:
    """Return the seconds of "90s", "15m", "12h", "7d", "2w" or "1d12h"; None for anything else."""
    if not isinstance(text, str) or not _DURATION.fullmatch(text.strip()) or len(text) > 100:
        return None
    return sum(float(number) * _UNITS_S[unit] for number, unit in _PART.findall(text))


def microseconds_of(text: str) -> int | None:
    """Return the microseconds since 1970 of an ISO 8601 date or time; None if it is none.

    Without an offset it is UTC; a date is its midnight.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86400 + delta.seconds) * 1_000_000 + delta.microseconds


def is_date(text: str) -> bool:
    """Return whether ``text`` names a whole day."""
    return re.fullmatch(r"\s*\d{4}-?\d{2}-?\d{2}\s*", text) is not None
