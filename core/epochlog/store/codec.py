"""Pack points of a curve into few bytes, and back exactly.

A chunk is ``header | steps | times | values | epochs``. Integers (steps, times) are kept as first
value, smallest difference and the differences above it in as few bytes as the largest needs (none
at all for 0, 1, 2 …). Floats are split into four lanes, because sign, exponent and upper mantissa
repeat from point to point while the lower mantissa doesn't. Each part is compressed with zstd on
its own, or left as it is where that doesn't pay, which is why a full-entropy mantissa costs next
to no time.
"""

from __future__ import annotations

import struct
import threading
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import zstandard

from epochlog.base.errors import StoreCorrupt

VERSION = 1
ZSTD_LEVEL = 1

IntArray: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"
FloatArray: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Array: TypeAlias = "np.ndarray[Any, Any]"

_HEADER = struct.Struct("<BBI")  # version, flags, count
_INTS = struct.Struct("<qqBI")  # first, smallest difference, bytes a difference, stored size
_PART = struct.Struct("<I")  # stored size; its top bit says "compressed"
_COMPRESSED = 1 << 31
_FLOAT_STEPS, _EPOCHS = 1, 2
_LANES = (  # of a float64: (type, first, stride)
    (np.dtype("<u4"), 0, 2),  # lower mantissa
    (np.dtype("<u2"), 2, 4),  # middle mantissa
    (np.dtype("u1"), 6, 8),  # upper mantissa, lower exponent
    (np.dtype("u1"), 7, 8),  # upper exponent, sign
)
_COUNT_MAX = 1 << 24

_local = threading.local()


@dataclass(frozen=True, slots=True)
class Points:
    """Points of one curve in the order they were logged; all arrays have shape (n,).

    Attributes:
        steps: int64, or float64 if any step was no integer.
        times: int64 microseconds since the epoch.
        values: float64.
        epochs: float64 with NaN where none was given, or None if none was given at all.
    """

    steps: IntArray | FloatArray
    times: IntArray
    values: FloatArray
    epochs: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.values)

    def slice(self, start: int, stop: int) -> Points:
        """Return the points from ``start`` up to ``stop`` (views, no copies)."""
        epochs = None if self.epochs is None else self.epochs[start:stop]
        return Points(
            self.steps[start:stop], self.times[start:stop], self.values[start:stop], epochs
        )


def join(parts: list[Points]) -> Points:
    """Return ``parts`` one after another as one; float steps anywhere make all steps float."""
    if len(parts) == 1:
        return parts[0]
    steps: list[Array] = [part.steps for part in parts]
    if any(s.dtype.kind == "f" for s in steps):
        steps = [s.astype(np.float64, copy=False) for s in steps]
    epochs = None
    if any(part.epochs is not None for part in parts):
        epochs = np.concatenate(
            [np.full(len(p), np.nan) if p.epochs is None else p.epochs for p in parts]
        )
    return Points(
        np.concatenate(steps),
        np.concatenate([part.times for part in parts]),
        np.concatenate([part.values for part in parts]),
        epochs,
    )


def encode(points: Points, axes: bytes | None = None) -> bytes:
    """Return ``points`` as a chunk.

    Args:
        points: at least one point.
        axes: what `encode_axes` gave for these very steps and times; curves that are logged
            together share them, so they need to be packed only once.
    """
    flags = _FLOAT_STEPS if points.steps.dtype.kind == "f" else 0
    if points.epochs is not None:
        flags |= _EPOCHS
    parts = [_HEADER.pack(VERSION, flags, len(points)), axes or encode_axes(points)]
    parts += _encode_floats(points.values)
    if points.epochs is not None:
        parts += _encode_floats(points.epochs)
    return b"".join(parts)


def encode_axes(points: Points) -> bytes:
    """Return the packed steps and times of ``points``, the part that curves can share."""
    if points.steps.dtype.kind == "f":
        steps = _encode_floats(points.steps)
    else:
        steps = _encode_ints(points.steps)
    return b"".join(steps + _encode_ints(points.times))


def decode(data: bytes) -> Points:
    """Return the points of a chunk, bit by bit as they were (NaN is NaN, whatever its payload).

    Raises:
        StoreCorrupt: ``data`` is no chunk, or one of a newer epochlog.
    """
    try:
        return _decode(data)
    except (struct.error, ValueError, zstandard.ZstdError) as error:
        raise StoreCorrupt(f"a chunk of a series can't be unpacked: {error}") from error


def _decode(data: bytes) -> Points:
    version, flags, count = _HEADER.unpack_from(data)
    if version != VERSION:
        raise StoreCorrupt(
            f"a chunk of a series has format {version}, this epochlog reads {VERSION}; upgrade it"
        )
    if not 0 < count <= _COUNT_MAX:
        raise StoreCorrupt(f"a chunk of a series claims {count} points")
    at = _HEADER.size
    steps: IntArray | FloatArray
    if flags & _FLOAT_STEPS:
        steps, at = _decode_floats(data, at, count)
    else:
        steps, at = _decode_ints(data, at, count)
    times, at = _decode_ints(data, at, count)
    values, at = _decode_floats(data, at, count)
    epochs = None
    if flags & _EPOCHS:
        epochs, at = _decode_floats(data, at, count)
    return Points(steps, times, values, epochs)


def _encode_ints(values: Array) -> list[bytes]:
    # Differences wrap around modulo 2**64, so even the whole range of int64 is exact.
    first = int(values[0])
    if len(values) == 1:
        return [_INTS.pack(first, 0, 0, 0)]
    deltas = values[1:] - values[:-1]
    base = int(deltas.min())
    above = deltas.view(np.uint64) - np.uint64(base & 0xFFFFFFFFFFFFFFFF)
    width = (int(above.max()).bit_length() + 7) // 8
    if width == 0:
        return [_INTS.pack(first, base, 0, 0)]
    size, body = _squeeze(_planes(above, width))
    return [_INTS.pack(first, base, width, size), body]


def _decode_ints(data: bytes, at: int, count: int) -> tuple[IntArray, int]:
    first, base, width, size = _INTS.unpack_from(data, at)
    at += _INTS.size
    if width == 0:
        out = np.arange(count, dtype=np.int64)
        out *= base
        out += first
        return out, at
    body, at = _unsqueeze(data, at, size, width * (count - 1))
    item = next(item for item in (1, 2, 4, 8) if item >= width)
    narrow = np.zeros((count - 1, item), np.uint8)
    for place, plane in enumerate(body.reshape(width, count - 1)):
        narrow[:, place] = plane  # faster than all at once, transposed
    out = np.empty(count, np.int64)
    out[0] = first
    out[1:] = narrow.view(f"<{'i' if item == 8 else 'u'}{item}")[:, 0]
    out[1:] += base
    np.cumsum(out, out=out)
    return out, at


def _encode_floats(values: Array) -> list[bytes]:
    whole = np.ascontiguousarray(values)
    parts = []
    for kind, first, stride in _LANES:
        size, body = _squeeze(whole.view(kind)[first::stride].tobytes())
        parts += [_PART.pack(size), body]
    return parts


def _decode_floats(data: bytes, at: int, count: int) -> tuple[FloatArray, int]:
    out = np.empty(count, np.float64)
    for kind, first, stride in _LANES:
        (size,) = _PART.unpack_from(data, at)
        body, at = _unsqueeze(data, at + _PART.size, size, count * kind.itemsize)
        out.view(kind)[first::stride] = body.view(kind)
    return out, at


def _planes(values: Array, width: int) -> bytes:
    """Return the ``width`` lowest bytes of all items, the first byte of every item first."""
    table = values.view(np.uint8).reshape(-1, 8)
    return b"".join([table[:, place].tobytes() for place in range(width)])


def _squeeze(raw: bytes) -> tuple[int, bytes]:
    """Return (stored size with its flag, bytes), compressed only if that is shorter."""
    if len(raw) > 32:
        packed: bytes = _compressor().compress(raw)
        if len(packed) < len(raw):
            return len(packed) | _COMPRESSED, packed
    return len(raw), raw


def _unsqueeze(data: bytes, at: int, size: int, expected: int) -> tuple[Array, int]:
    end = at + (size & ~_COMPRESSED)
    body = data[at:end]
    if size & _COMPRESSED:
        body = _decompressor().decompress(body, max_output_size=expected)
    if len(body) != expected:
        raise ValueError(f"{len(body)} bytes where {expected} were expected")
    return np.frombuffer(body, np.uint8), end


def _compressor() -> zstandard.ZstdCompressor:
    found = getattr(_local, "compressor", None)
    if found is None:  # contexts are reused, but must not be shared by threads
        found = _local.compressor = zstandard.ZstdCompressor(
            level=ZSTD_LEVEL, write_checksum=False, write_content_size=False
        )
    return found


def _decompressor() -> zstandard.ZstdDecompressor:
    found = getattr(_local, "decompressor", None)
    if found is None:
        found = _local.decompressor = zstandard.ZstdDecompressor()
    return found
