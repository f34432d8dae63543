"""CatBoost's own callback protocol, for those who like to be explicit."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from epochlog.plugins.api import Budget, FitScope, Run, guard, open_fit
from epochlog_catboost.curves import Axis, points_of
from epochlog_catboost.engine import innermost
from epochlog_catboost.facts import effective_params, passed_params
from epochlog_catboost.names import Keys


class EpochlogCallback:
    """Record a training by hand: ``model.fit(X, y, callbacks=[EpochlogCallback()])``.

    Records each iteration at once, and, from `finish`, parameters, importances and the model. It
    goes into ``run``; without one into the current run, or a new run that `finish` ends. As a
    context manager it finishes by itself. With ``autolog()`` on, ``fit`` is being recorded already
    and this callback does nothing.

    **It makes long trainings slow**, like any Python callback: CatBoost hands it the whole history
    at every iteration (2000 iterations take about four times as long). ``autolog()`` uses none.

    Args:
        run: the run to record into.
        loss: CatBoost's ``loss_function``, whose curve is then called ``loss``; a callback can't
            know it.
    """

    def __init__(self, run: Run | None = None, loss: str | None = None) -> None:
        self._run = run
        self._loss = loss
        self._scope: FitScope | None = None
        self._target: Run | None = None
        self._keys: Keys | None = None
        self._last = -1

    def after_iteration(self, info: Any) -> bool:
        """Record one iteration; ``info`` is CatBoost's. Returns True: go on."""
        if innermost() is None:
            with guard("catboost EpochlogCallback"):
                self._record(info)
        return True

    def _record(self, info: Any) -> None:
        if self._target is None:
            self._target = self._open()
        point = {}
        if self._keys is None or info.iteration == 1:
            several = sum(name.startswith("validation") for name in info.metrics) > 1
            self._keys = Keys(self._loss, several=several)
        for name, found in info.metrics.items():
            for metric, values in found.items():
                if values:
                    point[self._keys.of(name, metric)] = float(values[-1])
        first = self._last < 0
        self._last = info.iteration - 1  # CatBoost counts from 1 here
        if point:
            self._target.log_metrics(point, self._last)
        if first:
            self._target.log_metric_aliases(self._keys.aliases())
            self._target.log_params(self._keys.goals())

    def _open(self) -> Run:
        if self._run is not None:
            return self._run
        self._scope = open_fit("CatBoost", source="catboost").__enter__()
        return self._scope.run

    def finish(self, model: Any = None, error: BaseException | None = None) -> None:
        """Record what the model knows, and end the run if it is our own.

        Args:
            model: the trained model.
            error: what ended the training, if it failed.
        """
        from epochlog_catboost.outcome import log_ending, log_importance, log_model

        run = self._target
        if run is not None and model is not None and self._keys is not None:
            with guard("catboost EpochlogCallback finish"):
                all_params = effective_params(model)
                run.log_params({"model_class": type(model).__name__})
                run.log_params(passed_params(model.get_params()) | all_params)
                points = points_of(model.evals_result_, Axis(int(all_params.get("iterations", 0))))
                log_ending(run, model, all_params, self._keys, points)
                log_importance(run, model)
                log_model(run, model, Budget(1.0))
        if self._scope is not None:
            self._scope.__exit__(None if error is None else type(error), error, None)
        self._target, self._scope, self._keys, self._last = None, None, None, -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.finish(error=error)


def without_ours(callbacks: Any) -> Any:
    """Return callbacks, as a new list, that do something: ours would only make training slow."""
    if not isinstance(callbacks, (list, tuple)):
        return callbacks
    if not any(isinstance(each, EpochlogCallback) for each in callbacks):
        return callbacks
    return [each for each in callbacks if not isinstance(each, EpochlogCallback)] or None
