"""Describe plots as Vega-Lite charts: plain JSON that notebooks and browsers draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from epochlog.evaluation.kinds import KINDS
from epochlog.query.drawing.palette import COLORS

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
"""Names the version of the format; nothing is fetched from there."""

Named = Sequence[tuple[str, Mapping[str, Any]]]


def vega(kind: str, plots: Named, title: str = "") -> dict[str, Any]:
    """Return a Vega-Lite 5 specification with the data in it.

    Args:
        kind: name of the schema of the plots' data.
        plots: (name of the run, data) of each; they are overlaid, or put side by side where that is
            not possible.
        title: of the chart.
    """
    build = _BUILDERS.get(kind, _curves if kind in KINDS and KINDS[kind].x else _table)
    chart = build(kind, plots)
    return {
        "$schema": SCHEMA,
        "title": title or (KINDS[kind].title if kind in KINDS else kind),
        "config": {"range": {"category": list(COLORS)}},
        **chart,
    }


def _rows(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"values": rows}


def _encoding(x: str, y: str, **more: Any) -> dict[str, Any]:
    return {
        "x": {"field": x, "type": "quantitative"},
        "y": {"field": y, "type": "quantitative"},
        "color": {"field": "run", "type": "nominal"},
        **more,
    }


def _curves(kind: str, plots: Named) -> dict[str, Any]:
    known = KINDS[kind]
    rows = [
        {"run": run, "class": str(curve.get("label", "")), "order": i, known.x: x, known.y: y}
        for run, data in plots
        for curve in (data["curves"] if known.curve else [data])
        for i, (x, y) in enumerate(zip(curve[known.x], curve[known.y], strict=True))
    ]
    dash = {"strokeDash": {"field": "class", "type": "nominal"}} if known.curve else {}
    order = {"order": {"field": "order"}}
    return {
        "data": _rows(rows),
        "mark": "line",
        "encoding": _encoding(known.x, known.y, **dash, **order),
    }


def _residuals(kind: str, plots: Named) -> dict[str, Any]:
    del kind
    rows = [
        {"run": run, "predicted": p, "residual": r}
        for run, data in plots
        for p, r in zip(data["predicted"], data["residual"], strict=True)
    ]
    mark = {"type": "point", "opacity": 0.5}
    return {"data": _rows(rows), "mark": mark, "encoding": _encoding("predicted", "residual")}


def _bins(kind: str, plots: Named) -> dict[str, Any]:
    del kind
    rows = [
        {"run": run, "from": low, "to": high, "count": count}
        for run, data in plots
        for low, high, count in zip(
            data["edges"][:-1], data["edges"][1:], data["counts"], strict=True
        )
    ]
    encoding = {
        "x": {"field": "from", "type": "quantitative", "bin": {"binned": True}},
        "x2": {"field": "to"},
        "y": {"field": "count", "type": "quantitative", "stack": None},
        "color": {"field": "run", "type": "nominal"},
    }
    return {"data": _rows(rows), "mark": {"type": "bar", "opacity": 0.6}, "encoding": encoding}


def _importance(kind: str, plots: Named) -> dict[str, Any]:
    del kind
    rows = [
        {"run": run, "feature": str(feature), "importance": value}
        for run, data in plots
        for feature, value in zip(
            data["features"], next(iter(data["importance"].values())), strict=True
        )
    ]
    encoding = {
        "x": {"field": "importance", "type": "quantitative"},
        "y": {"field": "feature", "type": "nominal", "sort": "-x"},
        "yOffset": {"field": "run"},
        "color": {"field": "run", "type": "nominal"},
    }
    return {"data": _rows(rows), "mark": "bar", "encoding": encoding}


def _confusion(kind: str, plots: Named) -> dict[str, Any]:
    del kind
    rows = [
        {"run": run, "true": str(true), "predicted": str(guess), "rows": value}
        for run, data in plots
        for true, row in zip(data["labels"], data["matrix"], strict=True)
        for guess, value in zip(data["labels"], row, strict=True)
    ]
    encoding = {
        "x": {"field": "predicted", "type": "nominal"},
        "y": {"field": "true", "type": "nominal"},
        "color": {"field": "rows", "type": "quantitative"},
        "column": {"field": "run", "type": "nominal"},
    }
    return {"data": _rows(rows), "mark": "rect", "encoding": encoding}


def _table(kind: str, plots: Named) -> dict[str, Any]:
    """Return columns of equal length as text marks: any kind is shown somehow."""
    del kind
    rows: list[dict[str, Any]] = []
    for run, data in plots:
        columns = {k: v for k, v in data.items() if isinstance(v, list)}
        length = max(map(len, columns.values()), default=0)
        whole = {k: v for k, v in columns.items() if len(v) == length}
        rows += [{"run": run, "row": i} | {k: whole[k][i] for k in whole} for i in range(length)]
    names = sorted({name for row in rows for name in row} - {"run", "row"})
    return {
        "data": _rows(rows),
        "transform": [{"fold": names}],
        "mark": "text",
        "encoding": {
            "x": {"field": "key", "type": "nominal"},
            "y": {"field": "row", "type": "ordinal"},
            "text": {"field": "value"},
            "column": {"field": "run", "type": "nominal"},
        },
    }


_BUILDERS = {
    "residuals": _residuals,
    "error_distribution": _bins,
    "histogram": _bins,
    "importance": _importance,
    "confusion_matrix": _confusion,
}
