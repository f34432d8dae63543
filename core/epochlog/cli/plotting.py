"""Draw recorded plots as text: importances as bars, confusions as grids, others in a line."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from epochlog.cli import formats
from epochlog.cli.screen import Screen
from epochlog.cli.sparkline import bar, sparkline
from epochlog.cli.tables import Cell, Column, Row, table_lines

FEATURES_SHOWN = 8
CLASSES_SHOWN = 12
CONFUSIONS_SHOWN = 6
BAR_WIDTH = 24


def plot_lines(
    kind: str, data: Mapping[str, Any], screen: Screen, *, full: bool = False
) -> list[str]:
    """Return a plot as lines; data that doesn't look as its kind says is summed up instead."""
    draw = _DRAWN.get(kind)
    if draw is not None:
        try:
            lines = draw(data, screen, full)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            lines = []
        if lines:
            return lines
    return [summary(data)]


def summary(data: Mapping[str, Any]) -> str:
    """Return what a plot's data consists of: "fpr 120, tpr 120"."""
    parts = [
        f"{formats.clean(str(name))} {len(value)}"
        if isinstance(value, list | dict)
        else formats.clean(str(name))
        for name, value in list(data.items())[:8]
    ]
    return ", ".join(parts) + (", …" if len(data) > 8 else "")


def importance_lines(data: Mapping[str, Any], screen: Screen, full: bool) -> list[str]:
    """Return the most important features as bars.

    ``data``: ``{"features": [name…], "importance": {kind: [number…]}}``; the first kind is drawn.
    """
    features, kinds = data["features"], data["importance"]
    kind, values = next(iter(kinds.items()))
    pairs = [(str(f), float(v)) for f, v in zip(features, values, strict=True)]
    pairs = sorted((p for p in pairs if math.isfinite(p[1])), key=lambda pair: -abs(pair[1]))
    most = max((abs(value) for _, value in pairs), default=0.0)
    if not most:
        return [f"{formats.plural(len(features), 'feature')}, none of importance by {kind}"]
    shown = pairs if full else pairs[:FEATURES_SHOWN]
    rows: list[Row] = [
        [
            formats.clean(name),
            formats.number(value, 4),
            Cell(
                bar(abs(value) / most, BAR_WIDTH, rich=screen.rich),
                {"fg": "blue" if value >= 0 else "red"},
            ),
        ]
        for name, value in shown
    ]
    columns = [Column(f"by {kind}", shrink_to=12), Column("", right=True), Column("", keep=9)]
    lines = table_lines(columns, rows, screen, indent="    ")
    if len(pairs) > len(shown):
        lines.append(f"    and {len(pairs) - len(shown):,} more")
    return lines


def confusion_lines(data: Mapping[str, Any], screen: Screen, full: bool) -> list[str]:
    """Return a confusion matrix: a grid for few classes, the commonest confusions for many.

    ``data``: ``{"labels": [class…], "matrix": [[count…]…]}``; rows are the true classes.
    """
    matrix = [[float(count) for count in row] for row in data["matrix"]]
    given = data.get("labels") or range(len(matrix))
    labels = [formats.clean(str(label)) for label in given]
    if len(labels) != len(matrix):
        raise ValueError("labels and matrix differ in length")
    total = sum(map(sum, matrix))
    right = sum(row[i] for i, row in enumerate(matrix))
    told = f"{formats.number(right)} of {formats.number(total)} right"
    lines = [f"    {told}; rows: true, columns: predicted"]
    grid = _grid(labels, matrix, screen)
    fits = screen.width is None or max(map(len, grid), default=0) <= screen.width or screen.color
    if (
        (len(labels) <= CLASSES_SHOWN or full)
        and fits
        and _grid_width(labels, matrix) <= screen.columns(400)
    ):
        return lines + grid
    return lines[:1] + _confusions(labels, matrix)


def _grid_width(labels: Sequence[str], matrix: Sequence[Sequence[float]]) -> int:
    cells = [formats.number(count) for row in matrix for count in row]
    each = max(map(len, [*cells, *labels])) + 2
    return 6 + max(map(len, labels)) + each * len(labels)


def _grid(labels: Sequence[str], matrix: Sequence[Sequence[float]], screen: Screen) -> list[str]:
    rows: list[Row] = [
        [
            Cell(labels[i], {"dim": True}),
            *(
                Cell(
                    formats.number(count) if count else screen.pick("·", "."),
                    {"fg": "green"} if i == j else {"fg": "red"} if count else {"dim": True},
                )
                for j, count in enumerate(row)
            ),
        ]
        for i, row in enumerate(matrix)
    ]
    columns = [Column(""), *(Column(label, right=True) for label in labels)]
    return table_lines(columns, rows, Screen(None, screen.color, screen.rich), indent="    ")


def _confusions(labels: Sequence[str], matrix: Sequence[Sequence[float]]) -> list[str]:
    wrong = sorted(
        (
            (count, i, j)
            for i, row in enumerate(matrix)
            for j, count in enumerate(row)
            if i != j and count
        ),
        key=lambda item: -item[0],
    )
    return [
        f"    {labels[i]} taken for {labels[j]}: {formats.number(count)}"
        for count, i, j in wrong[:CONFUSIONS_SHOWN]
    ]


def _roc_lines(data: Mapping[str, Any], screen: Screen, full: bool) -> list[str]:
    del full
    return _curve(data["fpr"], data["tpr"], "area under the curve", screen)


def _precision_recall_lines(data: Mapping[str, Any], screen: Screen, full: bool) -> list[str]:
    del full
    return _curve(data["recall"], data["precision"], "area under the curve", screen)


def _curve(x: Sequence[float], y: Sequence[float], text: str, screen: Screen) -> list[str]:
    pairs = sorted(zip(map(float, x), map(float, y), strict=True))
    if len(pairs) < 2:
        return []
    steps = pairwise(pairs)
    area = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in steps)
    return [f"    {text} {area:.4f}  {sparkline([v for _, v in pairs], 24, rich=screen.rich)}"]


def _histogram_lines(data: Mapping[str, Any], screen: Screen, full: bool) -> list[str]:
    del full
    values = [float(value) for value in data["values"] if math.isfinite(value)]
    low, high = min(values), max(values)
    counts = [0] * 24
    for value in values:
        counts[min(int((value - low) / ((high - low) or 1.0) * 24), 23)] += 1
    drawn = sparkline(counts, 24, rich=screen.rich)
    return [f"    {formats.number(low)} {drawn} {formats.number(high)}  ({len(values):,} values)"]


def _table_plot_lines(data: Mapping[str, Any], screen: Screen, full: bool) -> list[str]:
    del screen, full
    columns = data.get("columns", data)
    names = [str(each) for each in columns]
    rows = data.get("rows") or (
        next(iter(columns.values()), []) if isinstance(columns, dict) else []
    )
    shown = ", ".join(formats.clean(name) for name in names[:6]) + (", …" if len(names) > 6 else "")
    return [f"    {len(rows):,} rows, {len(names)} columns: {shown}"]


_DRAWN: dict[str, Callable[[Mapping[str, Any], Screen, bool], list[str]]] = {
    "importance": importance_lines,
    "confusion_matrix": confusion_lines,
    "roc": _roc_lines,
    "precision_recall": _precision_recall_lines,
    "histogram": _histogram_lines,
    "table": _table_plot_lines,
}
