"""Runs side by side."""

from __future__ import annotations

import math

import pytest
from query_store import T0

from epochlog.base.errors import EpochlogError
from epochlog.contract import events
from epochlog.query.compare import MISSING, compare
from epochlog.query.runs import Runs


@pytest.fixture
def compared(writer):
    """A comparison of three runs."""
    same = {"same": 1, "nan": math.nan}
    ids = [
        writer.run("a", params={"lr": 0.1, "flag": True, **same}, metrics={"loss": [3.0, 1.0]}),
        writer.run("b", params={"lr": 0.2, "flag": 1, **same}, metrics={"loss": [2.0, 0.5]},
                   tags=("t",)),
        writer.run("b", params={"lr": 0.1, "opt": "sgd", "flag": True, **same}),
    ]  # fmt: skip
    for place, run in enumerate(ids):
        packages = {"numpy": "1" if place else "2", "scipy": "1"}
        writer.write(events.Environment(run, T0, {"packages": packages}))
    return compare(Runs(writer.reader(), "", "started"), baseline=1)


def row(comparison, section, name):
    """Return one row."""
    return next(r for r in comparison.section(section) if r.name == name)


def test_values_and_differences(compared):
    """Equal values don't differ, NaN equals NaN, a missing one differs, True is not 1."""
    assert row(compared, "params", "lr").values == (0.1, 0.2, 0.1)
    assert row(compared, "params", "opt").values == (MISSING, MISSING, "sgd")
    differing = {r.name for r in compared.section("params") if r.differs}
    assert {"lr", "opt", "flag"} == differing
    assert row(compared, "tags", "t").values == (MISSING, True, MISSING)
    assert row(compared, "environment", "packages.numpy").differs
    assert not row(compared, "environment", "packages.scipy").differs


def test_deltas_are_to_the_baseline(compared):
    """Numbers have a difference to the baseline; others have none."""
    loss = row(compared, "metrics", "loss.last")

    assert loss.values == (1.0, 0.5, MISSING)
    assert loss.deltas == (0.5, 0.0, None)
    assert row(compared, "params", "opt").deltas == (None, None, None)
    assert row(compared, "metrics", "loss.max").values == (3.0, 2.0, MISSING)


def test_only_differences(compared):
    """`differences` keeps the rows that differ and nothing else."""
    rows = list(compared.differences())

    assert 0 < len(rows) < len(compared)
    assert all(r.differs for r in rows)


def test_as_tables(compared):
    """The comparison shows as text, HTML and DataFrame; equal names are numbered."""
    table = compared.to_pandas()

    assert list(table.columns) == ["a", "b (2)", "b (3)", "differs"]
    assert table.loc[("params", "lr"), "b (2)"] == 0.2
    assert "params.lr" in repr(compared)
    assert "<td>0.2</td>" in compared._repr_html_()


def test_mistakes(writer):
    """Fewer than two runs, wrong baselines and sections are refused."""
    writer.run("a")
    writer.run("b")
    runs = list(Runs(writer.reader()))

    with pytest.raises(EpochlogError, match="two runs"):
        compare(runs[:1])
    with pytest.raises(EpochlogError, match="number 2"):
        compare(runs, baseline=2)
    with pytest.raises(EpochlogError, match="'param'"):
        compare(runs, sections=["param"])
