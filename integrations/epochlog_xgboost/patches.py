"""Where we enter XGBoost. Every patch is undone by ``undo("xgboost")``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from epochlog.plugins.api import IntegrationOptions, guard, patch_functions, patch_method
from epochlog_xgboost import datasets, loops
from epochlog_xgboost.engine import innermost
from epochlog_xgboost.loops import OWNER
from epochlog_xgboost.training import record_cv, record_train

Function = Callable[..., Any]


def instrument(options: IntegrationOptions) -> None:
    """Wrap what trains: two functions, the container of callbacks, methods for own loops.

    Raises:
        AttributeError: this XGBoost has no such class or method; the integration stays off.
    """
    from xgboost import core, training
    from xgboost.callback import CallbackContainer

    # What can be missing comes first: nothing is half wrapped then.
    _ = CallbackContainer.after_iteration, CallbackContainer.before_training, training.cv
    loops.instrument(core.Booster)
    for name in ("DMatrix", "QuantileDMatrix", "ExtMemQuantileDMatrix"):
        if hasattr(core, name):
            patch_method(getattr(core, name), "__init__", datasets.remembering, owner=OWNER)
    # Built inside train, cv and every estimator's fit. A callback of ours in the user's list would
    # change what any() of XGBoost's container calls, and would not see the last iteration.
    patch_method(CallbackContainer, "before_training", _beginning, owner=OWNER)
    patch_method(CallbackContainer, "after_iteration", _iterating, owner=OWNER)
    packed = getattr(training, "_PackedBooster", None)
    if packed is not None and hasattr(packed, "eval"):  # each fold's results; cv throws them away
        patch_method(packed, "eval", _telling_folds, owner=OWNER)
    functions: dict[str, Callable[[Function], Function]] = {
        "train": functools.partial(_recorded, record_train, options),
        "cv": functools.partial(_recorded, record_cv, options),
    }
    patch_functions(training, functions, owner=OWNER)


def uninstrument() -> None:
    """Forget what is remembered, and end the runs of loops."""
    loops.close_all()
    datasets.forget()


def _recorded(record: Function, options: IntegrationOptions, original: Function) -> Function:
    def call(*args: Any, **kwargs: Any) -> Any:
        return record(original, options, args, kwargs)

    return call


def _beginning(original: Function) -> Function:
    def before_training(self: Any, model: Any) -> Any:
        session = innermost()
        if session is not None and session.container is None:
            with guard("xgboost before training"):
                session.before_training(self, model)
        return original(self, model)

    return before_training


def _iterating(original: Function) -> Function:
    def after_iteration(self: Any, model: Any, epoch: int, dtrain: Any, evals: Any) -> Any:
        session = innermost()
        if session is None or session.container is not self:
            return original(self, model, epoch, dtrain, evals)
        with guard("xgboost configuration"):
            session.iterated(model)
        rate = session.rate  # callbacks may set the next iteration's
        try:
            stops = original(self, model, epoch, dtrain, evals)
            return stops or (session.stoppable and session.run.stop_requested)
        finally:  # a callback that raises (Ctrl-C, pruning) comes after the evaluation
            with guard("xgboost after iteration"):
                session.after_iteration(epoch, evals, rate)

    return after_iteration


def _telling_folds(original: Function) -> Function:
    def evaluate(self: Any, *args: Any, **kwargs: Any) -> Any:
        lines = original(self, *args, **kwargs)
        if (session := innermost()) is not None:
            with guard("xgboost folds"):
                session.saw_folds(lines)
        return lines

    return evaluate
