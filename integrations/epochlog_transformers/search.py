"""Record `Trainer.hyperparameter_search`: one run with a child for each trial."""

from __future__ import annotations

from typing import Any

from epochlog.plugins.api import FitScope, IntegrationOptions, guard, open_fit, patched
from epochlog_transformers.active import searching
from epochlog_transformers.training import Function, arguments, model_name, writes

SOURCE = "transformers"


def record_search(
    original: Function,
    options: IntegrationOptions,
    trainer: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Call ``hyperparameter_search`` and record it; Optuna's study is the run if it is recorded."""
    del options
    given = arguments(original, trainer, args, kwargs)
    if given is None or not writes(trainer) or _recorded_by_optuna(given):
        return original(trainer, *args, **kwargs)
    scope: FitScope | None = None
    with guard("transformers before search"):
        scope = open_fit(model_name(trainer), source=SOURCE, kind="search")
    if scope is None:
        return original(trainer, *args, **kwargs)
    with scope:
        with guard("transformers search params"):
            plain = {k: v for k, v in given.items() if isinstance(v, (bool, int, float, str, list))}
            scope.run.log_params({f"search.{name}": value for name, value in plain.items()})
        with searching(trainer):
            result = original(trainer, *args, **kwargs)
        with guard("transformers after search"):
            _log_best(scope, result)
        return result


def _recorded_by_optuna(given: dict[str, Any]) -> bool:
    backend = given.get("backend")
    name = str(getattr(backend, "value", backend) or "optuna")
    return name == "optuna" and bool(patched("optuna"))


def _log_best(scope: FitScope, result: Any) -> None:
    """Record the best trial (of a search with one objective)."""
    objective = getattr(result, "objective", None)
    if isinstance(objective, (int, float)):
        scope.run.log_metrics({"best/objective": objective})
        params = {f"best_params.{k}": v for k, v in dict(result.hyperparameters).items()}
        scope.run.log_params({"best_trial": result.run_id, **params})
