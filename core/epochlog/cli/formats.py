"""Write numbers, times, sizes and names the way people read them."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_BINARY = ("KiB", "MiB", "GiB", "TiB")


def clean(text: str) -> str:
    """Return ``text`` on one line with control characters escaped.

    Names come from anywhere; none may move the cursor, change colours or break a table.
    """
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)


def clean_lines(text: str) -> str:
    """Return a text of several lines with all other control characters escaped."""
    return "\n".join(clean(line.replace("\t", "    ")) for line in text.splitlines())


def cell_width(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )


def cut(text: str, width: int, ellipsis: str = "…") -> str:
    """Return ``text`` in at most ``width`` columns, the end replaced by an ellipsis if need be."""
    if cell_width(text) <= width:
        return text
    kept = ""
    for char in text:
        if cell_width(kept + char) > width - len(ellipsis):
            break
        kept += char
    return (kept + ellipsis)[: max(width, 0)]


def number(value: Any, digits: int = 5) -> str:
    """Return a number with ``digits`` significant digits; whole numbers in full."""
    if value is None:
        return ""
    if isinstance(value, int) or (
        math.isfinite(value) and value == int(value) and abs(value) < 1e9
    ):
        return str(int(value))
    return f"{float(value):.{digits}g}"


def param(value: Any) -> str:
    """Return the value of a parameter on one line: text bare, all else as JSON."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict) and set(value) == {"__epochlog__", "type", "text"}:
        return clean(str(value["text"]))
    if value is None or isinstance(value, bool | int | float):
        return str(value)
    return clean(json.dumps(value, ensure_ascii=False, default=str))


def took(duration: timedelta | None) -> str:
    """Return "0.31s", "42.1s", "3m10s", "2h05m" or "3d04h"; "" for None."""
    if duration is None:
        return ""
    seconds = max(duration.total_seconds(), 0.0)
    if seconds < 9.995:
        return f"{seconds:.2f}s"
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 86400}d{whole % 86400 // 3600:02}h"


def ago(moment: datetime | None, now: datetime | None = None) -> str:
    """Return "5s ago" … "6d ago", and the local date beyond a week; "" for None."""
    if moment is None:
        return ""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    if seconds < -60:
        return local(moment)
    for size, unit in ((60, "s"), (3600, "m"), (86400, "h"), (7 * 86400, "d")):
        if seconds < size:
            whole = max(0, int(seconds // {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]))
            return f"{whole}{unit} ago"
    return f"{moment.astimezone():%Y-%m-%d}"


def local(moment: datetime | None) -> str:
    """Return a moment in the local time zone to the second; "" for None."""
    return "" if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def size(count: float | None) -> str:
    """Return a number of bytes as "812 B", "1.4 MiB"; "" for None."""
    if count is None:
        return ""
    if abs(count) < 1024:
        return f"{count:.0f} B"
    for unit in _BINARY:
        count /= 1024
        if abs(count) < 1024 or unit == _BINARY[-1]:
            break
    return f"{count:.{0 if abs(count) >= 100 else 1}f} {unit}"


def plural(count: int, noun: str, several: str = "") -> str:
    """Return "1 run", "3 runs"."""
    return f"{count:,} {noun if count == 1 else several or noun + 's'}"
