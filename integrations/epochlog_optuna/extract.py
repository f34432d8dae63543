"""Turn Optuna's objects into plain data: pure functions, nothing is recorded here."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from typing import Any

from epochlog.plugins.api import plain

STATUS = {"COMPLETE": "completed", "PRUNED": "pruned", "FAIL": "failed"}
"""Optuna's final states in our words."""

VALUE, BEST, INTERMEDIATE = "value", "best/value", "intermediate_value"
"""Curves: of a trial and its study; of the study; of a trial."""

_NESTED_MAX = 3


def distribution_data(distribution: Any) -> dict[str, Any]:
    """Return a distribution as ``{"name": class, …}`` with its bounds, step, log or choices."""
    from optuna.distributions import distribution_to_json

    try:
        found = json.loads(distribution_to_json(distribution))
    except TypeError:  # choices that are any objects
        found = {"name": type(distribution).__name__, "attributes": plain(distribution._asdict())}
    return {"name": found["name"], **found["attributes"]}


def component_params(prefix: str, component: Any, depth: int = 0) -> dict[str, Any]:
    """Return a sampler or pruner as params: its class under ``prefix``, its settings below it.

    Settings are what its constructor takes and the object still holds (seeds are not kept).
    """
    if component is None:
        return {}
    found: dict[str, Any] = {prefix: type(component).__name__}
    try:
        names = list(inspect.signature(type(component).__init__).parameters)[1:]
    except (TypeError, ValueError):
        return found
    # TPE keeps a part of its settings in a named tuple.
    parzen = getattr(component, "_parzen_estimator_parameters", None)
    for name in names:
        if name in ("seed", "rng"):
            continue
        for holder, attribute in ((component, f"_{name}"), (component, name), (parzen, name)):
            if holder is None or not hasattr(holder, attribute):
                continue
            found |= _setting(f"{prefix}.{name}", getattr(holder, attribute), depth)
            break
    return found


def _setting(name: str, value: Any, depth: int) -> dict[str, Any]:
    if value is None or isinstance(value, (bool, int, float, str)):
        return {name: value}
    if callable(value) and hasattr(value, "__qualname__"):
        return {name: value.__qualname__}
    if isinstance(value, (list, tuple, dict)):
        return {name: plain(value)}
    if depth < _NESTED_MAX and type(value).__module__.startswith("optuna"):
        return component_params(name, value, depth + 1)  # e.g. the pruner inside PatientPruner
    return {}


def direction_names(directions: Sequence[Any]) -> list[str]:
    """Return ``["minimize", "maximize"]``."""
    return [str(direction.name).lower() for direction in directions]


def value_keys(count: int, names: Sequence[str] | None) -> list[str]:
    """Return the metric names of the objectives: ``value``, or ``values/<name or number>``."""
    if names and len(names) == count:
        return [f"values/{name}" for name in names] if count > 1 else [VALUE]
    return [VALUE] if count == 1 else [f"values/{i}" for i in range(count)]


def constraints_of(trial: Any) -> dict[str, float]:
    """Return the constraints of a trial by name ("0", "1" … where they have none)."""
    found = getattr(trial, "constraints", None)  # since Optuna 5
    if isinstance(found, Mapping):
        return dict(found)
    listed = getattr(trial, "system_attrs", {}).get("constraints") or ()
    return {str(place): float(value) for place, value in enumerate(listed)}


def trial_facts(trial: Any, distributions: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of a trial besides the suggested params, all under ``trial.``.

    Args:
        trial: a FrozenTrial, or a Trial that is still running.
        distributions: plain data of its distributions by name.
    """
    found: dict[str, Any] = {"trial.distributions": dict(distributions)}
    for name, value in trial.user_attrs.items():
        found[f"trial.user_attrs.{name}"] = value
    if constraints := constraints_of(trial):
        found["trial.constraints"] = constraints
    system = getattr(trial, "system_attrs", {})
    if fixed := system.get("fixed_params"):
        found["trial.enqueued"] = dict(fixed)
    if (failed := system.get("failed_trial")) is not None:
        found["trial.retry_of"] = failed
    return found


def is_feasible(trial: Any) -> bool:
    """Return whether all constraints of a trial hold (without any, they do)."""
    return all(value <= 0.0 for value in constraints_of(trial).values())
