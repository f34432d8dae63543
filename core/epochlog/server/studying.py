"""Answer GET api/runs/{id}/study: what a study's pictures show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from epochlog.query import studies_data
from epochlog.query.studies import StudyTrial, StudyView
from epochlog.query.studies_importance import param_importances
from epochlog.server.answers import Refused
from epochlog.server.detail import run_of
from epochlog.server.library import Library
from epochlog.server.values import cell, cut, document, micros, number


def study_part(
    library: Library, ref: str, part: str, objective: int, params: list[str]
) -> dict[str, Any]:
    """Return one part: summary, history, importance, slice, contour and so on."""
    study = run_of(library, ref).study()
    make = _PARTS.get(part)
    if make is None:
        raise Refused(f"no part {part!r}; there are {', '.join(_PARTS)}")
    return make(study, objective, params)


def _summary(study: StudyView, _: int, __: list[str]) -> dict[str, Any]:
    best = study.best
    trials = study.trials
    return {
        "name": cut(study.name),
        "objectives": list(study.objectives),
        "directions": list(study.directions),
        "best": None if best is None else next(i for i, t in enumerate(trials) if t is best),
        "params": studies_data.param_names(study),
        "trials": [_trial(trial) for trial in trials],
        "user_attrs": document(study.user_attrs),
    }


def _trial(trial: StudyTrial) -> dict[str, Any]:
    return {
        "run": trial.run,
        "number": trial.number,
        "state": trial.state,
        "values": None if trial.values is None else [number(v) for v in trial.values],
        "params": {name: cell(value) for name, value in trial.params.items()},
        "constraints": document(trial.constraints),
        "feasible": trial.feasible,
        "started": micros(trial.started),
        "ended": micros(trial.ended),
        "duration_s": trial.duration_s,
    }


def _plain(data: Any) -> dict[str, Any]:
    """Return a dataclass with its values as cells, its axes as they are."""
    found: dict[str, Any] = asdict(data) if not isinstance(data, Mapping) else dict(data)
    for name, value in found.items():
        if isinstance(value, list) and name not in ("axes", "rows", "values"):
            found[name] = [cell(each) for each in value]
        elif name in ("rows", "values") and isinstance(value, list):
            found[name] = [
                [cell(each) for each in row] if isinstance(row, list) else cell(row)
                for row in value
            ]
        else:
            found[name] = document(value)
    return found


def _slice(study: StudyView, objective: int, params: list[str]) -> dict[str, Any]:
    if len(params) != 1:
        raise Refused("a slice needs one param")
    return _plain(studies_data.param_slice(study, params[0], objective))


def _contour(study: StudyView, objective: int, params: list[str]) -> dict[str, Any]:
    if len(params) != 2:
        raise Refused("a contour needs two params")
    x, y = params
    return _plain(studies_data.contour(study, x, y, objective))


def _parallel(study: StudyView, objective: int, params: list[str]) -> dict[str, Any]:
    found = studies_data.parallel_coordinates(study, params or None, objective)
    having = [trial.params for trial in study.trials if trial.complete]
    names = [axis.name for axis in found.axes]
    plain = _plain(found)
    # A param that a trial doesn't have is null; None as a value is another thing.
    plain["rows"] = [[cell(own[n]) if n in own else None for n in names] for own in having]
    return plain


def _timeline(study: StudyView, _: int, __: list[str]) -> dict[str, Any]:
    return {
        "bars": [
            {"number": bar.number, "state": bar.state, "feasible": bar.feasible,
             "started": micros(bar.started), "ended": micros(bar.ended)}
            for bar in studies_data.timeline(study)
        ]
    }  # fmt: skip


def _intermediate(study: StudyView, _: int, __: list[str]) -> dict[str, Any]:
    return {"curves": [_plain(curve) for curve in studies_data.intermediate_curves(study)]}


_PARTS: dict[str, Callable[[StudyView, int, list[str]], dict[str, Any]]] = {
    "summary": _summary,
    "history": lambda study, objective, _: _plain(studies_data.history(study, objective)),
    "importance": lambda study, objective, _: _plain(param_importances(study, objective)),
    "slice": _slice,
    "contour": _contour,
    "parallel": _parallel,
    "edf": lambda study, objective, _: _plain(studies_data.edf(study, objective)),
    "pareto": lambda study, _, __: _plain(studies_data.pareto_front(study)),
    "timeline": _timeline,
    "intermediate": _intermediate,
}
