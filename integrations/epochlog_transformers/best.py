"""Follow which evaluation was the best, as the Trainer itself decides it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from epochlog_transformers.names import as_number

_STEP = re.compile(r"checkpoint-(\d+)/?$")


class BestTracker:
    """The best value of ``metric_for_best_model``, with the step at which it was reached."""

    def __init__(self) -> None:
        self.metric = ""
        self.greater = False
        self.value: float | None = None
        self.step: int | None = None
        self.epoch: float | None = None

    def begin(self, args: Any, state: Any) -> None:
        """Learn what is best; a resumed training brings its best so far."""
        metric = getattr(args, "metric_for_best_model", None)
        self.metric = (
            "" if not metric else metric if metric.startswith("eval_") else f"eval_{metric}"
        )
        self.greater = bool(getattr(args, "greater_is_better", False))
        self.value = getattr(state, "best_metric", None)
        self.step = best_step(state)

    def saw(self, state: Any, metrics: Mapping[str, Any]) -> None:
        """Look at one evaluation."""
        value = as_number(metrics.get(self.metric)) if self.metric else None
        if value is None:
            return
        better = self.value is None or (value > self.value if self.greater else value < self.value)
        if better:
            self.value, self.step, self.epoch = value, state.global_step, state.epoch

    def outcome(
        self, state: Any, key_of: Callable[[str], str]
    ) -> tuple[dict[str, float], dict[str, Any]]:
        """Return metrics of the best evaluation, and parameters that tell how training ended.

        Args:
            state: the Trainer's, at the end.
            key_of: from a Trainer's name of a metric to ours.
        """
        stopped_early = bool(state.max_steps and state.global_step < state.max_steps)
        values: dict[str, float] = {}
        params: dict[str, Any] = {"stopped_early": stopped_early}
        value = state.best_metric if state.best_metric is not None else self.value
        if self.metric and value is not None:
            values[f"best/{key_of(self.metric)}"] = float(value)
            if self.step is not None:
                values["best_iteration"] = self.step
            if self.epoch is not None:
                values["best_epoch"] = self.epoch
        if state.best_model_checkpoint:
            params["best_model_checkpoint"] = str(state.best_model_checkpoint)
        return values, params


def best_step(state: Any) -> int | None:
    """Return the step of the best model so far, as the Trainer's state tells it, if it does."""
    step = getattr(state, "best_global_step", None)
    if step:
        return int(step)
    found = _STEP.search(str(getattr(state, "best_model_checkpoint", None) or ""))
    return int(found.group(1)) if found else None
