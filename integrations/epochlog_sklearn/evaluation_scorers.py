"""Capture what scorers find out of a known model, and how it leans on its features."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from epochlog.plugins.api import guard
from epochlog_sklearn import evaluation, extract
from epochlog_sklearn import evaluation_naming as naming
from epochlog_sklearn.evaluation_meeting import split_name
from epochlog_sklearn.importance import feature_names
from epochlog_sklearn.models import fitted
from epochlog_sklearn.scope import Scope, current_scope, entering, wanted

FEATURES_MAX = 1000


def run_scorer(original: Callable[..., Any], scorer: Any, args: Any, kwargs: Any) -> Any:
    """Stand in for a scorer's call, ``get_scorer("roc_auc")(model, X, y)``: a test metric.

    Losses are recorded as such: scikit-learn turns their sign round so that more is better.
    """
    model = args[0] if args else kwargs.get("estimator")
    known = fitted.get(model)
    if known is None or current_scope() is not None or not wanted("metrics"):
        return original(scorer, *args, **kwargs)
    scope = evaluation.Scoring(model)
    with entering(scope):
        value = original(scorer, *args, **kwargs)
    with guard("sklearn scorer"), entering(Scope()), np.errstate(all="ignore"):
        given = dict(zip(("estimator", "X", "y_true", "sample_weight"), args, strict=False))
        given |= kwargs
        data = given["X"], given.get("y_true"), given.get("sample_weight")
        metrics = {}
        if evaluation.is_number(value):
            name = naming.metric_name(scorer._score_func, scorer._kwargs)
            metrics[name] = float(scorer._sign * value)
        evaluation.record_call(model, known, scope.caught, data, metrics)
    return value


def run_permutation_importance(original: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Stand in for ``permutation_importance``: its result is a plot.

    The scores of permuted data inside are nobody's test metrics.
    """
    if current_scope() is not None:
        return original(*args, **kwargs)
    with entering(Scope()):
        result = original(*args, **kwargs)
    if not wanted("importances"):
        return result
    with guard("sklearn permutation importance"), entering(Scope()):
        given = extract.signature_of(original).bind(*args, **kwargs).arguments
        model, x = given["estimator"], given["X"]
        known = fitted.get(model)
        plot = importance_plot(model, x, result)
        if known is not None and plot is not None:
            key = f"{split_name(known, x)}/permutation_importance"
            known.run.log_plot(key, "importance", plot, step=known.step)
    return result


def run_inspection(original: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Stand in for ``partial_dependence``: predictions for made-up rows are not remembered."""
    with entering(current_scope() or Scope()):
        return original(*args, **kwargs)


def importance_plot(model: Any, x: Any, result: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return plot data of kind ``importance`` of what ``permutation_importance`` returned."""
    several = {"permutation": result} if "importances_mean" in result else {}
    if not several:
        several = {f"permutation[{name}]": each for name, each in result.items()}
    means = {name: np.asarray(each["importances_mean"]) for name, each in several.items()}
    if not means or any(len(values) > FEATURES_MAX for values in means.values()):
        return None
    columns = getattr(x, "columns", None)
    count = len(next(iter(means.values())))
    names = list(columns) if columns is not None else feature_names(model, count)
    return {
        "features": [str(name) for name in names],
        "importance": {name: values.tolist() for name, values in means.items()},
        "std": {k: np.asarray(each["importances_std"]).tolist() for k, each in several.items()},
    }
