"""Take a few rows of a data set as plain data, without the columns that nobody should read."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from epochlog.base.values import plain
from epochlog.recording.fingerprint.content import Content

COLUMNS_MAX = 50
TEXT_MAX = 100
HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Looks:
    """How closely values may be looked at.

    Attributes:
        rows: that are kept as a sample; 0 for none.
        hidden: patterns of names of columns (``"*mail*"``, in any case) of which neither values nor
            statistics are kept. Columns named like secrets are hidden anyway.
        statistics: whether there are any.
    """

    rows: int = 0
    hidden: tuple[str, ...] = ()
    statistics: bool = True

    def hides(self, column: str) -> bool:
        """Return whether a column's values are private."""
        name = column.lower()
        if any(fnmatchcase(name, pattern.lower()) for pattern in self.hidden):
            return True
        from epochlog.base.redaction import is_secret_key  # patterns are compiled when needed

        return is_secret_key(column)


def sample_of(content: Content, looks: Looks) -> dict[str, Any]:
    """Return evenly spaced rows: ``columns`` (where they have names) and ``rows``; {} if none fit.

    Long texts are cut, columns beyond `COLUMNS_MAX` left out. Images and other data of more than
    two dimensions have no sample.
    """
    total = content.rows
    if not looks.rows or not total:
        return {}
    step = -(-total // looks.rows)
    columns, rows = _read(content.every(step))
    if not rows:
        return {}
    shown: list[list[Any]] = [[_short(value) for value in row[:COLUMNS_MAX]] for row in rows]
    found: dict[str, Any] = {"step": step, "rows": shown}
    if columns is not None:
        named = columns[:COLUMNS_MAX]
        hidden = [looks.hides(name) for name in named]
        found["columns"] = named
        found["rows"] = [
            [HIDDEN if hide else value for hide, value in zip(hidden, row, strict=True)]
            for row in shown
        ]
    return found


def without_hidden(stats: Mapping[str, Any], looks: Looks) -> dict[str, Any]:
    """Return statistics by column without those of hidden columns."""
    hidden = {name for name, of in stats.items() if isinstance(of, dict) and looks.hides(name)}
    return {name: of for name, of in stats.items() if name not in hidden}


def _read(data: Any) -> tuple[list[str] | None, list[Sequence[Any]]]:
    """Return (names of columns or None, rows) of a small piece of data."""
    if isinstance(data, Mapping):
        return _read_mapping(data)
    if hasattr(data, "to_pylist"):  # Arrow
        return _of_arrow(data)
    if hasattr(data, "itertuples"):  # pandas
        names = [str(name) for name in data.columns]
        return names, list(data.itertuples(index=False, name=None))
    if hasattr(data, "iter_rows"):  # polars
        return list(data.columns), list(data.iter_rows())
    if hasattr(data, "toarray"):  # SciPy sparse
        data = data[:, :COLUMNS_MAX].toarray() if data.ndim == 2 else data.toarray()
    if hasattr(data, "detach"):  # a tensor
        data = data.float().numpy() if str(data.dtype) == "torch.bfloat16" else data.numpy()
    if hasattr(data, "ndim") and data.ndim > 2:
        return None, []
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(data, numpy.ndarray) and data.dtype.names:
        return list(data.dtype.names), data.tolist()
    items = data[..., :COLUMNS_MAX] if getattr(data, "ndim", 0) == 2 else data
    items = items.tolist() if hasattr(items, "tolist") else list(items)
    return None, [item if isinstance(item, (list, tuple)) else [item] for item in items]


def _read_mapping(data: Mapping[Any, Any]) -> tuple[list[str], list[Sequence[Any]]]:
    """Read parts that have one value a row, side by side."""
    parts: dict[str, list[Any]] = {}
    for key, value in data.items():
        names, rows = _read(value)
        if names is None and rows and all(len(row) == 1 for row in rows):
            parts[str(key)] = [row[0] for row in rows]
    return list(parts), list(zip(*parts.values(), strict=False))


def _of_arrow(data: Any) -> tuple[list[str] | None, list[Sequence[Any]]]:
    items = data.to_pylist()
    if not hasattr(data, "column_names"):
        return None, [[item] for item in items]
    columns = [column.to_pylist() for column in data.columns]
    return list(data.column_names), list(zip(*columns, strict=True))


def _short(value: Any) -> Any:
    from epochlog.base.redaction import redact_value

    value = plain(value)
    if isinstance(value, (list, dict)):
        value = repr(value)
    if isinstance(value, str):
        value = str(redact_value("", value))
        return value if len(value) <= TEXT_MAX else value[:TEXT_MAX] + "…"
    return value
