"""Show what a run printed: for ``epochlog show --console`` and ``epochlog tail``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import click

from epochlog.cli import formats
from epochlog.cli.screen import Screen
from epochlog.query.console import ConsoleLine, ConsoleView
from epochlog.query.run_view import RunView

LAST_LINES = 5
"""Lines that ``show`` prints unless more are asked for."""


def console_section(run: RunView, screen: Screen, full: bool) -> list[str]:
    """Return the last lines of the console; with ``full`` all."""
    console = run.console
    if full or len(console) <= LAST_LINES:
        return console_lines(console, screen)
    before = f"  {screen.pick('…', '...')} {len(console) - LAST_LINES:,} lines before (--console)"
    last = ConsoleView(console[-LAST_LINES:], console.unfinished)
    return [screen.style(before, dim=True), *console_lines(last, screen)]


def console_lines(console: ConsoleView, screen: Screen, *, pattern: str = "") -> list[str]:
    """Return the console as lines, cuts stated; with ``pattern`` the lines that match."""
    if pattern:
        return [line_text(line, screen) for line in search(console, pattern)]
    cuts = dict(console.gaps())
    lines: list[str] = []
    for line in console:
        lines.append(line_text(line, screen))
        if line.number in cuts:
            mark = f"  {screen.pick('…', '...')} {cuts[line.number]:,} lines left out"
            lines.append(screen.style(mark, fg="yellow"))
    if console.unfinished:
        lines.append("  " + screen.style(formats.clean(console.unfinished), dim=True))
    return lines


def search(console: ConsoleView, pattern: str) -> Sequence[ConsoleLine]:
    """Return the lines in which the pattern is found; without capitals, case does not count.

    Raises:
        click.BadParameter: the pattern is no regular expression.
    """
    try:
        return console.search(pattern, ignore_case=pattern == pattern.lower())
    except re.error as error:
        raise click.BadParameter(f"not a regular expression: {error}") from error


def line_text(line: ConsoleLine, screen: Screen) -> str:
    """Return one line: time and text; what went to standard error in another colour."""
    at = f"{line.at.astimezone():%H:%M:%S}" if line.at else " " * 8
    style = {"fg": "yellow"} if line.stream == "stderr" else {}
    context = f"[{formats.clean(line.context)}] " if line.context else ""
    text = screen.style(formats.clean(line.text), **style)
    return f"{screen.style(at, dim=True)}  {context}{text}"


def console_records(lines: Iterable[ConsoleLine]) -> list[dict[str, Any]]:
    """Return lines as plain data."""
    return [asdict(line) for line in lines]
