"""Lay out aligned tables that fit the terminal, and whole ones where nothing limits them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from epochlog.cli.formats import cell_width, cut
from epochlog.cli.screen import Screen

GAP = "  "


@dataclass(frozen=True, slots=True)
class Cell:
    """A text with its style (options of `click.style`)."""

    text: str
    style: dict[str, Any] = field(default_factory=dict)


Row: TypeAlias = Sequence[Cell | str]
"""Cells of one line; a bare str has no style."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        title: in the header; "" for none.
        right: align to the right (numbers).
        shrink_to: may be cut with an ellipsis down to this width; 0 = never cut.
        keep: where not all columns fit, those with a greater value get their place first; from 10
            on a column is always shown.
    """

    title: str = ""
    right: bool = False
    shrink_to: int = 0
    keep: int = 10


def table_lines(
    columns: Sequence[Column],
    rows: Sequence[Row],
    screen: Screen,
    *,
    indent: str = "",
    header: bool = True,
) -> list[str]:
    """Return the lines of a table.

    Args:
        columns: one per cell of a row. Those without any content are left out.
        rows: what to show.
        screen: its width decides what is cut and left out.
        indent: in front of every line.
        header: whether the titles come first.
    """
    grid = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in rows]
    shown = [i for i in range(len(columns)) if any(row[i].text for row in grid)]
    natural = {
        i: max(
            [cell_width(row[i].text) for row in grid]
            + ([cell_width(columns[i].title)] if header else [])
        )
        for i in shown
    }
    widths = natural
    if screen.width is not None:
        shown = _fitting(columns, natural, screen.width - len(indent))
        widths = _shrunk(columns, {i: natural[i] for i in shown}, screen.width - len(indent))
    lines = []
    if header and any(columns[i].title for i in shown):
        titles = [Cell(column.title, {"dim": True}) for column in columns]
        lines.append(indent + _line(columns, titles, widths, shown, screen))
    return lines + [indent + _line(columns, row, widths, shown, screen) for row in grid]


def _total(widths: dict[int, int]) -> int:
    return sum(widths.values()) + len(GAP) * max(0, len(widths) - 1)


def _fitting(columns: Sequence[Column], natural: dict[int, int], width: int) -> list[int]:
    """Return the columns that can be shown: what is worth most first, in the order given."""
    least = {i: _least(columns[i], natural[i]) for i in natural}
    chosen = [i for i in natural if columns[i].keep >= 10]
    for i in sorted(natural, key=lambda i: -columns[i].keep):
        if i not in chosen and _total({j: least[j] for j in (*chosen, i)}) <= width:
            chosen.append(i)
    return sorted(chosen)


def _least(column: Column, natural: int) -> int:
    return min(natural, column.shrink_to) if column.shrink_to else natural


def _shrunk(columns: Sequence[Column], widths: dict[int, int], width: int) -> dict[int, int]:
    """Take away from the widest column that may shrink, until the table fits."""
    widths = dict(widths)
    while _total(widths) > width:
        able = [i for i in widths if widths[i] > _least(columns[i], widths[i])]
        if not able:
            break
        widths[max(able, key=lambda i: widths[i])] -= 1
    return widths


def _line(
    columns: Sequence[Column],
    row: Sequence[Cell],
    widths: dict[int, int],
    shown: Sequence[int],
    screen: Screen,
) -> str:
    parts = []
    for place, i in enumerate(shown):
        text = cut(row[i].text, widths[i], screen.pick("…", "~"))
        space = " " * (widths[i] - cell_width(text))
        styled = screen.style(text, **row[i].style)
        last = place == len(shown) - 1
        parts.append(space + styled if columns[i].right else styled + ("" if last else space))
    return GAP.join(parts).rstrip()
