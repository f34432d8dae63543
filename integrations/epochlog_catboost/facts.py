"""Say in params what a call was given: parameters, arguments, pools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

FEATURE_NAMES_MAX = 500  # more of them make a param nobody reads; the importance plot has all
ITEMS_MAX = 50

# Arguments that are recorded in a better place than under ``fit.<name>``.
_ELSEWHERE = frozenset(("self", "X", "y", "pool", "dtrain", "params", "log_cout", "log_cerr"))


def passed_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that the user gave, those that CatBoost has no value for included."""
    return {str(name): describe(value) for name, value in params.items() if value is not None}


def effective_params(model: Any) -> dict[str, Any]:
    """Return all parameters of a trained model with the values that CatBoost used."""
    return used_params(model.get_all_params())


def used_params(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``get_all_params`` says as plain data.

    CatBoost keeps numbers in single precision: its 0.30000001192092896 is the user's 0.3.
    """
    return {
        name: _shortest(value) if isinstance(value, float) else describe(value)
        for name, value in found.items()
        if name != "pool_metainfo_options"
    }


def _shortest(value: float) -> float:
    """Return the shortest number that is the same in single precision, if it is single at all."""
    single = np.float32(value)
    return float(str(single)) if float(single) == value else value


def call_params(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments of a call, by name, as ``fit.<name>``; what was left out is not there."""
    return {
        f"fit.{name}": _argument(name, value)
        for name, value in arguments.items()
        if name not in _ELSEWHERE and value is not None and not (name == "plot" and not value)
    }


def _argument(name: str, value: Any) -> Any:
    if name == "callbacks":
        return [type(callback).__name__ for callback in value]
    if name == "eval_set":
        return [describe_set(each) for each in (value if isinstance(value, list) else [value])]
    if name == "folds" and not hasattr(value, "split"):
        return type(value).__name__  # index arrays, perhaps a generator that must not be consumed
    return describe(value)


def describe_set(data: Any) -> str:
    """Return an evaluation set in a few words."""
    if isinstance(data, tuple) and data:
        data = data[0]
    if is_pool(data):
        return f"Pool {list(data.shape)}"
    shape = getattr(data, "shape", None)
    if shape is not None:
        return f"{type(data).__name__} {list(shape)}"
    return str(data) if isinstance(data, str) or hasattr(data, "__fspath__") else _counted(data)


def describe(value: Any) -> Any:
    """Return a parameter or argument as plain data; large ones by their kind and size."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if is_pool(value) or (hasattr(value, "shape") and hasattr(value, "dtype") and value.shape):
        return describe_set(value)
    if isinstance(value, Mapping):
        return {str(key): describe(item) for key, item in list(value.items())[:ITEMS_MAX]}
    if isinstance(value, (list, tuple)):
        return [describe(item) for item in value] if len(value) <= ITEMS_MAX else _counted(value)
    if hasattr(value, "__fspath__"):
        return str(value)
    if hasattr(value, "get_all_params"):  # a model, as in ``init_model``
        return type(value).__name__
    return value if type(value).__module__ in ("numpy", "builtins") else type(value).__name__


def _counted(value: Any) -> str:
    kind = type(value).__name__
    return f"{kind} of {len(value)}" if hasattr(value, "__len__") else kind


def is_pool(value: Any) -> bool:
    """Whether this is a ``catboost.Pool``."""
    return hasattr(value, "get_cat_feature_indices") and hasattr(value, "num_row")


def pool_facts(train_pool: Any, eval_pools: list[Any]) -> dict[str, Any]:
    """Return sizes and names of the pools that CatBoost trains with, its own or the user's."""
    names = feature_names(train_pool)
    facts: dict[str, Any] = {
        "train_set.num_rows": train_pool.num_row(),
        "train_set.num_features": train_pool.num_col(),
    }
    if len(names) <= FEATURE_NAMES_MAX:
        facts["feature_names"] = names
    for index, pool in enumerate(eval_pools):
        facts[f"{f'val_{index}' if index else 'val'}_set.num_rows"] = pool.num_row()
    return facts | special_features(train_pool, names)


def feature_names(pool: Any) -> list[str]:
    """Return the names of a pool's features, or their numbers if they have none."""
    return [name or str(index) for index, name in enumerate(pool.get_feature_names())]


def special_features(pool: Any, names: list[str]) -> dict[str, list[str]]:
    """Return the names of a pool's features that are not plain numbers, by their kind."""
    found = {
        "categorical_features": pool.get_cat_feature_indices(),
        "text_features": pool.get_text_feature_indices(),
        "embedding_features": pool.get_embedding_feature_indices(),
    }
    return {
        kind: [names[i] for i in indices][:FEATURE_NAMES_MAX]
        for kind, indices in found.items()
        if len(indices)
    }
