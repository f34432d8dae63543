"""Forward what each iteration gives to a run: curves, and once the facts behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from epochlog.plugins.api import Run, guard
from epochlog_xgboost.extract import resolved_params
from epochlog_xgboost.facts import metric_goals, own_names
from epochlog_xgboost.names import canonical_splits, curve_keys, cv_keys, fold_keys, parsed_line

History = Mapping[str, Mapping[str, Any]]


class Curves:
    """The curves of one training, and at its first iteration the effective configuration.

    Attributes:
        run: where to record.
        context: "", or what keeps these curves apart from others in the same run.
        objective: XGBoost's name of it; "" if it is the user's own.
        start: rounds of the model that this training goes on with: the first step.
        last: step of the last iteration, ``start - 1`` before the first.
        effective: the configuration as XGBoost resolved it.
        keys: (set, metric) -> name of the curve.
        sets: name of each evaluation set and whether it is the training data.
    """

    def __init__(self, run: Run, objective: str = "", context: str = "") -> None:
        self.run, self.objective, self.context = run, objective, context
        self.start, self.last = 0, -1
        self.iterations = 0
        self.effective: dict[str, Any] = {}
        self.keys: dict[tuple[str, str], str] = {}
        self.sets: list[tuple[str, bool]] = []
        self.scheduled = False  # a LearningRateScheduler is at work: its curve has every point
        self._rate: Any = None
        self._points = 0

    def begin(self, start: int, rate: Any) -> None:
        """Training is about to begin, with this learning rate if the user gave one."""
        self.start, self.last, self._rate = start, start - 1, _number(rate)

    def configure(self, model: Any) -> None:
        """Read the effective configuration, which exists once an iteration was trained."""
        self.effective = resolved_params(self._booster(model).save_config())
        self._rate = self.effective.get("learning_rate", self._rate)
        self.run.log_params({f"booster.{key}": value for key, value in self.effective.items()})

    def record(self, epoch: int, history: History, rate: Any) -> None:
        """Record one iteration; ``rate`` is the learning rate that it was trained with, or None."""
        self.last = step = self.start + epoch
        self.iterations += 1
        if self.iterations == 1:
            with guard("xgboost names of curves"):
                self._name_curves(history)
        point = self._point(history)
        if rate is not None:
            self._add_rate(rate, step, point)
        if point:
            self.run.log_metrics(point, step, context=self.context)

    def _booster(self, model: Any) -> Any:
        return model

    def _name_curves(self, history: History) -> None:
        splits = canonical_splits(self.sets or [(name, False) for name in history])
        self.keys = curve_keys(history, splits, self.objective)
        if not self.context:
            self.run.log_params(metric_goals(self.keys))
            self.run.log_metric_aliases(own_names(self.keys))
            self._log_metric_names()

    def _log_metric_names(self) -> None:
        """XGBoost's configuration knows its default metric only after the first evaluation."""
        if self.keys:
            metrics = list(dict.fromkeys(metric for _, metric in self.keys))
            self.run.log_params({"booster.eval_metric": metrics})

    def _point(self, history: History) -> dict[str, float]:
        """Return the newest values; nothing if this iteration's evaluation failed."""
        point: dict[str, float] = {}
        points = 0
        keys = self.keys
        for name, metrics in history.items():
            for metric, values in metrics.items():
                if values:
                    points = max(points, len(values))
                    key = keys.get((name, metric)) or f"{name}/{metric}"
                    self._put(point, key, values[-1])
        before, self._points = self._points, points
        return point if points > before else {}

    def _put(self, point: dict[str, float], key: str, value: Any) -> None:
        point[key] = float(value)

    def _add_rate(self, rate: Any, step: int, point: dict[str, float]) -> None:
        """Put a rate that changes into the point; its curve begins just before the first change."""
        before, self._rate = self._rate, _number(rate)
        if self._rate != before and not self.scheduled:
            self.scheduled = True
            if before is not None and step > self.start:
                self.run.log_metrics({"learning_rate": before}, step - 1, context=self.context)
        if self.scheduled and self._rate is not None:
            point["learning_rate"] = self._rate

    def missed_point(self, history: History) -> dict[str, float]:
        """Return the newest values if they were not recorded yet."""
        return self._point(history)

    def best_point(self, history: History, index: int) -> dict[str, float]:
        """Return all curves' values at one iteration, as ``best/<curve>``."""
        point: dict[str, float] = {}
        for (name, metric), key in self.keys.items():
            values = history.get(name, {}).get(metric) or ()
            if 0 <= index < len(values):
                self._put(point, f"best/{key}", values[index])
        return point


def _number(rate: Any) -> float | None:
    """XGBoost takes a rate as text, too."""
    try:
        return None if rate is None else float(rate)
    except (TypeError, ValueError):
        return None


class FoldCurves(Curves):
    """The same for ``cv``: mean and deviation over the folds, and each fold's own curves."""

    def __init__(
        self, run: Run, objective: str = "", take_lines: Callable[[], list[str]] = list
    ) -> None:
        super().__init__(run, objective)
        self.folds: list[Run] = []
        self._take_lines = take_lines
        self._fold_keys: dict[str, str] = {}

    def record(self, epoch: int, history: History, rate: Any) -> None:
        """Record means on the parent and each fold's own values on its child."""
        super().record(epoch, history, rate)
        for fold, line in zip(self.folds, self._take_lines(), strict=False):
            results = parsed_line(line)
            if not self._fold_keys:
                self._fold_keys = fold_keys(results, self.objective)
                for each in self.folds:
                    each.log_metric_aliases({key: own for own, key in self._fold_keys.items()})
            point = {self._fold_keys.get(f"{n}-{m}", f"{n}/{m}"): v for n, m, v in results}
            fold.log_metrics(point, self.last)

    def _booster(self, model: Any) -> Any:
        return model.cvfolds[0].bst

    def _name_curves(self, history: History) -> None:
        self.keys = cv_keys(history, self.objective)
        for which in ("mean", "std"):
            names = {
                f"{key}.{which}": f"{own}-{which}" for key, own in own_names(self.keys).items()
            }
            self.run.log_metric_aliases(names)
        self.run.log_params(metric_goals(self.keys, ".mean"))
        self._log_metric_names()

    def _put(self, point: dict[str, float], key: str, value: Any) -> None:
        point[f"{key}.mean"], point[f"{key}.std"] = float(value[0]), float(value[1])
