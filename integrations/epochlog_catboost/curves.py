"""Put the values of CatBoost's history on the x-axis: which iteration each one belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from epochlog_catboost.progress import Curve

History = Mapping[str, Mapping[str, Sequence[float]]]


@dataclass(slots=True)
class Axis:
    """How often a training evaluated.

    Attributes:
        iterations: how many it was meant to do.
        period: iterations from one evaluation to the next (``metric_period``).
        watched: (set, metric) that the overfitting detector looked at, in every iteration whatever
            the period; None without a detector.
    """

    iterations: int
    period: int = 1
    watched: Curve | None = None


@dataclass(slots=True)
class Points:
    """A training's curves, turned by iteration.

    Attributes:
        by_step: iteration -> (set, metric) -> value.
        last: the last iteration that was evaluated, -1 if none was.
    """

    by_step: dict[int, dict[Curve, float]] = field(default_factory=dict)
    last: int = -1

    def first(self, curve: Curve, value: float) -> int | None:
        """Return the first iteration at which a curve has this value."""
        return next((i for i, found in self.by_step.items() if found.get(curve) == value), None)


def flat(nested: Mapping[str, Mapping[str, Any]]) -> dict[Curve, Any]:
    """Return set -> metric -> something as (set, metric) -> something."""
    return {
        (name, metric): each for name, found in nested.items() for metric, each in found.items()
    }


def points_of(history: History, axis: Axis) -> Points:
    """Return the points of ``evals_result_``."""
    curves: dict[Curve, Sequence[float]] = flat(history)
    longest = max(map(len, curves.values()), default=0)
    uneven = any(0 < len(values) < longest for values in curves.values())
    points = Points()
    for curve, values in curves.items():
        every = curve == axis.watched or (uneven and len(values) == longest)
        for step, value in zip(steps_of(len(values), axis, every=every), values, strict=True):
            points.by_step.setdefault(step, {})[curve] = value
    points.by_step = dict(sorted(points.by_step.items()))
    points.last = max(points.by_step, default=-1)
    return points


def steps_of(count: int, axis: Axis, *, every: bool) -> Sequence[int]:
    """Return the iterations of a curve's values; the last iteration is evaluated in any case."""
    if every or axis.period <= 1:
        return range(count)
    return [min(i * axis.period, max(axis.iterations - 1, 0)) for i in range(count)]
