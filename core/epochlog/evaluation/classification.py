"""Evaluate labels and scores of two, many, or several classes at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from epochlog.evaluation.arrays import Array, Floats, Given, Labels, plain_labels
from epochlog.evaluation.calibration import brier, calibration_curve, log_loss
from epochlog.evaluation.confusion import (
    CELLS_MAX,
    class_metrics,
    confusion_matrix,
    confusion_plot,
    report_plot,
)
from epochlog.evaluation.ranking import (
    Ranking,
    average_precision,
    gain_curve,
    precision_recall_curve,
    rank,
    roc_auc,
    roc_curve,
    threshold_plot,
)

CURVES_MAX = 12
"""Classes with curves of their own; of more, the most frequent ones."""

Metrics = dict[str, float]
Plots = dict[str, tuple[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores of all classes.

    Attributes:
        values: shape (n, k), columns in the order of the classes.
        probabilities: whether the rows are probabilities that add up to 1.
    """

    values: Array
    probabilities: bool

    @classmethod
    def of(cls, scores: Array, labels: Labels, classes: Sequence[Any] | None) -> Scores | None:
        """Return scores for the classes of ``labels``; None if the columns don't fit them."""
        k = len(labels.classes)
        if scores.ndim == 1 or scores.shape[1] == 1:
            one = scores.reshape(-1)
            if k > 2:
                return None
            within = bool(((one >= 0) & (one <= 1)).all())
            return cls(np.column_stack([1 - one if within else -one, one]), within)
        place = _places(scores, labels, classes)
        if place is None:
            return None
        values = np.zeros((len(scores), max(k, 2)), scores.dtype)
        values[:, place] = scores
        return cls(values, _are_probabilities(scores))


def _places(scores: Array, labels: Labels, classes: Sequence[Any] | None) -> Array | None:
    """Return which class each column of ``scores`` is, as a number."""
    k, columns = len(labels.classes), scores.shape[1]
    if classes is not None and len(classes) == columns:
        wanted = np.asarray(classes)
        if wanted.dtype.kind != labels.classes.dtype.kind:
            wanted = wanted.astype(labels.classes.dtype)
        return np.searchsorted(labels.classes, wanted)
    whole = labels.classes.dtype.kind in "iufb"
    if whole and k and labels.classes.min() >= 0 and labels.classes.max() < columns:
        return None if columns != k else np.arange(k)
    return np.arange(k) if columns == k else None


def _are_probabilities(scores: Array) -> bool:
    inside = bool(((scores >= 0) & (scores <= 1)).all())
    return inside and bool(np.allclose(scores.sum(1), 1.0, atol=1e-3))


def labels_parts(metrics: Metrics, plots: Plots, labels: Labels, weights: Floats | None) -> None:
    """Add what the predicted labels tell."""
    k = len(labels.classes)
    if k * k > CELLS_MAX:
        right = labels.truth == labels.predicted
        metrics["accuracy"] = float(np.average(right, weights=weights))
        return
    matrix = confusion_matrix(labels, weights)
    metrics.update(class_metrics(matrix))
    plots["confusion_matrix"] = "confusion_matrix", confusion_plot(labels, matrix)
    plots["classification_report"] = "classification_report", report_plot(labels, matrix)


def binary_parts(
    metrics: Metrics, plots: Plots, labels: Labels, scores: Scores, weights: Floats | None
) -> None:
    """Add what the score of the second class tells."""
    truth, score = labels.truth == 1, scores.values[:, 1]
    label = plain_labels(labels.classes)[-1]
    ranking = rank(truth, score, weights)
    metrics["roc_auc"] = roc_auc(ranking)
    metrics["average_precision"] = average_precision(ranking)
    _curves(plots, [(label, ranking)])
    plots["threshold"] = "threshold", threshold_plot(ranking)
    if scores.probabilities:
        metrics["log_loss"] = log_loss(labels.truth, scores.values, weights)
        metrics["brier"] = brier(truth, score, weights)
        curve = calibration_curve(truth, score, label, weights)
        metrics["calibration_error"] = curve["ece"]
        plots["calibration"] = "calibration", {"curves": [curve]}


def multiclass_parts(
    metrics: Metrics, plots: Plots, labels: Labels, scores: Scores, weights: Floats | None
) -> None:
    """Add what the scores of all classes tell, each against the rest."""
    names = plain_labels(labels.classes)
    counts = np.bincount(labels.truth, weights, len(names))
    chosen = set(np.argsort(-counts, kind="stable")[:CURVES_MAX].tolist())
    rankings: list[tuple[Any, Ranking]] = []
    areas, precisions, calibrations = [], [], []
    for k, name in enumerate(names):
        truth = labels.truth == k
        ranking = rank(truth, scores.values[:, k], weights)
        areas.append(roc_auc(ranking))
        precisions.append(average_precision(ranking))
        if k in chosen:
            rankings.append((name, ranking))
            if scores.probabilities:
                calibrations.append(calibration_curve(truth, scores.values[:, k], name, weights))
    everywhere = np.arange(len(names)) == labels.truth[:, None]
    repeated = None if weights is None else np.repeat(weights, len(names))
    micro = rank(everywhere.ravel(), scores.values.ravel(), repeated)
    metrics["roc_auc_ovr"] = _mean(areas, np.ones(len(areas)))
    metrics["roc_auc_ovr_weighted"] = _mean(areas, counts)
    metrics["roc_auc_micro"] = roc_auc(micro)
    metrics["average_precision_macro"] = float(np.mean(precisions))
    _curves(plots, [*rankings, ("micro", micro)])
    if scores.probabilities:
        metrics["log_loss"] = log_loss(labels.truth, scores.values, weights)
        plots["calibration"] = "calibration", {"curves": calibrations}


def multilabel_parts(metrics: Metrics, plots: Plots, given: Given) -> None:
    """Add what can be said of rows that have any number of labels (indicator matrices)."""
    truth, scores, weights = np.asarray(given.truth) > 0, given.scores, given.weights
    count = truth.shape[1]
    names: list[Any] = list(range(count))
    if given.classes is not None and len(given.classes) == count:  # an array has no truth value
        names = np.asarray(given.classes).tolist()
    if given.predicted is not None:
        heavy = np.ones(len(truth)) if weights is None else weights
        _indicators(metrics, plots, names, heavy, (truth, np.asarray(given.predicted) > 0))
    if scores is None or scores.shape != truth.shape:
        return
    rankings = [(names[k], rank(truth[:, k], scores[:, k], weights)) for k in range(count)]
    areas = [roc_auc(ranking) for _, ranking in rankings]
    metrics["roc_auc_macro"] = _mean(areas, np.ones(count))
    metrics["average_precision_macro"] = float(np.mean([average_precision(r) for _, r in rankings]))
    repeated = None if weights is None else np.repeat(weights, count)
    micro = rank(truth.ravel(), scores.ravel(), repeated)
    metrics["roc_auc_micro"] = roc_auc(micro)
    _curves(plots, [*rankings[:CURVES_MAX], ("micro", micro)])


def _indicators(
    metrics: Metrics, plots: Plots, names: list[Any], heavy: Floats, both: tuple[Array, Array]
) -> None:
    truth, guess = both
    metrics["accuracy"] = float(np.average((truth == guess).all(1), weights=heavy))
    metrics["hamming_loss"] = float(np.average((truth != guess).mean(1), weights=heavy))
    right, support, predicted = heavy @ (truth & guess), heavy @ truth, heavy @ guess
    f1 = _divided(2 * right, support + predicted)
    metrics["f1_macro"] = float(f1.mean())
    metrics["f1_micro"] = float(_divided(2 * right.sum(), (support + predicted).sum()))
    metrics["f1_weighted"] = float(_divided((f1 * support).sum(), support.sum()))
    plots["classification_report"] = (
        "classification_report",
        {
            "labels": names,
            "precision": _divided(right, predicted).tolist(),
            "recall": _divided(right, support).tolist(),
            "f1": f1.tolist(),
            "support": support.tolist(),
        },
    )


def _divided(parts: Any, wholes: Any) -> Any:
    parts, wholes = np.asarray(parts, float), np.asarray(wholes, float)
    return np.divide(parts, wholes, out=np.zeros_like(parts), where=wholes != 0)


def _curves(plots: Plots, rankings: list[tuple[Any, Ranking]]) -> None:
    for kind, curve in (
        ("roc", roc_curve),
        ("precision_recall", precision_recall_curve),
        ("gain", gain_curve),
    ):
        plots[kind] = kind, {"curves": [curve(ranking, label) for label, ranking in rankings]}


def _mean(values: list[float], weights: Array) -> float:
    """Return the weighted mean of what is not NaN; NaN if nothing is left."""
    array = np.asarray(values)
    known = ~np.isnan(array)
    heavy = weights[known]
    return float(np.average(array[known], weights=heavy)) if heavy.sum() else float("nan")
