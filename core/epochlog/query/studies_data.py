"""Work out what a study's pictures show, from its trials alone: plain data, no drawing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochlog.base.errors import EpochlogError
from epochlog.query.studies import StudyTrial, StudyView


@dataclass(frozen=True, slots=True)
class History:
    """Values in order of trials, of one objective.

    Attributes:
        numbers: of the complete trials.
        values: what they reached.
        feasible: whether they keep their constraints.
        best: best feasible value up to each of them; NaN before there is one.
    """

    objective: str
    direction: str
    numbers: list[int]
    values: list[float]
    feasible: list[bool]
    best: list[float]


@dataclass(frozen=True, slots=True)
class ParamAxis:
    """What an axis of a param looks like: log and numeric or not; choices in the order given."""

    name: str
    numeric: bool
    log: bool
    choices: list[Any] | None


@dataclass(frozen=True, slots=True)
class Slice:
    """One param against one objective, a point per complete trial that has the param."""

    axis: ParamAxis
    objective: str
    numbers: list[int]
    x: list[Any]
    values: list[float]
    feasible: list[bool]


@dataclass(frozen=True, slots=True)
class Contour:
    """Two params and one objective: the points, of which a UI interpolates a surface."""

    x_axis: ParamAxis
    y_axis: ParamAxis
    objective: str
    numbers: list[int]
    x: list[Any]
    y: list[Any]
    values: list[float]
    feasible: list[bool]


@dataclass(frozen=True, slots=True)
class ParallelCoordinates:
    """One line per complete trial: ``rows[i][j]`` is trial ``numbers[i]``'s value of ``axes[j]``.

    A param that a trial doesn't have is None (conditional search spaces).
    """

    axes: list[ParamAxis]
    objective: str
    numbers: list[int]
    rows: list[list[Any]]
    values: list[float]


@dataclass(frozen=True, slots=True)
class Edf:
    """Share of complete trials whose value is at most ``x``, as steps: sorted x, y up to 1."""

    objective: str
    x: list[float]
    y: list[float]


@dataclass(frozen=True, slots=True)
class ParetoFront:
    """Values of complete trials and which of them no other dominates.

    Attributes:
        numbers, values: of all complete trials.
        feasible: whether each keeps its constraints.
        best: numbers of the trials on the front: feasible ones; equal ones are all on it.
    """

    objectives: list[str]
    directions: list[str]
    numbers: list[int]
    values: list[list[float]]
    feasible: list[bool]
    best: list[int]


@dataclass(frozen=True, slots=True)
class TimelineBar:
    """When one trial ran; ``ended`` is None while it runs."""

    number: int
    state: str
    feasible: bool
    started: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class IntermediateCurve:
    """What one trial reported."""

    number: int
    state: str
    steps: list[int]
    values: list[float]


def history(study: StudyView, objective: int = 0) -> History:
    """Return the optimization history of one objective."""
    _check(study, objective)
    trials = [trial for trial in study.trials if trial.complete]
    values, sign = _values(trials, objective), study.signs[objective]
    feasible = [trial.feasible for trial in trials]
    kept = np.array([v * sign if ok else np.inf for v, ok in zip(values, feasible, strict=True)])
    running = np.minimum.accumulate(kept) if len(kept) else kept
    seen = np.logical_or.accumulate(feasible) if feasible else np.array([], bool)
    best = [float(v * sign) if ok else math.nan for v, ok in zip(running, seen, strict=True)]
    return History(
        study.objectives[objective],
        study.directions[objective],
        [trial.number for trial in trials],
        values,
        feasible,
        best,
    )


def param_axis(study: StudyView, name: str) -> ParamAxis:
    """Return how a param's axis looks; raises EpochlogError if no trial has the param."""
    found = [trial for trial in study.trials if name in trial.params]
    if not found:
        raise EpochlogError(f"no trial has a param {name!r}; there are {param_names(study)}")
    specs = [trial.distributions.get(name, {}) for trial in found]
    choices: list[Any] | None = None
    if any("choices" in spec for spec in specs):
        choices = []
        for spec in specs:
            choices += [c for c in spec.get("choices", ()) if not _contains(choices, c)]
    numeric = all(_is_number(trial.params[name]) for trial in found)
    return ParamAxis(name, numeric, any(spec.get("log") for spec in specs), choices)


def param_names(study: StudyView) -> list[str]:
    """Return the names of all params that any trial has, in the order of their first use."""
    return list(dict.fromkeys(name for trial in study.trials for name in trial.params))


def param_slice(study: StudyView, name: str, objective: int = 0) -> Slice:
    """Return one param against one objective."""
    _check(study, objective)
    axis = param_axis(study, name)
    trials = _having(study, [name])
    return Slice(
        axis,
        study.objectives[objective],
        [trial.number for trial in trials],
        [trial.params[name] for trial in trials],
        _values(trials, objective),
        [trial.feasible for trial in trials],
    )


def contour(study: StudyView, x: str, y: str, objective: int = 0) -> Contour:
    """Return two params against one objective."""
    _check(study, objective)
    x_axis, y_axis = param_axis(study, x), param_axis(study, y)
    trials = _having(study, [x, y])
    return Contour(
        x_axis,
        y_axis,
        study.objectives[objective],
        [trial.number for trial in trials],
        [trial.params[x] for trial in trials],
        [trial.params[y] for trial in trials],
        _values(trials, objective),
        [trial.feasible for trial in trials],
    )


def parallel_coordinates(
    study: StudyView, params: Sequence[str] | None = None, objective: int = 0
) -> ParallelCoordinates:
    """Return every complete trial as a line over the params (None: all)."""
    _check(study, objective)
    names = param_names(study) if params is None else list(params)
    trials = [trial for trial in study.trials if trial.complete]
    return ParallelCoordinates(
        [param_axis(study, name) for name in names],
        study.objectives[objective],
        [trial.number for trial in trials],
        [[trial.params.get(name) for name in names] for trial in trials],
        _values(trials, objective),
    )


def edf(study: StudyView, objective: int = 0) -> Edf:
    """Return the empirical distribution function of one objective over the complete trials."""
    _check(study, objective)
    values = np.sort(_values([t for t in study.trials if t.complete], objective))
    x, counts = np.unique(values, return_counts=True)
    share = np.cumsum(counts) / max(1, len(values))
    return Edf(study.objectives[objective], x.tolist(), share.tolist())


def pareto_front(study: StudyView) -> ParetoFront:
    """Return which trials are best: no other is at least as good in all and better in one."""
    trials = [trial for trial in study.trials if trial.complete]
    feasible = [trial.feasible for trial in trials]
    candidates = [trial for trial in trials if trial.feasible]
    values = np.array([trial.values for trial in candidates], float)
    losses = values.reshape(len(candidates), len(study.signs)) * np.array(study.signs, float)
    on_front = _undominated(losses)
    return ParetoFront(
        list(study.objectives),
        list(study.directions),
        [trial.number for trial in trials],
        [list(trial.values or ()) for trial in trials],
        feasible,
        [trial.number for trial, on in zip(candidates, on_front, strict=True) if on],
    )


def timeline(study: StudyView) -> list[TimelineBar]:
    """Return when each trial ran, by number."""
    return [
        TimelineBar(trial.number, trial.state, trial.feasible, trial.started, trial.ended)
        for trial in study.trials
        if trial.started is not None
    ]


def intermediate_curves(study: StudyView) -> list[IntermediateCurve]:
    """Return what the trials reported while they ran, by number."""
    return [
        IntermediateCurve(trial.number, trial.state, [s for s, _ in points], [v for _, v in points])
        for trial, points in study.intermediate_values()
    ]


def _undominated(losses: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which rows no other row dominates; all columns are to be small.

    Rows are sorted first, so a row can only be dominated by one before it; the front is kept apart,
    and each row is compared with it alone.
    """
    found = np.zeros(len(losses), bool)
    if not len(losses):
        return found
    order = np.lexsort(losses.T[::-1])
    front = np.empty_like(losses)
    size = 0
    for place in order:
        row = losses[place]
        known = front[:size]
        worse = (known <= row).all(axis=1) & (known < row).any(axis=1)
        if not worse.any():
            front[size] = row
            size += 1
            found[place] = True
    return found


def _having(study: StudyView, names: Sequence[str]) -> list[StudyTrial]:
    return [t for t in study.trials if t.complete and all(name in t.params for name in names)]


def _values(trials: Sequence[StudyTrial], objective: int) -> list[float]:
    return [trial.values[objective] for trial in trials if trial.values is not None]


def _check(study: StudyView, objective: int) -> None:
    if not 0 <= objective < len(study.directions):
        raise EpochlogError(
            f"no objective {objective}; {study.name!r} has {list(study.objectives)}"
        )


def _contains(choices: Sequence[Any], choice: Any) -> bool:
    """Whether it is one of them; 1, 1.0 and True are different choices."""
    return any(type(each) is type(choice) and each == choice for each in choices)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
