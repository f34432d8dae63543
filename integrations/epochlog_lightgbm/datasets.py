"""Fingerprint the data sets of a call before LightGBM frees their raw data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from epochlog.plugins.api import Run
from epochlog_lightgbm.names import canonical_splits

BUDGET_S = 0.25  # for all sets of one call together


def log_datasets(run: Run, arguments: Mapping[str, Any], *, skip_train: bool) -> None:
    """Record training and validation sets of a call of ``train`` or ``cv``.

    ``skip_train``: an estimator's ``fit`` around this call has recorded the training set.
    """
    named = list(_named(arguments))
    for name, role, dataset in named:
        if role != "train" or not skip_train:
            log_dataset(run, dataset, name, role, BUDGET_S / len(named))


def _named(arguments: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    train = arguments["train_set"]
    yield "train", "train", train
    for name, valid in valid_sets(arguments):
        if valid is not train:
            yield name, "validation", valid


def valid_sets(arguments: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return evaluation sets under our names; LightGBM takes one alone instead of a list, too."""
    valid, names = arguments.get("valid_sets"), arguments.get("valid_names")
    if valid is None:
        return []
    valid = list(valid) if isinstance(valid, (list, tuple)) else [valid]
    names = [names] if isinstance(names, str) else list(names or ())
    theirs = [names[i] if i < len(names) else f"valid_{i}" for i in range(len(valid))]
    unnamed_train = arguments["train_set"] if not names else None
    splits = canonical_splits(
        n for n, v in zip(theirs, valid, strict=True) if v is not unnamed_train
    )
    return [(splits.get(n, "train"), v) for n, v in zip(theirs, valid, strict=True)]


def log_dataset(run: Run, dataset: Any, name: str, role: str, budget_s: float) -> None:
    """Record one ``lightgbm.Dataset``: by content while it has its raw data, else by shape."""
    if getattr(dataset, "data", None) is not None:
        run.log_dataset(
            dataset.data,
            name,
            role=role,
            target=dataset.label,
            weight=dataset.weight,
            budget_s=budget_s,
            meta={"container": "lightgbm.Dataset"},
        )
    elif getattr(dataset, "_handle", None) is not None:
        shape = {"rows": dataset.num_data(), "columns": dataset.num_feature()}
        meta = {"container": "lightgbm.Dataset", "content": "freed by LightGBM", **shape}
        run.log_dataset(dataset, name, role=role, meta=meta)
