"""Record one call of ``train`` or ``cv`` from its arguments to its result."""

from __future__ import annotations

import inspect
import sys
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from epochlog.plugins.api import (
    Budget,
    FitScope,
    IntegrationOptions,
    Run,
    current_fit,
    guard,
    open_fit,
)
from epochlog_xgboost.curves import Curves, FoldCurves
from epochlog_xgboost.datasets import log_datasets, named_sets
from epochlog_xgboost.engine import entered
from epochlog_xgboost.extract import as_dict, lookup
from epochlog_xgboost.facts import (
    call_params,
    callbacks_of,
    filled,
    function_name,
    matrix_facts,
    objective_of,
    stopping_params,
)
from epochlog_xgboost.names import canonical_splits
from epochlog_xgboost.outcome import log_cv_outcome, log_end, log_outcome

CALLER_FRAMES_MAX = 8
_members: weakref.WeakKeyDictionary[FitScope, int] = weakref.WeakKeyDictionary()
"""How many trainings joined the fit of an estimator: a bagging ensemble trains many boosters."""


def record_train(
    original: Callable[..., Any],
    options: IntegrationOptions,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Call ``xgboost.train`` and record it; result and exceptions are the original's."""
    arguments = bound(original, args, kwargs)
    if arguments is None:
        return original(*args, **kwargs)
    around, estimator = current_fit(), calling_estimator()
    with open_fit("xgb.train", source="xgboost", join=estimator is not None) as fit:
        member = _count_member(around) if fit.joined and around is not None else 0
        session = Training(fit, options, arguments, estimator, member)
        with guard("xgboost before train"):
            session.begin()
        try:
            with entered(session):
                booster = original(*args, **kwargs)
        except BaseException:
            with guard("xgboost failed train"):
                session.abort()
            raise
        with guard("xgboost after train"):
            session.finish(booster, Budget(fit.elapsed_s))
        return booster


def record_cv(
    original: Callable[..., Any],
    options: IntegrationOptions,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Call ``xgboost.cv`` and record it as a run with one child per fold."""
    arguments = bound(original, args, kwargs)
    if arguments is None:
        return original(*args, **kwargs)
    with open_fit("xgb.cv", source="xgboost") as fit:
        session = CrossValidation(fit.run, options, arguments)
        with guard("xgboost before cv"):
            session.begin()
        try:
            with entered(session):
                results = original(*args, **kwargs)
        except BaseException as error:
            with guard("xgboost failed cv"):
                session.abort(error)
            raise
        with guard("xgboost after cv"):
            session.finish()
        return results


def calling_estimator() -> Any:
    """Return XGBoost's scikit-learn estimator whose ``fit`` called ``train``, or None."""
    frame = sys._getframe(1)
    for _ in range(CALLER_FRAMES_MAX):
        if frame.f_back is None:
            return None
        frame = frame.f_back
        name = frame.f_globals.get("__name__", "")
        if not name.startswith("epochlog"):
            return frame.f_locals.get("self") if name == "xgboost.sklearn" else None
    return None


def bound(
    original: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return the call's arguments by name, defaults included; None if XGBoost will refuse them.

    XGBoost takes keyword-only arguments by position as well, and warns.
    """
    signature = inspect.signature(original)
    by_name = dict(zip(signature.parameters, args, strict=False)) | dict(kwargs)
    try:
        call = signature.bind(**by_name)
    except TypeError:
        return None
    call.apply_defaults()
    arguments = dict(call.arguments)
    return arguments if isinstance(arguments["params"], (Mapping, list)) else None


def may_stop(run: Run) -> bool:
    """Return whether a training may end early on request.

    Not where several processes train together: one that leaves lets the others wait for ever.
    """
    from xgboost import collective

    return int(collective.get_world_size()) == 1 and run.offer_stop()


def _count_member(fit: FitScope) -> int:
    """Return how many trainings recorded into the same run before this one, inside one fit."""
    count = _members.get(fit, 0)
    _members[fit] = count + 1
    return count


class Training:
    """One call of ``train``."""

    def __init__(
        self,
        fit: FitScope,
        options: IntegrationOptions,
        arguments: dict[str, Any],
        estimator: Any = None,
        member: int = 0,
    ) -> None:
        self.run, self.options, self.joined = fit.run, options, fit.joined
        self.arguments, self.estimator, self.member = arguments, estimator, member
        self.container: Any = None
        self.stoppable = False
        self.model: Any = None
        self.curves = Curves(fit.run, objective_of(arguments), f"member={member}" if member else "")
        self.rate = lookup(as_dict(arguments["params"]), "learning_rate")
        self._checkpoints: list[Any] = []
        self._told_data = False
        if fit.run.kind == "fold" and not options.get("fold_models", False):
            # Of a search's many folds the curves matter; models and all that they tell would be
            # hundreds of nearly equal ones.
            less = {"models": False, "resolved_params": False, "summary": False}
            self.options = IntegrationOptions({**options.values, **less})
        self._resolves = not member and bool(self.options.get("resolved_params", True))
        self._configured = False

    def begin(self) -> None:
        """Record what is known before training."""
        if self.member:  # of an ensemble the first booster tells everything that they share
            return
        params = call_params(self.arguments)
        own = getattr(self.estimator, "objective", None)
        if callable(own):
            params["objective"] = function_name(own)
        if not self.joined:
            known = self.estimator
            model = "xgboost.Booster" if known is None else type(known).__name__
            params = {"model_class": model} | params
        self.run.log_params(params)
        evals = self.arguments.get("evals")
        if evals is None or isinstance(evals, (list, tuple)):
            self._tell_data(self.arguments["dtrain"], list(evals or ()))

    def _tell_data(self, dtrain: Any, evals: list[tuple[Any, str]]) -> None:
        """Record the data sets; XGBoost itself checks that they are what it needs."""
        if self._told_data or not hasattr(dtrain, "num_row"):
            return
        if not all(isinstance(each, tuple) and hasattr(each[0], "num_row") for each in evals):
            return
        self._told_data = True
        self.curves.sets = named_sets(evals, dtrain)
        if self.member:
            return
        splits = canonical_splits(self.curves.sets)
        facts = matrix_facts(dtrain)
        for (matrix, name), (_, is_train) in zip(evals, self.curves.sets, strict=True):
            if not is_train:
                facts |= matrix_facts(matrix, splits[name], features=False)
        self.run.log_params(facts)
        if self.options.get("datasets", True):
            log_datasets(self.run, dtrain, evals, splits, skip_train=self.joined)

    def before_training(self, container: Any, model: Any) -> None:
        """Note the container, whose history this training fills, and what is in it."""
        self.container, self.model = container, model
        self.stoppable = may_stop(self.run)
        going_on = self.arguments.get("xgb_model") is not None
        update = as_dict(self.arguments["params"]).get("process_type") == "update"
        self.curves.begin(model.num_boosted_rounds() if going_on and not update else 0, self.rate)
        self.curves.scheduled = bool(callbacks_of(container, "LearningRateScheduler"))
        self._checkpoints = callbacks_of(container, "TrainingCheckPoint")
        if not self.member:
            for callback in callbacks_of(container, "EarlyStopping"):
                self.run.log_params(stopping_params(callback))

    def iterated(self, model: Any) -> None:
        """After the first iteration, before any callback: record the effective configuration."""
        if self._configured:
            return
        self._configured = True
        if not self._resolves:
            return
        self.curves.configure(model)
        self.rate = self.curves.effective.get("learning_rate", self.rate)
        if self.estimator is not None:
            rounds = self.arguments["num_boost_round"]
            self.run.log_params(filled(self.estimator, self.curves.effective, rounds))

    def after_iteration(self, epoch: int, evals: Any, rate: Any) -> None:
        """Record an iteration."""
        if not self._told_data:
            self._tell_data(self.arguments["dtrain"], list(evals or ()))
        self.curves.record(epoch, self.container.history, rate)
        for callback in self._checkpoints:
            self._log_checkpoint(callback, epoch)

    def _log_checkpoint(self, callback: Any, epoch: int) -> None:
        """Record the file that XGBoost's ``TrainingCheckPoint`` wrote just now, if it did."""
        if callback._epoch != 1:  # its counter begins anew with each file
            return
        ending = "pkl" if callback._as_pickle else callback.default_format
        path = Path(callback._path, f"{callback._name}_{epoch + callback._start}.{ending}")
        if path.exists():
            self.run.log_checkpoint(path, step=self.curves.last)

    def saw_folds(self, lines: list[str]) -> None:
        """Do nothing: ``train`` has no folds."""

    def finish(self, booster: Any, budget: Budget) -> None:
        """Record what training ended with."""
        container, self.container, self.model = self.container, None, None
        if self.member:
            return
        with guard("xgboost best iteration"):
            rounds = self.arguments["num_boost_round"]
            log_end(self.run, container, booster, self.curves, rounds)
        name = "booster" if self.joined else "model"
        log_outcome(self.run, booster, name=name, options=self.options, budget=budget)

    def abort(self) -> None:
        """Record how far a training came that raised, and the best until then."""
        container, self.container, model, self.model = self.container, None, self.model, None
        if not self.member and model is not None:
            log_end(self.run, container, model, self.curves, None)


class CrossValidation:
    """One call of ``cv``."""

    def __init__(self, run: Run, options: IntegrationOptions, arguments: dict[str, Any]) -> None:
        self.run, self.options, self.arguments = run, options, arguments
        self.container: Any = None
        self.stoppable = False
        self.rate = lookup(as_dict(arguments["params"]), "learning_rate")
        self.curves = FoldCurves(run, objective_of(arguments), self._take_lines)
        self._configured = not options.get("resolved_params", True)
        self._boosters: list[Any] = []
        self._lines: list[str] = []

    def begin(self) -> None:
        """Record what is known before training."""
        self.run.log_params({"model_class": "xgboost.cv"} | call_params(self.arguments))
        dtrain = self.arguments["dtrain"]
        if hasattr(dtrain, "num_row"):
            self.run.log_params(matrix_facts(dtrain))
            if self.options.get("datasets", True):
                log_datasets(self.run, dtrain, (), {}, skip_train=False)

    def before_training(self, container: Any, model: Any) -> None:
        """Open a child run for each fold."""
        self.container = container
        self.stoppable = may_stop(self.run)
        self._boosters = [each.bst for each in model.cvfolds]
        self.curves.begin(0, self.rate)
        self.curves.scheduled = bool(callbacks_of(container, "LearningRateScheduler"))
        self.run.log_params({"n_folds": len(model.cvfolds)})
        for callback in callbacks_of(container, "EarlyStopping"):
            self.run.log_params(stopping_params(callback))
        for index, each in enumerate(model.cvfolds):
            fold = self.run.start_child(f"fold {index}", kind="fold", index=index, source="xgboost")
            facts = matrix_facts(each.dtrain, features=False)
            fold.log_params(facts | matrix_facts(each.dtest, "val", features=False))
            self.curves.folds.append(fold)

    def iterated(self, model: Any) -> None:
        """After the first iteration, before any callback: record the effective configuration."""
        if not self._configured:
            self._configured = True
            self.curves.configure(model)
            self.rate = self.curves.effective.get("learning_rate", self.rate)

    def after_iteration(self, epoch: int, evals: Any, rate: Any) -> None:
        """Record an iteration of all folds."""
        del evals
        self.curves.record(epoch, self.container.history, rate)

    def saw_folds(self, lines: list[str]) -> None:
        """Keep the folds' own results, from which XGBoost makes means."""
        self._lines = lines

    def _take_lines(self) -> list[str]:
        lines, self._lines = self._lines, []
        return lines

    def finish(self) -> None:
        """Record what the cross-validation ended with, and end the folds."""
        container, self.container = self.container, None
        boosters, self._boosters = self._boosters, []
        if boosters:
            rounds = self.arguments["num_boost_round"]
            with guard("xgboost best iteration"):
                log_end(self.run, container, boosters[0], self.curves, rounds)
            log_cv_outcome(self.run, boosters, self.curves, self.options)
        for fold in self.curves.folds:
            fold.end()

    def abort(self, error: BaseException) -> None:
        """End the folds like their parent will end."""
        self._boosters, self.container = [], None
        status = "canceled" if isinstance(error, KeyboardInterrupt) else "failed"
        if type(error).__name__ == "TrialPruned":
            status = "pruned"
        for fold in self.curves.folds:
            fold.end(status, f"{type(error).__name__}: {error}")
