"""Record one fit: a run around it, what is known before, what fitting found out after."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from epochlog.plugins.api import Budget, FitScope, guard, open_fit
from epochlog_sklearn import evaluation, extract, record, streams
from epochlog_sklearn.evaluation_curves import log_clusters
from epochlog_sklearn.models import Fitted, fitted
from epochlog_sklearn.scope import (
    SOURCE,
    Scope,
    current_scope,
    entering,
    is_model,
    recording_here,
    wanted,
)
from epochlog_sklearn.searches import Plan, record_cross_validation, record_search


def run_fit(original: Callable[..., Any], estimator: Any, args: Any, kwargs: Any) -> Any:
    """Stand in for ``fit``, ``fit_predict`` and ``fit_transform``."""
    outer = current_scope()
    if outer is not None and not (outer.searches_inside and is_search(estimator)):
        return outer.run_nested(original, estimator, args, kwargs)
    if not recording_here():
        return original(estimator, *args, **kwargs)
    fit = None
    with guard("sklearn fit"):
        if is_model(estimator):
            streams.finish(estimator)
            kind = "search" if is_search(estimator) else "fit"
            fit = open_fit(type(estimator).__name__, source=SOURCE, kind=kind)
    if fit is None:  # a transformer; the models that it fits inside are not runs either
        with entering(Scope(id(estimator))):
            return original(estimator, *args, **kwargs)
    return _run_recorded(fit, original, estimator, args, kwargs)


def _run_recorded(fit: FitScope, original: Any, estimator: Any, args: Any, kwargs: Any) -> Any:
    """Run the fit inside its scope; the user's exception passes untouched, with the data logged."""
    x: Any = None
    y: Any = None
    given: dict[str, Any] = {}
    with fit:
        plan = Plan(fit.run) if is_search(estimator) and wanted("folds") else None
        scope = Scope(id(estimator), plan)
        with guard("sklearn arguments"):
            x, y, given = extract.fit_arguments(original, args, kwargs)
            record.log_call(fit.run, estimator, given)
        try:
            with entering(scope):
                begin = time.perf_counter()
                result = original(estimator, *args, **kwargs)
                budget = Budget(time.perf_counter() - begin)
        except BaseException as error:
            with guard("sklearn failed fit"):
                if plan is not None:
                    plan.abort(error)
                if isinstance(error, Exception):
                    record.log_data(fit.run, x, y, "train", 0.05)
            raise
        with guard("sklearn fitted"), entering(Scope()):
            weight = given.get("sample_weight")
            _record_fitted(fit.run, estimator, x, y, weight=weight, scope=scope, budget=budget)
            if result is not estimator:  # fit_predict
                evaluation.track(result, fitted.get(estimator), estimator, x, "fit_predict")
    return result


def _record_fitted(
    run: Any, estimator: Any, x: Any, y: Any, *, weight: Any, scope: Scope, budget: Budget
) -> None:
    _remember(run, estimator, x, budget)
    if scope.nested:
        run.log_params({"nested_fits": scope.nested})
    with budget.spend():
        record.log_data(run, x, y, "train", budget.total_s / 2, weight=weight)
    if is_search(estimator) and hasattr(estimator, "cv_results_"):
        record_search(run, estimator, scope.plan or Plan(run))
    record.log_fitted(run, estimator, budget)


def _remember(run: Any, estimator: Any, x: Any, budget: Budget) -> None:
    known = Fitted(run, x, budget=budget)
    fitted.set(estimator, known)
    best = getattr(estimator, "best_estimator_", None)
    if best is not None:
        fitted.set(best, known)
    labels = extract.attribute(estimator, "labels_")
    if labels is not None:  # what people pass to the metrics of clusterings
        evaluation.track(labels, known, estimator, x, "fit_predict")
        if wanted("evaluation"):
            with guard("sklearn clusters"):
                log_clusters(run, estimator, x, labels, budget)


def is_search(estimator: Any) -> bool:
    """Whether this is a ``GridSearchCV`` or a sibling, the user's own ones included."""
    return hasattr(estimator, "_run_search") and hasattr(estimator, "_format_results")


def run_cross_validation(original: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Stand in for ``cross_validate`` and its siblings: one parent, each fold a child."""
    outer = current_scope()
    if not recording_here() or (outer is not None and not outer.searches_inside):
        return original(*args, **kwargs)
    name = original.__name__
    fit = None
    with guard("sklearn cross-validation"):
        fit = open_fit(name, source=SOURCE, kind="eval")
    if fit is None:
        return original(*args, **kwargs)
    with fit:
        plan = Plan(fit.run, _GROUPS.get(name, ""))
        scope = Scope(plan=plan if wanted("folds") else None)
        x = y = estimator = None
        given: dict[str, Any] = {}
        with guard("sklearn cross-validation arguments"):
            x, y, given = extract.call_arguments(original, args, kwargs)
            estimator = given.pop("estimator", None)
            record.log_cross_validation(fit.run, name, estimator, given)
        try:
            with entering(scope):
                begin = time.perf_counter()
                result = original(*args, **kwargs)
                budget = Budget(time.perf_counter() - begin)
        except BaseException as error:
            with guard("sklearn failed cross-validation"):
                plan.abort(error)
            raise
        with guard("sklearn cross-validation results"), entering(Scope()):
            record.log_data(fit.run, x, y, "train", budget.total_s / 2)
            record_cross_validation(fit.run, name, result, plan, given)
            if name == "cross_val_predict":
                known = Fitted(fit.run, None, split="cv", budget=budget)
                evaluation.track(result, known, estimator, x, given.get("method", "predict"))
    return result


_GROUPS = {"learning_curve": "train_size", "validation_curve": "parameters"}
"""What makes candidates of the tasks of a cross-validation function."""
