"""Give XGBoost's evaluation results the names that curves of all frameworks share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from epochlog.plugins.api import metric_key, split_name

_UNNAMED = re.compile(r"validation_\d+")
_CV_SPLITS = {"test": "cv", "train": "train"}
_FOLD_SPLITS = {"test": "val", "train": "train"}

_OWN_METRIC = {
    "binary:logistic": "logloss", "reg:logistic": "logloss", "binary:logitraw": "logloss",
    "multi:softprob": "mlogloss", "multi:softmax": "mlogloss",
    "reg:absoluteerror": "mae", "reg:pseudohubererror": "mphe", "reg:quantileerror": "quantile",
    "reg:expectileerror": "expectile", "count:poisson": "poisson-nloglik",
    "reg:gamma": "gamma-nloglik", "reg:tweedie": "tweedie-nloglik",
    "survival:cox": "cox-nloglik", "survival:aft": "aft-nloglik",
}  # fmt: skip
"""Objective -> the metric that is its value. Squared errors have none: their metrics are roots."""

# As in XGBoost's own early stopping: these get better upwards, and nothing else does.
_MAXIMIZED = re.compile(r"(auc|aucpr|pre|map|ndcg)([@-].*)?")
_MINIMIZED = frozenset((
    "rmse", "rmsle", "mae", "mape", "mphe", "logloss", "error", "merror", "mlogloss", "quantile",
    "expectile", "poisson-nloglik", "gamma-nloglik", "cox-nloglik", "gamma-deviance",
    "tweedie-nloglik", "aft-nloglik", "interval-regression-accuracy",
)) - {"interval-regression-accuracy"}  # fmt: skip


def canonical_splits(sets: Iterable[tuple[str, bool]]) -> dict[str, str]:
    """Map XGBoost's names of evaluation sets, in order, to ours.

    The training data themselves are ``train`` under whatever name; ``validation_0`` … of the
    scikit-learn estimators are ``val``, ``val_1`` …; usual words (``eval``, ``dtrain``) become
    ``train``, ``val`` and ``test``; any other name stays.

    Args:
        sets: each set's name and whether it is the training data.
    """
    splits: dict[str, str] = {}
    for name, is_train in sets:
        wanted = "train" if is_train else "val" if _UNNAMED.fullmatch(name) else split_name(name)
        taken = sum(s == wanted or s.startswith(f"{wanted}_") for s in splits.values())
        if name not in splits:
            splits[name] = f"{wanted}_{taken}" if wanted in splits.values() else wanted
    return splits


def is_loss(metric: str, objective: str) -> bool:
    """Whether a metric (``tweedie-nloglik@1.5``) is the value of the objective that is trained."""
    return metric.partition("@")[0] == _OWN_METRIC.get(objective)


def curve_key(split: str, metric: str, objective: str = "") -> str:
    """Return the key of a metric's curve; the objective's own metric is the ``loss``."""
    return metric_key(split, metric, loss=is_loss(metric, objective))


def curve_keys(
    history: Mapping[str, Iterable[str]], splits: Mapping[str, str], objective: str = ""
) -> dict[tuple[str, str], str]:
    """Map each ``(set, metric)`` of XGBoost's history to the key of its curve."""
    keys: dict[tuple[str, str], str] = {}
    for name, metrics in history.items():
        split = splits.get(name, name)
        for metric in metrics:
            key = curve_key(split, metric, objective)
            number = 1
            while key in keys.values():  # a metric of the user's that is called like a known one
                key = f"{split}/{metric}" if number == 1 else f"{split}/{metric}_{number}"
                number += 1
            keys[name, metric] = key
    return keys


def cv_keys(
    history: Mapping[str, Iterable[str]], objective: str = ""
) -> dict[tuple[str, str], str]:
    """The same for the means of ``cv``, whose sets are called ``train`` and ``test``."""
    return curve_keys(history, _CV_SPLITS, objective)


def goal(metric: str) -> str:
    """Return ``maximize`` or ``minimize`` for XGBoost's own metrics, "" for others."""
    if metric.partition("@")[0] in _MINIMIZED:
        return "minimize"
    return "maximize" if _MAXIMIZED.fullmatch(metric) else ""


def parsed_line(line: str) -> list[tuple[str, str, float]]:
    r"""Return ``(set, metric, value)`` of each result in ``[3]\ttrain-auc:0.9\teval-auc:0.8``."""
    results = []
    for word in line.split()[1:]:
        name, _, value = word.rpartition(":")
        dataset, _, metric = name.partition("-")
        results.append((dataset, metric, float(value)))
    return results


def fold_keys(results: Sequence[tuple[str, str, Any]], objective: str = "") -> dict[str, str]:
    """Map XGBoost's names in one fold's line (``test-auc``) to ``val/…`` and ``train/…``."""
    history: dict[str, list[str]] = {}
    for name, metric, _ in results:
        history.setdefault(name, []).append(metric)
    keys = curve_keys(history, _FOLD_SPLITS, objective)
    return {f"{name}-{metric}": key for (name, metric), key in keys.items()}
