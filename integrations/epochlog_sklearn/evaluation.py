"""Capture test metrics: ``model.score``, and ``sklearn.metrics`` of a known model's predictions."""

from __future__ import annotations

import inspect
import numbers
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from epochlog.plugins.api import guard
from epochlog_sklearn import extract, record
from epochlog_sklearn.models import Fitted, fitted, predictions, reference
from epochlog_sklearn.names import name_in_caller, split_of
from epochlog_sklearn.scope import Scope, current_scope, entering, wanted

BASES_MAX = 4  # views of views; numpy itself keeps chains short
DATA_BUDGET_S = 0.1
_SPELLED = ("average", "multi_class", "beta", "k", "squared")
"""Arguments of a metric that make another metric of it, so they belong to its name."""


def run_predict(original: Callable[..., Any], model: Any, args: Any, kwargs: Any) -> Any:
    """Stand in for ``predict`` & co.: the returned array is remembered, weakly."""
    known = fitted.get(model)
    if known is None or current_scope() is not None or not wanted("metrics"):
        return original(model, *args, **kwargs)
    with entering(Scope()):
        result = original(model, *args, **kwargs)
    with guard("sklearn predict"):
        track(result, known, args[0] if args else kwargs.get("X", kwargs.get("data")))
    return result


def track(result: Any, known: Fitted, x: Any) -> None:
    """Remember that an array (or each array of a list) was predicted by a known model from X."""
    origin = (known, reference(x))
    for array in result if isinstance(result, list) and len(result) < 100 else [result]:
        predictions.set(array, origin)
        base = getattr(array, "base", None)
        if isinstance(base, np.ndarray) and base is not x:  # slices of a view point at its base
            predictions.set(base, origin)


def find(array: Any) -> tuple[Fitted, Callable[[], Any]] | None:
    """Return where an array came from, looking through views."""
    for _ in range(BASES_MAX):
        if array is None:
            return None
        origin: tuple[Fitted, Callable[[], Any]] | None = predictions.get(array)
        if origin is not None:
            return origin
        array = getattr(array, "base", None)
    return None


def run_score(original: Callable[..., Any], model: Any, args: Any, kwargs: Any) -> Any:
    """Stand in for ``score``: its value becomes a metric of the model's run."""
    known = fitted.get(model)
    if known is None or current_scope() is not None or not wanted("metrics"):
        return original(model, *args, **kwargs)
    with entering(Scope()):
        value = original(model, *args, **kwargs)
    with guard("sklearn score"):
        x, y, _ = extract.fit_arguments(original, args, kwargs)
        if isinstance(value, numbers.Real):
            split = _split(known, x)
            names = {"score", _score_name(model)} - {""}
            _log(known, x, y, split, {f"{split}/{name}": float(value) for name in sorted(names)})
    return value


def _score_name(model: Any) -> str:
    """Return what ``model.score`` really computes: accuracy, r2, a search's scoring, or ""."""
    scoring = extract.attribute(model, "scoring")
    if hasattr(model, "cv_results_") and scoring is not None:
        return scoring if isinstance(scoring, str) else ""
    score = getattr(type(extract.core_estimator(model)), "score", None)
    return _SCORES.get(getattr(score, "__qualname__", "").partition(".")[0], "")


_SCORES = {
    "ClassifierMixin": "accuracy",
    "RegressorMixin": "r2",
    "CatBoostClassifier": "accuracy",
    "CatBoostRegressor": "r2",
}
"""Class that defines ``score`` -> what it computes."""


def run_metric(original: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Stand in for a function of ``sklearn.metrics``."""
    if current_scope() is not None or not wanted("metrics"):
        return original(*args, **kwargs)
    with entering(Scope()):
        value = original(*args, **kwargs)
    with guard("sklearn metric"):
        given = [*args[:2], *list(kwargs.values())[:4]]
        for index, candidate in enumerate(given):
            if isinstance(candidate, (str, numbers.Number)):
                continue
            origin = find(candidate)
            if origin is not None:
                others = [other for place, other in enumerate(given[:2]) if place != index]
                truth = others[0] if others else None
                _log_metric(original, args, kwargs, value=value, origin=origin, truth=truth)
                break
    return value


def _log_metric(
    function: Any, args: Any, kwargs: Any, *, value: Any, origin: Any, truth: Any
) -> None:
    known, x = origin[0], origin[1]()
    split = _split(known, x)
    bound = inspect.signature(function).bind(*args, **kwargs)
    bound.apply_defaults()
    key = f"{split}/{metric_name(function, bound.arguments)}"
    if isinstance(value, numbers.Real):
        _log(known, x, truth, split, {key: float(value)})
    elif isinstance(value, np.ndarray) and value.ndim == 1 and "matrix" not in key:
        _log(known, x, truth, split, _per_label(key, value, bound.arguments))
    elif isinstance(value, str):
        known.run.log_text(key, value)
    else:
        plot = plot_data(function.__name__, value, bound.arguments)
        if plot is not None:
            known.run.log_plot(key, *plot, step=known.step)
        elif isinstance(value, (tuple, Mapping)):
            _log(known, x, truth, split, _named_values(split, function.__name__, value))


def metric_name(function: Callable[..., Any], arguments: Mapping[str, Any]) -> str:
    """Return the usual name of a metric: ``f1_score(average="macro")`` -> ``f1_macro``."""
    words = [function.__name__.removesuffix("_score")]
    parameters = inspect.signature(function).parameters
    for name in _SPELLED:
        given = arguments.get(name)
        if name in parameters and given is not None and given != parameters[name].default:
            words.append(str(given))
    return "_".join(words)


def _per_label(key: str, values: np.ndarray, arguments: Mapping[str, Any]) -> dict[str, float]:
    if len(values) > extract.ITEMS_MAX:
        return {}
    labels = arguments.get("labels")
    names = labels if labels is not None else _labels(arguments)
    if names is None or len(names) != len(values):
        names = range(len(values))
    return {f"{key}[{name}]": float(value) for name, value in zip(names, values, strict=True)}


def _labels(arguments: Mapping[str, Any]) -> list[Any] | None:
    if "y_true" not in arguments or "y_pred" not in arguments:
        return None
    from sklearn.utils.multiclass import unique_labels

    try:
        labels: list[Any] = unique_labels(arguments["y_true"], arguments["y_pred"]).tolist()
    except ValueError:  # a mix of kinds, as in regression
        return None
    return labels


def plot_data(
    name: str, value: Any, arguments: Mapping[str, Any]
) -> tuple[str, dict[str, Any]] | None:
    """Return ``(kind, data)`` of a metric that is a picture (confusion matrix, ROC…), or None."""
    if name == "confusion_matrix":
        labels = arguments.get("labels")
        labels = _labels(arguments) if labels is None else list(labels)
        return "confusion_matrix", {"labels": extract.describe_all(labels or []), "matrix": value}
    if name in _CURVES and isinstance(value, tuple):
        kind, names = _CURVES[name]
        return kind, dict(zip(names, value, strict=False))
    if name == "classification_report" and isinstance(value, Mapping):
        return "classification_report", dict(value)
    return None


_CURVES = {
    "roc_curve": ("roc", ("fpr", "tpr", "thresholds")),
    "precision_recall_curve": ("precision_recall", ("precision", "recall", "thresholds")),
    "det_curve": ("det", ("fpr", "fnr", "thresholds")),
}


def _named_values(split: str, function: str, value: Any) -> dict[str, float]:
    """Name the parts of a metric that returns several numbers."""
    if isinstance(value, tuple):
        names = _PARTS.get(function, tuple(f"{function}_{i}" for i in range(len(value))))
        value = dict(zip(names, value, strict=False))
    return {
        f"{split}/{name}": float(part)
        for name, part in value.items()
        if isinstance(part, numbers.Real)
    }


_PARTS = {
    "precision_recall_fscore_support": ("precision", "recall", "fscore", "support"),
    "homogeneity_completeness_v_measure": ("homogeneity", "completeness", "v_measure"),
    "class_likelihood_ratios": ("positive_likelihood_ratio", "negative_likelihood_ratio"),
}


def _split(known: Fitted, x: Any) -> str:
    if x is not None and known.train() is x:
        return "train"
    return known.split or split_of(name_in_caller(x) if x is not None else "")


def _log(known: Fitted, x: Any, y: Any, split: str, metrics: dict[str, float]) -> None:
    """Log metrics once per data set and value, and the data set's fingerprint the first time."""
    fresh = {
        key: value
        for key, value in metrics.items()
        if known.step is not None or known.logged.get((key, id(x))) != value
    }
    if fresh:
        known.run.log_metrics(fresh, step=known.step)
        known.logged |= {(key, id(x)): value for key, value in fresh.items()}
    if x is None or split not in ("test", "val"):
        return
    role, name = "validation" if split == "val" else "test", name_in_caller(x)
    # By name and shape: a loop that scores ``frame.values`` makes a new object each time.
    if known.first_time(role, name, getattr(x, "shape", None)):
        record.log_data(known.run, x, y, role, DATA_BUDGET_S, name=name)
