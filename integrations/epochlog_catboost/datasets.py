"""Fingerprint the data sets of a call, as the user passed them and without copying."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from epochlog.plugins.api import Run
from epochlog_catboost.facts import (
    FEATURE_NAMES_MAX,
    describe,
    feature_names,
    is_pool,
    special_features,
)

BUDGET_S = 0.04  # for all sets of one call together; beyond it a sample is hashed

# What CatBoost is told of the columns, and does not belong to the content.
_COLUMNS = ("cat_features", "text_features", "embedding_features", "column_description")


def log_datasets(run: Run, arguments: Mapping[str, Any], *, skip_train: bool = False) -> None:
    """Record training and evaluation sets of a call.

    ``skip_train``: something around this call has recorded the training set.
    """
    named = list(_named(arguments))
    for name, data, target, weight in named:
        if name == "train" and skip_train:
            continue
        role = "train" if name == "train" else "validation"
        meta = {k: describe(arguments[k]) for k in _COLUMNS if arguments.get(k) is not None}
        budget_s = BUDGET_S / len(named)
        if is_pool(data):
            run.log_dataset(data, name, role=role, budget_s=budget_s, meta=pool_meta(data))
        else:
            run.log_dataset(
                _without_scheme(data),
                name,
                role=role,
                target=target,
                weight=weight,
                budget_s=budget_s,
                meta=meta,
            )


def _named(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any, Any]]:
    train = arguments.get("X", arguments.get("pool"))
    if train is None:
        train = arguments.get("dtrain")
    yield "train", train, arguments.get("y"), arguments.get("sample_weight")
    sets = arguments.get("eval_set")
    for index, data in enumerate(sets if isinstance(sets, list) else [sets]):
        name = f"val_{index}" if index else "val"
        if isinstance(data, tuple) and len(data) == 2:
            yield name, data[0], data[1], None
        elif data is not None:
            yield name, data, None, None


def _without_scheme(data: Any) -> Any:
    """Return the path in ``quantized://file`` and the like, which CatBoost takes as files."""
    if isinstance(data, str):
        return data.partition("://")[2] or data
    return os.fspath(data) if isinstance(data, os.PathLike) else data


def pool_meta(pool: Any) -> dict[str, Any]:
    """Return what a pool tells of itself; its content can't be read without a copy of it."""
    meta: dict[str, Any] = {
        "container": "catboost.Pool",
        "rows": pool.num_row(),
        "columns": pool.num_col(),
        "quantized": bool(pool.is_quantized()),
        "content": "kept by CatBoost in its own form; not hashed",
    }
    names = feature_names(pool)
    if len(names) <= FEATURE_NAMES_MAX:
        meta["feature_names"] = names
    return meta | special_features(pool, names)
