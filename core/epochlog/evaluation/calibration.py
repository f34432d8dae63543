"""Compare predicted probabilities with what happened, bin by bin."""

from __future__ import annotations

from typing import Any

import numpy as np

from epochlog.evaluation.arrays import Array, Floats

BINS = 10


def calibration_curve(
    truth: Array, probability: Array, label: Any, weights: Floats | None = None, bins: int = BINS
) -> dict[str, Any]:
    """Return one curve of plot kind ``calibration``; bins without rows are left out.

    Args:
        truth: whether each row is positive, shape (n,).
        probability: of being positive, 0 … 1, shape (n,).
        label: name of the class.
        weights: of the rows, or None.
        bins: of equal width; a probability on an edge belongs to the lower bin.

    Returns:
        ``edges`` (bins + 1), and for each filled bin ``bin`` (its number), ``predicted`` (mean
        probability), ``observed`` (share of positives), ``count``; ``brier`` (mean squared
        difference) and ``ece`` (expected calibration error: the weighted mean of
        |observed − predicted|).
    """
    p = np.asarray(probability, np.float64)
    heavy = np.ones(len(p)) if weights is None else weights
    edges = np.linspace(0.0, 1.0, bins + 1)
    place = np.searchsorted(edges[1:-1], p)
    total = np.bincount(place, heavy, bins)
    filled = total > 0
    predicted = np.bincount(place, heavy * p, bins)[filled] / total[filled]
    observed = np.bincount(place, heavy * truth, bins)[filled] / total[filled]
    share = total[filled] / total.sum() if total.sum() else total[filled]
    return {
        "label": label,
        "edges": edges.tolist(),
        "bin": np.flatnonzero(filled).tolist(),
        "predicted": predicted.tolist(),
        "observed": observed.tolist(),
        "count": np.bincount(place, minlength=bins)[filled].tolist(),
        "brier": brier(truth, p, weights),
        "ece": float(share @ np.abs(observed - predicted)),
    }


def brier(truth: Array, probability: Array, weights: Floats | None = None) -> float:
    """Return the mean squared difference of a probability and the truth (0 or 1)."""
    if not len(probability):
        return float("nan")
    return float(np.average((np.asarray(truth, np.float64) - probability) ** 2, weights=weights))


def log_loss(truth: Array, probabilities: Array, weights: Floats | None = None) -> float:
    """Return the mean negative log-probability of the true classes.

    Args:
        truth: index of each row's class, shape (n,).
        probabilities: shape (n, k).
        weights: of the rows, or None.
    """
    if not len(truth):
        return float("nan")
    p = np.asarray(probabilities)
    eps = np.finfo(p.dtype if p.dtype.kind == "f" else np.float64).eps
    right = np.clip(p, eps, 1 - eps)[np.arange(len(truth)), truth]
    return float(np.average(-np.log(right), weights=weights))
