"""Gather the metric points of a batch of events into columns, curve by curve."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from epochlog.contract.events import (
    AnyEvent,
    Event,
    JournalOpened,
    MetricPoints,
    SystemMetricPoints,
)
from epochlog.store.codec import Array, FloatArray, Points, join
from epochlog.store.typed import MAX_FLOAT

METRIC, SYSTEM_METRIC = 0, 1
"""Values of the column ``series.kind``."""


@dataclass(slots=True)
class Curve:
    """New points of one series in the order they were logged.

    Where ``missing`` is True the step is "the next one", which only the store can tell; None
    means that no step is missing.
    """

    run: str
    key: str
    kind: int
    context: str
    points: Points
    missing: Array | None = None


@dataclass(slots=True)
class Gathered:
    """A batch, sorted.

    Attributes:
        curves: metric points, each curve once.
        others: all other events in their order.
        latest: time of each run's last event.
    """

    curves: list[Curve]
    others: list[Event]
    latest: dict[str, int]


class _Calls:
    """Calls that logged the same metrics of the same run: one row a call, one column a metric."""

    __slots__ = ("events", "places")

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.places: list[int] = []


def gather(events: Sequence[AnyEvent]) -> Gathered:
    """Sort ``events``: points into curves, the rest aside; first frames of journals are dropped."""
    groups: dict[tuple[Any, ...], _Calls] = {}
    find = groups.get
    others: list[Event] = []
    event: Any
    for place, event in enumerate(events):
        # This loop runs once a call of log_metrics: every line of it is on the bill.
        kind = type(event)
        if kind is MetricPoints or kind is SystemMetricPoints:
            name = (kind, event.run, event.context, tuple(event.metrics))
            calls = find(name)
            if calls is None:
                calls = groups[name] = _Calls()
            calls.events.append(event)
            calls.places.append(place)
        elif kind is not JournalOpened:
            others.append(event)
    latest: dict[str, int] = {}
    curves = _curves(groups, latest)
    for other in others:
        if other.at > latest.get(other.run, -1):
            latest[other.run] = other.at
    return Gathered(curves, others, latest)


def _curves(groups: dict[tuple[Any, ...], _Calls], latest: dict[str, int]) -> list[Curve]:
    found: dict[tuple[str, int, str, str], list[tuple[Curve, list[int]]]] = {}
    for (event_type, run, context, keys), calls in groups.items():
        kind = METRIC if event_type is MetricPoints else SYSTEM_METRIC
        count = len(calls.events)
        times = np.fromiter((event.at for event in calls.events), np.int64, count)
        latest[run] = max(latest.get(run, -1), int(times.max()))
        steps, missing, epochs = _axes(calls.events, kind)
        rows = chain.from_iterable([event.metrics.values() for event in calls.events])
        table = np.fromiter(rows, np.float64, count * len(keys)).reshape(count, len(keys))
        for key, values in zip(keys, np.ascontiguousarray(table.T), strict=True):
            curve = Curve(run, key, kind, context, Points(steps, times, values, epochs), missing)
            found.setdefault((run, kind, context, key), []).append((curve, calls.places))
    return [parts[0][0] if len(parts) == 1 else _merge(parts) for parts in found.values()]


def _axes(events: list[Any], kind: int) -> tuple[Array, Array | None, FloatArray | None]:
    """Return (steps, where they are missing, epochs) of calls; the last two may be None."""
    if kind == SYSTEM_METRIC:  # time is their axis
        return np.zeros(len(events), np.int64), np.ones(len(events), bool), None
    steps, missing = _steps([event.step for event in events])
    return steps, missing, _epochs([event.epoch for event in events])


def _merge(parts: list[tuple[Curve, list[int]]]) -> Curve:
    """Return one curve of several that different sets of metrics were logged with."""
    order = np.argsort(np.concatenate([np.array(places) for _, places in parts]), kind="stable")
    all_points = join([curve.points for curve, _ in parts])
    missing = None
    if any(curve.missing is not None for curve, _ in parts):
        masks = [
            np.zeros(len(c.points), bool) if c.missing is None else c.missing for c, _ in parts
        ]
        missing = np.concatenate(masks)[order]
    epochs = None if all_points.epochs is None else all_points.epochs[order]
    first = parts[0][0]
    points = Points(
        all_points.steps[order], all_points.times[order], all_points.values[order], epochs
    )
    return Curve(first.run, first.key, first.kind, first.context, points, missing)


def _steps(steps: list[Any]) -> tuple[Array, Array | None]:
    """Return (int64 or float64 steps, where they are missing or None)."""
    try:
        return np.frombuffer(array("q", steps), np.int64), None
    except (TypeError, OverflowError):
        pass
    missing = np.array([step is None or step != step for step in steps])  # NaN is no place
    known = [0 if gone else step for step, gone in zip(steps, missing, strict=True)]
    try:
        whole: Array = np.frombuffer(array("q", known), np.int64)
    except (TypeError, OverflowError):
        whole = np.array([float(step) for step in known])
    return whole, missing if missing.any() else None


def _epochs(epochs: list[Any]) -> FloatArray | None:
    if epochs.count(None) == len(epochs):
        return None
    return np.array([np.nan if epoch is None else float(epoch) for epoch in epochs])


def fill_steps(curve: Curve, last: float | None) -> Points:
    """Return the curve's points with missing steps counted on.

    A missing step is one more than the largest so far, rounded down; the first of all is 0.

    Args:
        curve: points to add.
        last: the largest step stored so far, None if there is none.
    """
    points, missing = curve.points, curve.missing
    if missing is None:
        return points
    steps: Any = points.steps
    known = steps[~missing]
    highest = max([_after(last), *([_after(known.max().item())] if len(known) else [])])
    if highest + len(points) >= 2**63:  # no integer comes next: floats, which may then repeat
        steps = steps.astype(np.float64)
    if len(known) == 0:
        steps = _after(last) + np.arange(len(points), dtype=steps.dtype)
    else:
        steps = steps.copy()
        for place, gone in enumerate(missing):
            if gone:
                steps[place] = _after(last)
            step = steps[place].item()
            last = step if last is None else max(last, step)
    return Points(steps, points.times, points.values, points.epochs)


def _after(step: float | None) -> int:
    return 0 if step is None else int(min(max(step, -MAX_FLOAT), MAX_FLOAT) // 1) + 1
