"""Give LightGBM's evaluation results the names that curves of all frameworks share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from epochlog.plugins.api import metric_key

_UNNAMED = re.compile(r"valid_\d+")
_CV_SPLITS = {"valid": "cv", "train": "train"}

_OWN_METRIC = {
    "regression": "l2", "regression_l2": "l2", "l2": "l2", "mean_squared_error": "l2", "mse": "l2",
    "regression_l1": "l1", "l1": "l1", "mean_absolute_error": "l1", "mae": "l1",
    "mean_absolute_percentage_error": "mape", "mape": "mape",
    "huber": "huber", "fair": "fair", "poisson": "poisson", "quantile": "quantile",
    "gamma": "gamma", "tweedie": "tweedie",
    "binary": "binary_logloss", "cross_entropy": "cross_entropy", "xentropy": "cross_entropy",
    "cross_entropy_lambda": "cross_entropy_lambda", "xentlambda": "cross_entropy_lambda",
    "multiclass": "multi_logloss", "softmax": "multi_logloss",
}  # fmt: skip
"""Objective -> the metric that is its value. Objectives called "rmse" have none: it is l2."""


def canonical_splits(names: Iterable[str]) -> dict[str, str]:
    """Map LightGBM's names of evaluation sets, in order, to ours.

    ``training`` is ``train``; sets without a name of the user's (``valid_0`` …) are ``val``,
    ``val_1`` …; any other name stays.
    """
    splits: dict[str, str] = {}
    unnamed = 0
    for name in dict.fromkeys(names):
        if name == "training":
            splits[name] = "train"
        elif _UNNAMED.fullmatch(name):
            splits[name] = f"val_{unnamed}" if unnamed else "val"
            unnamed += 1
        else:
            splits[name] = name
    return splits


def result_fields(result: Sequence[Any]) -> tuple[str, str, float, bool]:
    """Return ``(set, metric, value, higher is better)`` of one evaluation result of train or cv.

    Before 4.6, ``cv`` puts the set's name in front of the metric's.
    """
    dataset, metric, value, maximize = result[:4]
    if dataset == "cv_agg":
        dataset, _, metric = metric.partition(" ")
    return str(dataset), str(metric), float(value), bool(maximize)


def curve_key(split: str, metric: str, objective: Any = "") -> str:
    """Return the key of a metric's curve; the objective's own metric is the ``loss``."""
    own = _OWN_METRIC.get(objective) if isinstance(objective, str) else None
    return metric_key(split, metric, loss=metric == own)


def curve_keys(results: Iterable[Sequence[Any]], objective: Any = "") -> dict[tuple[str, str], str]:
    """Map each ``(set, metric)`` of the first evaluation to the key of its curve."""
    pairs = [result_fields(result)[:2] for result in results]
    splits = canonical_splits(name for name, _ in pairs)
    keys: dict[tuple[str, str], str] = {}
    for name, metric in pairs:
        key = curve_key(splits[name], metric, objective)
        while key in keys.values():  # a metric of the user's that is called like a known one
            key = f"{key} 2"
        keys[name, metric] = key
    return keys


def cv_point(results: Iterable[Sequence[Any]], objective: Any = "") -> dict[str, float]:
    """Return mean and standard deviation over the folds: ``cv/<metric>.mean`` and ``.std``."""
    point: dict[str, float] = {}
    for result in results:
        name, metric, mean, _ = result_fields(result)
        key = curve_key(_CV_SPLITS.get(name, name), metric, objective)
        point[f"{key}.mean"], point[f"{key}.std"] = mean, float(result[4])
    return point


def fold_point(results: Iterable[Sequence[Any]], objective: Any = "") -> dict[str, float]:
    """Return one fold's evaluation: ``val/<metric>`` and, if asked for, ``train/<metric>``."""
    fields = (result_fields(result) for result in results)
    return {curve_key(name, metric, objective): value for name, metric, value, _ in fields}


def best_scores(
    best_score: Mapping[str, Mapping[str, float]], objective: Any = ""
) -> dict[str, float]:
    """Return ``best/<set>/<metric>`` for each score that LightGBM kept of its best iteration."""
    splits = canonical_splits(best_score)
    return {
        f"best/{curve_key(splits[name], metric, objective)}": float(value)
        for name, scores in best_score.items()
        for metric, value in scores.items()
    }


def cv_ends(results: Mapping[str, Any], objective: Any = "") -> dict[str, float]:
    """Return the last mean and deviation of each curve that ``cv`` returned, under our keys."""
    ends: dict[str, float] = {}
    for key, values in results.items():
        name, _, rest = key.partition(" ")
        metric, _, which = rest.rpartition("-")
        if which in ("mean", "stdv") and len(values):
            ending = "mean" if which == "mean" else "std"
            split = _CV_SPLITS.get(name, name)
            ends[f"{curve_key(split, metric, objective)}.{ending}"] = float(values[-1])
    return ends
