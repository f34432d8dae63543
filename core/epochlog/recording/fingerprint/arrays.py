"""Digest NumPy arrays of any dtype and layout, in C order, chunk by chunk, never copying all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Protocol

from epochlog.recording.fingerprint import encoding
from epochlog.recording.fingerprint.encoding import Other, encode, refuse
from epochlog.recording.fingerprint.meter import OBJECT_COST_BYTES, Meter

VERSION = b"epochlog-data/1\0"
"""Put before everything that is hashed; a change of any encoding changes it."""

OBJECTS_PER_CHUNK = 2**14
BUFFER_BYTES = 2**18
"""Pieces of an array that isn't contiguous are gathered into a buffer of this size (fits in L2)."""


class Hash(Protocol):
    """What we use of a hashlib object."""

    def update(self, data: Any, /) -> None:
        """Hash more bytes."""

    def digest(self) -> bytes:
        """Return the digest so far."""
        ...


def new_hash(*header: Any) -> Hash:
    """Return a SHA-256 that has already taken in our version and ``header``."""
    made = hashlib.sha256(VERSION, usedforsecurity=False)
    made.update(encode(header))
    return made


def digest_array(array: Any, meter: Meter, other: Other = refuse) -> bytes:
    """Return the digest of a NumPy array: dtype, shape and elements in C order.

    Equal for C and Fortran order, views, any strides and either byte order.

    Raises:
        NoCanonicalForm: an object array holds something without one.
        OverBudget: it would take too long.
    """
    import numpy as np

    if isinstance(array, np.ma.MaskedArray):
        made = new_hash("masked")
        made.update(digest_array(np.ma.getmaskarray(array), meter))
        made.update(digest_array(array.filled(), meter, other))
        return made.digest()
    array = np.asarray(array)
    made = new_hash("array", _dtype_text(array.dtype), tuple(array.shape))
    feed(made, array, meter, other)
    return made.digest()


def _dtype_text(dtype: Any) -> str:
    if dtype.names:
        return str([(name, _dtype_text(dtype[name])) for name in dtype.names])
    if dtype.subdtype:
        base, shape = dtype.subdtype
        return f"{_dtype_text(base)}{shape}"
    return str(dtype.newbyteorder("<").str)


def feed(made: Hash, array: Any, meter: Meter, other: Other = refuse) -> None:
    """Hash an array's elements in C order, little-endian, in bounded chunks."""
    dtype = array.dtype
    if dtype.names:  # field by field: the padding between fields is not content
        for name in dtype.names:
            feed(made, array[name], meter, other)
    elif dtype.hasobject or dtype.kind == "T":
        _feed_objects(made, array, meter, other)
    elif array.size and dtype.itemsize:
        for chunk in _chunks(array, meter):
            view = _as_bytes(chunk)
            made.update(view)
            meter.add(view.nbytes)


def _as_bytes(chunk: Any) -> Any:
    """Return a flat contiguous chunk as bytes, without the unused bytes of long doubles."""
    import numpy as np

    flat = np.ascontiguousarray(chunk).view(
        np.uint8
    )  # a piece of a strided column is not contiguous
    if chunk.dtype.char in "gG" and np.finfo(chunk.dtype).nmant == 63:  # x87: 10 of 16 bytes count
        return np.ascontiguousarray(flat.reshape(-1, np.dtype(np.longdouble).itemsize)[:, :10])
    return flat


def _chunks(array: Any, meter: Meter) -> Iterator[Any]:
    """Yield the elements in C order, little-endian, as flat pieces: views or a small buffer.

    The buffer is used again for the next piece.
    """
    import numpy as np

    dtype = array.dtype.newbyteorder("<")
    if array.flags.c_contiguous and array.dtype == dtype:
        flat, start = array.reshape(-1), 0
        while start < flat.size:
            count = max(1, meter.chunk() // array.itemsize)
            yield flat[start : start + count]
            start += count
        return
    yield from np.nditer(
        array,
        flags=["external_loop", "buffered"],
        op_dtypes=[dtype],
        order="C",
        buffersize=max(1, BUFFER_BYTES // array.itemsize),
    )


def _feed_objects(made: Hash, array: Any, meter: Meter, other: Other) -> None:
    flat = array.reshape(-1) if array.flags.c_contiguous else array.flat
    for start in range(0, array.size, OBJECTS_PER_CHUNK):
        feed_items(made, flat[start : start + OBJECTS_PER_CHUNK].tolist(), meter, other)


def feed_items(made: Hash, items: list[Any], meter: Meter, other: Other = refuse) -> None:
    """Hash one chunk of Python objects. Callers must cut chunks at fixed positions."""
    packed = encoding.pack(items, other)
    made.update(len(packed).to_bytes(8, "little"))
    made.update(packed)
    meter.add(max(len(packed), OBJECT_COST_BYTES * len(items)))


def digest_items(items: Any, meter: Meter, other: Other = refuse) -> bytes:
    """Return the digest of a list or tuple, in chunks of a fixed number of items."""
    made = new_hash("items", type(items).__name__, len(items))
    for start in range(0, len(items), OBJECTS_PER_CHUNK):
        feed_items(made, list(items[start : start + OBJECTS_PER_CHUNK]), meter, other)
    return made.digest()
