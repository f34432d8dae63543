"""``epochlog tail``: print the points and the console of a run as they come, until it ends."""

from __future__ import annotations

import fnmatch
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import click

from epochlog.base.errors import RunNotFound
from epochlog.cli import formats
from epochlog.cli.app import App
from epochlog.cli.catching_up import CatchingUp
from epochlog.cli.folding import folded
from epochlog.cli.jsonout import dumps
from epochlog.cli.options import RunRef, command, interval_option
from epochlog.cli.screen import Screen, write
from epochlog.cli.statuses import status_cell
from epochlog.query.console import load_console
from epochlog.query.growing import newest_points
from epochlog.query.run_view import RunView

INTERVAL_S = 1.0
NAMES_AT = len("12:00:00  step 1234   ")
"""Where the names begin; below each other where a line is too long."""
NARROW, NARROW_NAMES_AT = 60, 4
"""On a screen of fewer columns they begin further to the left."""
FINE = ("completed", "cached", "skipped", "pruned")
"""Statuses that give exit code 0."""


@dataclass
class Follower:
    """Remembers which points were shown.

    Attributes:
        patterns: globs of metric names; () = all.
        shown: number of a curve -> writer -> number of its points that were seen.
        recent: of curves that are new, points that are shown; None = all.
        console: whether printed lines are followed, too.
        printed: number of the last line that was seen.
    """

    patterns: tuple[str, ...] = ()
    shown: dict[int, dict[int, int]] = field(default_factory=dict)
    console: bool = True
    recent: int | None = None
    printed: int = 0
    _mark: object = None
    _counts: dict[int, int] = field(default_factory=dict)

    def fresh(self, run: RunView) -> list[dict[str, Any]]:
        """Return the moments recorded since the last call, by time: at, step, metrics of each."""
        mark = (run.id, run.status, run.updated)
        if mark == self._mark:
            return []
        self._mark = mark
        moments: dict[tuple[int, float], dict[str, float]] = {}
        most = 2**62 if self.recent is None else self.recent
        for each in run.metrics.all():
            pk = each.series_pk
            if each.count == self._counts.get(pk) or not self._wanted(each.key):
                continue
            self._counts[pk] = each.count
            first = pk not in self.shown
            seen = self.shown.setdefault(pk, {})
            points = newest_points(run.reader, pk, seen, most if first else 2**62)
            name = f"{each.key} [{each.context}]" if each.context else each.key
            for step, at, value in zip(points.steps, points.times, points.values, strict=True):
                moments.setdefault((int(at), float(step)), {})[name] = float(value)
        self.recent = None  # curves that begin from now on are new from their first point
        return sorted([*self._lines(run), *self._points(moments)], key=lambda each: each["at"])

    def _lines(self, run: RunView) -> list[dict[str, Any]]:
        if not self.console:
            return []
        found = load_console(run.reader, run.pk, after=self.printed)
        self.printed = max([self.printed, *(line.number for line in found)])
        return [
            {
                "at": int(line.at.timestamp() * 1e6) if line.at else 0,
                "stream": line.stream,
                "text": line.text,
            }
            for line in found
        ]

    def _points(self, moments: dict[tuple[int, float], dict[str, float]]) -> list[dict[str, Any]]:
        return [
            {
                "at": at,
                "step": int(step) if step.is_integer() else step,
                "metrics": moments[at, step],
            }
            for at, step in sorted(moments)
        ]

    def _wanted(self, name: str) -> bool:
        return not self.patterns or any(fnmatch.fnmatchcase(name, p) for p in self.patterns)


@command("tail")
@click.argument("ref", metavar="[RUN]", type=RunRef(), default="")
@click.option(
    "--metrics",
    "-m",
    "patterns",
    multiple=True,
    metavar="GLOB",
    help="Only these metrics, e.g. 'val/*' (several are allowed).",
)
@interval_option(INTERVAL_S, "Look for new points so often.", least=0.05)
@click.option(
    "--last",
    "-n",
    "recent",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="Begin with so many points that are there already.",
)
@click.option(
    "--console/--no-console", default=True, show_default=True, help="Print what the run prints."
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object a line.")
@click.pass_context
def tail(
    context: click.Context,
    *,
    ref: str,
    patterns: tuple[str, ...],
    interval: float,
    recent: int,
    console: bool,
    as_json: bool,
) -> None:
    """Follow a run while it trains; without RUN, the newest that is running.

    Exit code: 0 if the run completed, 1 if it failed, was canceled or lost.
    """
    app = context.find_object(App) or App()
    run = app.run(ref) if ref else _newest(app)
    screen = app.screen
    if not as_json:
        write(f"{screen.style(formats.clean(run.name), bold=True)}  {_status(run, screen)}")
    for moment in _moments(app, run, Follower(patterns, console=console), interval, recent):
        if as_json:
            write(dumps(moment, indent=None))
        else:
            line = moment_line(moment, screen)
            begin = NARROW_NAMES_AT if screen.columns() < NARROW else NAMES_AT
            write("\n".join([line] if "text" in moment else folded(line, screen, begin, gap=2)))
    run = run.refresh()
    if as_json:
        write(dumps({"status": run.status, "reason": run.status_reason}, indent=None))
    else:
        reason = f": {formats.clean(run.status_reason)}" if run.status_reason else ""
        write(f"{_status(run, screen)} after {formats.took(run.duration)}{reason}")
    context.exit(0 if run.status in FINE else 1)


def _moments(
    app: App, run: RunView, follower: Follower, interval: float, recent: int
) -> Iterator[dict[str, Any]]:
    """Yield what is new, until the run has ended and everything of it was yielded."""
    first = True
    journals = CatchingUp(app)
    follower.recent = recent
    while True:
        ended = not run.active
        found = follower.fresh(run)
        yield from found[len(found) - recent if first and len(found) > recent else 0 :]
        first = False
        if ended:
            return
        time.sleep(interval)
        journals.look()
        run = run.refresh()


def _newest(app: App) -> RunView:
    run = app.runs('status == "running"', nested=False).first or app.runs(nested=False).first
    if run is None:
        raise RunNotFound(f"no runs in {app.place} yet")
    return run


def moment_line(moment: dict[str, Any], screen: Screen) -> str:
    """Return one line: time, step, names and values; or time and what was printed."""
    at = time.strftime("%H:%M:%S", time.localtime(moment["at"] / 1e6))
    if "text" in moment:
        style = {"fg": "yellow"} if moment["stream"] == "stderr" else {}
        text = screen.style(formats.clean(moment["text"]), **style)
        return f"{screen.style(at, dim=True)}  {screen.pick('│', '|')} {text}"
    parts = [
        f"{formats.clean(name)} {screen.style(formats.number(value), bold=True)}"
        for name, value in moment["metrics"].items()
    ]
    step = f"step {formats.number(moment['step'])}"
    return f"{screen.style(at, dim=True)}  {step:<10}  {'  '.join(parts)}"


def _status(run: RunView, screen: Screen) -> str:
    cell = status_cell(run.status, screen)
    return screen.style(cell.text, **cell.style)
