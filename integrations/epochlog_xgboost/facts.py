"""Say in params what a call was given: arguments, callbacks, data sets, names of metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from epochlog_xgboost.extract import as_dict
from epochlog_xgboost.names import goal

FEATURE_NAMES_MAX = 500  # more of them make a param nobody reads; the importance plot has all

# Arguments that are recorded in a better place than under ``fit.<name>``.
_ELSEWHERE = frozenset(
    ("params", "dtrain", "num_boost_round", "evals", "evals_result", "callbacks")
)


def call_params(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the params of a call of ``train`` or ``cv``; ``arguments`` has them all by name."""
    given = {k: v for k, v in as_dict(arguments["params"]).items() if v is not None}
    params: dict[str, Any] = {key: _plain_argument(key, value) for key, value in given.items()}
    params["num_boost_round"] = arguments["num_boost_round"]
    if (custom := arguments.get("obj")) is not None:
        params["objective"] = function_name(custom)
    for name, value in arguments.items():
        if name not in _ELSEWHERE and value is not None and not _is_empty(value):
            params[f"fit.{name}"] = _plain_argument(name, value)
    callbacks = arguments.get("callbacks")
    if isinstance(callbacks, (list, tuple)) and callbacks:
        params["fit.callbacks"] = [type(callback).__name__ for callback in callbacks]
    return params


def objective_of(arguments: Mapping[str, Any]) -> str:
    """Return XGBoost's name of the objective; "" for one of the user's own."""
    if arguments.get("obj") is not None:
        return ""
    objective = as_dict(arguments["params"]).get("objective")
    return "reg:squarederror" if objective is None else str(objective)


def _is_empty(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and not value


def _plain_argument(name: str, value: Any) -> Any:
    if name == "xgb_model":
        return (
            str(value)
            if isinstance(value, (str, bytes)) or hasattr(value, "__fspath__")
            else (type(value).__name__)
        )
    if name == "folds":
        return type(value).__name__  # index arrays, perhaps a generator that must not be consumed
    return function_name(value) if callable(value) else value


def function_name(value: Any) -> str:
    """Return the name of an objective or metric of the user's, a function or an object."""
    return str(getattr(value, "__name__", type(value).__name__))


def stopping_params(callback: Any) -> dict[str, Any]:
    """Return what XGBoost's ``EarlyStopping`` was told."""
    fields = {
        "rounds": "rounds",
        "metric_name": "metric_name",
        "data": "data_name",
        "maximize": "maximize",
        "save_best": "save_best",
        "_min_delta": "min_delta",
    }
    params = {
        f"early_stopping.{ours}": getattr(callback, own, None) for own, ours in fields.items()
    }
    return {key: value for key, value in params.items() if value is not None}


def matrix_facts(matrix: Any, split: str = "train", *, features: bool = True) -> dict[str, Any]:
    """Return size, names and kinds of the features of a ``DMatrix``."""
    facts: dict[str, Any] = {f"{split}_set.num_rows": matrix.num_row()}
    if not features:
        return facts
    facts[f"{split}_set.num_features"] = count = matrix.num_col()
    names, types = matrix.feature_names, matrix.feature_types
    if names is not None and count <= FEATURE_NAMES_MAX:
        facts["feature_names"] = list(names)
    if types is not None and "c" in types:
        known = names if names is not None else [f"f{i}" for i in range(count)]
        facts["categorical_features"] = [
            n for n, kind in zip(known, types, strict=True) if kind == "c"
        ]
    groups = len(matrix.get_uint_info("group_ptr")) - 1
    if groups > 1:
        facts[f"{split}_set.num_groups"] = groups
    return facts


def filled(estimator: Any, effective: Mapping[str, Any], rounds: int) -> dict[str, Any]:
    """Return the effective values of the parameters that a scikit-learn estimator has as None."""
    # Not get_params(): that draws from a random_state that is a generator.
    fields = vars(estimator)
    found = {
        name: value for name, value in effective.items() if name in fields and fields[name] is None
    }
    if "n_estimators" in fields and fields["n_estimators"] is None:
        found["n_estimators"] = rounds
    return found


def metric_goals(keys: Mapping[tuple[str, str], str], suffix: str = "") -> dict[str, str]:
    """Return which way each metric gets better, where that is known."""
    goals = {f"goal.{key}{suffix}": goal(metric) for (_, metric), key in keys.items()}
    return {key: way for key, way in goals.items() if way}


def own_names(keys: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """Return what XGBoost calls each curve, as it prints it: ``validation_0-logloss``."""
    return {key: f"{name}-{metric}" for (name, metric), key in keys.items()}


def callbacks_of(container: Any, kind: str) -> list[Any]:
    """Return the callbacks of a container that are of one of XGBoost's classes, or derived."""
    import xgboost.callback

    cls = getattr(xgboost.callback, kind)
    callbacks: Iterable[Any] = container.callbacks
    return [callback for callback in callbacks if isinstance(callback, cls)]
