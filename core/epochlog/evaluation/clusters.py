"""Say what a clustering is like: sizes, and silhouettes where that is affordable."""

from __future__ import annotations

from typing import Any

import numpy as np

from epochlog.evaluation.arrays import Array, Floats
from epochlog.evaluation.sampling import sample

ROWS_MAX = 1000
"""Silhouettes compare all pairs of rows: of more rows than this, a sample is compared."""

NOISE = -1


def evaluate_clusters(data: Any, labels: Any) -> tuple[dict[str, float], dict[str, Any]]:
    """Return metrics and plot data of kind ``clusters``.

    Args:
        data: what was clustered, shape (n, features); sizes alone are given if it is no dense array
            of finite numbers.
        labels: cluster of each row, shape (n,); -1 is noise, as scikit-learn has it.
    """
    label = np.asarray(labels).ravel()
    names, sizes = np.unique(label, return_counts=True)
    metrics = {"clusters": float((names != NOISE).sum())}
    if NOISE in names:
        metrics["noise_share"] = float((label == NOISE).mean())
    plot: dict[str, Any] = {"labels": names.tolist(), "sizes": sizes.tolist(), "n": len(label)}
    if len(names) < 2:
        return metrics, plot
    chosen = sample(len(label), ROWS_MAX)
    rows = _numbers(data, len(label), chosen)
    if rows is None:
        return metrics, plot
    each = silhouettes(rows, label[chosen])
    if each is not None:
        metrics["silhouette"] = float(each.mean())
        plot["silhouette"] = [_mean_of(each, label[chosen] == name) for name in names]
        plot["evaluated"] = len(chosen)
    return metrics, plot


def silhouettes(data: Floats, labels: Array) -> Floats | None:
    """Return each row's silhouette, with Euclidean distances (Rousseeuw 1987).

    Args:
        data: shape (n, features).
        labels: shape (n,).

    Returns:
        Shape (n,), between -1 and 1, 0 for the only row of a cluster; None if there are not between
        2 and n - 1 clusters.
    """
    names, own = np.unique(labels, return_inverse=True)
    if not 2 <= len(names) < len(labels):
        return None
    squares = (data**2).sum(1)
    distances = squares[:, None] + squares - 2 * data @ data.T
    distances = np.sqrt(np.maximum(distances, 0.0))
    np.fill_diagonal(distances, 0.0)
    members = np.eye(len(names))[own]
    sums, sizes = distances @ members, members.sum(0)
    row = np.arange(len(labels))
    alone = sizes[own] == 1
    within = sums[row, own] / np.maximum(sizes[own] - 1, 1)
    means = sums / sizes
    means[row, own] = np.inf
    nearest = means.min(1)
    widest = np.maximum(within, nearest)
    scores = np.divide(nearest - within, widest, out=np.zeros_like(widest), where=widest > 0)
    scores[alone] = 0.0
    result: Floats = scores
    return result


def _numbers(data: Any, rows: int, chosen: Array) -> Floats | None:
    """Return the chosen rows alone: the whole may be large, or no array."""
    shape: Any = getattr(data, "shape", ())
    if len(shape) != 2 or shape[0] != rows or hasattr(data, "tocsr"):
        return None
    some = data.iloc[chosen] if hasattr(data, "iloc") else data[chosen]
    array = np.asarray(some)
    if array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        return None
    numbers: Floats = array.astype(np.float64)
    return numbers


def _mean_of(values: Floats, chosen: Array) -> float:
    return float(values[chosen].mean()) if chosen.any() else float("nan")
