"""Turn a figure of matplotlib, plotly or altair into data that outlive the library."""

from __future__ import annotations

import base64
import io
import json
import sys
from collections.abc import Mapping
from typing import Any

SVG_MAX = 4_000_000
"""Characters; a scatter of a million points is kept as pixels instead."""

DPI = 110


def figure_data(figure: Any) -> dict[str, Any]:
    """Return plot data of kind ``figure``.

    Args:
        figure: of matplotlib (or what has one: Axes, seaborn's grids, scikit-learn's displays),
            plotly, altair, or a Vega-Lite specification.

    Returns:
        ``format`` (svg, png, plotly or vega-lite) and ``content``: SVG text, PNG in base64, or the
        specification as a dict.

    Raises:
        TypeError: this is no figure.
    """
    for cls in type(figure).__mro__:
        package = cls.__module__.partition(".")[0]
        if package == "matplotlib" and hasattr(figure, "savefig"):
            return _matplotlib(figure)
        if package == "plotly" and hasattr(figure, "to_json"):
            return {"format": "plotly", "content": json.loads(figure.to_json())}
        if package == "altair" and hasattr(figure, "to_dict"):
            return {"format": "vega-lite", "content": _altair(figure)}
    if isinstance(figure, Mapping) and "vega-lite" in str(figure.get("$schema", "")):
        return {"format": "vega-lite", "content": dict(figure)}
    inner = getattr(figure, "figure_", None) or getattr(figure, "figure", None)
    if inner is not None and inner is not figure and hasattr(inner, "savefig"):
        return figure_data(inner)
    raise TypeError(
        f"a plot is a kind and its data, or a figure of matplotlib, plotly or altair; "
        f"{type(figure).__qualname__} is none of these"
    )


def _matplotlib(figure: Any) -> dict[str, Any]:
    """Draw without pyplot: no figure is registered, no backend is chosen."""
    figure = getattr(figure, "figure", None) or figure  # a subfigure is saved with its whole
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    svg = text.getvalue()
    if len(svg) <= SVG_MAX:
        return {"format": "svg", "content": svg[max(svg.find("<svg"), 0) :]}
    pixels = io.BytesIO()
    figure.savefig(pixels, format="png", dpi=DPI)
    return {"format": "png", "content": base64.b64encode(pixels.getvalue()).decode("ascii")}


def _altair(chart: Any) -> Any:
    """Return the specification with all its rows: the limit is meant for notebooks' files."""
    altair = sys.modules["altair"]
    with altair.data_transformers.enable("default", max_rows=None):
        return chart.to_dict()
