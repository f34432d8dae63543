"""Turn Lightning's dictionary of last values into points of curves, each once and at its place.

``trainer.callback_metrics`` keeps every value until it is replaced: a validation loss is still
there at each training step that follows. So nothing is read from it but what has changed since a
known moment. The dictionary is read directly: the public property computes epoch means when asked,
which on several processes is a communication that all of them must take part in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from epochlog.plugins.api import Run
from epochlog_lightning.extract import scalar
from epochlog_lightning.names import CurveNames, own_curves


@dataclass(slots=True)
class Best:
    """The best value of a monitored metric, and where it was."""

    key: str
    value: float
    step: int
    epoch: int


class Curves:
    """The curves of one run.

    Args:
        run: where points go.
        monitored: own names of the metrics whose best value is wanted -> min or max.
    """

    def __init__(self, run: Run, monitored: Mapping[str, str] | None = None) -> None:
        self.run = run
        self.best: dict[str, Best] = {}
        self.names = CurveNames()
        self._monitored = dict(monitored or {})
        self._before: dict[str, Any] = {}
        self._seen: dict[str, Any] = {}  # held, so that no new tensor can lie where an old one did

    def mark(self, raw: Mapping[str, Any]) -> None:
        """Remember what is there now: `changed` tells what was replaced later."""
        self._before = dict(raw)

    def changed(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Return the entries that were replaced since `mark`."""
        before = self._before
        return {name: value for name, value in raw.items() if before.get(name) is not value}

    def log_epoch(self, raw: Mapping[str, Any], stage: str, step: int, epoch: int | None) -> None:
        """Log what changed since `mark` as values of an epoch."""
        self._log(self.changed(raw), stage, (step, epoch), per_epoch=True)
        self._seen = dict(raw)

    def log_step(
        self, raw: Mapping[str, Any], step: int, epoch: int, more: Mapping[str, float]
    ) -> None:
        """Log what is new since the last look as values of a training step, with ``more``."""
        fresh = {name: value for name, value in raw.items() if self._is_new(name, value)}
        self._log(fresh, "train", (step, epoch), per_epoch=False, more=more)
        self._seen = dict(raw)

    def _is_new(self, name: str, value: Any) -> bool:
        """Lightning wraps the same number anew at each step: only its memory tells it is old."""
        return name not in self._seen or _address(self._seen[name]) != _address(value)

    def _log(
        self,
        fresh: Mapping[str, Any],
        stage: str,
        at: tuple[int, int | None],
        *,
        per_epoch: bool,
        more: Mapping[str, float] | None = None,
    ) -> None:
        point: dict[str, float] = dict(more or {})
        for own in own_curves(fresh, per_epoch=per_epoch):
            value = scalar(fresh[own])
            if value is not None:
                key = self.names.key(own, stage, per_epoch=per_epoch)
                point[key] = value
        if point:
            self.run.log_metrics(point, at[0], epoch=at[1])
        if self.names.new_aliases:
            aliases, self.names.new_aliases = self.names.new_aliases, {}
            self.run.log_metric_aliases(aliases)
        for own in self._monitored.keys() & fresh.keys():
            self._compare(own, stage, fresh, at, per_epoch=per_epoch)

    def _compare(
        self,
        own: str,
        stage: str,
        fresh: Mapping[str, Any],
        at: tuple[int, int | None],
        *,
        per_epoch: bool,
    ) -> None:
        value = scalar(fresh[own])
        if value is None or math.isnan(value) or at[1] is None:
            return
        best = self.best.get(own)
        if best is not None and not (
            value < best.value if self._monitored[own] == "min" else value > best.value
        ):
            return
        forked = f"{own}{'_epoch' if per_epoch else '_step'}"
        key = self.names.key(forked if forked in fresh else own, stage, per_epoch=per_epoch)
        self.best[own] = Best(key, value, at[0], at[1])


def _address(value: Any) -> int:
    pointer = getattr(value, "data_ptr", None)
    return int(pointer()) if callable(pointer) else id(value)


def last_values(trainer: Any) -> Mapping[str, Any]:
    """Return Lightning's dictionary of last values as it is, without computing anything."""
    found: Mapping[str, Any] = trainer._logger_connector._callback_metrics
    return found
