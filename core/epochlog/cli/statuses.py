"""Make the status of a run visible at a glance, with and without colour."""

from __future__ import annotations

from typing import Any, NamedTuple

from epochlog.cli.screen import Screen
from epochlog.cli.tables import Cell


class Look(NamedTuple):
    """How a status is shown: symbol, its ASCII stand-in, options of `click.style`."""

    symbol: str
    plain: str
    style: dict[str, Any]


LOOKS = {
    "pending": Look("○", "o", {"fg": "cyan"}),
    "running": Look("●", "*", {"fg": "cyan", "bold": True}),
    "completed": Look("✔", "+", {"fg": "green"}),
    "cached": Look("↺", "=", {"fg": "green"}),
    "failed": Look("✘", "x", {"fg": "red", "bold": True}),
    "canceled": Look("■", "-", {"fg": "yellow"}),
    "skipped": Look("↷", ">", {"dim": True}),
    "pruned": Look("✂", "%", {"dim": True}),
    "lost": Look("?", "?", {"fg": "magenta", "bold": True}),
}
UNKNOWN = Look("·", ".", {})


def status_cell(status: str, screen: Screen) -> Cell:
    """Return symbol and word of a status."""
    look = LOOKS.get(status, UNKNOWN)
    return Cell(f"{screen.pick(look.symbol, look.plain)} {status}", look.style)
