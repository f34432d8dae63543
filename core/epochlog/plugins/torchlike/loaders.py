"""Data loaders: their settings, and which data they serve."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from epochlog.base.values import type_name
from epochlog.recording.run import Run

BUDGET_S = 0.25
"""Longest time that hashing one data set takes; beyond it a sample is hashed, and marked so."""

_IDENTITY = ("root", "split", "train", "name", "config_name", "_fingerprint", "filename", "path")
"""Attributes by which data sets of torchvision, torchaudio and datasets say which data they are."""


def loader_facts(loader: Any, prefix: str) -> dict[str, Any]:
    """Return settings of a data loader: ``<prefix>.batch_size`` and so on.

    Sizes of iterable data sets are not asked for: a loader remembers that it was asked, and warns
    later. What a loader doesn't have is left out.

    Args:
        loader: a torch DataLoader, or something with its attributes.
        prefix: put before every name, e.g. ``train_loader``.
    """
    dataset, sampler = getattr(loader, "dataset", None), getattr(loader, "sampler", None)
    batch_sampler = getattr(loader, "batch_sampler", None)
    batch_size = getattr(loader, "batch_size", None)
    drop_last = getattr(loader, "drop_last", None)
    if batch_size is None and batch_sampler is not None:
        batch_size = getattr(batch_sampler, "batch_size", None)
        drop_last = getattr(batch_sampler, "drop_last", drop_last)
    mapped = dataset is not None and not _is_iterable(dataset)
    facts = {
        "batch_size": batch_size,
        "num_workers": getattr(loader, "num_workers", None),
        "drop_last": drop_last,
        "shuffle": _shuffles(sampler) if mapped else None,
        "sampler": type(sampler).__name__ if mapped and sampler is not None else None,
        "pin_memory": getattr(loader, "pin_memory", None),
        "dataset": type(dataset).__name__ if dataset is not None else None,
        "n_rows": _length(dataset) if mapped else None,
        "n_batches": _length(loader) if mapped else None,
    }
    return {
        f"{prefix}.{name}": value
        for name, value in facts.items()
        if value is None or isinstance(value, (bool, int, float, str))
        if value is not None
    }


def _shuffles(sampler: Any) -> bool | None:
    if sampler is None:
        return None
    shuffle = getattr(sampler, "shuffle", None)  # DistributedSampler
    return shuffle if isinstance(shuffle, bool) else "Random" in type(sampler).__name__


def _is_iterable(dataset: Any) -> bool:
    return not hasattr(dataset, "__getitem__") or any(
        cls.__name__ == "IterableDataset" for cls in type(dataset).__mro__
    )


def _length(sized: Any) -> int | None:
    try:
        return len(sized)
    except Exception:  # the user's own __len__ may raise anything
        return None


def log_loader_dataset(
    run: Run, loader: Any, role: str, *, name: str = "", budget_s: float = BUDGET_S
) -> None:
    """Log the data set behind a loader: a fingerprint of its tensors, else what it says it is.

    The tensors of a ``TensorDataset`` (the first is the data, a second one the target) and a
    ``Subset`` of one are hashed where they lie. Of any other data set no item is read: its class,
    length and declared identity (``root``, ``split``, the fingerprint of ``datasets``) are kept.

    Args:
        run: where to record.
        loader: a data loader, or a data set itself.
        role: train, validation, test …
        name: of the data set (default: its role).
        budget_s: longest time for hashing.
    """
    dataset = getattr(loader, "dataset", loader)
    data, target, meta = _content(dataset)
    meta = {"class": type_name(dataset), **meta}
    run.log_dataset(data, name, role=role, target=target, budget_s=budget_s, meta=meta)


def _content(dataset: Any) -> tuple[Any, Any, dict[str, Any]]:
    """Return (data, target, more facts)."""
    indices, base = getattr(dataset, "indices", None), getattr(dataset, "dataset", None)
    if indices is not None and base is not None and type(dataset).__name__ == "Subset":
        inner, target, meta = _content(base)
        meta = {**meta, "subset_of": type_name(base), "n_rows": _length(indices)}
        rows = _index_array(indices)
        if rows is None or inner is base:
            return dataset, None, meta
        parts = {"data": inner, "target": target, "rows": rows}
        return {key: value for key, value in parts.items() if value is not None}, None, meta
    tensors = getattr(dataset, "tensors", None)
    if isinstance(tensors, tuple) and tensors:
        if len(tensors) == 2:
            return tensors[0], tensors[1], {"n_rows": _length(dataset)}
        return (tensors[0] if len(tensors) == 1 else list(tensors)), None, {}
    return dataset, None, _identity(dataset)


def _index_array(indices: Any) -> Any:
    import numpy as np

    try:
        array = np.asarray(indices)
    except Exception:
        return None
    return array if array.dtype.kind in "iu" else None


def _identity(dataset: Any) -> dict[str, Any]:
    own = getattr(dataset, "__dict__", None)
    facts = {
        name.strip("_"): _plain_identity(own[name])
        for name in _IDENTITY
        if isinstance(own, Mapping) and name in own
    }
    facts = {name: value for name, value in facts.items() if value is not None}
    parts = getattr(dataset, "datasets", None)
    if isinstance(parts, (list, tuple)) and type(dataset).__name__ in ("ConcatDataset", "Stack"):
        facts["parts"] = [
            {"class": type_name(part), "n_rows": _length(part), **_identity(part)}
            for part in parts[:20]
        ]
    return facts


def _plain_identity(value: Any) -> Any:
    if isinstance(value, str):
        from epochlog.base.redaction import redact_url  # compiles patterns

        return redact_url(value[:2000])
    if isinstance(value, (bool, int)):
        return value
    path = sys.modules.get("pathlib")
    return str(value)[:2000] if path is not None and isinstance(value, path.PurePath) else None
