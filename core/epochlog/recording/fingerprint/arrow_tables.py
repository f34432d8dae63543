"""PyArrow tables and arrays as content of a data set; chunk borders change nothing."""

from __future__ import annotations

from typing import Any

from epochlog.recording.fingerprint.arrays import new_hash
from epochlog.recording.fingerprint.content import COLUMNS_MAX, STATS_COLUMNS_MAX
from epochlog.recording.fingerprint.encoding import encode
from epochlog.recording.fingerprint.meter import Meter
from epochlog.recording.fingerprint.streams import Streams
from epochlog.recording.fingerprint.summaries import count_classes, most_frequent, summarize

ROWS_PER_SLICE = 2**16


class ArrowContent:
    """A Table, RecordBatch, Array or ChunkedArray."""

    format = "arrow"

    def __init__(self, data: Any) -> None:
        self.data = data
        self._type_name = f"pyarrow.{type(data).__name__}"
        self._is_table = hasattr(data, "column_names")
        if self._is_table:
            self._names, self._columns = list(data.column_names), list(data.columns)
        else:
            self._names, self._columns = [""], [data]
        self.rows = int(data.num_rows if self._is_table else len(data))
        self.size = self.cost = int(data.nbytes)
        self._digests: list[bytes] = []

    def schema(self) -> dict[str, Any]:
        """Return type, shape and columns."""
        if not self._is_table:
            return {"type": self._type_name, "shape": [self.rows], "dtype": str(self.data.type)}
        columns = [
            {"name": name, "dtype": str(column.type)}
            for name, column in zip(self._names[:COLUMNS_MAX], self._columns, strict=False)
        ]
        for column, digest in zip(columns, self._digests, strict=False):
            column["digest"] = digest.hex()[:16]
        return {
            "type": self._type_name,
            "shape": [self.rows, len(self._columns)],
            "columns": columns,
        }

    def digest(self, meter: Meter) -> bytes:
        """Return the digest of names, types and values; the schema's metadata is no content."""
        made = new_hash("arrow", self._is_table, self._names, self.rows)
        for column in self._columns:
            digest = digest_arrow(column, meter)
            self._digests.append(digest)
            made.update(digest)
        return made.digest()

    def every(self, step: int) -> Any:
        """Return every ``step``-th row."""
        import numpy as np
        import pyarrow as pa

        try:
            return self.data.take(pa.array(np.arange(0, self.rows, step)))
        except pa.ArrowNotImplementedError:  # string views and some nested types can't be taken
            rows = [self.data.slice(start, 1) for start in range(0, self.rows, step)]
            if not self._is_table:
                return pa.chunked_array([c for r in rows for c in getattr(r, "chunks", [r])])
            is_batch = isinstance(self.data, pa.RecordBatch)
            return pa.Table.from_batches(rows) if is_batch else pa.concat_tables(rows)

    def stats(self, step: int) -> dict[str, Any]:
        """Return nulls, min, max and mean of each column, or class counts of an array."""
        data = self.every(step) if step > 1 else self.data
        if self._is_table:
            columns = list(data.columns)[:STATS_COLUMNS_MAX]
            return {n: _stats_of(c) for n, c in zip(self._names, columns, strict=False)}
        return _stats_of(data) or {"classes": count_classes(data.to_pylist())}


def _stats_of(column: Any) -> dict[str, Any]:
    import pyarrow as pa

    nulls = int(column.null_count)
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        counted = {"nulls": nulls} if nulls else {}
        if str(column.type).startswith(("string", "large_string", "dictionary")):
            counted |= most_frequent([text for text in column.to_pylist() if text is not None])
        return counted
    found = summarize(column.drop_null().to_numpy())
    return {**found, "nulls": found["nulls"] + nulls} if found else {"nulls": nulls}


def digest_arrow(column: Any, meter: Meter) -> bytes:
    """Return the digest of an Array or ChunkedArray: type, length, nulls and values."""
    streams = Streams(meter, type_form(column.type), len(column), int(column.null_count))
    nulls = column.null_count > 0
    for chunk in column.chunks if hasattr(column, "chunks") else [column]:
        for start in range(0, len(chunk), ROWS_PER_SLICE):
            _feed(streams, "", chunk.slice(start, ROWS_PER_SLICE), nulls)
    return streams.digest()


def type_form(type_: Any) -> Any:
    """Return a type as plain data, without the difference between small, large and view layouts."""
    import pyarrow as pa

    types = pa.types
    if types.is_string(type_) or types.is_large_string(type_) or _is_view(type_, "string"):
        return "string"
    if types.is_binary(type_) or types.is_large_binary(type_) or _is_view(type_, "binary"):
        return "binary"
    if types.is_list(type_) or types.is_large_list(type_):
        return ("list", type_form(type_.value_type))
    if types.is_struct(type_):
        return ("struct", [(field.name, type_form(field.type)) for field in type_])
    return str(type_)


def _is_view(type_: Any, kind: str) -> bool:
    return str(type_) == f"{kind}_view"


def _feed(streams: Streams, path: str, array: Any, nulls: bool) -> None:
    """Hash one slice of an array; ``nulls`` says whether the column has any, anywhere."""
    import pyarrow as pa

    types, type_ = pa.types, array.type
    if isinstance(array, pa.ExtensionArray):
        _feed(streams, path, array.storage, nulls)
        return
    valid = _bits(array, 0) if array.null_count and array.buffers()[0] is not None else None
    if nulls:
        streams.add(f"{path}present", _present(array, valid))
    if types.is_null(type_):
        return
    if types.is_boolean(type_):
        bits = _bits(array, 1)
        streams.add(f"{path}data", bits if valid is None else bits & valid)
    elif types.is_dictionary(type_):
        _feed(streams, path, array.dictionary_decode(), nulls=False)
    elif type_form(type_) in ("string", "binary"):
        _feed_texts(streams, path, array, valid)
    elif types.is_nested(type_):
        _feed_nested(streams, path, array, valid)
    elif types.is_primitive(type_) or types.is_decimal(type_) or types.is_fixed_size_binary(type_):
        _feed_fixed(streams, path, array, valid)
    else:
        _feed_items(streams, path, array)


def _feed_nested(streams: Streams, path: str, array: Any, valid: Any) -> None:
    import pyarrow as pa

    types, type_ = pa.types, array.type
    if types.is_list(type_) or types.is_large_list(type_):
        lengths = _offsets(array)[1]
        streams.add(f"{path}lengths", lengths if valid is None else lengths * valid)
        _feed(streams, f"{path}items.", array.flatten(), nulls=True)
    elif types.is_fixed_size_list(type_):
        _feed(streams, f"{path}items.", array.flatten(), nulls=True)
    elif types.is_struct(type_):
        for number, child in enumerate(array.flatten()):
            _feed(streams, f"{path}{number}.", child, nulls=True)
    else:
        _feed_items(streams, path, array)


def _feed_items(streams: Streams, path: str, array: Any) -> None:
    """Hash maps, unions, run-end encoded arrays: rare, and Python objects say the same."""
    for item in array.to_pylist():
        streams.add(f"{path}data", encode(item))


def _present(array: Any, valid: Any) -> Any:
    import numpy as np

    if valid is not None:
        return valid
    return np.full(len(array), 0 if array.null_count else 1, np.uint8)


def _bits(array: Any, buffer: int) -> Any:
    """Return a bitmap buffer of ``array`` as one uint8 a row."""
    import numpy as np

    first, end = array.offset // 8, array.offset + len(array)
    packed = np.frombuffer(array.buffers()[buffer], np.uint8)[first : (end + 7) // 8]
    start = array.offset - 8 * first
    return np.unpackbits(packed, bitorder="little")[start : start + len(array)]


def _offsets(array: Any) -> tuple[Any, Any]:
    """Return the offsets of a text or list array and the lengths between them as int64."""
    import numpy as np
    import pyarrow as pa

    types, type_ = pa.types, array.type
    wide = (
        types.is_large_string(type_) or types.is_large_binary(type_) or types.is_large_list(type_)
    )
    buffer = array.buffers()[1]
    if buffer is None or not buffer.size:
        return np.zeros(1, np.int64), np.zeros(0, np.int64)
    every = np.frombuffer(buffer, np.int64 if wide else np.int32)
    offsets = every[array.offset : array.offset + len(array) + 1]
    return offsets, np.diff(offsets).astype(np.int64)


def _feed_texts(streams: Streams, path: str, array: Any, valid: Any) -> None:
    import pyarrow as pa

    if str(array.type).endswith("_view"):
        array = array.cast(pa.large_string() if "string" in str(array.type) else pa.large_binary())
    offsets, lengths = _offsets(array)
    if (
        valid is not None and (lengths * (1 - valid)).any()
    ):  # bytes hidden under nulls are no content
        packed = [item.encode() if isinstance(item, str) else item for item in array.to_pylist()]
        lengths = lengths * valid
        data = memoryview(b"".join(item or b"" for item in packed))
    else:
        buffer = array.buffers()[2]
        data = memoryview(buffer if buffer is not None else b"")[offsets[0] : offsets[-1]]
    streams.add(f"{path}lengths", lengths)
    streams.add(f"{path}data", data)


def _feed_fixed(streams: Streams, path: str, array: Any, valid: Any) -> None:
    import numpy as np

    width, buffer = array.type.bit_width // 8, array.buffers()[1]
    if buffer is None or not width:
        return
    start = array.offset * width
    data = np.frombuffer(buffer, np.uint8)[start : start + len(array) * width]
    if valid is not None:  # what lies under a null is no content
        data = data.reshape(-1, width) * valid[:, None]
    streams.add(f"{path}data", np.ascontiguousarray(data).reshape(-1))
