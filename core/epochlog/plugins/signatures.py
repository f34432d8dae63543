"""Say what goes into a model and what comes out, from what is known anyway.

A signature is plain data: ``{"inputs": [{"name": "age", "dtype": "int64", "shape": [None]}, …],
"outputs": […]}``. None stands for a length that differs from call to call (rows of a batch); a
dtype or shape that is not known is left out. Nothing is computed for it: no model is ever called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from epochlog.recording.datasets import adapt
from epochlog.recording.fingerprint.encoding import NoCanonicalForm

COLUMNS_MAX = 1000
"""Inputs named in a signature; of more, ``inputs_total`` says how many there are."""

DEPTH_MAX = 4
Spec = dict[str, Any]


def spec(name: str, dtype: Any = "", shape: Sequence[int | None] | None = None) -> Spec:
    """Return one input or output; an empty dtype and a shape of None are left out."""
    found: Spec = {"name": name}
    if dtype != "" and dtype is not None:
        found["dtype"] = str(dtype).removeprefix("torch.")
    if shape is not None:
        found["shape"] = [None if n is None else int(n) for n in shape]
    return found


def signature(inputs: Sequence[Spec], outputs: Sequence[Spec]) -> dict[str, Any]:
    """Return the two as one mapping, without a side that is not known."""
    found: dict[str, Any] = {}
    if len(inputs) > COLUMNS_MAX:
        found["inputs_total"] = len(inputs)
    sides = {"inputs": list(inputs[:COLUMNS_MAX]), "outputs": list(outputs[:COLUMNS_MAX])}
    return {**{side: specs for side, specs in sides.items() if specs}, **found}


def specs_of(data: Any, name: str = "X", *, depth: int = DEPTH_MAX) -> list[Spec]:
    """Return the specs of data that went into a model; its first axis is the rows of a batch.

    Args:
        data: array, sparse matrix, frame, tensor (on any device), or a list, tuple or mapping of
            such; anything else gives [].
        name: of what has none itself.
        depth: how far lists in lists are followed.
    """
    if data is None or isinstance(data, (str, bytes, bool, int, float)):
        return []
    if isinstance(data, Mapping):
        items = [(str(key), value) for key, value in data.items()]
        return [each for key, value in items for each in specs_of(value, key, depth=depth - 1)]
    if isinstance(data, (list, tuple)):
        if not data or depth <= 0 or not _is_array(data[0]):
            return []
        names = [f"{name}_{i}" if i else name for i in range(len(data[:COLUMNS_MAX]))]
        pairs = zip(names, data, strict=False)
        return [each for own, value in pairs for each in specs_of(value, own, depth=depth - 1)]
    if not hasattr(data, "columns") and _is_array(data):
        return [spec(name, data.dtype, [None, *list(data.shape)[1:]])]
    return _columns_of(data, name)


def _is_array(value: Any) -> bool:
    return hasattr(value, "dtype") and hasattr(value, "shape")


def _columns_of(data: Any, name: str) -> list[Spec]:
    try:
        content = adapt(data)
    except (NoCanonicalForm, RecursionError):
        return []
    schema = {} if content is None else content.schema()
    if "columns" in schema:
        return [spec(each["name"], each.get("dtype", ""), [None]) for each in schema["columns"]]
    return [spec(name, schema["dtype"], [None])] if "dtype" in schema else []


def feature_specs(
    names: Sequence[str] | None,
    count: int,
    dtype: str,
    special: Mapping[int, str] | None = None,
) -> list[Spec]:
    """Return the inputs of a model that knows its features.

    Args:
        names: of the features; None if the data had none: then it is one matrix ``X``.
        count: how many there are.
        dtype: of all but the special ones.
        special: dtype by place, e.g. ``{3: "category"}``.
    """
    special = special or {}
    if names is None and not special:
        return [spec("X", dtype, [None, count])]
    known = names if names is not None else [f"f{i}" for i in range(count)]
    return [spec(str(own), special.get(i, dtype), [None]) for i, own in enumerate(known)]
