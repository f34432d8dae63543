"""Say any value in JSON that browsers read, without losing NaN, infinities or large integers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

import msgspec
import numpy as np

from epochlog.base.values import is_opaque
from epochlog.query.compare import MISSING

TEXT_MAX = 2_000
"""Characters that a cell shows."""

_EXACT_INT = 2**53
_NAN, _INF, _MINUS_INF, _NONE = {"$": "nan"}, {"$": "inf"}, {"$": "-inf"}, {"$": "none"}


def cell(value: Any) -> Any:
    """Return a value as a `Cell` of the wire contract: null where there is none."""
    plain = _PLAIN.get(type(value))
    return _other(value) if plain is None else plain(value)


def _other(value: Any) -> Any:
    if value is MISSING:
        return None
    if value is None:
        return _NONE
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return _whole(int(value))
    if isinstance(value, (float, np.floating)):
        return number(float(value))
    if isinstance(value, str):
        return cut(value)
    if isinstance(value, datetime):
        return micros(value)
    if is_opaque(value):
        return {"$": "opaque", "v": cut(str(value["text"])), "t": str(value.get("type", ""))}
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return [cut(each) for each in value]
    return {"$": "json", "v": cut(msgspec.json.encode(document(value)).decode())}


def number(value: float) -> Any:
    """Return a number, or what stands for NaN and infinities."""
    if math.isfinite(value):
        return value
    return _NAN if math.isnan(value) else _INF if value > 0 else _MINUS_INF


def document(value: Any) -> Any:
    """Return plain data of any depth, with `Special` objects for what JSON lacks; null is None."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, np.integer)):
        return _whole(int(value))
    if isinstance(value, (float, np.floating)):
        return number(float(value))
    if isinstance(value, datetime):
        return micros(value)
    if is_opaque(value):
        return {"$": "opaque", "v": str(value["text"]), "t": str(value.get("type", ""))}
    if isinstance(value, Mapping):
        if "$" in value:  # would be taken for one of ours
            return {"$": "json", "v": cut(str(dict(value)))}
        return {str(key): document(each) for key, each in value.items()}
    if isinstance(value, np.ndarray):
        return document(value.tolist())
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: document(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [document(each) for each in value]
    return cut(repr(value))


def micros(moment: datetime | None) -> int | None:
    """Return microseconds since 1970 UTC."""
    return None if moment is None else round(moment.timestamp() * 1_000_000)


def cut(text: str, most: int = TEXT_MAX) -> str:
    """Return the text, shortened with an ellipsis; lone surrogates become readable."""
    shown = text if len(text) <= most else text[: most - 1] + "…"
    if shown.isascii():
        return shown
    try:
        shown.encode()
    except UnicodeEncodeError:
        shown = shown.encode("utf-8", "backslashreplace").decode()
    return shown


def _whole(value: int) -> Any:
    return value if abs(value) <= _EXACT_INT else {"$": "int", "v": cut(str(value))}


_PLAIN: dict[type, Callable[[Any], Any]] = {
    float: number,
    str: cut,
    int: _whole,
    bool: lambda value: value,
}
"""What most cells are."""


def uncell(value: Any) -> Any:
    """Return the value that a cell stands for (`MISSING` for null), as far as filters can use it.

    Raises:
        ValueError: a list, dict or object can't be asked for.
    """
    if value is None:
        return MISSING
    if isinstance(value, (bool, int, float, str)):
        return value
    kind = value.get("$") if isinstance(value, dict) else None
    if kind in ("nan", "inf", "-inf"):
        return float(kind)
    if kind == "none":
        return None
    if kind == "int":
        return int(value["v"])
    raise ValueError(f"no filter can ask for {value!r}")
