"""Lay out one run: progress, every curve, hardware, what it prints."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from epochlog.cli import formats
from epochlog.cli.console import line_text
from epochlog.cli.screen import Screen
from epochlog.cli.tables import Cell, Column, Row, table_lines
from epochlog.cli.top import pieces
from epochlog.cli.top.cards import Card, Curve, Detail
from epochlog.cli.top.pieces import DIM, TROUBLE

PARAMS_SHOWN, CONSOLE_SHOWN = 40, 8
CURVE_WIDTH_MAX = 60


def head_lines(card: Card, screen: Screen, now: float) -> list[str]:
    """Return name, status and progress of a run; what stays in place while the rest scrolls."""
    status = pieces.status(card, screen, now)
    what = screen.pick(" · ", ", ").join(
        formats.clean(part)
        for part in (card.kind if card.kind != "run" else "", card.source, card.experiment)
        if part
    )
    by = f"pid {card.pid}" if card.pid else ""
    where = f"{by} on {formats.clean(card.host)}" if by and card.host else by
    title = [Cell(formats.clean(card.name), {"bold": True}), Cell(status.text, status.style)]
    lines = [pieces.ends([*title, Cell(what, DIM)], [Cell(where, DIM)], screen)]
    progress = card.progress
    width = 10 if screen.columns() < 64 else 20 if screen.columns(200) < 120 else 40
    so_far = f"{pieces.clock(card.took_s(now))}{' so far' if card.active else ''}"
    steps = [
        Cell(pieces.place_of(progress)),
        Cell(pieces.meter(progress.share if progress else None, width, screen), {"fg": "cyan"}),
        Cell(pieces.pace_of(progress) if card.active else "", DIM),
        Cell(so_far),
        Cell(pieces.left_of(card, now, screen), {"bold": True}),
    ]
    lines += pieces.wrapped([cell for cell in steps if cell.text], screen)
    if text := pieces.trouble_text(card, now):
        style = TROUBLE.get(card.trouble(now), {"fg": "red"})
        lines.append(pieces.fitted([Cell(text, style)], screen))
    return lines


def body_lines(detail: Detail, screen: Screen, room: int) -> list[str]:
    """Return the sections of a run: curves, console, hardware, parameters, notices.

    Args:
        detail: the run.
        screen: where it is shown.
        room: lines that are there; the console gets what the others leave.
    """
    curves = [each for each in detail.curves if each.count > 1]
    single = [each for each in detail.curves if each.count == 1]
    sections = {
        "curves": _curve_lines(curves, screen),
        "results": _result_lines(single, screen),
        "console": [],
        "hardware": _curve_lines(detail.system, screen, system=True),
        "params": _param_lines(detail, screen),
        "notices": [
            pieces.fitted(["  " + formats.clean(f"{level}: {text}")], screen)
            for level, text in detail.notices
        ],
    }
    used = sum(len(found) + 2 for found in sections.values() if found)
    narrower = dataclasses.replace(screen, width=None if screen.width is None else screen.width - 2)
    printed = console_lines(detail, narrower)[-max(room - used - 1, CONSOLE_SHOWN) :]
    sections["console"] = ["  " + line for line in printed]
    lines: list[str] = []
    for title, found in sections.items():
        if found:
            lines += ["", screen.style(title, bold=True, fg="blue"), *found]
    return lines[1:]


def _curve_lines(curves: Sequence[Curve], screen: Screen, *, system: bool = False) -> list[str]:
    width = max(min(screen.columns(10**3) - 56, CURVE_WIDTH_MAX), 12)
    rows: list[Row] = []
    for each in curves:
        name = formats.clean(each.name)
        if system:
            for unit in ("_bytes_per_s", "_bytes", "_percent"):
                name = name.removesuffix(unit)
        best = "" if each.best is None or system else formats.number(each.best, 4)
        text = pieces.value_text
        rows.append(
            [
                Cell(name),
                Cell(text(each.name, each.last, system=system), {"bold": True}),
                Cell(pieces.shape(each, width, screen), {"fg": "cyan"}),
                best,
                text(each.name, each.low, system=system),
                text(each.name, each.high, system=system),
                Cell(f"{each.nan_count} NaN" if each.nan_count else "", {"fg": "red"}),
            ]
        )
    columns = [
        Column("", shrink_to=12),
        Column("now" if system else "last", right=True),
        Column("", keep=9),
        Column("best", right=True, keep=7),
        Column("min", right=True, keep=6),
        Column("max", right=True, keep=6),
        Column("", keep=8),
    ]
    return table_lines(columns, rows, screen, indent="  ")


def _result_lines(results: Sequence[Curve], screen: Screen) -> list[str]:
    cells = [Cell(f"{formats.clean(r.name)} {formats.number(r.last, 4)}") for r in results]
    return pieces.wrapped(cells, screen, indent="  ", gap="   ")


def _param_lines(detail: Detail, screen: Screen) -> list[str]:
    params = sorted(detail.params.items(), key=lambda item: (item[0].count("."), item[0]))
    room, dots = max(screen.columns(120) - 4, 20), screen.pick("…", "~")
    cells = [
        Cell(formats.cut(f"{formats.clean(name)} {formats.param(value)}", room, dots))
        for name, value in params[:PARAMS_SHOWN]
    ]
    if len(params) > PARAMS_SHOWN:
        cells.append(Cell(f"and {len(params) - PARAMS_SHOWN:,} more", DIM))
    return pieces.wrapped(cells, screen, indent="  ", gap="   ")


def console_lines(detail: Detail, screen: Screen) -> list[str]:
    """Return what was printed, each line cut at the edge; the unfinished one last."""
    width = screen.columns(10**6)
    plain = dataclasses.replace(screen, color=False)
    lines = []
    for line in detail.console:
        text = formats.cut(line_text(line, plain), width, screen.pick("…", "~"))
        lines.append(screen.style(text, fg="yellow") if line.stream == "stderr" else text)
    if detail.unfinished:
        text = "          " + formats.clean(detail.unfinished)
        lines.append(screen.style(formats.cut(text, width, screen.pick("…", "~")), dim=True))
    return lines
