"""Turn any Python value into plain data to store and compare, losing as little as possible."""

from __future__ import annotations

import dataclasses
import enum
import itertools
import math
import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from pathlib import PurePath
from typing import Any

TEXT_MAX_CHARS = 1_000_000
ITEMS_MAX = 10_000
ITEMS_TOTAL_MAX = 100_000
ARRAY_ITEMS_MAX = 100
DEPTH_MAX = 12
OPAQUE_KEY = "__epochlog__"

_INT64_MIN, _UINT64_MAX = -(2**63), 2**64 - 1


def opaque(type_name: str, text: str) -> dict[str, str]:
    """Return the plain form of a value that has no native one: its type's name and a text."""
    return {OPAQUE_KEY: "opaque", "type": type_name, "text": _plain_text(text[:TEXT_MAX_CHARS])}


def is_opaque(value: Any) -> bool:
    """Return whether ``value`` is what `opaque` made."""
    return isinstance(value, dict) and value.get(OPAQUE_KEY) == "opaque"


def type_name(value: Any) -> str:
    """Return the dotted name of a value's class."""
    cls = type(value)
    return (
        cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"
    )


def plain(value: Any, depth: int = 0, room: list[int] | None = None) -> Any:
    """Return ``value`` as None, bool, int, float, str, list or dict of these; never raises.

    Whatever has no such form becomes `opaque` text with the name of its type. What is larger than
    the limits of this module is cut, and an opaque value of type "cut" stands where it was.

    Args:
        value: anything.
        depth: how deep ``value`` lies in a larger one.
        room: one number: how many more items may be kept; counted down.
    """
    try:
        return _plain(value, depth, room if room is not None else [ITEMS_TOTAL_MAX])
    except Exception as error:  # a broken __repr__ of theirs must not cost them their run
        return opaque(type_name(value), f"<unprintable: {type(error).__name__}>")


def _plain(value: Any, depth: int, room: list[int]) -> Any:
    if value is None or value is True or value is False:
        return value
    kind = type(value)
    if kind is str:
        return _plain_text(value)
    if kind is float:
        return value
    if kind is int:
        return value if _INT64_MIN <= value <= _UINT64_MAX else opaque("int", str(value))
    if isinstance(value, (Mapping, list, tuple, set, frozenset)):
        if depth >= DEPTH_MAX:
            return opaque(type_name(value), f"{len(value)} items, nested too deeply")
        if isinstance(value, Mapping):
            return _plain_mapping(value, depth, room)
        items = _plain_items(value, depth, room)
        return items if isinstance(value, (list, tuple)) else sorted(items, key=repr)
    return _plain_object(value, depth, room)


def _cut(kept: int, of: int) -> dict[str, str]:
    return opaque("cut", f"{kept} of {of} items were kept")


def _plain_items(value: Collection[Any], depth: int, room: list[int]) -> list[Any]:
    kept = max(0, min(len(value), ITEMS_MAX, room[0]))
    room[0] -= kept
    items = [plain(item, depth + 1, room) for item in itertools.islice(value, kept)]
    return items if kept == len(value) else [*items, _cut(kept, len(value))]


def _plain_text(value: str) -> str:
    # Lone surrogates (from odd file names) can't be encoded as UTF-8; keep them readable.
    if value.isascii() or not _has_surrogate(value):
        return value
    return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _has_surrogate(value: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in value)


def _plain_mapping(value: Mapping[Any, Any], depth: int, room: list[int]) -> dict[str, Any]:
    kept = max(0, min(len(value), ITEMS_MAX, room[0]))
    room[0] -= kept
    found: dict[str, Any] = {}
    for key, item in itertools.islice(value.items(), kept):
        name = _plain_text(str(key))
        if name in found:  # {1: …, "1": …}
            name = f"{name} ({type_name(key)})"
        found[name] = plain(item, depth + 1, room)
    if kept < len(value):
        found["…"] = _cut(kept, len(value))
    return found


def _plain_object(value: Any, depth: int, room: list[int]) -> Any:
    if isinstance(value, enum.Enum):
        inner = value.value
        return plain(inner, depth + 1) if isinstance(inner, (str, int, float)) else value.name
    if isinstance(value, (str, int, float)):  # subclasses, numpy.float64 and numpy.str_ among them
        if isinstance(value, str):
            return _plain_text(str.__str__(value))
        number = int.__int__(value) if isinstance(value, int) else float.__float__(value)
        return _plain(number, depth, room)
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
    return _plain_foreign(value, depth, room)


def _plain_foreign(value: Any, depth: int, room: list[int]) -> Any:
    if depth >= DEPTH_MAX:
        return opaque(type_name(value), _text_of(value))
    if dataclasses.is_dataclass(value):
        members = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return _plain_mapping(members, depth, room)
    shape, item = getattr(value, "shape", None), getattr(value, "item", None)
    if shape == () and callable(item):  # 0-d array or tensor, numpy scalar
        return plain(item(), depth + 1, room)
    to_list = getattr(value, "tolist", None)
    if isinstance(shape, tuple) and callable(to_list) and math.prod(shape) <= ARRAY_ITEMS_MAX:
        return plain(to_list(), depth + 1, room)
    return opaque(type_name(value), _text_of(value))


def _text_of(value: Any) -> str:
    """Return the repr without memory addresses, which would make equal values look different."""
    text = repr(value)
    return re.sub(r" at 0x[0-9a-fA-F]+", "", text) if " at 0x" in text else text
