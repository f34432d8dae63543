"""``epochlog watch``: tell of runs that were lost, and of what watchdogs note anywhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click
from sqlalchemy import func, select

from epochlog.base.clock import now_us
from epochlog.cli import formats
from epochlog.cli.app import App, pass_app
from epochlog.cli.jsonout import dumps
from epochlog.cli.options import command, interval_option
from epochlog.cli.screen import Screen, write
from epochlog.monitoring.actions import Actions, Alarm
from epochlog.monitoring.arming import read
from epochlog.query.opening import Reader, open_store
from epochlog.store.schema import execution, notice

INTERVAL_S = 5.0
LOST = "lost"
SOURCE = "watch "
ACTIONS_TIMEOUT_S = 30.0


@command("watch")
@interval_option(INTERVAL_S, "Look so often.")
@click.option(
    "--once",
    is_flag=True,
    help="Look once, tell what was found since --hours, exit code 1 if anything was.",
)
@click.option(
    "--hours",
    type=click.FloatRange(min=0),
    default=24.0,
    show_default=True,
    help="With --once: how far to look back.",
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object a line.")
@pass_app
def watch(app: App, /, *, interval: float, once: bool, hours: float, as_json: bool) -> None:
    """Tell of runs whose process is gone without a word, and of what watchdogs note in any run.

    A lost run can't say so itself: whoever reads the store finds out. Rules named "lost" in the
    setting "watch" are carried out here: watch = ["lost -> command"]. Until Ctrl-C.
    """
    rules = [rule for rule in read(app.settings) if rule.name == LOST]
    wanted = tuple(dict.fromkeys(action for rule in rules for action in rule.actions))
    actions = Actions(app.settings.watch_command, app.settings.watch_webhook)
    observer = Observer(app, since=now_us() - int(hours * 3.6e9) if once else None)
    found = False
    try:
        while True:
            for at, alarm in observer.news():
                found = True
                write(_line(at, alarm, app.screen, as_json=as_json))
                for action in wanted if alarm.rule == LOST else ():
                    if action in ("command", "webhook"):
                        actions.do(action, alarm)
            if once:
                break
            time.sleep(interval)
    finally:
        actions.finish(ACTIONS_TIMEOUT_S)
    raise click.exceptions.Exit(1 if found else 0)


class Observer:
    """Knows what was told already.

    Args:
        since: tell what happened since then, in microseconds; None: from now on.
    """

    def __init__(self, app: App, since: int | None) -> None:
        self._app, self._since = app, since
        reader = open_store(app.settings, recovering=False)  # before it finds out who is lost
        self._lost = {pk for pk, _ in self._all_lost(reader) if since is None}
        last = reader.rows(select(func.max(notice.c.pk)))[0][0]
        self._last = 0 if since is not None else int(last or 0)

    def news(self) -> Iterator[tuple[int, Alarm]]:
        """Yield (time, what happened), in order."""
        self._app.look_again()
        reader = self._app.reader
        found = [*self._lost_runs(reader), *self._notes(reader)]
        yield from sorted(found, key=lambda each: each[0])

    def _all_lost(self, reader: Reader) -> list[tuple[int, Any]]:
        statement = select(execution).where(execution.c.status == LOST)
        if self._since is not None:
            statement = statement.where(execution.c.ended_at >= self._since)
        return [(row.pk, row) for row in reader.rows(statement)]

    def _lost_runs(self, reader: Reader) -> Iterator[tuple[int, Alarm]]:
        current = dict(self._all_lost(reader))
        for pk, row in current.items():
            if pk not in self._lost:
                text = f"lost: {row.status_reason}" if row.status_reason else "lost"
                yield row.ended_at or now_us(), Alarm(LOST, row.id, row.name, text)
        self._lost = set(current)  # one that lives after all may be lost again

    def _notes(self, reader: Reader) -> Iterator[tuple[int, Alarm]]:
        statement = (
            select(notice, execution.c.id, execution.c.name)
            .join(execution, execution.c.pk == notice.c.execution_pk)
            .where(notice.c.pk > self._last, notice.c.source.startswith(SOURCE))
            .order_by(notice.c.pk)
        )
        if self._since is not None:
            statement = statement.where(notice.c.at >= self._since)
        for row in reader.rows(statement):
            self._last = row.pk
            rule = row.source.removeprefix(SOURCE)
            yield row.at, Alarm(rule, row.id, row.name, row.body)


def _line(at: int, alarm: Alarm, screen: Screen, *, as_json: bool) -> str:
    if as_json:
        return dumps({"at": at, **asdict(alarm)}, indent=None)
    clock = time.strftime("%H:%M:%S", time.localtime(at / 1e6))
    name = screen.style(formats.clean(alarm.name), bold=True)
    return f"{screen.style(clock, dim=True)}  {name}  {formats.clean(alarm.text)}"
