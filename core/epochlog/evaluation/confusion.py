"""Compare predicted with true classes: confusion matrix, and what is computed from it."""

from __future__ import annotations

from typing import Any

import numpy as np

from epochlog.evaluation.arrays import Floats, Labels, plain_labels

CELLS_MAX = 250_000
"""Larger confusion matrices are not stored."""


def confusion_matrix(labels: Labels, weights: Floats | None = None) -> Floats:
    """Return sums of weights, shape (k, k): rows are true classes, columns predicted ones."""
    assert labels.predicted is not None
    k = len(labels.classes)
    cells = np.bincount(labels.truth * k + labels.predicted, weights, k * k)
    return cells.reshape(k, k).astype(np.float64)


def class_metrics(matrix: Floats) -> dict[str, float]:
    """Return accuracy, balanced accuracy, precision, recall, F1, MCC and Cohen's kappa.

    As scikit-learn defines them; a ratio with nothing to divide by is 0. Precision, recall and F1
    are those of the second class if there are two classes, and ``_macro`` and ``_weighted`` means.
    """
    precision, recall, f1, support = per_class(matrix)
    total = matrix.sum()
    present = support > 0
    seen = present | (matrix.sum(0) > 0)
    found = {
        "accuracy": _ratio(np.trace(matrix), total),
        "balanced_accuracy": float(recall[present].mean()) if present.any() else 0.0,
        "mcc": _matthews(matrix),
        "cohen_kappa": _kappa(matrix),
    }
    for name, values in (("precision", precision), ("recall", recall), ("f1", f1)):
        if len(matrix) == 2:
            found[name] = float(values[1])
        found[f"{name}_macro"] = float(values[seen].mean()) if seen.any() else 0.0
        found[f"{name}_weighted"] = _ratio((values * support).sum(), support.sum())
    return found


def per_class(matrix: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return precision, recall, F1 and support of each class, each of shape (k,)."""
    right, support, predicted = np.diag(matrix), matrix.sum(1), matrix.sum(0)
    precision = _ratios(right, predicted)
    recall = _ratios(right, support)
    return precision, recall, _ratios(2 * right, support + predicted), support


def confusion_plot(labels: Labels, matrix: Floats) -> dict[str, Any]:
    """Return plot data of kind ``confusion_matrix``."""
    return {"labels": plain_labels(labels.classes), "matrix": matrix.tolist()}


def report_plot(labels: Labels, matrix: Floats) -> dict[str, Any]:
    """Return plot data of kind ``classification_report``: numbers for each class."""
    precision, recall, f1, support = per_class(matrix)
    return {
        "labels": plain_labels(labels.classes),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "support": support.tolist(),
    }


def _ratio(part: Any, whole: Any) -> float:
    return float(part / whole) if whole else 0.0


def _ratios(parts: Floats, wholes: Floats) -> Floats:
    return np.divide(parts, wholes, out=np.zeros(len(parts)), where=wholes != 0)


def _matthews(matrix: Floats) -> float:
    """Return Matthews' correlation for any number of classes (Gorodkin 2004)."""
    truth, predicted, total = matrix.sum(1), matrix.sum(0), matrix.sum()
    covariance = np.trace(matrix) * total - truth @ predicted
    spread = (total**2 - predicted @ predicted) * (total**2 - truth @ truth)
    return float(covariance / np.sqrt(spread)) if spread > 0 else 0.0


def _kappa(matrix: Floats) -> float:
    """Return Cohen's kappa; NaN where chance alone agrees fully, as when there is one class."""
    total = matrix.sum()
    if not total:
        return float("nan")
    chance = (matrix.sum(1) @ matrix.sum(0)) / total**2
    agreed = np.trace(matrix) / total
    return float((agreed - chance) / (1 - chance)) if chance < 1 else float("nan")
