"""Keep which runs may be stopped and which were asked to; find those for a recording process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from epochlog.contract.events import COMPARED_KINDS, StopAccepted, StopRequested
from epochlog.contract.sink import StopRequest
from epochlog.store.executions import OPEN_STATUSES, Executions
from epochlog.store.schema import SEARCH_CHARS, execution, stop
from epochlog.store.sql import run_many, select_in

_KNOWN = select(stop.c.execution_pk)
_INSERT = insert(stop)
_ACCEPT = (
    update(stop)
    .where(stop.c.execution_pk == bindparam("b_pk"))
    .values(accepted_at=bindparam("b_at"))
)
_REQUEST = (
    update(stop)
    .where(stop.c.execution_pk == bindparam("b_pk"))
    .values(
        requested_at=bindparam("b_at"),
        requested_by=bindparam("b_by"),
        reason=bindparam("b_reason"),
    )
)
_OPEN = (
    select(execution.c.pk, execution.c.id, stop.c.requested_at, stop.c.requested_by, stop.c.reason)
    .join(stop, stop.c.execution_pk == execution.c.pk)
    .where(stop.c.requested_at.is_not(None), execution.c.status.in_(OPEN_STATUSES))
)
_FAMILY = select(
    execution.c.pk, execution.c.id, execution.c.parent_pk, execution.c.kind, execution.c.source
)


def write_stops(
    connection: Connection,
    runs: Executions,
    accepted: Sequence[StopAccepted],
    requested: Sequence[StopRequested],
) -> None:
    """Write who accepts requests and who was asked; the last request of a run counts."""
    wanted = {runs[event.run] for event in (*accepted, *requested)}
    known = {row[0] for row in select_in(connection, _KNOWN, stop.c.execution_pk, wanted)}
    new = [{"execution_pk": pk} for pk in sorted(wanted - known)]
    run_many(connection, _INSERT, new)
    accepting = [{"b_pk": runs[event.run], "b_at": event.at} for event in accepted]
    run_many(connection, _ACCEPT, accepting)
    requests = [
        {
            "b_pk": runs[event.run],
            "b_at": event.at,
            "b_by": event.by[:SEARCH_CHARS],
            "b_reason": event.reason,
        }
        for event in requested
    ]
    run_many(connection, _REQUEST, requests)


def find_requests(connection: Connection, runs: Iterable[str]) -> dict[str, StopRequest]:
    """Return which of ``runs`` were asked to stop; see `epochlog.contract.sink.Sink`."""
    asked = {
        row.pk: StopRequest(row.id, row.requested_by, row.reason or "", row.requested_at)
        for row in connection.execute(_OPEN)
    }
    if not asked:  # as nearly always: one look into an index
        return {}
    family = _with_ancestors(connection, runs)
    own = {row.id: row for row in family.values()}
    found: dict[str, StopRequest] = {}
    for run in runs:
        row = own.get(run)
        while row is not None:
            if row.pk in asked:
                found[run] = asked[row.pk]
                break
            compared = row.kind in COMPARED_KINDS and row.source
            row = None if compared else family.get(row.parent_pk)
    return found


def _with_ancestors(connection: Connection, runs: Iterable[str]) -> dict[int, Any]:
    rows = list(select_in(connection, _FAMILY, execution.c.id, runs))
    family: dict[int, Any] = {}
    while rows:
        family.update((row.pk, row) for row in rows)
        above = {row.parent_pk for row in rows} - {None} - set(family)
        rows = list(select_in(connection, _FAMILY, execution.c.pk, above))
    return family
