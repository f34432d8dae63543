"""Record one call of ``train`` or ``cv`` from its arguments to its result."""

from __future__ import annotations

import inspect
import sys
import weakref
from collections.abc import Callable, Mapping
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
from epochlog_lightgbm.callback import FoldsCallback, IterationCallback
from epochlog_lightgbm.datasets import log_datasets
from epochlog_lightgbm.engine import entered
from epochlog_lightgbm.facts import call_params
from epochlog_lightgbm.outcome import log_cv_outcome, log_outcome
from epochlog_lightgbm.stopping import stopper_for

Call = inspect.BoundArguments

CALLER_FRAMES_MAX = 8
_members: weakref.WeakKeyDictionary[FitScope, int] = weakref.WeakKeyDictionary()
"""How many trainings joined the fit of an estimator: a bagging ensemble trains many boosters."""


def record_train(
    original: Callable[..., Any],
    options: IntegrationOptions,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Call ``lightgbm.train`` and record it; result and exceptions are the original's."""
    call = bound(original, args, kwargs)
    if call is None:
        return original(*args, **kwargs)
    around = current_fit()
    with open_fit("lgb.train", source="lightgbm", join=_called_by_estimator()) as fit:
        member = _count_member(around) if fit.joined and around is not None else 0
        session = Training(fit, options, member)
        with guard("lightgbm before train"):
            session.begin(call)
        with entered(session):
            booster = original(*call.args, **call.kwargs)
        with guard("lightgbm after train"):
            session.finish(booster, Budget(fit.elapsed_s))
        return booster


def _called_by_estimator() -> bool:
    """Whether LightGBM's scikit-learn estimator called ``train``: its ``fit`` is recorded then."""
    frame = sys._getframe(1)
    for _ in range(CALLER_FRAMES_MAX):
        if frame.f_back is None:
            return False
        frame = frame.f_back
        name = frame.f_globals.get("__name__", "")
        if not name.startswith("epochlog"):
            return bool(name == "lightgbm.sklearn")
    return False


def record_cv(
    original: Callable[..., Any],
    options: IntegrationOptions,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Call ``lightgbm.cv`` and record it as a run with one child per fold."""
    call = bound(original, args, kwargs)
    if call is None:
        return original(*args, **kwargs)
    with open_fit("lgb.cv", source="lightgbm") as fit:
        session = CrossValidation(fit.run, options)
        with guard("lightgbm before cv"):
            session.begin(call)
        try:
            with entered(session):
                results = original(*call.args, **call.kwargs)
        except BaseException as error:
            session.abort(error)
            raise
        with guard("lightgbm after cv"):
            session.finish(results)
        return results


def bound(
    original: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Call | None:
    """Return the call's arguments by name, defaults included; None if LightGBM will refuse them."""
    try:
        call = inspect.signature(original).bind(*args, **kwargs)
    except TypeError:
        return None
    call.apply_defaults()
    usable = isinstance(call.arguments["params"], Mapping) and hasattr(
        call.arguments["callbacks"] or [], "__len__"
    )
    return call if usable else None


def inject(call: Call, callback: IterationCallback) -> None:
    """Add our callback in a new list; the user's own list stays as it is."""
    theirs = list(call.arguments["callbacks"] or ())
    for position, other in enumerate(theirs):
        # LightGBM numbers callbacks that have no order by position *and* length of the list. We
        # change the length, so give them the very numbers that they would get without us.
        other.__dict__.setdefault("order", position - len(theirs))
    stopper = stopper_for(callback.run, call.arguments["params"], theirs)
    call.arguments["callbacks"] = [*theirs, callback, *stopper]


class Training:
    """One call of ``train``."""

    def __init__(self, fit: FitScope, options: IntegrationOptions, member: int = 0) -> None:
        self.run, self.options, self.joined = fit.run, options, fit.joined
        self.member = member
        self.callback = IterationCallback(fit.run, f"member={member}" if member else "")
        if fit.run.kind == "fold" and not options.get("fold_models", False):
            # Of a search's many folds the curves matter; models and all that they tell would be
            # hundreds of nearly equal ones.
            less = {"models": False, "resolved_params": False}
            self.options = IntegrationOptions({**options.values, **less})
        self._text = ""
        self._text_at = -1

    def begin(self, call: Call) -> None:
        """Record what is known before training, and get into the list of callbacks."""
        arguments = dict(call.arguments)
        inject(call, self.callback)
        if self.member:  # of an ensemble the first booster tells everything that they share
            return
        params = call_params(arguments)
        self.run.log_params(params if self.joined else {"model_class": "lightgbm.Booster"} | params)
        if self.options.get("datasets", True):
            log_datasets(self.run, arguments, skip_train=self.joined)

    def saw_text(self, booster: Any, text: str) -> None:
        """Keep the text that ``train`` makes at its end anyway: no second pass over the trees."""
        if booster is self.callback.model:
            self._text, self._text_at = text, self.callback.last

    def saw_folds(self, raw_results: list[Any]) -> None:
        """Do nothing: ``train`` has no folds."""

    def finish(self, booster: Any, budget: Budget) -> None:
        """Record what training ended with."""
        self.callback.model = None  # the booster must not outlive its user
        if self.member:
            return
        text = self._text if self._text_at == self.callback.last else ""
        log_outcome(
            self.run,
            booster,
            self.callback,
            text=text,
            name="booster" if self.joined else "model",
            options=self.options,
            budget=budget,
        )


def _count_member(fit: FitScope) -> int:
    """Return how many trainings recorded into the same run before this one, inside one fit."""
    count = _members.get(fit, 0)
    _members[fit] = count + 1
    return count


class CrossValidation:
    """One call of ``cv``."""

    def __init__(self, run: Run, options: IntegrationOptions) -> None:
        self.run, self.options = run, options
        self.callback = FoldsCallback(run, self._take_folds)
        self._raw: list[Any] = []

    def begin(self, call: Call) -> None:
        """Record what is known before training, and get into the list of callbacks."""
        arguments = dict(call.arguments)
        inject(call, self.callback)
        self.run.log_params({"model_class": "lightgbm.CVBooster"} | call_params(arguments))
        if self.options.get("datasets", True):
            log_datasets(self.run, arguments, skip_train=False)

    def saw_text(self, booster: Any, text: str) -> None:
        """Do nothing: ``cv`` makes no text."""

    def saw_folds(self, raw_results: list[Any]) -> None:
        """Keep the folds' own results, from which LightGBM makes means."""
        self._raw = raw_results

    def _take_folds(self) -> list[Any]:
        raw, self._raw = self._raw, []
        return raw

    def finish(self, results: Mapping[str, Any]) -> None:
        """Record what the cross-validation ended with, and end the folds."""
        log_cv_outcome(self.run, results, self.callback, self.options)
        for fold in self.callback.folds:
            fold.end()
        self.callback.model = None

    def abort(self, error: BaseException) -> None:
        """End the folds like their parent will end."""
        status = "canceled" if isinstance(error, KeyboardInterrupt) else "failed"
        with guard("lightgbm cv failed"):
            for fold in self.callback.folds:
                fold.end(status, f"{type(error).__name__}: {error}")
