"""Put arrays and what they mean into one binary frame that browsers read without copying.

8 bytes little-endian length of the header; the header, UTF-8 JSON padded with spaces to a multiple
of 8; then Float64 little-endian. Arrays are named by `Slice` objects: offset and length in doubles.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray


class Body:
    """Arrays in the order in which they go out."""

    def __init__(self) -> None:
        self._parts: list[NDArray[np.float64]] = []
        self._size = 0

    def add(self, array: NDArray[Any]) -> dict[str, int]:
        """Take an array; return its `Slice`."""
        part = np.ascontiguousarray(array, "<f8")
        found = {"at": self._size, "n": len(part)}
        self._parts.append(part)
        self._size += len(part)
        return found

    def frame(self, header: Any) -> bytes:
        """Return the whole frame."""
        text = msgspec.json.encode(header)
        text += b" " * (-len(text) % 8)
        return b"".join(
            [len(text).to_bytes(8, "little"), text, *(part.data for part in self._parts)]
        )


def read_frame(frame: bytes) -> tuple[Any, NDArray[np.float64]]:
    """Return the header and all doubles of a frame."""
    size = int.from_bytes(frame[:8], "little")
    return msgspec.json.decode(frame[8 : 8 + size]), np.frombuffer(frame, "<f8", offset=8 + size)
