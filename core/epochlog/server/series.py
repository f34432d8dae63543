"""Answer POST api/series: many curves of many runs, as wide as the chart that shows them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from epochlog.server.answers import Refused
from epochlog.server.asking import SeriesRequest
from epochlog.server.bucketing import band, bucketed, edges, nonfinite, starts_of
from epochlog.server.curves import CurveRow, Curves, find_curves
from epochlog.server.frames import Body
from epochlog.server.library import Library
from epochlog.server.points import Points
from epochlog.server.selecting import pks_of
from epochlog.server.smoothing import smooth
from epochlog.store.schema import execution

LINES_MAX = 20_000

Array = NDArray[np.float64]


@dataclass(slots=True)
class Line:
    """One curve on its way.

    Attributes:
        x: finite places, ascending but for an x axis that is a metric.
        range: smallest and largest place, None if there is none.
    """

    run: int
    metric: int
    context: str
    row: CurveRow
    x: Array = field(default_factory=lambda: np.empty(0))
    y: Array = field(default_factory=lambda: np.empty(0))
    range: tuple[float, float] | None = None
    ascending: bool = True
    smooth: Array | None = None
    problem: str = ""


def series_frame(library: Library, curves: Curves, asked: SeriesRequest) -> bytes:
    """Return the binary answer (see `epochlog.server.frames`)."""
    began = time.perf_counter()
    cursor = library.cursor
    lines = _load(library, curves, asked)
    shown = _shown_range(lines, asked.range)
    body = Body()
    if asked.groups is None:
        answers = [_line(line, asked, shown, body) for line in lines]
    else:
        answers = list(_bands(lines, asked, shown, body))
    y_range = _merged([answer.pop("y_range") for answer in answers])
    header = {
        "lines": answers,
        "x_range": _merged([line.range for line in lines]),
        "y_range": y_range,
        "cursor": cursor,
        "took_ms": round((time.perf_counter() - began) * 1e3, 2),
    }
    return body.frame(header)


def _load(library: Library, curves: Curves, asked: SeriesRequest) -> list[Line]:
    reader = library.reader
    found = pks_of(reader, asked.runs)
    pks = [found.get(run) for run in asked.runs]
    wanted = [pk for pk in pks if pk is not None]
    by_metric = find_curves(reader, wanted, asked.metrics)
    lines = [
        Line(place, metric, row.context, row)
        for metric, of_runs in enumerate(by_metric)
        for place, pk in enumerate(pks)
        for row in (of_runs.get(pk, ()) if pk is not None else ())
    ]
    if len(lines) > LINES_MAX:
        raise Refused(f"that is {len(lines):,} curves; ask for {LINES_MAX:,} at most")
    points = curves.read(reader, [line.row for line in lines])
    started = _started(reader, wanted) if asked.x == "relative" else {}
    others = _others(library, curves, wanted, asked)
    for line in lines:
        _place(line, points[line.row.pk], asked, started, others)
        if asked.smooth is not None and len(line.y):
            line.smooth = _smoothed(line, curves, asked)
    return lines


def _started(reader: Any, pks: Sequence[int]) -> dict[int, float]:
    found: dict[int, float] = {}
    for start in range(0, len(pks), 500):
        c = execution.c
        statement = select(c.pk, c.started_at, c.created_at)
        for pk, started, created in reader.rows(
            statement.where(c.pk.in_(pks[start : start + 500]))
        ):
            found[pk] = (started or created) / 1e6
    return found


def _others(
    library: Library, curves: Curves, pks: Sequence[int], asked: SeriesRequest
) -> dict[int, Points]:
    """Return the curves that are the x axis, by run."""
    if asked.x != "metric":
        return {}
    if asked.x_metric is None:
        raise Refused("x=metric needs x_metric")
    found = find_curves(library.reader, pks, [asked.x_metric])[0]
    rows = {run: rows[0] for run, rows in found.items()}
    points = curves.read(library.reader, list(rows.values()))
    return {run: points[row.pk] for run, row in rows.items()}


def _place(
    line: Line,
    points: Points,
    asked: SeriesRequest,
    started: dict[int, float],
    others: dict[int, Points],
) -> None:
    """Give a line its x axis."""
    y = points.values
    if asked.x == "step":
        x: Array | None = points.steps
    elif asked.x == "epoch":
        x = points.epochs
    elif asked.x == "wall":
        x = points.times
    elif asked.x == "relative":
        x = points.times - started.get(line.row.run_pk, 0.0)
    else:
        other = others.get(line.row.run_pk)
        x = None if other is None else _at_steps(other, points.steps)
    if x is None:
        what = "epochs" if asked.x == "epoch" else "such metric for the x axis"
        line.problem = f"no {what} was logged" if asked.x == "metric" else f"no {what} were logged"
        return
    placed = np.isfinite(x)
    if not placed.all():
        x, y = x[placed], y[placed]
    line.ascending = not bool((x[1:] < x[:-1]).any())
    if not line.ascending and (asked.x != "metric" or len(x) > 2 * asked.buckets):
        order = np.argsort(x, kind="stable")
        x, y = x[order], y[order]
        line.ascending = True
    line.x, line.y = x, y
    if len(x):
        line.range = (
            (float(x[0]), float(x[-1])) if line.ascending else (float(x.min()), float(x.max()))
        )


def _at_steps(other: Points, steps: Array) -> Array:
    """Return the other curve's values at these steps; NaN where it has none."""
    if not len(other.steps):
        return np.full(len(steps), np.nan)
    place = np.searchsorted(other.steps, steps, "right") - 1
    exact = (place >= 0) & (other.steps[np.maximum(place, 0)] == steps)
    return np.where(exact, other.values[np.maximum(place, 0)], np.nan)


def _smoothed(line: Line, curves: Curves, asked: SeriesRequest) -> Array:
    assert asked.smooth is not None
    key = (line.row.pk, asked.x, asked.x_metric, asked.smooth)
    kept = curves.kept(key, line.row.mark) if asked.x != "metric" else None
    if kept is not None:
        return np.asarray(kept)
    found = smooth(line.x, line.y, asked.smooth.method, asked.smooth.weight)
    if asked.x != "metric":
        curves.keep(key, line.row.mark, found, found.nbytes)
    return found


def _shown_range(
    lines: Sequence[Line], asked: tuple[float | None, float | None]
) -> tuple[float, float]:
    whole = _merged([line.range for line in lines]) or (0.0, 0.0)
    low = whole[0] if asked[0] is None else asked[0]
    high = whole[1] if asked[1] is None else asked[1]
    return low, max(low, high)


def _line(
    line: Line, asked: SeriesRequest, shown: tuple[float, float], body: Body
) -> dict[str, Any]:
    x, y, s = line.x, line.y, line.smooth
    inside = len(x)
    if asked.range != (None, None) and len(x) and line.ascending:
        first, last = np.searchsorted(x, shown[0], "left"), np.searchsorted(x, shown[1], "right")
        inside = int(last - first)
        chosen = slice(max(int(first) - 1, 0), int(last) + 1)  # with a neighbour on either side
        x, y, s = x[chosen], y[chosen], None if s is None else s[chosen]
    inner = edges(*shown, asked.buckets)
    whole = len(x) <= 2 * asked.buckets or not line.ascending
    arrays = {"x": x, "y": y} if whole else bucketed(x, y, inner)
    if s is not None:
        if whole:
            arrays["smooth"] = s
        else:
            starts = starts_of(x, inner)
            arrays["smooth"] = s[np.append(starts[1:], len(x)) - 1]
    odd = nonfinite(x, y, inner) if line.ascending else nonfinite(x[:0], y[:0], inner)
    arrays.update({name: places for name, (_, places) in odd.items() if len(places)})
    answer = {
        "run": line.run,
        "group": -1,
        "metric": line.metric,
        "context": line.context,
        "total": line.row.count,
        "inside": inside,
        "form": "points" if whole else "buckets",
        "x_range": line.range,
        "nonfinite": {name: count for name, (count, _) in odd.items()},
        "arrays": {name: body.add(array) for name, array in arrays.items()},
        "y_range": _extent([y] if whole else [arrays["min"], arrays["max"]]),
    }
    return {**answer, "problem": line.problem} if line.problem else answer


def _bands(
    lines: Sequence[Line], asked: SeriesRequest, shown: tuple[float, float], body: Body
) -> Iterator[dict[str, Any]]:
    """Yield a line for each group, metric and context."""
    for place, members in enumerate(asked.groups or ()):
        inside = set(members)
        own = [line for line in lines if line.run in inside and len(line.x)]
        for metric, context in dict.fromkeys((line.metric, line.context) for line in own):
            part = [line for line in own if (line.metric, line.context) == (metric, context)]
            yield _band(part, asked, shown, body, place)


def _band(
    lines: Sequence[Line], asked: SeriesRequest, shown: tuple[float, float], body: Body, group: int
) -> dict[str, Any]:
    curves = []
    for line in lines:
        keep = (line.x >= shown[0]) & (line.x <= shown[1])
        curves.append((line.x[keep], line.y[keep]))
    arrays = dict(band(curves, *shown, asked.buckets))
    if asked.smooth is not None and len(arrays["x"]):
        arrays["smooth"] = smooth(
            arrays["x"], arrays["mean"], asked.smooth.method, asked.smooth.weight
        )
    return {
        "run": -1,
        "group": group,
        "metric": lines[0].metric,
        "context": lines[0].context,
        "total": sum(line.row.count for line in lines),
        "inside": sum(len(x) for x, _ in curves),
        "form": "band",
        "x_range": _merged([line.range for line in lines]),
        "nonfinite": {"nan": 0, "inf": 0, "ninf": 0},
        "arrays": {name: body.add(array) for name, array in arrays.items()},
        "y_range": _extent([arrays["min"], arrays["max"]]),
    }


def _extent(arrays: Sequence[Array]) -> tuple[float, float] | None:
    found = [a[np.isfinite(a)] for a in arrays]
    found = [a for a in found if len(a)]
    if not found:
        return None
    return min(float(a.min()) for a in found), max(float(a.max()) for a in found)


def _merged(ranges: Sequence[tuple[float, float] | None]) -> tuple[float, float] | None:
    there = [each for each in ranges if each is not None]
    if not there:
        return None
    return min(low for low, _ in there), max(high for _, high in there)
