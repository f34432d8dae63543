"""NumPy arrays, lists, tuples and mappings of arrays as content of a data set."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from epochlog.recording.fingerprint.arrays import digest_array, digest_items, new_hash
from epochlog.recording.fingerprint.content import COLUMNS_MAX, STATS_COLUMNS_MAX, Content, Inside
from epochlog.recording.fingerprint.encoding import NoCanonicalForm, encode
from epochlog.recording.fingerprint.meter import OBJECT_COST_BYTES, Meter
from epochlog.recording.fingerprint.summaries import count_classes, summarize


class ArrayContent:
    """A NumPy array of any dtype, shape and layout."""

    format = "numpy"

    def __init__(self, array: Any, inside: Inside, type_name: str = "numpy.ndarray") -> None:
        self.array, self._inside, self._type_name = array, inside, type_name
        self.size = int(array.nbytes)
        self.cost = OBJECT_COST_BYTES * array.size if array.dtype.hasobject else self.size
        self.rows = int(array.shape[0]) if array.ndim else None

    def schema(self) -> dict[str, Any]:
        """Return type, shape and dtype; fields of a structured array as columns."""
        array = self.array
        found = {"type": self._type_name, "shape": list(array.shape), "dtype": str(array.dtype)}
        if array.dtype.names:
            fields = array.dtype.names[:COLUMNS_MAX]
            found["columns"] = [{"name": n, "dtype": str(array.dtype[n])} for n in fields]
        return found

    def digest(self, meter: Meter) -> bytes:
        """Return the digest of dtype, shape and elements."""
        return digest_array(self.array, meter, lambda value: self._inside(value, meter))

    def every(self, step: int) -> Any:
        """Return a view of every ``step``-th row."""
        return self.array[::step] if self.array.ndim else self.array

    def stats(self, step: int) -> dict[str, Any]:
        """Return per column of a 2-D array, over all elements of others."""
        import numpy as np

        array = self.array
        if not array.ndim or array.dtype.names:
            return {}
        values = np.asarray(array[::step])
        if values.ndim > 2 or (values.ndim == 2 and values.shape[1] > STATS_COLUMNS_MAX):
            values = values.reshape(-1)
        found = summarize(values)
        if array.ndim == 1 and (classes := count_classes(values)):
            found["classes"] = classes
        return found


class ItemsContent:
    """A list or tuple: of numbers or texts, of rows, of many small arrays."""

    def __init__(self, items: Any, inside: Inside) -> None:
        self.items, self._inside = items, inside
        self.format = type(items).__name__
        first = items[0] if items else None
        self._width = len(first) if isinstance(first, (list, tuple)) else None
        self._item_type = type(first).__name__ if items else ""
        self.rows = len(items)
        first_size = int(getattr(first, "nbytes", OBJECT_COST_BYTES * (self._width or 1)))
        self.size = self.cost = self.rows * first_size

    def schema(self) -> dict[str, Any]:
        """Return type, length and what the first item is."""
        shape = [self.rows] if self._width is None else [self.rows, self._width]
        return {"type": self.format, "shape": shape, "items": self._item_type}

    def digest(self, meter: Meter) -> bytes:
        """Return the digest of all items, recursively."""
        return digest_items(self.items, meter, lambda value: self._inside(value, meter))

    def every(self, step: int) -> Any:
        """Return every ``step``-th item."""
        return self.items[::step]

    def stats(self, step: int) -> dict[str, Any]:
        """Return statistics of a flat list of numbers."""
        values, numpy = self.items[::step], sys.modules.get("numpy")
        kinds = set(map(type, values))
        if not kinds or not kinds <= {int, float, bool, str}:
            return {}
        found = summarize(numpy.asarray(values)) if numpy is not None and str not in kinds else {}
        if float not in kinds and (classes := count_classes(values)):
            found["classes"] = classes
        return found


class MappingContent:
    """Several data sets of any kind as one, ``{"x": array, "y": array}``; order doesn't count.

    Args:
        data: the parts by name, or by number where they come from a list.
        adapt: see ``recording/datasets.py``.
        format: dict, list or tuple.
    """

    def __init__(
        self,
        data: Mapping[Any, Any],
        adapt: Callable[[Any], Content | None],
        inside: Inside,
        format: str = "dict",
    ) -> None:
        self.format = format
        self.parts: dict[Any, Content] = {}
        for key, value in data.items():
            part = adapt(value)
            if part is None and isinstance(value, (str, bytes, int, float, type(None))):
                part = ItemsContent([value], inside)
            if part is None:
                raise NoCanonicalForm(f"{type(value).__qualname__} under the key {key!r}")
            self.parts[key] = part
        lengths = {part.rows for part in self.parts.values()}
        self.rows = lengths.pop() if len(lengths) == 1 else None
        self.size = sum(part.size for part in self.parts.values())
        self.cost = sum(part.cost for part in self.parts.values())
        self._digests: dict[Any, bytes] = {}

    def schema(self) -> dict[str, Any]:
        """Return the schema of each part as a column."""
        columns = []
        for key, part in list(self.parts.items())[:COLUMNS_MAX]:
            column = {"name": str(key), **part.schema()}
            if key in self._digests:
                column["digest"] = self._digests[key].hex()[:16]
            columns.append(column)
        return {"type": self.format, "shape": [self.rows, len(self.parts)], "columns": columns}

    def digest(self, meter: Meter) -> bytes:
        """Return the digest of keys and parts, sorted by key."""
        made = new_hash("mapping", self.format, len(self.parts))
        for key, part in self.in_order():
            self._digests[key] = part.digest(meter)
            made.update(encode(key) + self._digests[key])
        return made.digest()

    def every(self, step: int) -> Any:
        """Return the same mapping with every ``step``-th row of each part."""
        return {key: part.every(step) for key, part in self.parts.items()}

    def in_order(self) -> list[tuple[Any, Content]]:
        """Return names and parts in the order in which they are hashed."""
        return sorted(self.parts.items(), key=lambda item: encode(item[0]))

    def stats(self, step: int) -> dict[str, Any]:
        """Return the statistics of each part under its name."""
        return {str(k): s for k, p in self.parts.items() if (s := p.stats(step))}
