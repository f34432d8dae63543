"""The SQL views exist as documented."""

from __future__ import annotations

from typing import Any

import pytest

from epochlog.base.ids import new_id
from epochlog.contract.events import RunEnded, RunStarted
from epochlog.store.views import VIEWS


@pytest.mark.parametrize("name", VIEWS)
def test_view_has_exactly_the_documented_columns(desk: Any, name: str) -> None:
    """Every column of a view is described, in order, and none is described that isn't there."""
    columns = [row[1] for row in desk.rows(f"PRAGMA table_info({name})")]

    assert columns == list(VIEWS[name][2])


def test_ready_steps_are_those_whose_upstream_succeeded(desk: Any) -> None:
    """A pending step is ready when all it depends on has succeeded."""
    done, failed, first, second = (new_id() for _ in range(4))
    desk.write(*(RunStarted(run, 1, run) for run in (done, failed, first, second)))
    desk.write(RunEnded(done, 2, "completed"), RunEnded(failed, 2, "failed"))
    pk = dict(desk.rows("SELECT id, pk FROM execution"))
    with desk.sink._engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE execution SET status = 'pending' WHERE pk IN ({pk[first]}, {pk[second]})"
        )
        for run, upstream in ((first, done), (second, done), (second, failed)):
            connection.exec_driver_sql(
                "INSERT INTO depends VALUES (?, ?, 'data')", (pk[run], pk[upstream])
            )

    assert desk.rows("SELECT run_id FROM v_ready") == [(first,)]
