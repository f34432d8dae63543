"""XGBoost's own callback protocol, for those who like to be explicit."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from xgboost.callback import TrainingCallback

from epochlog.plugins.api import FitScope, Run, guard, open_fit
from epochlog_xgboost.curves import Curves, FoldCurves
from epochlog_xgboost.engine import innermost
from epochlog_xgboost.outcome import log_outcome


class EpochlogCallback(TrainingCallback):  # type: ignore[misc, unused-ignore]
    """Record one training: ``xgb.train(…, callbacks=[EpochlogCallback()])``.

    Records curves, the effective configuration and the model. It goes into ``run``; without one
    into the current run, or a new run that ends with the training. As a context manager it also
    ends the run of a training that raises. With ``autolog()`` on, ``train`` is being recorded
    already and this callback does nothing. Put it first in the list: XGBoost does not ask the
    callbacks behind one that stops the training.

    Args:
        run: the run to record into.
    """

    def __init__(self, run: Run | None = None) -> None:
        super().__init__()
        self._run = run
        self._scope: FitScope | None = None
        self._curves: Curves | None = None
        self._history: Mapping[str, Any] = {}

    def before_training(self, model: Any) -> Any:
        """Open the run; ``model`` is a booster, or the pack of all folds of ``cv``."""
        if innermost() is None:
            with guard("xgboost EpochlogCallback"):
                self._begin(model)
        return model

    def _begin(self, model: Any) -> None:
        run = self._run
        if run is None:
            self._scope = open_fit("xgboost.Booster", source="xgboost").__enter__()
            run = self._scope.run
        self._history = {}
        self._curves = FoldCurves(run) if hasattr(model, "cvfolds") else Curves(run)
        self._curves.begin(model.num_boosted_rounds(), None)

    def after_iteration(self, model: Any, epoch: int, evals_log: Mapping[str, Any]) -> bool:
        """Record one iteration; never stops the training."""
        curves = self._curves
        if curves is not None:
            with guard("xgboost EpochlogCallback"):
                self._history = evals_log
                if not curves.effective:
                    curves.configure(model)
                    curves.objective = str(curves.effective.get("objective", ""))
                curves.record(epoch, evals_log, None)
        return False

    def after_training(self, model: Any) -> Any:
        """Record the model and end the run if it is our own."""
        self.finish(None if hasattr(model, "cvfolds") else model)
        return model

    def finish(self, booster: Any = None, error: BaseException | None = None) -> None:
        """Record the model and its importances, and end the run if it is our own.

        Args:
            booster: the trained one; None if there is none to record.
            error: what ended the training, if it failed.
        """
        curves, self._curves = self._curves, None
        if curves is not None and curves.iterations:
            with guard("xgboost EpochlogCallback"):
                last = curves.last
                missed = curves.missed_point(self._history)  # one before us stopped the training
                if missed:
                    last += 1
                    curves.run.log_metrics(missed, last)
                curves.run.log_metrics({"stopped_iteration": last}, last)
                if booster is not None:
                    self._log_best(curves, booster)
                    log_outcome(curves.run, booster)
        scope, self._scope = self._scope, None
        if scope is not None:
            scope.__exit__(None if error is None else type(error), error, None)
        self._history = {}

    def _log_best(self, curves: Curves, booster: Any) -> None:
        own = booster.attr("best_iteration")
        if own is not None and int(own) >= curves.start:  # else inherited from an earlier training
            step = int(own)
            point = curves.best_point(self._history, step - curves.start)
            curves.run.log_metrics(point | {"best_iteration": step}, step)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.finish(error=error)
