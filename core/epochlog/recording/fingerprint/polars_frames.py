"""polars frames and series as content of a data set, without going through PyArrow."""

from __future__ import annotations

import sys
from typing import Any

from epochlog.recording.fingerprint.arrays import digest_items, new_hash
from epochlog.recording.fingerprint.content import COLUMNS_MAX, STATS_COLUMNS_MAX
from epochlog.recording.fingerprint.meter import Meter
from epochlog.recording.fingerprint.streams import Streams
from epochlog.recording.fingerprint.summaries import count_classes, most_frequent, summarize

ROWS_PER_SLICE = 2**16


class PolarsContent:
    """A DataFrame, or a Series as a frame of one column. How it is chunked is no content."""

    format = "polars"

    def __init__(self, data: Any) -> None:
        self.data = data
        self._type_name = f"polars.{type(data).__name__}"
        self._is_frame = hasattr(data, "get_columns")
        self._columns = data.get_columns() if self._is_frame else [data]
        self.rows = len(data)
        self.size = self.cost = int(data.estimated_size())
        self._digests: list[bytes] = []

    def schema(self) -> dict[str, Any]:
        """Return type, shape and columns with dtypes."""
        if not self._is_frame:
            found = {"type": self._type_name, "shape": [self.rows], "dtype": str(self.data.dtype)}
            return {**found, "name": self.data.name} if self.data.name else found
        columns = [{"name": c.name, "dtype": str(c.dtype)} for c in self._columns[:COLUMNS_MAX]]
        for entry, digest in zip(columns, self._digests, strict=False):
            entry["digest"] = digest.hex()[:16]
        return {
            "type": self._type_name,
            "shape": [self.rows, len(self._columns)],
            "columns": columns,
        }

    def digest(self, meter: Meter) -> bytes:
        """Return the digest of names, dtypes and values."""
        names = [column.name for column in self._columns]
        made = new_hash("polars", self._is_frame, self.rows, names)
        for column in self._columns:
            digest = digest_series(column, meter)
            self._digests.append(digest)
            made.update(digest)
        return made.digest()

    def every(self, step: int) -> Any:
        """Return every ``step``-th row."""
        return self.data.gather_every(step)

    def stats(self, step: int) -> dict[str, Any]:
        """Return nulls, min, max and mean of each column; class counts of a series of classes."""
        columns = [c.gather_every(step) for c in self._columns[:STATS_COLUMNS_MAX]]
        if self._is_frame:
            return {column.name: stats for column in columns if (stats := _stats_of(column))}
        stats = _stats_of(columns[0])
        is_float = columns[0].dtype.is_float()
        if not is_float and (classes := count_classes(columns[0].to_list())):
            stats["classes"] = classes
        return stats


def _stats_of(column: Any) -> dict[str, Any]:
    nulls = column.null_count()
    if not column.dtype.is_numeric() or column.dtype.is_decimal() or nulls == len(column):
        found = {"nulls": nulls} if nulls else {}
        polars = sys.modules["polars"]
        if column.dtype in (polars.String, polars.Categorical, polars.Enum):
            found |= most_frequent(column.drop_nulls().to_list())
        return found
    if column.dtype.is_float() and (column := column.drop_nulls()).is_nan().any():
        size = len(column)
        column = column.drop_nans()
        nulls += size - len(column)
    found = {"nulls": nulls, "min": column.min(), "max": column.max(), "mean": column.mean()}
    own = summarize(column.drop_nulls().to_numpy())
    return {**found, **({"quantiles": own["quantiles"]} if "quantiles" in own else {})}


def digest_series(series: Any, meter: Meter) -> bytes:
    """Return the digest of dtype, length, nulls and values of a series."""
    polars = sys.modules["polars"]
    nulls, dtype = series.null_count(), series.dtype
    if dtype == polars.Object:
        made = new_hash("object", series.name)
        made.update(digest_items(series.to_list(), meter))
        return made.digest()
    streams = Streams(meter, str(dtype), len(series), nulls)
    for start in range(0, len(series), ROWS_PER_SLICE):
        _feed(streams, "", series.slice(start, ROWS_PER_SLICE), nulls > 0)
    return streams.digest()


def _feed(streams: Streams, path: str, series: Any, nulls: bool) -> None:
    """Hash one slice; ``nulls`` says whether the column has any, anywhere."""
    polars = sys.modules["polars"]
    if nulls:
        streams.add(f"{path}present", series.is_not_null().cast(polars.UInt8).to_numpy().data)
    dtype = series.dtype
    if dtype == polars.Null:
        return
    if isinstance(dtype, polars.List):
        streams.add(f"{path}lengths", series.list.len().fill_null(0).to_numpy().data.cast("B"))
        filled = series.filter(series.list.len().fill_null(0) > 0)
        if len(filled):
            _feed(streams, f"{path}items.", filled.explode(), nulls=True)
    elif isinstance(dtype, polars.Array):
        _feed(streams, path, series.arr.to_list(), nulls=False)
    elif isinstance(dtype, polars.Struct):
        for number, field in enumerate(dtype.fields):
            _feed(streams, f"{path}{number}.", series.struct.field(field.name), nulls=True)
    elif dtype in (polars.String, polars.Categorical, polars.Enum) or dtype.is_decimal():
        _feed_texts(streams, path, series.cast(polars.String))
    elif dtype == polars.Binary:
        _feed_binary(streams, path, series)
    else:
        _feed_numbers(streams, path, series)


def _feed_numbers(streams: Streams, path: str, series: Any) -> None:
    polars = sys.modules["polars"]
    physical = series.to_physical()  # dates, times and durations are integers
    if physical.dtype == polars.Boolean:
        physical = physical.cast(polars.UInt8)
    if physical.null_count():  # what lies under a null is no content
        physical = physical.fill_null(0)
    streams.add(f"{path}data", memoryview(physical.to_numpy()).cast("B"))


def _feed_texts(streams: Streams, path: str, series: Any) -> None:
    filled = series.fill_null("")
    streams.add(f"{path}lengths", memoryview(filled.str.len_bytes().to_numpy()).cast("B"))
    streams.add(f"{path}data", "".join(filled.to_list()).encode())


def _feed_binary(streams: Streams, path: str, series: Any) -> None:
    items = series.fill_null(b"").to_list()
    streams.add(f"{path}lengths", b"".join(len(item).to_bytes(8, "little") for item in items))
    streams.add(f"{path}data", b"".join(items))
