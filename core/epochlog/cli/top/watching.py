"""Look at the store again and again, reading only what changed since the last look."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select

from epochlog.base.errors import EpochlogError
from epochlog.cli.app import App
from epochlog.cli.catching_up import CatchingUp
from epochlog.cli.options import combined
from epochlog.cli.top.cards import Card, Scene
from epochlog.cli.top.making import Maker
from epochlog.query.loading import Page
from epochlog.query.opening import Reader
from epochlog.query.progress import Below
from epochlog.query.run_view import RunView
from epochlog.store.schema import execution, journal

ACTIVE = ("running", "pending")
ACTIVE_MAX, BELOW_MAX = 100, 3

Mark = tuple[Any, ...]
"""What differs when something has changed."""


class Watch:
    """The store as ``epochlog top`` sees it.

    Args:
        app: which store.
        where: only runs at the top that match this filter; what runs below them comes along.
        ended_max: list so many runs that have ended.
    """

    def __init__(self, app: App, where: str = "", ended_max: int = 30) -> None:
        self.app = app
        self.where = where
        self.ended_max = ended_max
        self.scene = Scene(place=app.place)
        self._journals = CatchingUp(app)
        self._mark: Mark | None = None
        self._cards: dict[int, tuple[Mark, Card]] = {}
        self._maker: Maker | None = None

    def look(self, opened: int | None = None) -> Scene:
        """Return what there is now: the same object as before if nothing changed.

        Args:
            opened: number of the run whose details are wanted.
        """
        try:
            self._journals.look()
            files = self._journals.database()
            mark = (self.where, self.ended_max, opened, files)
            if files is None or mark != self._mark:
                self.scene = self._see(opened)
                self._mark = mark
        except EpochlogError as error:
            self._mark = None
            if self.scene.error != str(error):
                self.scene = dataclasses.replace(self.scene, error=str(error))
        return self.scene

    # --- what there is

    def _see(self, opened: int | None) -> Scene:
        reader = self.app.reader
        if self._maker is None:
            self._maker = Maker(reader)
        active = {row.pk: row for row in _active(reader)}
        tops = self._tops({row.root_pk for row in active.values()})
        nested: dict[int, list[int]] = defaultdict(list)
        for row in active.values():
            if row.root_pk != row.pk:
                nested[row.root_pk].append(row.pk)
        inner = [pk for run in tops for pk in nested[run.pk][:BELOW_MAX]]
        page = Page(reader, inner)
        shown: list[tuple[RunView, int]] = []
        for run in tops:
            shown.append((run, 0))
            shown += [
                (RunView(page, pk), 1) for pk in nested[run.pk][:BELOW_MAX] if pk in page.runs
            ]
        made = self._made(shown, self._below(tops))
        cards = []
        for card in made:
            beat = (active[card.pk].heartbeat_at or 0) / 1e6 if card.pk in active else 0.0
            hidden = max(len(nested[card.pk]) - BELOW_MAX, 0)
            cards.append(dataclasses.replace(card, heard=max(card.heard, beat), hidden=hidden))
        detail = None if opened is None else self._maker.detail(opened, cards)
        counts = Counter(card.status for card in cards if card.level == 0)
        return Scene(self.scene.place, tuple(cards), detail, "", counts)

    def _tops(self, roots: set[int]) -> list[RunView]:
        """Return open runs at the top, newest first, then ended ones, the last ended first.

        Args:
            roots: runs at the top that are open, or that something open is below.
        """
        limit = self.ended_max + min(len(roots), ACTIVE_MAX)
        # Not list(): that would ask for the number of runs first.
        found = [run for run in self.app.runs(self.where, limit=limit, nested=False)]  # noqa: C416
        if roots - {run.pk for run in found}:  # of before all these, or not of this filter
            where = combined(self.where, statuses=ACTIVE)
            older = self.app.runs(where, limit=ACTIVE_MAX, nested=False)
            known = {run.pk for run in found}
            found += [run for run in older if run.pk not in known]
        ended = [run for run in found if not run.active][: self.ended_max]
        ended.sort(key=lambda run: run.ended or run.updated or run.created or 0, reverse=True)
        ended.sort(key=lambda run: run.pk not in roots)
        return [*(run for run in found if run.active), *ended]

    def _below(self, tops: Sequence[RunView]) -> dict[int, Below]:
        """Return what is directly below runs that are open or new here."""
        wanted = [run.pk for run in tops if run.active or run.pk not in self._cards]
        return _below(self.app.reader, wanted)

    def _made(self, shown: Sequence[tuple[RunView, int]], below: dict[int, Below]) -> list[Card]:
        """Return cards; only those of runs that changed are made anew."""
        marks = {
            run.pk: (run.status, run.updated, run.ended, level, below.get(run.pk))
            for run, level in shown
        }
        changed = [
            run.pk
            for run, _ in shown
            if (known := self._cards.get(run.pk)) is None
            or (known[0] != marks[run.pk] and (run.active or known[0][:4] != marks[run.pk][:4]))
        ]
        page = Page(self.app.reader, changed)
        levels = {run.pk: level for run, level in shown}
        assert self._maker is not None
        runs = [RunView(page, pk) for pk in changed if pk in page.runs]
        self._maker.prepare(runs)
        for run in runs:
            card = self._maker.card(run, levels[run.pk], below.get(run.pk))
            self._cards[run.pk] = (marks[run.pk], card)
        self._cards = {pk: self._cards[pk] for pk in marks if pk in self._cards}
        return [self._cards[run.pk][1] for run, _ in shown if run.pk in self._cards]


def _active(reader: Reader) -> Sequence[Row[Any]]:
    """Return pk, root and heartbeat of every open run, newest first."""
    c = execution.c
    root = func.coalesce(c.root_pk, c.pk).label("root_pk")
    statement = (
        select(c.pk, root, journal.c.heartbeat_at)
        .select_from(execution.outerjoin(journal, journal.c.pk == c.journal_pk))
        .where(c.status.in_(ACTIVE), c.deleted_at.is_(None))
        .order_by(c.pk.desc())
    )
    return reader.rows(statement)


def _below(reader: Reader, pks: Sequence[int]) -> dict[int, Below]:
    """Return pk -> what is directly below it; runs without any are left out."""
    if not pks:
        return {}
    c = execution.c
    statement = (
        select(c.parent_pk, c.kind, c.status, func.count(), func.max(c.ended_at))
        .where(c.parent_pk.in_(pks), c.deleted_at.is_(None))
        .group_by(c.parent_pk, c.kind, c.status)
    )
    kinds: dict[int, Counter[str]] = defaultdict(Counter)
    counts: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    ended: dict[tuple[int, str], int] = defaultdict(int)
    for row in reader.rows(statement):
        parent, kind, status, count, ended_at = tuple(row)
        kinds[parent][kind] += count
        counts[parent, kind][status] += count
        ended[parent, kind] = max(ended[parent, kind], ended_at or 0)
    found = {}
    for parent, by_kind in kinds.items():
        kind = by_kind.most_common(1)[0][0]
        found[parent] = Below(kind, dict(counts[parent, kind]), ended[parent, kind] / 1e6)
    return found
