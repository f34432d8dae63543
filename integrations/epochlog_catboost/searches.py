"""Record CatBoost's own ``grid_search`` and ``randomized_search``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from epochlog.plugins.api import IntegrationOptions, Run, guard, open_fit, tell_fitted
from epochlog_catboost.datasets import log_datasets
from epochlog_catboost.facts import call_params, describe, passed_params
from epochlog_catboost.names import cv_keys
from epochlog_catboost.training import SOURCE, Original, bound


def record_search(
    original: Original, options: IntegrationOptions, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call ``_tune_hyperparams`` and record it; the final fit inside joins the same run.

    CatBoost evaluates the candidates inside its own code and tells nothing of each: the run has
    what was searched, the best parameters, and the curves of their cross-validation.
    """
    call = bound(original, args, kwargs)
    if call is None:
        return original(*args, **kwargs)
    model = args[0]
    with open_fit(type(model).__name__, source=SOURCE, kind="search") as fit:
        with guard("catboost before search"):
            _log_start(fit.run, model, call.arguments, options)
        result = original(*call.args, **call.kwargs)
        with guard("catboost after search"):
            _log_result(fit.run, model, result)
            if model.is_fitted():
                tell_fitted(fit.run, model, call.arguments.get("X"))
        return result


def _log_start(
    run: Run, model: Any, arguments: Mapping[str, Any], options: IntegrationOptions
) -> None:
    given = dict(arguments)
    grid = given.pop("param_grid", None)
    random = given.pop("n_iter", -1) != -1
    if random:
        given["n_iter"] = arguments["n_iter"]
    search = {f"search.{key[4:]}": value for key, value in call_params(given).items()}
    grids = [grid] if isinstance(grid, Mapping) else list(grid or ())
    for number, each in enumerate(grids):
        name = "search.param_grid" if len(grids) == 1 else f"search.param_grid.{number}"
        search |= {f"{name}.{key}": describe(_listed(values)) for key, values in each.items()}
    search["search.function"] = "randomized_search" if random else "grid_search"
    model_params = {"model_class": type(model).__name__} | passed_params(model.get_params())
    run.log_params(model_params | search)
    if options.get("datasets", True):
        log_datasets(run, {"X": arguments.get("X"), "y": arguments.get("y")})


def _listed(values: Any) -> Any:
    """Return what is tried for one parameter; an iterator must not be consumed."""
    return list(values) if hasattr(values, "__len__") and len(values) <= 50 else values


def _log_result(run: Run, model: Any, result: Mapping[str, Any]) -> None:
    run.log_params({f"best.{name}": describe(v) for name, v in result["params"].items()})
    table = result.get("cv_results")
    if table is None:
        return
    columns = {str(name): list(table[name]) for name in table}
    params = model.get_params() | dict(result["params"])
    keys = cv_keys(columns, params.get("loss_function") or _default_loss(columns))
    for index, step in enumerate(columns.get("iterations", ())):
        run.log_metrics(
            {key: float(columns[column][index]) for column, key in keys.items()}, int(step)
        )
    run.log_metric_aliases({key: column for column, key in keys.items()})


def _default_loss(columns: Mapping[str, Any]) -> str | None:
    """Return the metric that was evaluated, if it is only one: the objective."""
    metrics = {c.partition("-")[2].rpartition("-")[0] for c in columns if c.startswith("test-")}
    return metrics.pop() if len(metrics) == 1 else None
