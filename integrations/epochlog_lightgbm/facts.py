"""Say in params what a call was given: arguments, callbacks, data sets, names of metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from epochlog_lightgbm.extract import lookup
from epochlog_lightgbm.names import canonical_splits, result_fields

FEATURE_NAMES_MAX = 500  # more of them make a param nobody reads; the importance plot has all

# Arguments that are recorded in a better place than under ``fit.<name>``.
_ELSEWHERE = frozenset(("params", "train_set", "valid_sets", "num_boost_round", "callbacks"))


def call_params(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the params of a call of ``train`` or ``cv``; ``arguments`` has them all by name."""
    given = dict(arguments["params"] or {})
    params: dict[str, Any] = dict(given)
    params["objective"] = lookup(given, "objective", "regression")
    params["num_boost_round"] = lookup(given, "num_iterations", arguments["num_boost_round"])
    for name, value in arguments.items():
        if name not in _ELSEWHERE and value is not None and value != []:
            params[f"fit.{name}"] = _plain_argument(name, value)
    return params | callback_params(arguments["callbacks"] or ())


def _plain_argument(name: str, value: Any) -> Any:
    if name == "init_model":
        return str(value) if isinstance(value, str) else type(value).__name__
    if name == "folds" and not hasattr(value, "split"):
        return type(value).__name__  # index arrays, perhaps a generator that must not be consumed
    if name == "feval":
        functions = value if isinstance(value, (list, tuple)) else [value]
        return [getattr(f, "__name__", type(f).__name__) for f in functions]
    return value


def callback_params(callbacks: Sequence[Any]) -> dict[str, Any]:
    """Return the user's callbacks by name, and what early stopping was told."""
    params: dict[str, Any] = {}
    names = []
    for callback in callbacks:
        name = getattr(callback, "__name__", type(callback).__name__)
        names.append(name)
        if name == "_EarlyStoppingCallback":
            for field in ("stopping_rounds", "first_metric_only", "min_delta"):
                params[f"early_stopping.{field}"] = getattr(callback, field, None)
    return params | {"fit.callbacks": names} if names else params


def booster_facts(booster: Any, *, rows: bool = True, features: bool = True) -> dict[str, Any]:
    """Return sizes and names of a booster's data sets, while it still has them."""
    train, facts = booster.train_set, {}
    if rows:
        facts["train_set.num_rows"] = train.num_data()
        names = {**canonical_splits(booster.name_valid_sets), "valid": "val"}  # "valid" is cv's
        for name, valid in zip(booster.name_valid_sets, booster.valid_sets, strict=False):
            facts[f"{names[name]}_set.num_rows"] = valid.num_data()
    if features:
        facts["train_set.num_features"] = train.num_feature()
        if train.num_feature() <= FEATURE_NAMES_MAX:
            facts["feature_names"] = list(train.get_feature_name())
        if train.categorical_feature not in (None, "auto"):
            facts["categorical_features"] = list(train.categorical_feature)
    return facts


def metric_goals(results: Sequence[Any], keys: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """Return which way each metric gets better."""
    goals: dict[str, Any] = {}
    for result in results:
        name, metric, _, maximize = result_fields(result)
        goals[f"goal.{keys.get((name, metric), '')}"] = "maximize" if maximize else "minimize"
    return goals


def own_names(keys: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """Return what LightGBM calls each curve, as it prints it: ``valid_0 binary_logloss``."""
    return {key: f"{name} {metric}" for (name, metric), key in keys.items()}
