"""SciPy sparse matrices and arrays as content of a data set, by the arrays they consist of.

Compressed rows or columns (csr, csc) are hashed in canonical form: sorted indices, duplicates
summed. Explicitly stored zeros count as content. coo, bsr, dia, lil and dok are hashed as they are
stored, and the format is part of the digest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from epochlog.recording.fingerprint.arrays import digest_array, new_hash
from epochlog.recording.fingerprint.meter import Meter
from epochlog.recording.fingerprint.streams import Streams

LINES_PER_SLICE = 2**14
_COMPRESSED = ("indptr", "indices", "data")
_PARTS = {"csr": _COMPRESSED, "csc": _COMPRESSED, "bsr": _COMPRESSED, "dia": ("offsets", "data")}


class SparseContent:
    """A sparse matrix or array of any SciPy format."""

    def __init__(self, data: Any) -> None:
        self.data = data
        self.format = f"scipy-{data.format}"
        self.rows = int(data.shape[0])
        self.size = sum(int(part.nbytes) for part in _parts_of(data))
        self.cost = self.size

    def schema(self) -> dict[str, Any]:
        """Return type, shape, dtype and the number of stored values."""
        return {
            "type": f"scipy.sparse.{type(self.data).__name__}",
            "shape": list(self.data.shape),
            "dtype": str(self.data.dtype),
            "stored": int(self.data.nnz),
        }

    def digest(self, meter: Meter) -> bytes:
        """Return the digest of format, shape and the arrays in canonical form."""
        data = self.data
        made = new_hash("sparse", data.format, tuple(int(n) for n in data.shape))
        if data.format in ("lil", "dok"):
            data = data.tocsr()
        if data.format in ("csr", "csc"):
            made.update(_digest_compressed(data, meter))
        else:
            for part in _parts_of(data):
                made.update(digest_array(_index(part, data), meter))
        return made.digest()

    def every(self, step: int) -> Any:
        """Return every ``step``-th row."""
        return (self.data if self.data.format == "csr" else self.data.tocsr())[::step]

    def stats(self, step: int) -> dict[str, Any]:  # noqa: ARG002 - part of Content
        """Return the share of stored values."""
        cells = 1
        for length in self.data.shape:
            cells *= int(length)
        return {"density": self.data.nnz / cells if cells else 0.0}


def _digest_compressed(data: Any, meter: Meter) -> bytes:
    """Return the digest of csr or csc: counts of stored values a line, their indices, values."""
    import numpy as np

    # A second object over the same arrays: asking it sets flags on it, not on the user's.
    data = type(data)((data.data, data.indices, data.indptr), shape=data.shape, copy=False)
    streams = Streams(meter, str(data.dtype.newbyteorder("<")))
    lines = data.shape[0] if data.format == "csr" or len(data.shape) == 1 else data.shape[1]
    slices: Iterable[Any] = [data]
    if not data.has_canonical_format:
        starts = range(0, lines, LINES_PER_SLICE)
        by_row = data.format == "csr"
        slices = (  # lazily: one slice in memory at a time
            data[start : start + LINES_PER_SLICE]
            if by_row
            else data[:, start : start + LINES_PER_SLICE]
            for start in starts
        )
    wide = max((*data.shape, data.nnz)) > np.iinfo(np.int32).max
    index_type = np.int64 if wide else np.int32
    for piece in slices:
        piece.sum_duplicates()  # does nothing to a canonical one
        streams.add("counts", np.diff(piece.indptr).astype(np.int64))
        streams.add("indices", np.ascontiguousarray(piece.indices, dtype=index_type))
        streams.add("values", np.ascontiguousarray(piece.data))
    return streams.digest()


def _parts_of(data: Any) -> list[Any]:
    """Return the arrays that make up a sparse matrix."""
    if data.format in _PARTS:
        return [getattr(data, name) for name in _PARTS[data.format]]
    if data.format == "coo":
        coords = data.coords if hasattr(data, "coords") else (data.row, data.col)
        return [*coords, data.data]
    return _parts_of(data.tocsr())  # lil, dok: Python objects inside, never large


def _index(part: Any, data: Any) -> Any:
    """Return indices in the width that the matrix needs, whatever width it happens to have."""
    import numpy as np

    if part is data.data or part.dtype not in (np.int32, np.int64):
        return part
    wide = max((*data.shape, data.nnz)) > np.iinfo(np.int32).max
    return part.astype(np.int64 if wide else np.int32, copy=False)
