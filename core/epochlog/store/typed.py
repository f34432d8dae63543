"""Store a param's value of any type in typed columns, and give it back as it was."""

from __future__ import annotations

import json
import math
import sys
from typing import Any, TypedDict

from epochlog.base.values import is_opaque, opaque
from epochlog.store.schema import SEARCH_CHARS

FINITE, NAN, POS_INF, NEG_INF = 0, 1, 2, 3
"""The codes that tell what a number column can't hold (two bits each where several share one)."""

MAX_FLOAT = sys.float_info.max
_EXACT_INT = 2**53


class Columns(TypedDict):
    """The columns of a typed value."""

    vtype: str
    num: float | None
    text: str | None
    body: str | None
    flags: int


def encode_number(value: float) -> tuple[float | None, int]:
    """Return (column value, code): NaN → NULL, ±Inf → ± the largest double, each with its code."""
    if math.isfinite(value):
        return value, FINITE
    if math.isnan(value):
        return None, NAN
    return (MAX_FLOAT, POS_INF) if value > 0 else (-MAX_FLOAT, NEG_INF)


def decode_number(value: float | None, code: int) -> float | None:
    """Return what `encode_number` was given (None for a number that isn't there)."""
    if code == FINITE:
        return value
    return (math.nan, math.inf, -math.inf)[code - 1]


def encode_value(value: Any) -> Columns:
    """Return the columns of a plain value (see `epochlog.base.values.plain`).

    ``num`` orders booleans, integers and floats, ``text`` is what searches look at, cut to
    `SEARCH_CHARS`; ``body`` has the whole value where these two don't give it back.
    """
    if value is None:
        return _columns("null", text=None)
    if isinstance(value, bool):
        return _columns("bool", num=float(value), text="true" if value else "false")
    if isinstance(value, int):
        return _encode_int(value)
    if isinstance(value, float):
        return _encode_float(value)
    if isinstance(value, str):
        return _columns("str", text=value, body=value if len(value) > SEARCH_CHARS else None)
    if is_opaque(value):
        return _columns("opaque", text=value["text"], body=_to_json(value))
    text = _to_json(value)
    return _columns("json", text=text, body=text)


def decode_value(
    vtype: str, num: float | None, text: str | None, body: str | None, flags: int
) -> Any:
    """Return the value that has these columns; an opaque one as a dict of type and text."""
    if vtype == "float":
        if body is None:
            return decode_number(num, flags) if flags else num
        return float(body)
    if vtype == "int":
        return int(body) if body is not None else int(num or 0)
    if vtype == "str":
        return text if body is None else body
    if vtype == "bool":
        return bool(num)
    if vtype == "null":
        return None
    return json.loads(body) if body is not None else text


def _columns(
    vtype: str,
    *,
    num: float | None = None,
    text: str | None,
    body: str | None = None,
    flags: int = 0,
) -> Columns:
    cut = None if text is None else text[:SEARCH_CHARS]
    return {"vtype": vtype, "num": num, "text": cut, "body": body, "flags": flags}


def _encode_int(value: int) -> Columns:
    exact = -_EXACT_INT <= value <= _EXACT_INT
    try:
        num, flags = float(value), FINITE
    except OverflowError:
        num, flags = (MAX_FLOAT, POS_INF) if value > 0 else (-MAX_FLOAT, NEG_INF)
    text = str(value)
    return _columns("int", num=num, text=text, body=None if exact else text, flags=flags)


def _encode_float(value: float) -> Columns:
    num, flags = encode_number(value)
    text = repr(value)
    # SQLite keeps whole floats as integers, which have no negative zero.
    negative_zero = value == 0 and math.copysign(1.0, value) < 0
    return _columns("float", num=num, text=text, body=text if negative_zero else None, flags=flags)


def _to_json(value: Any) -> str:
    # The standard library's JSON keeps NaN and ±Inf, as words that it also reads.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_as_opaque)


def _as_opaque(value: Any) -> dict[str, str]:
    return opaque(type(value).__name__, repr(value))
