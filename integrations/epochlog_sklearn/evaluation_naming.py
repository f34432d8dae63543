"""Name what a function of ``sklearn.metrics`` returned: numbers, plots, parts of tuples."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from epochlog.plugins.api import metric_name as canonical_name
from epochlog_sklearn import extract

POINTS_MAX = 1000  # of a curve that the user computed

_SPELLED = ("average", "multi_class", "beta", "k", "squared", "normalize")
"""Arguments of a metric that make another metric of it, so they belong to its name."""


def metric_name(function: Callable[..., Any], arguments: Mapping[str, Any]) -> str:
    """Return the usual name of a metric: ``f1_score(average="macro")`` -> ``f1_macro``."""
    words = [function.__name__.removesuffix("_score")]
    parameters = extract.signature_of(function).parameters
    for name in _SPELLED:
        given = arguments.get(name)
        if name in parameters and given is not None and given != parameters[name].default:
            words.append("count" if name == "normalize" and given is False else str(given))
    return "_".join([canonical_name(words[0]), *words[1:]])


def own_name(function: Callable[..., Any]) -> str:
    """Return how scikit-learn calls a metric, without ``_score``."""
    return function.__name__.removesuffix("_score")


def is_renamed(function: Callable[..., Any], name: str) -> bool:
    """Return whether a metric's name is another word for scikit-learn's own."""
    own = own_name(function)
    return name != own and name == canonical_name(own)


def per_label(key: str, values: np.ndarray, arguments: Mapping[str, Any]) -> dict[str, float]:
    """Name the values of a metric that was computed for each class."""
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
    name: str, value: Any, arguments: Mapping[str, Any], classes: Any = None
) -> tuple[str, dict[str, Any]] | None:
    """Return ``(kind, data)`` of a metric that is a picture (confusion matrix, ROC…), or None.

    Args:
        name: of the function.
        value: what it returned.
        arguments: what it was called with.
        classes: of the model, for the label of a curve.
    """
    if name == "confusion_matrix":
        labels = arguments.get("labels")
        labels = _labels(arguments) if labels is None else list(labels)
        return "confusion_matrix", {"labels": extract.describe_all(labels or []), "matrix": value}
    if isinstance(value, tuple) and (name in _CURVES or name == "calibration_curve"):
        label = arguments.get("pos_label")
        if label is None and isinstance(classes, np.ndarray) and len(classes) == 2:
            label = classes[1]
        label = extract.describe(label) if label is not None else 1
        if name == "calibration_curve":
            kind, curve = "calibration", _calibration(value[0], value[1], arguments)
        else:
            kind, curve = _CURVES[name](*value)
        return kind, {"curves": [{"label": label, **curve}]}
    if name == "classification_report" and isinstance(value, Mapping):
        return "classification_report", _report(value)
    return None


def _roc(fpr: Any, tpr: Any, thresholds: Any = None) -> tuple[str, dict[str, Any]]:
    auc = float(np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2))
    curve = {"fpr": fpr, "tpr": tpr, "thresholds": thresholds}
    return "roc", {**_thinned(curve), "auc": auc}


def _precision_recall(
    precision: Any, recall: Any, thresholds: Any = None
) -> tuple[str, dict[str, Any]]:
    """Turn the curve round: recall rises; its last point, which has no threshold, is left out."""
    area = float(-np.sum(np.diff(recall) * precision[:-1]))
    curve = {
        "precision": precision[:-1][::-1],
        "recall": recall[:-1][::-1],
        "thresholds": None if thresholds is None else thresholds[::-1],
    }
    return "precision_recall", {**_thinned(curve), "average_precision": area}


def _det(fpr: Any, fnr: Any, thresholds: Any = None) -> tuple[str, dict[str, Any]]:
    return "det", _thinned({"fpr": fpr, "fnr": fnr, "thresholds": thresholds})


def _calibration(observed: Any, predicted: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Add the rows in each bin, which scikit-learn does not tell."""
    score = np.asarray(arguments["y_prob"], np.float64)
    edges = np.linspace(0, 1, arguments.get("n_bins", 5) + 1)
    if arguments.get("strategy", "uniform") == "quantile":
        edges = np.percentile(score, edges * 100)
    count = np.bincount(np.searchsorted(edges[1:-1], score), minlength=len(edges) - 1)
    return {
        "predicted": predicted,
        "observed": observed,
        "count": count[count > 0],
        "bin": np.flatnonzero(count),
        "edges": edges,
    }


def _thinned(curve: Mapping[str, np.ndarray | None]) -> dict[str, list[float]]:
    """Leave out points of a long curve, and columns that are not known."""
    columns = {name: values for name, values in curve.items() if values is not None}
    count = len(next(iter(columns.values())))
    kept = np.arange(count)
    if count > POINTS_MAX:
        kept = np.unique(np.linspace(0, count - 1, POINTS_MAX).round().astype(np.intp))
    return {name: values[kept].tolist() for name, values in columns.items()}


_CURVES: dict[str, Callable[..., tuple[str, dict[str, Any]]]] = {
    "roc_curve": _roc,
    "precision_recall_curve": _precision_recall,
    "det_curve": _det,
}


def _report(value: Mapping[str, Any]) -> dict[str, Any]:
    means = ("macro avg", "weighted avg", "micro avg", "samples avg")
    rows = {k: v for k, v in value.items() if isinstance(v, Mapping) and k not in means}
    columns = {"precision": "precision", "recall": "recall", "f1": "f1-score", "support": "support"}
    return {
        "labels": list(rows),
        **{name: [float(row[own]) for row in rows.values()] for name, own in columns.items()},
    }


def named_values(split: str, function: str, value: Any) -> dict[str, float]:
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
