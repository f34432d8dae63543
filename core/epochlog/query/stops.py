"""Read whether a run may be stopped and who asked it to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from epochlog.base.clock import to_datetime
from epochlog.query.opening import Reader
from epochlog.store.schema import stop


@dataclass(frozen=True, slots=True)
class StopView:
    """What a run says about being stopped.

    Attributes:
        accepted: since when it ends early if somebody asks it to; None: it does not.
        requested: when somebody asked it to; None: nobody did.
        by: who asked.
        reason: why.
    """

    accepted: datetime | None
    requested: datetime | None
    by: str
    reason: str


def load_stop(reader: Reader, pk: int) -> StopView | None:
    """Return the row of one run, or None."""
    rows = reader.rows(select(stop).where(stop.c.execution_pk == pk))
    if not rows:
        return None
    row = rows[0]
    return StopView(
        to_datetime(row.accepted_at),
        to_datetime(row.requested_at),
        row.requested_by,
        row.reason or "",
    )
