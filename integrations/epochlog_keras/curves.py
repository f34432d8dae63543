"""Turn the logs of an epoch into points under canonical names; remember the own names."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from typing import Any

from epochlog.plugins.api import metric_key

VALIDATION = "val_"
RATES = ("learning_rate", "lr")  # callbacks that change the rate put it into the logs, too


class CurveNames:
    """Canonical names for the entries of Keras's logs, each decided once.

    Args:
        validates: whether the training has validation data; without it nothing is ``val/``.
        model: its metric objects tell which curve an AUC is the area of. Asked late, since some
            backends make them with the first batch.
    """

    def __init__(self, *, validates: bool, model: Any = None) -> None:
        self._validates = validates
        self._model = None if model is None else weakref.ref(model)
        self._precise: dict[str, str] | None = None
        self._keys: dict[str, str] = {}
        self._taken: set[str] = set()
        self._new: dict[str, str] = {}

    def points(self, logs: Mapping[str, Any], split: str = "train") -> dict[str, float]:
        """Return canonical name -> value for what is a number in ``logs``."""
        found: dict[str, float] = {}
        for own, value in logs.items():
            key = self._keys.get(own) or self._decide(own, logs, split)
            try:
                found[key] = float(value)
            except (TypeError, ValueError):  # a custom ``test_step`` may return anything
                continue
        return found

    def take_new(self) -> dict[str, str]:
        """Return names decided since the last call: canonical -> Keras's own."""
        new, self._new = self._new, {}
        return new

    def key(self, own: str) -> str | None:
        """Return the canonical name of an entry that was seen."""
        return self._keys.get(own)

    def _decide(self, own: str, logs: Mapping[str, Any], split: str) -> str:
        key = self._canonical(own, logs, split)
        if key in self._taken:  # "acc" and "accuracy" side by side stay two curves
            where, _, _ = key.partition("/")
            bare = own.removeprefix(VALIDATION) if where == "val" else own
            key = f"{where}/{bare}"
        while key in self._taken:
            key += "_"
        self._taken.add(key)
        self._keys[own] = key
        if key != own:
            self._new[key] = own
        return key

    def _canonical(self, own: str, logs: Mapping[str, Any], split: str) -> str:
        if own in RATES and split == "train":
            return "learning_rate"
        bare = own
        # A training metric may be called "val_x" itself; then its validation is "val_val_x".
        if self._validates and own.startswith(VALIDATION) and VALIDATION + own not in logs:
            split, bare = "val", own.removeprefix(VALIDATION)
        if bare == "loss":
            return metric_key(split, bare, loss=True)
        if self._precise is None:
            model = None if self._model is None else self._model()
            self._precise = _precise_names(_leaf_metrics(model))
        return metric_key(split, self._precise.get(bare, bare))


def _precise_names(metrics: Iterable[Any]) -> dict[str, str]:
    """Return better names for metrics whose own name says too little or too much."""
    found = {}
    for metric in metrics:
        if type(metric).__name__ == "AUC" and metric.name == "auc":
            curve = str(getattr(getattr(metric, "curve", None), "value", "ROC"))
            found[metric.name] = "auc" if curve.upper() == "ROC" else "pr_auc"
    return found


def _leaf_metrics(model: Any) -> list[Any]:
    """Return the model's metric objects, those inside of compiled lists included."""
    found: list[Any] = []
    for metric in getattr(model, "metrics", ()):
        found.append(metric)
        found += getattr(metric, "metrics", ())
    return found
