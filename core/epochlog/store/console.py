"""Write what was printed while runs were open: some lines a row, old ones of the end give way."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert

from epochlog.contract.events import Console
from epochlog.store.executions import Executions
from epochlog.store.schema import SEARCH_CHARS, console
from epochlog.store.sql import run_many

_INSERT = insert(console)
_GIVE_WAY = delete(console).where(
    (console.c.execution_pk == bindparam("b_execution"))
    & (console.c.context == bindparam("b_context"))
    & (console.c.tail == 1)
    & (console.c.first_line + console.c.line_count <= bindparam("b_keep_from"))
)


def write_console(connection: Connection, runs: Executions, events: Sequence[Console]) -> None:
    """Write console lines in the caller's transaction; drop those that are no longer wanted."""
    keep_from: dict[tuple[int, str], int] = {}
    rows = []
    for event in events:
        pk, context = runs[event.run], event.context[:SEARCH_CHARS]
        rows.append(
            {
                "execution_pk": pk,
                "context": context,
                "at": event.at,
                "first_line": event.first,
                "line_count": len(event.lines),
                "tail": int(event.tail),
                "body": "\n".join(event.lines),
                "spans": msgspec.json.encode(event.spans).decode(),
                "unfinished": event.unfinished or None,
            }
        )
        if event.keep_from:
            keep_from[pk, context] = event.keep_from
    run_many(connection, _INSERT, rows)
    old = [
        {"b_execution": pk, "b_context": context, "b_keep_from": number}
        for (pk, context), number in keep_from.items()
    ]
    run_many(connection, _GIVE_WAY, old)
