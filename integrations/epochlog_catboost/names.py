"""Give CatBoost's evaluation sets and metrics the names that curves of all frameworks share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from epochlog.plugins.api import metric_key

_NUMBERED = re.compile(r"(?:validation_|test)(\d+)")
_CV_SPLITS = {"test": "cv", "train": "train"}


def split_of(name: str) -> str:
    """Return our name of a set: ``learn`` is train, ``validation`` val, ``validation_1`` val_1.

    The files in ``train_dir`` call the same sets ``learn``, ``test``, ``test1`` …
    """
    if name == "learn":
        return "train"
    number = _NUMBERED.fullmatch(name)
    if number is None:
        return "val" if name in ("validation", "test") else name
    return f"val_{number[1]}" if int(number[1]) else "val"


def is_loss(metric: str, loss: Any) -> bool:
    """Whether a metric is the objective: ``Quantile:alpha=0.5`` is that of ``Quantile``, too."""
    if not isinstance(loss, str):
        return False
    if metric == loss:
        return True
    (metric, _, one), (loss, _, other) = metric.partition(":"), loss.partition(":")
    return metric == loss and not (one and other)


class Keys:
    """The curves' keys in one training, and what CatBoost calls them.

    Args:
        loss: CatBoost's ``loss_function``.
        several: whether there are several evaluation sets, which CatBoost then numbers.
    """

    def __init__(self, loss: Any = None, *, several: bool = False) -> None:
        self._loss = loss
        self._several = several
        self._keys: dict[tuple[str, str], str] = {}

    def of(self, name: str, metric: str) -> str:
        """Return the key of a curve, always the same one for the same set and metric."""
        split = split_of(name)
        key = self._keys.get((split, metric))
        if key is None:
            key = metric_key(split, metric, loss=is_loss(metric, self._loss))
            while key in self._keys.values():  # two metrics that differ only for CatBoost
                key = f"{key} 2"
            self._keys[split, metric] = key
        return key

    def aliases(self) -> dict[str, str]:
        """Return CatBoost's names, as in ``evals_result_``: ``learn/Logloss``."""
        return {key: f"{self._own(split)}/{m}" for (split, m), key in self._keys.items()}

    def goals(self) -> dict[str, str]:
        """Return which way each curve gets better, as far as CatBoost tells."""
        goals = {key: goal_of(metric) for (_, metric), key in self._keys.items()}
        return {f"goal.{key}": goal for key, goal in goals.items() if goal}

    def _own(self, split: str) -> str:
        if split == "train":
            return "learn"
        if not split.startswith("val"):
            return split
        return f"validation_{split[4:] or 0}" if self._several else "validation"


def goal_of(metric: str) -> str:
    """Return ``minimize`` or ``maximize``, or "" for metrics of the user's."""
    from catboost import _catboost

    try:
        if _catboost.is_maximizable_metric(metric):
            return "maximize"
        return "minimize" if _catboost.is_minimizable_metric(metric) else ""
    except Exception:  # CatBoost raises for names that it does not know
        return ""


def cv_keys(columns: Iterable[str], loss: Any) -> dict[str, str]:
    """Map the columns of a cross-validation to our keys: ``test-Logloss-mean`` -> cv/loss.mean."""
    keys: dict[str, str] = {}
    for column in columns:
        name, _, rest = column.partition("-")
        metric, _, which = rest.rpartition("-")
        if name in _CV_SPLITS and which in ("mean", "std"):
            key = f"{metric_key(_CV_SPLITS[name], metric, loss=is_loss(metric, loss))}.{which}"
            while key in keys.values():
                key = f"{key} 2"
            keys[column] = key
    return keys
