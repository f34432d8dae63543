"""Compare predicted with true numbers: metrics, residuals, error distribution."""

from __future__ import annotations

from typing import Any

import numpy as np

from epochlog.evaluation.arrays import Floats
from epochlog.evaluation.histograms import safe_range
from epochlog.evaluation.sampling import sample

BINS = 40
QUANTILES = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
ROWS_MAX = 2000
"""Rows that are stored of a scatter plot."""


def regression_metrics(
    truth: Floats, predicted: Floats, weights: Floats | None = None
) -> dict[str, float]:
    """Return MSE, RMSE, MAE, R², explained variance, median and largest error, MAPE.

    As scikit-learn defines them. Several outputs (shape (n, outputs)) are averaged; RMSE is the
    mean of the outputs' roots.
    """
    true, guess = _columns(truth), _columns(predicted)
    error = true - guess
    mse = np.average(error**2, axis=0, weights=weights)
    found = {
        "mse": mse.mean(),
        "rmse": np.sqrt(mse).mean(),
        "mae": np.average(np.abs(error), axis=0, weights=weights).mean(),
        "mape": _mape(true, error, weights),
        "max_error": np.abs(error).max(),
    }
    if weights is None:
        found["median_absolute_error"] = np.median(np.abs(error), axis=0).mean()
    if len(true) > 1:
        found["r2"] = _explained(true, error, weights, centred=False)
        found["explained_variance"] = _explained(true, error, weights, centred=True)
    return {name: float(value) for name, value in found.items()}


def residuals_plot(truth: Floats, predicted: Floats) -> dict[str, Any]:
    """Return plot data of kind ``residuals``: truth, prediction and their difference by row."""
    rows = sample(len(truth), ROWS_MAX)
    return {
        "row": rows.tolist(),
        "truth": truth[rows].tolist(),
        "predicted": predicted[rows].tolist(),
        "residual": (truth[rows] - predicted[rows]).tolist(),
        "n": len(truth),
    }


def error_plot(truth: Floats, predicted: Floats) -> dict[str, Any]:
    """Return plot data of kind ``error_distribution``: histogram and quantiles of the residuals."""
    error = truth - predicted
    finite = error[np.isfinite(error)]
    if not finite.size:
        return {"edges": [], "counts": [], "quantiles": {}, "n": int(error.size)}
    span = safe_range(float(finite.min()), float(finite.max()), BINS)
    counts, edges = np.histogram(finite, BINS, span)
    return {
        "edges": edges.tolist(),
        "counts": counts.tolist(),
        "quantiles": {
            f"{q:g}": value
            for q, value in zip(QUANTILES, np.quantile(finite, QUANTILES).tolist(), strict=True)
        },
        "mean": float(finite.mean()),
        "std": float(finite.std()),
        "n": int(error.size),
    }


def _columns(values: Floats) -> Floats:
    array = np.asarray(values, np.float64)
    return array[:, None] if array.ndim == 1 else array


def _mape(true: Floats, error: Floats, weights: Floats | None) -> Any:
    eps = np.finfo(np.float64).eps
    return np.average(np.abs(error) / np.maximum(np.abs(true), eps), axis=0, weights=weights).mean()


def _explained(true: Floats, error: Floats, weights: Floats | None, *, centred: bool) -> float:
    """Return the part of the truth's variance that the predictions explain, mean over outputs."""
    if centred:
        error = error - np.average(error, axis=0, weights=weights)
    left = np.average(error**2, axis=0, weights=weights)
    mean = np.average(true, axis=0, weights=weights)
    spread = np.average((true - mean) ** 2, axis=0, weights=weights)
    # A constant truth: 1 if it was hit exactly, else 0.
    scores = np.where(left == 0, 1.0, 0.0)
    np.divide(left, spread, out=scores, where=spread != 0)
    return float(np.where(spread != 0, 1 - scores, scores).mean())
