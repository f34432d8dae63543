"""The parts of ``epochlog show`` that are about numbers: results, curves, parameters, hardware."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from epochlog.cli import formats
from epochlog.cli.highlights import weight
from epochlog.cli.screen import Screen
from epochlog.cli.sparkline import sparkline
from epochlog.cli.tables import Cell, Column, Row, table_lines
from epochlog.query.metrics import MetricSummary
from epochlog.query.run_view import RunView

CURVE_WIDTH = 20
CURVES_SHOWN, RESULTS_SHOWN, PARAMS_SHOWN, SYSTEM_SHOWN = 16, 24, 24, 12
SAMPLES = 8 * CURVE_WIDTH
SYSTEM_FIRST = (
    "total/",
    "process/cpu_percent",
    "process/memory_bytes",
    "gpu",
    "container/cpu_percent",
    "container/memory_bytes",
    "machine/cpu_percent",
    "machine/memory_used_bytes",
    "disk/",
    "net/",
)


def results_lines(run: RunView, screen: Screen, full: bool) -> list[str]:
    """Return metrics of a single point, the most telling first."""
    single = [each for each in run.metrics.all() if each.count == 1]
    single.sort(key=lambda each: (-weight(each.key), each.key, each.context))
    rows: list[Row] = [
        [_name(each), Cell(formats.number(each.last, 6), {"bold": True}), _at(each.last.step)]
        for each in (single if full else single[:RESULTS_SHOWN])
    ]
    columns = [Column("", shrink_to=16), Column("", right=True), Column("", keep=5)]
    return _more(table_lines(columns, rows, screen, indent="  "), len(single) - len(rows))


def metrics_lines(run: RunView, screen: Screen, full: bool) -> list[str]:
    """Return the curves: last, best, least and greatest value, number of points, picture."""
    curves = [each for each in run.metrics.all() if each.count > 1]
    curves.sort(key=lambda each: (-weight(each.key), each.key, each.context))
    shown = curves if full else curves[:CURVES_SHOWN]
    own = {name: alias for alias, name in run.metrics.aliases.items()}
    rows: list[Row] = [_curve_row(run, each, screen, own.get(each.key, "")) for each in shown]
    columns = [
        Column("", shrink_to=14),
        Column("last", right=True),
        Column("best", right=True, keep=9),
        Column("at step", right=True, keep=7),
        Column("min", right=True, keep=6),
        Column("max", right=True, keep=6),
        Column("points", right=True, keep=4),
        Column("curve", keep=8),
        Column("NaN", right=True, keep=9),
        Column("also called", keep=10),
    ]
    return _more(table_lines(columns, rows, screen, indent="  "), len(curves) - len(shown))


def _curve_row(
    run: RunView, each: MetricSummary, screen: Screen, own: str = ""
) -> list[Cell | str]:
    values = run.series(each.key, each.context, max_points=SAMPLES).values.tolist()
    best = each.best
    return [
        _name(each),
        Cell(formats.number(each.last), {"bold": True}),
        "" if best is None else formats.number(best),
        "" if best is None else formats.number(best.step),
        formats.number(each.min),
        formats.number(each.max),
        f"{each.count:,}",
        Cell(sparkline(values, CURVE_WIDTH, rich=screen.rich), {"fg": "cyan"}),
        Cell(str(each.nan_count) if each.nan_count else "", {"fg": "red"}),
        Cell(formats.clean(own), {"dim": True}),
    ]


def params_lines(run: RunView, screen: Screen, full: bool) -> list[str]:
    """Return the parameters, by name; those with a prefix come after the plain ones."""
    params = sorted(run.params.items(), key=lambda item: (item[0].count("."), item[0]))
    shown = params if full else params[:PARAMS_SHOWN]
    rows: list[Row] = [[Cell(formats.clean(name)), formats.param(value)] for name, value in shown]
    columns = [Column("", shrink_to=20), Column("", shrink_to=0 if full else 20)]
    return _more(table_lines(columns, rows, screen, indent="  "), len(params) - len(shown))


def system_lines(run: RunView, screen: Screen, full: bool) -> list[str]:
    """Return hardware measurements: least, mean, greatest, picture; of totals the last alone."""
    bounds = {(each.key, each.context): each for each in run.system_metrics.all()}
    found = [each for each in bounds.values() if not each.key.endswith((".min", ".max"))]
    if not full:  # a line of zeros tells nothing
        found = [each for each in found if each.min or each.max or each.nan_count]
    found.sort(key=lambda each: (system_rank(each.key), each.key))
    shown = found if full else found[:SYSTEM_SHOWN]
    rows: list[Row] = []
    for each in shown:
        if each.key.startswith("total/"):
            rows.append([_system_name(each), "", "", quantity(each.key, each.last), ""])
            continue
        # A point stands for a window of time: its extremes are curves of their own.
        low = bounds.get((f"{each.key}.min", each.context), each).min
        high = bounds.get((f"{each.key}.max", each.context), each).max
        values = run.system_series(each.key, each.context, max_points=SAMPLES).values.tolist()
        curve = sparkline(values, CURVE_WIDTH, rich=screen.rich) if len(values) > 2 else ""
        extremes = (min(low, each.min), each.mean, max(high, each.max))
        numbers = [quantity(each.key, value) for value in extremes]
        rows.append([_system_name(each), *numbers, Cell(curve, {"fg": "cyan"})])
    columns = [
        Column("", shrink_to=16),
        Column("min", right=True, keep=7),
        Column("mean", right=True),
        Column("max", right=True, keep=9),
        Column("", keep=8),
    ]
    return _more(table_lines(columns, rows, screen, indent="  "), len(found) - len(shown))


UNITS: Mapping[str, Callable[[float], str]] = {
    "_bytes_per_s": lambda value: f"{formats.size(value)}/s",
    "_bytes": formats.size,
    "_percent": lambda value: f"{value:.0f} %",
    "_hours": lambda value: formats.took(timedelta(hours=value)),
    "_seconds": lambda value: formats.took(timedelta(seconds=value)),
    "_joules": lambda value: f"{formats.number(value / 3600, 3)} Wh",
    "_watts": lambda value: f"{value:.0f} W",
    "_celsius": lambda value: f"{value:.0f} °C",
    "_hz": lambda value: f"{formats.number(value / 1e6, 4)} MHz",
    "_per_s": lambda value: f"{formats.number(value, 4)}/s",
}
"""How to write a number with the unit that its name ends with."""


def quantity(name: str, value: float) -> str:
    """Return a measurement with the unit that its name ends with."""
    if not math.isfinite(value):
        return formats.number(value, 4)
    write = next((UNITS[unit] for unit in UNITS if name.endswith(unit)), None)
    return write(value) if write else formats.number(value, 4)


def _system_name(each: MetricSummary) -> str:
    unit = next((unit for unit in UNITS if each.key.endswith(unit)), "")
    name = each.key.removesuffix(unit)
    return _name(each).replace(formats.clean(each.key), formats.clean(name), 1)


def system_rank(key: str) -> int:
    """Return the place of a system metric among others: what tells most comes first."""
    return next(
        (i for i, start in enumerate(SYSTEM_FIRST) if key.startswith(start)), len(SYSTEM_FIRST)
    )


def _name(each: MetricSummary) -> str:
    return formats.clean(f"{each.key} [{each.context}]" if each.context else each.key)


def _at(step: float | None) -> Cell:
    return Cell("" if not step else f"at step {formats.number(step)}", {"dim": True})


def _more(lines: Sequence[str], rest: int) -> list[str]:
    return [*lines, f"  and {rest:,} more (--full)"] if rest > 0 else list(lines)
