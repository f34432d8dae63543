"""Overlay plots of many runs: the same key and kind in each, drawn together."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epochlog.base.errors import EpochlogError
from epochlog.evaluation.kinds import KINDS
from epochlog.query.drawing.figures import draw
from epochlog.query.drawing.vega import vega

if TYPE_CHECKING:
    from epochlog.query.run_view import RunView

DPI = 110
_TABLES = ("predictions",)
"""Kinds that are rather read than drawn; they are drawn when asked for."""


def overlaid(runs: Sequence[RunView], keys: Sequence[str] = ()) -> list[tuple[str, str, Any]]:
    """Return (key, kind, [(run's name, data)…]) of the plots that can be drawn.

    Args:
        runs: whose plots; runs of one name are told apart by the end of their ids.
        keys: only these plots, by key or kind; empty means all.

    Raises:
        EpochlogError: none of the runs has such a plot; the message lists what they have.
    """
    names = [run.name for run in runs]
    labels = [
        n if names.count(n) == 1 else f"{n} {r.id[-6:]}" for n, r in zip(names, runs, strict=True)
    ]
    groups: dict[tuple[str, str], list[tuple[str, Any]]] = {}
    for run, label in zip(runs, labels, strict=True):
        for key in run.plots.keys():  # noqa: SIM118 - a list that also finds by key
            plot = run.plots[key]
            groups.setdefault((key, plot.kind), []).append((label, plot.data))
    found = [
        (key, kind, plots)
        for (key, kind), plots in groups.items()
        if kind in KINDS and (key in keys or kind in keys or not (keys or kind in _TABLES))
    ]
    if not found:
        there = sorted({key for key, _ in groups})
        wanted = f" {' or '.join(map(repr, keys))}" if keys else ""
        raise EpochlogError(f"no plot{wanted} to draw in these runs; they have {there or 'none'}")
    return found


def save(groups: Sequence[tuple[str, str, Any]], path: Path) -> list[Path]:
    """Write drawn plots to one HTML page, or to a PNG or SVG file for each; return the paths.

    Raises:
        EpochlogError: the file's ending is none of .png, .svg, .html.
    """
    suffix = path.suffix.lower()
    if suffix == ".html":
        path.write_text(page(groups), encoding="utf-8")
        return [path]
    if suffix not in (".png", ".svg"):
        raise EpochlogError(f"{path.name!r}: plots are written as .png, .svg or .html")
    written: list[Path] = []
    for key, kind, plots in groups:
        name = path.name if len(groups) == 1 else f"{path.stem}-{_file_name(key)}{suffix}"
        written.append(path.with_name(name))
        draw(kind, plots, key).savefig(written[-1], dpi=DPI)
    return written


def page(groups: Sequence[tuple[str, str, Any]]) -> str:
    """Return a page that needs nothing else: pictures as SVG."""
    parts = [_svg(kind, plots, key) for key, kind, plots in groups]
    title = html.escape(", ".join(dict.fromkeys(key for key, _, _ in groups))[:200])
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        "<style>body{font-family:sans-serif;display:flex;flex-wrap:wrap;gap:1rem}"
        "svg{max-width:100%;height:auto}</style>" + "".join(parts) + "</html>"
    )


def charts(groups: Sequence[tuple[str, str, Any]]) -> list[dict[str, Any]]:
    """Return a Vega-Lite specification of each plot."""
    return [vega(kind, plots, key) for key, kind, plots in groups]


def _file_name(key: str) -> str:
    return re.sub(r"[^\w.-]+", "-", key)[:100]


def _svg(kind: str, plots: Any, key: str) -> str:
    buffer = io.StringIO()
    draw(kind, plots, key).savefig(buffer, format="svg")
    text = buffer.getvalue()
    return text[text.index("<svg") :]
