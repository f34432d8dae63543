"""Turn any Python value into plain data that can be stored and compared, losing as little as possible."""

from __future__ import annotations

import dataclasses
import enum
import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import PurePath
from typing import Any

TEXT_MAX_CHARS = 1_000_000
ITEMS_MAX = 10_000
DEPTH_MAX = 12
OPAQUE_KEY = "__epochlog__"

_INT64_MIN, _UINT64_MAX = -(2**63), 2**64 - 1


def opaque(type_name: str, text: str) -> dict[str, str]:
    """Return the plain form of a value that has no native one: its type's name and a text."""
    return {OPAQUE_KEY: "opaque", "type": type_name, "text": text[:TEXT_MAX_CHARS]}


def is_opaque(value: Any) -> bool:
    """Return whether ``value`` is what `opaque` made."""
    return isinstance(value, dict) and value.get(OPAQUE_KEY) == "opaque"


def type_name(value: Any) -> str:
    """Return the dotted name of a value's class."""
    cls = type(value)
    return (
        cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"
    )


def plain(value: Any, depth: int = 0) -> Any:
    """Return ``value`` as None, bool, int, float, str, list or dict of these; never raises.

    Whatever has no such form becomes `opaque` text with the name of its type.
    """
    try:
        return _plain(value, depth)
    except (
        Exception
    ) as error:  # a broken __repr__ of the user's object must not cost them their run
        return opaque(type_name(value), f"<unprintable: {type(error).__name__}: {error}>")


def _plain(value: Any, depth: int) -> Any:
    if value is None or value is True or value is False:
        return value
    kind = type(value)
    if kind is str:
        return _plain_text(value)
    if kind is float:
        return value
    if kind is int:
        return value if _INT64_MIN <= value <= _UINT64_MAX else opaque("int", str(value))
    if depth >= DEPTH_MAX:
        return opaque(type_name(value), repr(value))
    if isinstance(value, Mapping):
        return _plain_mapping(value, depth)
    if isinstance(value, (list, tuple)):
        return [plain(item, depth + 1) for item in value[:ITEMS_MAX]]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item, depth + 1) for item in value), key=repr)
    return _plain_object(value, depth)


def _plain_text(value: str) -> str:
    # Lone surrogates (from odd file names) can't be encoded as UTF-8; keep them readable.
    if value.isascii() or not _has_surrogate(value):
        return value
    return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _has_surrogate(value: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in value)


def _plain_mapping(value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    return {
        key if isinstance(key, str) else str(key): plain(item, depth + 1)
        for key, item in list(value.items())[:ITEMS_MAX]
    }


def _plain_object(value: Any, depth: int) -> Any:
    if isinstance(value, enum.Enum):
        return (
            plain(value.value, depth + 1)
            if isinstance(value.value, (str, int, float))
            else value.name
        )
    if isinstance(value, (str, int, float)):  # subclasses, numpy.float64 and numpy.str_ among them
        base = str if isinstance(value, str) else int if isinstance(value, int) else float
        return _plain(base(value), depth)
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return opaque("bytes", value[: TEXT_MAX_CHARS // 2].hex())
    if isinstance(value, type) or (callable(value) and hasattr(value, "__qualname__")):
        return f"{value.__module__}.{value.__qualname__}"
    if dataclasses.is_dataclass(value):
        return {f.name: plain(getattr(value, f.name), depth + 1) for f in dataclasses.fields(value)}
    shape, item = getattr(value, "shape", None), getattr(value, "item", None)
    if shape == () and callable(item):  # 0-d array or tensor, numpy scalar
        return plain(item(), depth + 1)
    if (
        isinstance(shape, tuple)
        and callable(getattr(value, "tolist", None))
        and math.prod(shape) <= 100
    ):
        return plain(value.tolist(), depth + 1)
    return opaque(type_name(value), repr(value))
