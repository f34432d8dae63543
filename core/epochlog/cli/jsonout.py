"""Write results as JSON that every parser reads."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from epochlog.cli.screen import write


def jsonable(value: Any) -> Any:
    """Return ``value`` as plain JSON data.

    Moments become ISO 8601 in UTC, durations seconds. JSON has no NaN nor infinity: they become the
    strings "NaN", "Infinity" and "-Infinity", which ``float()`` of most languages understands.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _number(float(value))
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if hasattr(value, "tolist"):  # NumPy arrays and scalars
        return jsonable(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(item) for item in value]
    return str(value) if isinstance(value, Path) else repr(value)


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def dumps(value: Any, *, indent: int | None = 2) -> str:
    """Return ``value`` as JSON text."""
    return json.dumps(jsonable(value), indent=indent, ensure_ascii=False)


def write_json(value: Any) -> None:
    """Write ``value`` to standard output as indented JSON.

    What the output's encoding lacks (and lone surrogates in names) is escaped as JSON escapes it.
    """
    text = dumps(value)
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        text = json.dumps(jsonable(value), indent=2)
    write(text)
