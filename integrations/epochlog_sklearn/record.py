"""Write what was read from a fitted estimator into its run, within a time budget."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

from epochlog.plugins.api import Budget, guard, patched
from epochlog_sklearn import extract
from epochlog_sklearn.importance import importances
from epochlog_sklearn.models import fitted
from epochlog_sklearn.names import name_in_caller
from epochlog_sklearn.scope import options, wanted
from epochlog_sklearn.signature import signature_of

_OWN_INTEGRATIONS = ("lightgbm", "catboost")
_BYTES_PER_S = 200e6  # a cautious guess of what pickling and hashing a model takes
_SKOPS_BYTES_PER_S = 5e6


def log_call(run: Any, estimator: Any, arguments: dict[str, Any]) -> None:
    """Log what is known before a fit: class, effective parameters, arguments of ``fit``."""
    run.log_params(
        {
            "model_class": type(estimator).__name__,
            "estimator.class": extract.class_path(estimator),
            **extract.estimator_params(estimator),
            **{f"fit.{name}": extract.describe(value) for name, value in arguments.items()},
        }
    )


def log_cross_validation(run: Any, name: str, estimator: Any, arguments: dict[str, Any]) -> None:
    """Log what is known before a cross-validation: function, estimator, arguments."""
    run.log_params({"cv.function": name})
    if estimator is not None:
        log_call(run, estimator, {})
    run.log_params({f"cv.{key}": extract.describe(value) for key, value in arguments.items()})


_IMPORTANCES_S = 1e-3  # reads an attribute


def log_fitted(run: Any, estimator: Any, budget: Budget, *, iterations: bool = True) -> None:
    """Log what fitting left behind: facts, curves, importances, the model itself.

    ``iterations`` is False for what learned by ``partial_fit``, where each call logged its own.
    """
    run.log_params(extract.facts(estimator, iterations=iterations))
    if iterations:
        with guard("sklearn curves"):
            log_curves(run, estimator)
    if (
        wanted("importances")
        and not _has_own_integration(estimator)
        and budget.allows(_IMPORTANCES_S)
    ):
        with guard("sklearn importances"), budget.spend():
            importance = importances(estimator)
            if importance is not None:
                run.log_plot("importance", "importance", importance)
    if wanted("models"):
        with guard("sklearn model"):
            log_model(run, estimator, budget)


def log_curves(run: Any, estimator: Any) -> None:
    """Log learning curves; those that share an x-axis share their points."""
    points: dict[int, dict[str, float]] = {}
    for key, steps, values in extract.curves(estimator):
        for step, value in zip(steps, values, strict=True):
            points.setdefault(step, {})[key] = value
    for step in sorted(points):
        run.log_metrics(points[step], step=step)


def log_model(run: Any, estimator: Any, budget: Budget) -> None:
    """Log the fitted model, for a search the best one, if writing it fits into the budget."""
    model = getattr(estimator, "best_estimator_", estimator)
    if hasattr(estimator, "cv_results_") and model is estimator:
        return  # a search without refit has no model
    if _recorded_by_its_own(model):
        return  # its own integration keeps the booster in a format that any language reads
    form = model_format(run)
    speed = _SKOPS_BYTES_PER_S if form == "skops" else _BYTES_PER_S
    what, size = f"sklearn {form or 'pickle'}", extract.size_bytes(model)
    estimate_s = budget.estimate_s(what, size, speed)
    if not budget.allows(estimate_s):
        run.log_notice(budget.skipped("the model", estimate_s), source="sklearn")
        return
    with budget.spend(what, size):
        known = fitted.get(estimator)
        x = known.train() if known is not None and known.train is not None else None
        schema: dict[str, Any] = {}
        with guard("sklearn signature"):
            schema = signature_of(model, x)
        meta = {"class": extract.class_path(model)}
        run.log_model(model, format=form, schema=schema, meta=meta)


def model_format(run: Any) -> str:
    """Return how to write models: as the option ``model_format`` says, "" for pickle.

    Without the option it is skops where the script itself has imported that: to import it takes
    seconds (it brings torch and pytest in), which no fit of a moment should cost.
    """
    asked = str(options.get("model_format") or "")
    if asked == "skops" and importlib.util.find_spec("skops") is None:
        run.log_notice("skops is not installed: the model is stored as pickle", source="sklearn")
        return ""
    return asked or ("skops" if "skops.io" in sys.modules else "")


def log_data(run: Any, x: Any, y: Any, role: str, budget_s: float, **more: Any) -> None:
    """Log a data set's fingerprint under the user's name for it; ``more``: weight, name."""
    if x is not None and wanted("datasets"):
        name = more.pop("name", "") or name_in_caller(x) or role
        run.log_dataset(x, name, role=role, target=y, budget_s=budget_s, **more)


def _has_own_integration(estimator: Any) -> bool:
    """Whether the innermost model's own framework records its importances in more detail."""
    return _recorded_by_its_own(extract.core_estimator(estimator))


def _recorded_by_its_own(model: Any) -> bool:
    package = type(model).__module__.partition(".")[0]
    return package in ("lightgbm", "xgboost", "catboost") and bool(patched(package))
