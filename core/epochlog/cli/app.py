"""What all commands share: which store, which runs, which screen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import click

from epochlog.base.errors import RunNotFound
from epochlog.base.settings import Settings, load_settings
from epochlog.cli.screen import Screen, current_screen

if TYPE_CHECKING:
    from epochlog.query.opening import Reader
    from epochlog.query.run_view import RunView
    from epochlog.query.runs import Runs

_LAST = re.compile(r"last(?:~(\d+))?")


@dataclass
class App:
    """One call of the command line.

    Attributes:
        store: what ``--store`` said; None = the settings decide.
    """

    store: str | None = None

    @cached_property
    def settings(self) -> Settings:
        """The settings in force here."""
        return load_settings(store=self.store)

    @cached_property
    def screen(self) -> Screen:
        """What standard output is."""
        return current_screen()

    @cached_property
    def reader(self) -> Reader:
        """The store, opened for reading.

        Raises:
            StoreError: there is none, or it can't be read.
        """
        from epochlog.query.opening import open_store

        return open_store(self.settings)

    def look_again(self) -> None:
        """Bring in what processes that died since left in their journals."""
        from epochlog.query.opening import open_store

        open_store(self.settings)

    def runs(
        self,
        where: str = "",
        order: str = "-started",
        limit: int | None = None,
        *,
        nested: bool = True,
        deleted: bool = False,
    ) -> Runs:
        """Return the runs that match; see `epochlog.query.runs.Runs`."""
        from epochlog.query.runs import Runs

        return Runs(self.reader, where, order, limit, nested=nested, deleted=deleted)

    def run(self, ref: str) -> RunView:
        """Return the run that ``ref`` means: id, its beginning or end, name, ``last``, ``last~2``.

        Raises:
            RunNotFound: none or several fit; the message lists near ones.
        """
        found = _LAST.fullmatch(ref)
        if found is None:
            from epochlog.query.lookup import find_run

            return find_run(self.reader, ref)
        back = int(found[1] or 0)
        newest = list(self.runs(limit=back + 1, nested=False))
        if len(newest) <= back:
            raise RunNotFound(f"{ref!r}: the store {self.place} has only {len(newest)} runs")
        return newest[back]

    @property
    def place(self) -> str:
        """Where the store is, for people."""
        from epochlog.session import locate_store, readable

        return readable(locate_store(self.settings))


def app_of(context: click.Context) -> App:
    """Return the `App` of a command's context."""
    return context.ensure_object(App)


pass_app = click.make_pass_decorator(App, ensure=True)
