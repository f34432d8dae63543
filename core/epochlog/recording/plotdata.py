"""Turn the data of a plot into plain lists, without the limits that apply to parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from epochlog.base.redaction import redact_text
from epochlog.base.values import plain


def plot_data(data: Any) -> Any:
    """Return ``data`` as plain data: arrays as (nested) lists, texts without secrets."""
    if isinstance(data, Mapping):
        return {str(key): plot_data(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        if data and all(type(value) is str for value in data):
            return _texts(data)
        return [plot_data(value) for value in data]
    to_list = getattr(data, "tolist", None)
    if callable(to_list) and hasattr(data, "shape"):
        return plot_data(to_list())
    if hasattr(data, "to_list") and hasattr(data, "name"):  # a pandas or polars Series
        return plot_data(data.to_list())
    found = plain(data)
    return redact_text(found) if isinstance(found, str) else found


def _texts(texts: Sequence[str]) -> list[Any]:
    """Return texts without secrets; that thousands of names hold none is told by one look."""
    together = "\n".join(texts)
    if redact_text(together) == together:
        return [plain(text) for text in texts]
    return [plain(redact_text(text)) for text in texts]
