"""Encode Python values as bytes: typed and length-prefixed, so different values never look equal.

Every value is one tag byte, eight bytes of length and a payload. ``1``, ``1.0``, ``True`` and
``"1"`` differ; so do ``["ab"]`` and ``["a", "b"]``. Mappings and sets are sorted by their encoded
items, since their order is no content. A value without a canonical form raises `NoCanonicalForm`:
a digest that could miss a change would be worse than none.
"""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import fractions
import sys
import uuid
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

Other = Callable[[Any], bytes]
"""Digest of a value unknown to this module (an array inside a list), or `NoCanonicalForm`."""

_DATES = (dt.datetime, dt.date, dt.time)


class NoCanonicalForm(Exception):  # noqa: N818 - a signal inside this package
    """A value has no form that is the same in every process."""


def refuse(value: Any) -> bytes:
    """Raise `NoCanonicalForm` for a value; the default for `Other`."""
    raise NoCanonicalForm(f"{type(value).__module__}.{type(value).__qualname__}")


def frame(tag: bytes, payload: bytes) -> bytes:
    """Return tag, length and payload as one byte string."""
    return b"%b%b%b" % (tag, len(payload).to_bytes(8, "little"), payload)


def encode(value: Any, other: Other = refuse) -> bytes:
    """Return the canonical bytes of ``value``.

    Raises:
        NoCanonicalForm: ``value`` or something in it has none.
    """
    kind = type(value)
    if value is None:
        return frame(b"N", b"")
    if kind is bool:
        return frame(b"B", b"\1" if value else b"\0")
    if kind is int:
        return frame(b"i", value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True))
    if kind is float:
        return frame(b"f", _floats((value,)))
    if kind is str:
        return frame(b"s", value.encode("utf-8", "surrogatepass"))
    if kind is bytes or kind is bytearray:
        return frame(b"b", bytes(value))
    if kind is list or kind is tuple:
        return frame(b"l" if kind is list else b"t", pack(value, other))
    return _encode_rare(value, other)


def _encode_rare(value: Any, other: Other) -> bytes:
    kind = type(value)
    if isinstance(value, Mapping):
        items = sorted((encode(k, other), encode(v, other)) for k, v in value.items())
        return frame(b"d", b"".join(k + v for k, v in items))
    if kind is set or kind is frozenset:
        return frame(b"e", b"".join(sorted(encode(item, other) for item in value)))
    if kind is complex:
        return frame(b"c", _floats((value.real, value.imag)))
    if isinstance(value, enum.Enum):
        return frame(b"E", encode((kind.__qualname__, value.name)))
    text = _text_of(value)
    if text is not None:
        return frame(b"x", encode((kind.__name__, text)))
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        return frame(b"n", encode(kind._fields) + pack(value, other))
    return _encode_numpy(value) or frame(b"o", other(value))


def _text_of(value: Any) -> str | None:
    """Return the text of a value whose text says everything; None for other values."""
    if isinstance(value, _DATES):  # pandas.Timestamp among them: its text has the nanoseconds
        zone = getattr(value, "tzinfo", None)
        return f"{value.isoformat()} {zone if zone is not None else ''}"
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, dt.timedelta):
        nanoseconds = getattr(value, "nanoseconds", 0)  # pandas.Timedelta
        return f"{value.days} {value.seconds} {value.microseconds} {nanoseconds}"
    if isinstance(value, (decimal.Decimal, uuid.UUID, fractions.Fraction, range)):
        return str(value)
    pandas = sys.modules.get("pandas")
    if pandas is not None:
        if value is pandas.NA or value is pandas.NaT:
            return ""
        if isinstance(value, (pandas.Period, pandas.Interval)):
            return str(value)
    return None


def _encode_numpy(value: Any) -> bytes | None:
    """Encode a NumPy scalar by its dtype and its little-endian bytes; None for other values."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(value, numpy.generic) or value.dtype.hasobject:
        return None
    if isinstance(value, numpy.str_):
        return encode(str(value))
    if value.dtype.names or value.dtype.char in "gG":  # padding bytes say nothing
        return frame(b"x", encode((str(value.dtype), repr(value))))
    dtype = value.dtype.newbyteorder("<")
    return frame(b"y", encode(dtype.str) + value.astype(dtype).tobytes())


def _floats(values: Iterable[float]) -> bytes:
    numbers = array("d", values)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _ints(values: Iterable[int]) -> bytes:
    numbers = array("q", values)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def pack(items: Sequence[Any], other: Other = refuse) -> bytes:
    """Return the canonical bytes of a sequence's items, in bulk where all have one simple type."""
    count = len(items).to_bytes(8, "little")
    kinds = set(map(type, items))
    if len(kinds) == 1:
        kind = next(iter(kinds))
        if kind is float:
            return b"F" + count + _floats(items)
        if kind is bool:
            return b"O" + count + bytes(items)
        if kind is str:
            return b"S" + count + b"".join(pack_texts(items))
        if kind is int:
            try:
                return b"I" + count + _ints(items)
            except OverflowError:
                pass
    elif kinds == {str, type(None)}:
        return b"M" + count + b"".join(pack_optional_texts(items))
    return b"A" + count + b"".join(encode(item, other) for item in items)


def pack_texts(texts: Sequence[str]) -> tuple[bytes, bytes]:
    """Return the UTF-8 lengths as int64 and all texts' bytes joined."""
    joined = "".join(texts)
    if joined.isascii():
        return _ints(map(len, texts)), joined.encode("ascii")
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    return _ints(map(len, encoded)), b"".join(encoded)


def pack_optional_texts(texts: Sequence[str | None]) -> tuple[bytes, bytes, bytes]:
    """Return one byte a text (1 = present), then as `pack_texts` with "" for the missing ones."""
    present = bytes(text is not None for text in texts)
    return (present, *pack_texts([text or "" for text in texts]))
