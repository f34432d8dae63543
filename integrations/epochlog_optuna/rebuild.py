"""Make an Optuna study again from what was recorded: in memory, trial by trial, no pickle."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from epochlog.plugins.api import pausing

if TYPE_CHECKING:
    import optuna


def load_study(run: Any) -> optuna.Study:
    """Return the study that ``run`` records as an ``optuna.Study`` in memory.

    Finished trials come back with params, distributions, values, state, intermediate values, user
    attributes, constraints and times. They are numbered anew if some were never recorded. Sampler
    and pruner are Optuna's defaults: pass the trials on to a study of your own to go on with.

    Args:
        run: of kind study, as ``epochlog.get_run`` or ``epochlog.runs`` return it.

    Raises:
        EpochlogError: the run is of another kind.
    """
    import optuna

    recorded = run.study()
    reported = {trial.number: dict(points) for trial, points in recorded.intermediate_values()}
    with pausing():  # what is read back is not recorded again
        study = optuna.create_study(study_name=recorded.name, directions=list(recorded.directions))
        for name, value in recorded.user_attrs.items():
            study.set_user_attr(name, value)
        if run.params.get("metric_names"):
            study.set_metric_names(list(recorded.objectives))
        for trial in recorded.trials:
            if trial.state in ("COMPLETE", "PRUNED", "FAIL"):
                study.add_trial(_frozen(trial, reported.get(trial.number, {})))
    return study


def param_importances(
    run: Any,
    *,
    evaluator: Any = None,
    params: list[str] | None = None,
    target: Callable[[Any], float] | None = None,
) -> dict[str, float]:
    """Return ``optuna.importance.get_param_importances`` of a recorded study.

    Args:
        run: of kind study.
        evaluator: one of ``optuna.importance``; None is Optuna's default.
        params: names; None is all.
        target: value of a frozen trial; needed for several objectives.
    """
    import optuna

    return dict(
        optuna.importance.get_param_importances(
            load_study(run), evaluator=evaluator, params=params, target=target
        )
    )


def _frozen(trial: Any, intermediate_values: dict[int, float]) -> optuna.trial.FrozenTrial:
    """Return a recorded trial as Optuna's own object."""
    from optuna.trial import TrialState, create_trial

    distributions = _distributions(trial)
    unnamed = [str(place) for place in range(len(trial.constraints))]
    system: dict[str, Any] = {}
    if trial.constraints and list(trial.constraints) == unnamed:
        system["constraints"] = tuple(trial.constraints.values())
    else:  # named ones, since Optuna 5
        system |= {f"constraints:{name}": value for name, value in trial.constraints.items()}
    if "enqueued" in trial.system:
        system["fixed_params"] = dict(trial.system["enqueued"])
    frozen = create_trial(
        state=TrialState[trial.state],
        values=None if trial.values is None else list(trial.values),
        params={name: trial.params[name] for name in distributions},
        distributions=distributions,
        user_attrs=dict(trial.user_attrs),
        system_attrs=system,
        intermediate_values=intermediate_values,
    )
    frozen.datetime_start = _local(trial.started)
    frozen.datetime_complete = _local(trial.ended)
    return frozen


def _distributions(trial: Any) -> dict[str, Any]:
    """Return the distributions of a trial's params that can be made again.

    Choices that were any objects were recorded as texts: a param with such a value is left out.
    """
    from optuna.distributions import json_to_distribution

    found: dict[str, Any] = {}
    for name, spec in trial.distributions.items():
        attributes = {key: value for key, value in spec.items() if key != "name"}
        made = json_to_distribution(json.dumps({"name": spec["name"], "attributes": attributes}))
        try:
            inside = made._contains(made.to_internal_repr(trial.params[name]))
        except (KeyError, ValueError):
            continue
        if inside:
            found[name] = made
    return found


def _local(moment: datetime | None) -> datetime | None:
    """Return a time as Optuna keeps it: local, without a zone."""
    return None if moment is None else moment.astimezone().replace(tzinfo=None)
