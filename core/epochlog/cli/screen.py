"""Know what the terminal can show: width, colour, characters beyond ASCII."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from typing import Any

import click

WIDTH_MIN = 40
"""Nothing is laid out for less; a narrower terminal wraps."""


@dataclass(frozen=True, slots=True)
class Screen:
    """Where output goes.

    Attributes:
        width: columns of the terminal; None = no limit, as into a pipe or file.
        color: whether escape sequences are understood and wanted.
        rich: whether characters beyond ASCII (symbols, blocks, arrows) can be written.
    """

    width: int | None = None
    color: bool = False
    rich: bool = True

    def style(self, text: str, **options: Any) -> str:
        """Return ``text`` in colour where that is wanted; ``options`` as of `click.style`."""
        return click.style(text, **options) if self.color and text and options else text

    def pick(self, symbol: str, plain: str) -> str:
        """Return ``symbol``, or ``plain`` where only ASCII can be written."""
        return symbol if self.rich else plain

    def columns(self, most: int = 100) -> int:
        """Return a width to draw in: that of the terminal, at most ``most``."""
        return most if self.width is None else min(self.width, most)


def current_screen() -> Screen:
    """Return what standard output is right now.

    NO_COLOR switches colour off, FORCE_COLOR on; both as https://no-color.org describes.
    """
    terminal = sys.stdout.isatty()
    width = max(WIDTH_MIN, shutil.get_terminal_size().columns) if terminal else None
    color = terminal and os.environ.get("TERM") != "dumb"
    if os.environ.get("FORCE_COLOR"):
        color = True
    if os.environ.get("NO_COLOR"):
        color = False
    return Screen(width, color, _writes("●✔✘▁█│…", sys.stdout.encoding))


def write(text: str) -> None:
    """Write lines to standard output as they are; the screen decided on colour already."""
    encoding = sys.stdout.encoding or "utf-8"
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding), color=True)


def _writes(symbols: str, encoding: str | None) -> bool:
    try:
        symbols.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
