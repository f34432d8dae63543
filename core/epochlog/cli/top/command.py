"""``epochlog top``: what trains right now, live; one plain picture where there is no terminal."""

from __future__ import annotations

import os
import sys
import time

import click

from epochlog.base.errors import EpochlogError
from epochlog.cli.app import App, pass_app
from epochlog.cli.jsonout import write_json
from epochlog.cli.options import command, interval_option, json_option
from epochlog.cli.screen import write
from epochlog.cli.top.cards import card_record
from epochlog.cli.top.listing import snapshot_lines
from epochlog.cli.top.watching import Watch

INTERVAL_S = 2.0
ENDED = 20


@command("top")
@click.argument("filter_", metavar="[FILTER]", default="")
@interval_option(INTERVAL_S, "Look for news so often.")
@click.option(
    "--limit",
    "-n",
    type=click.IntRange(min=0),
    default=ENDED,
    show_default=True,
    help="List so many runs that have ended.",
)
@click.option("--once", is_flag=True, help="Print what there is now, and end.")
@json_option
@pass_app
def top(
    app: App, /, *, filter_: str, interval: float, limit: int, once: bool, as_json: bool
) -> None:
    """Watch what trains right now: progress, time left, curves, hardware.

    FILTER is an expression as for "epochlog ls". Press ? for the keys. Without a terminal, in a
    pipe or with TERM=dumb, what there is now is printed once.
    """
    if filter_:
        app.runs(filter_)  # says what is wrong with it
    watch = Watch(app, filter_, limit)
    if once or as_json or not _live():
        _ = app.reader  # a store that can't be read is an error here
        scene = watch.look()
        if scene.error:
            raise EpochlogError(scene.error)
        now = time.time()
        if as_json:
            write_json([card_record(card, now) for card in scene.cards])
        else:
            write("\n".join(snapshot_lines(scene, app.screen, now)))
        return
    from epochlog.cli.top.loop import run_live

    run_live(app, watch, interval)


def _live() -> bool:
    """Return whether there is a terminal at both ends that can be drawn on."""
    if os.environ.get("TERM", "") in ("", "dumb") or sys.platform == "win32":
        return False
    return sys.stdin.isatty() and sys.stdout.isatty()
