"""Give LightGBM's evaluation results the names that curves of all frameworks share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_UNNAMED = re.compile(r"valid_\d+")
_CV_SPLITS = {"valid": "cv", "train": "train"}


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


def curve_keys(results: Iterable[Sequence[Any]]) -> dict[tuple[str, str], str]:
    """Map each ``(set, metric)`` of the first evaluation to the key of its curve."""
    pairs = [result_fields(result)[:2] for result in results]
    splits = canonical_splits(name for name, _ in pairs)
    return {(name, metric): f"{splits[name]}/{metric}" for name, metric in pairs}


def cv_point(results: Iterable[Sequence[Any]]) -> dict[str, float]:
    """Return mean and standard deviation over the folds: ``cv/<metric>.mean`` and ``.std``."""
    point: dict[str, float] = {}
    for result in results:
        name, metric, mean, _ = result_fields(result)
        key = f"{_CV_SPLITS.get(name, name)}/{metric}"
        point[f"{key}.mean"], point[f"{key}.std"] = mean, float(result[4])
    return point


def fold_point(results: Iterable[Sequence[Any]]) -> dict[str, float]:
    """Return one fold's evaluation: ``val/<metric>`` and, if asked for, ``train/<metric>``."""
    fields = (result_fields(result) for result in results)
    return {f"{'val' if n == 'valid' else n}/{metric}": value for n, metric, value, _ in fields}


def best_scores(best_score: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return ``best/<set>/<metric>`` for each score that LightGBM kept of its best iteration."""
    splits = canonical_splits(best_score)
    return {
        f"best/{splits[name]}/{metric}": float(value)
        for name, scores in best_score.items()
        for metric, value in scores.items()
    }


def cv_ends(results: Mapping[str, Any]) -> dict[str, float]:
    """Return the last mean and deviation of each curve that ``cv`` returned, under our keys."""
    ends: dict[str, float] = {}
    for key, values in results.items():
        name, _, rest = key.partition(" ")
        metric, _, which = rest.rpartition("-")
        if which in ("mean", "stdv") and len(values):
            ending = "mean" if which == "mean" else "std"
            ends[f"{_CV_SPLITS.get(name, name)}/{metric}.{ending}"] = float(values[-1])
    return ends
