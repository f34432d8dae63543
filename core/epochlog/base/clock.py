"""Tell the time as integer microseconds since the Unix epoch, in UTC."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now_us() -> int:
    """Return the current wall time in microseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1000


def to_datetime(at_us: int | None) -> datetime | None:
    """Return an aware UTC datetime for microseconds since the epoch (None stays None)."""
    return None if at_us is None else datetime.fromtimestamp(at_us / 1e6, tz=UTC)
