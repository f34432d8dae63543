"""Orders of all runs at once, while others record."""

from __future__ import annotations

import pytest

import epochlog
from epochlog.query.arranging import Arranger
from epochlog.query.grouping import Groups
from epochlog.query.opening import open_store
from epochlog.query.table import parse_columns


def record(value):
    """Record one run with a metric, a param and a text."""
    with epochlog.start_run() as run:
        run.log_params({"lr": value, "opt": f"o{value}"})
        run.log_metrics({"m": value})
    epochlog.flush()


@pytest.mark.parametrize("order", ["metrics.m", "-params.lr", "params.opt, metrics.m", "started"])
def test_runs_that_come_meanwhile_are_left_out(store, order):
    """An arranger answers for the runs that there were when it was made, whatever it reads later."""
    for value in range(3):
        record(value)
    reader = open_store(recovering=False)
    arranger = Arranger(reader)
    before = sorted(arranger.arrange(None).tolist())
    record(3)

    assert sorted(arranger.arrange(None, order).tolist()) == before
    groups = Groups(
        reader, arranger, arranger.arrange(None, order), parse_columns(reader, ["params.opt"])
    )
    assert len(groups) == 3
