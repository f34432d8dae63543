"""Write runs: opened, resumed, ended, described; each run is a row of ``execution``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from epochlog.contract.events import (
    Code,
    Environment,
    Event,
    Note,
    RunEnded,
    RunStarted,
)
from epochlog.store.names import Names
from epochlog.store.schema import SEARCH_CHARS, execution
from epochlog.store.sql import cut, long, run_many, select_in

OPEN_STATUSES = ("pending", "running")

SHARED_KIND = "study"
"""Runs of this kind are open in several processes at once; journals tell of them in any order."""

_WRITTEN = (
    *("experiment_pk", "kind", "name", "long_name", "source", "parent_pk", "root_pk", "position"),
    *("status", "status_reason", "traceback", "started_at", "ended_at", "updated_at", "actor_pk"),
    *("host", "pid", "note", "code_pk", "environment_pk", "journal_pk", "created_at"),
)
_INSERTED = ("id", "project_pk", *_WRITTEN)
_LOAD = select(execution.c.pk, *(execution.c[name] for name in _INSERTED))
_PKS = select(execution.c.id, execution.c.pk)
_INSERT = insert(execution)
_UPDATE_ALL = (
    update(execution)
    .where(execution.c.pk == bindparam("b_pk"))
    .values({name: bindparam(f"v_{name}") for name in _WRITTEN})
)
_UPDATE_TIME = (
    update(execution)
    .where(execution.c.pk == bindparam("b_pk"))
    .values(updated_at=bindparam("b_at"))
)
_UPDATE_ROOT = (
    update(execution)
    .where(execution.c.root_pk == bindparam("b_old"))
    .values(root_pk=bindparam("b_new"))
)
_STILL_OPEN = (
    select(execution.c.journal_pk)
    .where(
        execution.c.parent_pk == bindparam("b_pk"),
        execution.c.status.in_(OPEN_STATUSES),
        execution.c.journal_pk != bindparam("b_journal"),
    )
    .limit(1)
)
_PASS_ON = (
    update(execution)
    .where(execution.c.pk == bindparam("b_pk"))
    .values(
        status="running",
        status_reason="",
        traceback=None,
        ended_at=None,
        journal_pk=bindparam("b_journal"),
    )
)


class Executions:
    """The runs that one batch tells of: loaded, changed in memory, written back in bulk.

    Attributes:
        fresh: pks of the runs that this batch made.
        opened: (parent's pk, own pk) of the runs that this batch opened below another, in order.
    """

    def __init__(self, connection: Connection, names: Names, journal_pk: int) -> None:
        self._connection = connection
        self._names = names
        self._journal_pk = journal_pk
        self._rows: dict[str, dict[str, Any]] = {}
        self._changed: set[str] = set()
        self._moved: list[tuple[int, str]] = []
        self._opened: list[tuple[str, str]] = []
        self.fresh: set[int] = set()
        self.opened: list[tuple[int, int]] = []

    def __getitem__(self, run: str) -> int:
        return int(self._rows[run]["pk"])

    def row(self, run: str) -> dict[str, Any]:
        """Return the columns of a run of this batch."""
        return self._rows[run]

    def write(self, events: Sequence[Event], latest: Mapping[str, int]) -> None:
        """Bring the rows of runs up to date.

        Args:
            events: what may change them; events of other kinds are passed over.
            latest: time of the last event of each run of the batch, by id.
        """
        parents = {e.parent for e in events if isinstance(e, RunStarted) and e.parent}
        self._load({*latest, *parents})
        existing = set(self._rows)
        for event in events:
            self._apply(event)
        for run, at in latest.items():
            self._place(run, at)
        self._insert([run for run in self._rows if run not in existing])
        self._update(existing, latest)
        self._pass_on(events)
        self.opened = [(self[parent], self[child]) for parent, child in self._opened]

    def _load(self, runs: Iterable[str]) -> None:
        for row in select_in(self._connection, _LOAD, execution.c.id, runs):
            values = row._asdict()
            self._rows[values["id"]] = values

    def _place(self, run: str, at: int) -> dict[str, Any]:
        """Return the row of a run, a placeholder if its start has not been seen yet.

        That happens when a worker's journal is stored before that of the process that opened
        the run.
        """
        row = self._rows.get(run)
        if row is None:
            row = self._rows[run] = {
                **dict.fromkeys(_INSERTED),
                "pk": None,
                "id": run,
                "project_pk": self._names.project(self._connection),
                "experiment_pk": self._names.experiment(self._connection, "default", at),
                "created_at": at,
                "updated_at": at,
                "kind": "run",
                "name": run,
                "source": "",
                "status": "running",
                "status_reason": "",
                "host": "",
                "journal_pk": self._journal_pk,
            }
        return row

    def _apply(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._start(event)
        elif isinstance(event, RunEnded):
            self._end(event)
        elif isinstance(event, Note):
            self._change(event.run, event.at, note=event.text)
        elif isinstance(event, Environment):
            pk = self._names.environment(self._connection, event.data)
            self._change(event.run, event.at, environment_pk=pk)
        elif isinstance(event, Code):
            self._change(
                event.run, event.at, code_pk=self._names.code(self._connection, event.data)
            )

    def _change(self, run: str, at: int, **values: Any) -> None:
        self._place(run, at).update(values)
        self._changed.add(run)

    def _start(self, event: RunStarted) -> None:
        row = self._place(event.run, event.at)
        again = row["started_at"] is not None
        if again and _is_old(row, event):
            return
        self._change(
            event.run,
            event.at,
            status="running",
            status_reason="",
            traceback=None,
            ended_at=None,
            journal_pk=self._journal_pk,
        )
        if again:
            return
        row.update(
            name=cut(event.name or event.run),
            long_name=long(event.name),
            experiment_pk=self._names.experiment(self._connection, event.experiment, event.at),
            kind=event.kind[:16],
            source=cut(event.source),
            started_at=event.at,
            created_at=min(row["created_at"], event.at),
            actor_pk=self._names.actor(self._connection, event.user),
            host=event.host[:SEARCH_CHARS],
            pid=event.pid,
            position=event.index,
        )
        if event.parent and event.parent != event.run:
            self._place(event.parent, event.at)
            self._opened.append((event.parent, event.run))
            if row["pk"] is not None:  # was a placeholder, and maybe others' root
                self._moved.append((row["pk"], event.run))

    def _end(self, event: RunEnded) -> None:
        row = self._place(event.run, event.at)
        if _is_old(row, event):
            return
        if row["kind"] == SHARED_KIND:
            row["journal_pk"] = self._journal_pk
        self._change(
            event.run,
            event.at,
            status=event.status[:16],
            status_reason=event.reason[:SEARCH_CHARS],
            traceback=event.traceback or None,
            ended_at=event.at,
        )

    def _insert(self, runs: list[str]) -> None:
        """Insert new rows, then point them at their parents and roots."""
        rows = [{name: self._rows[run][name] for name in _INSERTED} for run in runs]
        run_many(self._connection, _INSERT, rows)
        for run, pk in select_in(self._connection, _PKS, execution.c.id, runs):
            self._rows[run]["pk"] = pk
            self.fresh.add(pk)
        self._changed.update(runs)

    def _update(self, existing: set[str], latest: Mapping[str, int]) -> None:
        for parent, child in self._opened:
            self._rows[child]["parent_pk"] = self._rows[parent]["pk"]
        parent_of = {child: parent for parent, child in self._opened}
        for run in self._changed:
            self._rows[run]["root_pk"] = self._root(run, parent_of)
        for run, at in latest.items():
            self._rows[run]["updated_at"] = max(at, self._rows[run]["updated_at"])
        full = [
            {"b_pk": self[run], **{f"v_{n}": self._rows[run][n] for n in _WRITTEN}}
            for run in self._changed
        ]
        times = [
            {"b_pk": self[run], "b_at": self._rows[run]["updated_at"]}
            for run in latest
            if run in existing and run not in self._changed
        ]
        run_many(self._connection, _UPDATE_ALL, full)
        run_many(self._connection, _UPDATE_TIME, times)
        moved = [{"b_old": pk, "b_new": self._rows[run]["root_pk"]} for pk, run in self._moved]
        run_many(self._connection, _UPDATE_ROOT, moved)

    def _pass_on(self, events: Sequence[Event]) -> None:
        """Open a study again that one process has ended while another one works on a trial of it.

        It passes on to that process, which ends it in its turn, or is lost with it.
        """
        told = {e.run for e in events if isinstance(e, RunEnded)}
        told |= {e.parent for e in events if isinstance(e, RunStarted) and e.parent}
        for run in told:
            row = self._rows.get(run, {"kind": ""})
            if row["kind"] != SHARED_KIND or row["status"] in OPEN_STATUSES:
                continue
            who = {"b_pk": row["pk"], "b_journal": row["journal_pk"]}
            found = self._connection.execute(_STILL_OPEN, who).scalar()
            if found is not None:
                self._connection.execute(_PASS_ON, {"b_pk": row["pk"], "b_journal": found})

    def _root(self, run: str, parent_of: dict[str, str]) -> int:
        seen = {run}
        while (parent := parent_of.get(run)) is not None and parent not in seen:
            seen.add(parent)
            run = parent
        row = self._rows[run]
        return int(row["root_pk"] or row["pk"])


def _is_old(row: Mapping[str, Any], event: RunStarted | RunEnded) -> bool:
    """Return whether a shared run has ended since, as another process's journal already told."""
    ended_at = row["ended_at"]
    return row["kind"] == SHARED_KIND and ended_at is not None and event.at < int(ended_at)
