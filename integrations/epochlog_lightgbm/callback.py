"""LightGBM's own callback protocol: forward what each iteration gives to a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from epochlog.plugins.api import FitScope, Run, guard, open_fit
from epochlog_lightgbm.engine import innermost
from epochlog_lightgbm.extract import lookup
from epochlog_lightgbm.facts import booster_facts, metric_goals, own_names
from epochlog_lightgbm.names import curve_keys, cv_point, fold_point

# Before every other callback: early stopping (30) and pruning ones raise, and the iteration at
# which they do has to be recorded.
FIRST = -1_000_000


class IterationCallback:
    """Records curves, and at the first iteration the facts that only a built booster knows.

    After an iteration the processor's caches hold LightGBM's data, so every function called here is
    slower than a benchmark of it alone tells: few calls are made.
    """

    def __init__(self, run: Run, context: str = "") -> None:
        self.order = FIRST  # LightGBM looks for it in the instance's __dict__
        self.before_iteration = False
        self.run = run
        self.context = context  # "" or what keeps this curve apart from others in the same run
        self.model: Any = None
        self.begin = self.end = 0
        self.last = -1
        self._guard = guard("lightgbm after_iteration")
        self._keys: dict[tuple[str, str], str] = {}
        self._rate: Any = None
        self.objective: Any = ""

    def __call__(self, env: Any) -> None:
        """Record one iteration; ``env`` is LightGBM's ``CallbackEnv``."""
        with self._guard:
            if self.model is not env.model:
                self._first(env)
            self.last = env.iteration
            self._record(env)

    def _first(self, env: Any) -> None:
        self.model, self.begin, self.end = env.model, env.begin_iteration, env.end_iteration
        self.objective = lookup(env.params, "objective", "regression")
        self._keys = curve_keys(env.evaluation_result_list or (), self.objective)
        self._rate = lookup(env.params, "learning_rate")
        if not self.context:
            with guard("lightgbm facts"):
                self._log_facts(env)

    def _log_facts(self, env: Any) -> None:
        facts = booster_facts(env.model)
        self.run.log_params(facts | metric_goals(env.evaluation_result_list or (), self._keys))
        self.run.log_metric_aliases(own_names(self._keys))

    def _record(self, env: Any) -> None:
        point = self._point(env.evaluation_result_list or ())
        rate = env.params.get("learning_rate")  # ``reset_parameter`` writes it there
        if rate is not None and rate != self._rate:
            self._change_rate(rate, env.iteration, point)
        if point:
            self.run.log_metrics(point, env.iteration, context=self.context)

    def _change_rate(self, rate: Any, iteration: int, point: dict[str, float]) -> None:
        """Record a rate that changes, and the one before: the curve begins at the first change."""
        before, self._rate = self._rate, rate
        if before is not None and iteration > self.begin:
            self.run.log_metrics({"learning_rate": before}, iteration - 1, context=self.context)
        point["learning_rate"] = rate

    def _point(self, results: Sequence[Any]) -> dict[str, float]:
        keys = self._keys
        return {
            keys.get((result[0], result[1])) or f"{result[0]}/{result[1]}": float(result[2])
            for result in results
        }


class FoldsCallback(IterationCallback):
    """The same for ``cv``: mean and deviation over the folds, and each fold's own curves."""

    def __init__(self, run: Run, take_folds: Callable[[], list[Any]]) -> None:
        super().__init__(run)
        self.folds: list[Run] = []
        self._take_folds = take_folds

    def _log_facts(self, env: Any) -> None:
        boosters = env.model.boosters
        self.run.log_params({"n_folds": len(boosters)} | booster_facts(boosters[0], rows=False))
        for index, booster in enumerate(boosters):
            fold = self.run.start_child(
                f"fold {index}", kind="fold", index=index, source="lightgbm"
            )
            fold.log_params(booster_facts(booster, features=False))
            self.folds.append(fold)

    def _record(self, env: Any) -> None:
        super()._record(env)
        for fold, results in zip(self.folds, self._take_folds(), strict=False):
            fold.log_metrics(fold_point(results, self.objective), env.iteration)

    def _point(self, results: Sequence[Any]) -> dict[str, float]:
        return cv_point(results, self.objective)


class EpochlogCallback:
    """For those who like to be explicit: ``lgb.train(…, callbacks=[EpochlogCallback()])``.

    Records curves and data facts, and, from `finish`, the model. It goes into ``run``; without one
    into the current run, or a new run that `finish` ends. As a context manager it finishes by
    itself. With ``autolog()`` on, ``train`` is being recorded already and this callback does
    nothing.

    Args:
        run: the run to record into.
    """

    def __init__(self, run: Run | None = None) -> None:
        self.order = FIRST
        self.before_iteration = False
        self._run = run
        self._scope: FitScope | None = None
        self._inner: IterationCallback | None = None

    def __call__(self, env: Any) -> None:
        """Record one iteration; ``env`` is LightGBM's ``CallbackEnv``."""
        if innermost() is not None:
            return
        with guard("lightgbm EpochlogCallback"):
            if self._inner is None or self._inner.model is not env.model:
                self._inner = self._callback_for(env)
        if self._inner is not None:
            self._inner(env)

    def _callback_for(self, env: Any) -> IterationCallback:
        run = self._run
        if run is None:
            self._scope = open_fit("lightgbm.Booster", source="lightgbm").__enter__()
            run = self._scope.run
        run.log_params(dict(env.params))
        return (
            FoldsCallback(run, list) if hasattr(env.model, "boosters") else IterationCallback(run)
        )

    def finish(self, booster: Any = None, error: BaseException | None = None) -> None:
        """Record the model (as text) and its importances, and end the run if it is our own.

        Args:
            booster: what ``train`` returned.
            error: what ended the training, if it failed.
        """
        from epochlog_lightgbm.outcome import log_outcome

        if self._inner is not None and booster is not None:
            log_outcome(self._inner.run, booster, self._inner)
        for fold in getattr(self._inner, "folds", ()):
            fold.end("completed" if error is None else "failed")
        if self._scope is not None:
            self._scope.__exit__(None if error is None else type(error), error, None)
        self._inner, self._scope = None, None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.finish(error=error)
