"""Curves over all thresholds of a score: ROC, precision-recall, gain and lift, threshold choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from epochlog.evaluation.arrays import Array, Floats

POINTS_MAX = 1000
"""Points that are stored of a curve; areas are computed of all."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Rows sorted by score, the highest first, one entry for each different score.

    Attributes:
        thresholds: the scores, falling, shape (m,).
        tps, fps: weights of true and false positives at or above each, shape (m,).
        positives, negatives: all weights.
    """

    thresholds: Floats
    tps: Floats
    fps: Floats
    positives: float
    negatives: float


def rank(truth: Array, score: Array, weights: Floats | None = None) -> Ranking:
    """Sort rows by score.

    Args:
        truth: whether each row is positive, shape (n,), bool or 0/1.
        score: larger means more likely positive, shape (n,).
        weights: of the rows, shape (n,), or None.
    """
    order = np.argsort(-np.asarray(score, np.float64), kind="stable")
    values = np.asarray(score, np.float64)[order]
    positive = np.asarray(truth)[order].astype(np.float64)
    last_of_each = np.flatnonzero(np.append(np.diff(values) != 0, np.ones(len(values[:1]), bool)))
    ends = last_of_each.astype(np.intp)
    if weights is None:
        tps = np.cumsum(positive)[ends]
        fps = 1.0 + ends - tps
    else:
        heavy = weights[order]
        tps = np.cumsum(positive * heavy)[ends]
        fps = np.cumsum((1 - positive) * heavy)[ends]
    last = (float(tps[-1]), float(fps[-1])) if len(ends) else (0.0, 0.0)
    return Ranking(values[ends], tps, fps, *last)


def roc_auc(ranking: Ranking) -> float:
    """Return the area under the ROC curve; NaN if one of the two classes is missing."""
    fpr, tpr, _ = roc_points(ranking)
    if not ranking.positives or not ranking.negatives:
        return float("nan")
    return float(np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2))


def average_precision(ranking: Ranking) -> float:
    """Return the area under the steps of the precision-recall curve; 0 without positives."""
    if not ranking.positives:
        return 0.0
    precision = ranking.tps / (ranking.tps + ranking.fps).clip(min=np.finfo(float).tiny)
    recall = ranking.tps / ranking.positives
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def roc_points(ranking: Ranking) -> tuple[Floats, Floats, Floats]:
    """Return (false positive rate, true positive rate, thresholds), beginning at 0, 0, ∞."""
    fpr = np.append(0.0, ranking.fps) / (ranking.negatives or np.nan)
    tpr = np.append(0.0, ranking.tps) / (ranking.positives or np.nan)
    return fpr, tpr, np.append(np.inf, ranking.thresholds)


def roc_curve(ranking: Ranking, label: Any) -> dict[str, Any]:
    """Return one curve of plot kind ``roc``."""
    fpr, tpr, thresholds = roc_points(ranking)
    kept = _shape_of(fpr, tpr)
    return {
        "label": label,
        "fpr": fpr[kept].tolist(),
        "tpr": tpr[kept].tolist(),
        "thresholds": thresholds[kept].tolist(),
        "auc": roc_auc(ranking),
    }


def precision_recall_curve(ranking: Ranking, label: Any) -> dict[str, Any]:
    """Return one curve of plot kind ``precision_recall``, by falling threshold."""
    predicted = ranking.tps + ranking.fps
    precision = np.divide(ranking.tps, predicted, out=np.zeros_like(predicted), where=predicted > 0)
    recall = ranking.tps / ranking.positives if ranking.positives else np.ones_like(precision)
    kept = _shape_of(recall, precision)
    return {
        "label": label,
        "precision": precision[kept].tolist(),
        "recall": recall[kept].tolist(),
        "thresholds": ranking.thresholds[kept].tolist(),
        "average_precision": average_precision(ranking),
        "positive_share": _share(ranking.positives, ranking.positives + ranking.negatives),
    }


def gain_curve(ranking: Ranking, label: Any) -> dict[str, Any]:
    """Return one curve of plot kind ``gain``: share of positives found among the highest scores."""
    total = ranking.positives + ranking.negatives
    share = np.append(0.0, (ranking.tps + ranking.fps) / (total or np.nan))
    gain = np.append(0.0, ranking.tps / (ranking.positives or np.nan))
    kept = _shape_of(share, gain)
    lift = np.divide(gain, share, out=np.full_like(gain, np.nan), where=share > 0)
    return {
        "label": label,
        "share": share[kept].tolist(),
        "gain": gain[kept].tolist(),
        "lift": lift[kept].tolist(),
    }


def threshold_plot(ranking: Ranking, *, beta: float = 2.0, cost_ratio: float = 1.0) -> Any:
    """Return plot data of kind ``threshold``: what each threshold would mean.

    Args:
        ranking: of a binary task.
        beta: of F-beta beside F1: how many times recall counts as much as precision.
        cost_ratio: what a missed positive costs, in false alarms.
    """
    tps, fps, positives = ranking.tps, ranking.fps, ranking.positives
    misses, predicted = positives - tps, tps + fps
    total = positives + ranking.negatives

    def f_score(weight: float) -> Floats:
        whole = (1 + weight) * tps + weight * misses + fps
        return np.divide((1 + weight) * tps, whole, out=np.zeros_like(whole), where=whole > 0)

    kept = _spread(len(tps))
    columns = {
        "thresholds": ranking.thresholds,
        "precision": np.divide(tps, predicted, out=np.zeros_like(tps), where=predicted > 0),
        "recall": tps / (positives or np.nan),
        "f1": f_score(1.0),
        "f_beta": f_score(beta**2),
        "cost": (fps + cost_ratio * misses) / (total or np.nan),
        "predicted_positive_share": predicted / (total or np.nan),
    }
    plot: dict[str, Any] = {name: values[kept].tolist() for name, values in columns.items()}
    return {**plot, "beta": beta, "cost_ratio": cost_ratio}


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _shape_of(x: Floats, y: Floats) -> Array:
    """Return the places of points that draw the same line: ends, corners, and not too many."""
    if len(x) > 2:
        straight = np.zeros(len(x), bool)
        straight[1:-1] = (np.diff(x, 2) == 0) & (np.diff(y, 2) == 0)
        places = np.flatnonzero(~straight)
    else:
        places = np.arange(len(x))
    return places[_spread(len(places))]


def _spread(count: int) -> Array:
    """Return up to `POINTS_MAX` places, evenly spread, both ends among them."""
    if count <= POINTS_MAX:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, POINTS_MAX).round().astype(np.intp))
