"""Say how much of an objective each param explains, from a study's trials, without Optuna."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochlog.query.studies import StudyView
from epochlog.query.studies_data import param_axis, param_names

METHOD = "variance explained"
BINS_MAX = 10


@dataclass(frozen=True, slots=True)
class Importance:
    """Share of each param, largest first; shares sum to 1 unless all are 0.

    Attributes:
        method: what was computed.
        explained: param -> adjusted share of the objective's variance that it explains alone.
        importances: the same, scaled to the sum 1.
    """

    objective: str
    method: str
    explained: dict[str, float]
    importances: dict[str, float]


def param_importances(study: StudyView, objective: int = 0) -> Importance:
    """Return how much of an objective's variance each param explains by itself.

    For each param, the complete trials with a finite value that have it are put into groups: one a
    choice, or for numbers up to ten groups of equal size by rank. The result is the share of the
    variance that lies between groups (eta squared), adjusted for their number as R squared is, so
    that a param without influence is near 0; below 0 counts as 0. Interactions count for none of
    the params involved. ``epochlog_optuna.param_importances`` uses Optuna's own evaluators instead.
    """
    found: dict[str, float] = {}
    for name in param_names(study):
        axis = param_axis(study, name)
        pairs = [
            (trial.params[name], trial.values[objective])
            for trial in study.trials
            if trial.complete and trial.values is not None and name in trial.params
        ]
        pairs = [(x, y) for x, y in pairs if math.isfinite(y)]
        numeric = axis.numeric and axis.choices is None
        found[name] = explained([x for x, _ in pairs], np.array([y for _, y in pairs]), numeric)
    found = dict(sorted(found.items(), key=lambda item: -item[1]))
    total = sum(found.values())
    shares = {name: value / total if total else 0.0 for name, value in found.items()}
    return Importance(study.objectives[objective], METHOD, found, shares)


def explained(x: list[Any], y: NDArray[np.float64], numeric: bool) -> float:
    """Return the adjusted share of the variance of ``y`` that groups of ``x`` explain."""
    if len(y) < 3:
        return 0.0
    y = y - y.mean()
    scale = np.abs(y).max()
    if not scale > 0 or not math.isfinite(scale):
        return 0.0
    y = y / scale  # the square of a large value would be infinite
    groups = _ranked_groups(np.array(x, float)) if numeric else _named_groups(x)
    count, sizes = int(groups.max()) + 1, np.bincount(groups)
    if count < 2 or count >= len(y):
        return 0.0
    sums = np.bincount(groups, weights=y)
    between, total = float((sums**2 / sizes).sum()), float((y**2).sum())
    adjusted = 1 - (1 - between / total) * (len(y) - 1) / (len(y) - count)
    return max(0.0, adjusted)


def _ranked_groups(x: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return a group number for each value: equal values share one, groups are of equal size."""
    distinct, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    groups = max(2, min(BINS_MAX, round(math.sqrt(len(x)))))
    if len(distinct) <= groups:
        return inverse.astype(np.intp)
    middle = np.cumsum(counts) - counts / 2
    place = np.floor(middle / len(x) * groups).astype(np.intp)
    return np.unique(place, return_inverse=True)[1][inverse].astype(np.intp)


def _named_groups(x: list[Any]) -> NDArray[np.intp]:
    names: dict[str, int] = {}
    return np.array([names.setdefault(f"{type(v).__name__} {v!r}", len(names)) for v in x])
