"""Orders, pages and slices."""

from __future__ import annotations

import itertools
import math
import random

import pytest
from query_store import Writer

from epochlog.base.errors import EpochlogError
from epochlog.contract import events
from epochlog.query.runs import Runs

ORDERS = [
    ["-started"], ["started"], ["name"], ["-metrics.acc"], ["metrics.acc.max"], ["params.x"],
    ["-params.x"], ["params.x, -metrics.acc"], ["-metrics.acc", "name"], ["children.count, -name"],
    ["duration"], ["metrics.acc.mean"], ["experiment, -params.x"], ["status", "params.x"],
]  # fmt: skip


@pytest.fixture(scope="module")
def forty(tmp_path_factory):
    """Forty runs with ties, missing values, NaN, ±Inf and params of mixed types."""
    writer = Writer(tmp_path_factory.mktemp("forty") / ".epochlog")
    random.seed(5)
    for place in range(40):
        params = {"x": random.choice([1, 2, 2.5, "a", "b", None, math.inf, -math.inf])}
        acc = random.choice([None, 0.5, 0.5, 0.25, math.nan, math.inf, random.random()])
        writer.run(
            f"run-{random.randrange(10)}",
            params=params if place % 4 else None,
            metrics=None if acc is None else {"acc": [acc]},
            experiment=random.choice("ab"),
            seconds=random.choice([1, 2, 3]),
        )
    yield writer.reader()
    writer.sink.close()


@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("where", ["", "not params.x == 2", "metrics.acc >= 0"])
@pytest.mark.parametrize("walking", [False, True])
def test_pages_join_into_the_whole(forty, order, where, walking, monkeypatch):
    """Whatever the page size and the way runs are found, each comes once, in one and the same order."""
    if walking:
        monkeypatch.setattr("epochlog.query.plan.FEW", -1)
    whole = [run.id for run in Runs(forty, where, order)]

    assert len(whole) == len(set(whole)) == len(Runs(forty, where, order))
    for size in (1, 7):
        paged, cursor = [], ""
        while True:
            page, cursor = Runs(forty, where, order).page(size, cursor)
            paged += [run.id for run in page]
            if not cursor:
                break
        assert whole == paged
    monkeypatch.setattr("epochlog.query.plan.FEW", 10**6)
    assert whole == [run.id for run in Runs(forty, where, order)]


def test_missing_values_come_last_in_both_directions(forty):
    """Runs without the metric (or with NaN) follow those with it, newest first."""
    for order in ("metrics.acc", "-metrics.acc"):
        runs = list(Runs(forty, "", order))
        there = ["acc" in r.metrics and not math.isnan(r.metrics["acc"].last) for r in runs]
        assert sorted(there, reverse=True) == there
        rest = [r.started for r, has in zip(runs, there, strict=True) if not has]
        assert sorted(rest, reverse=True) == rest


def test_values_are_in_order(forty):
    """Numbers ascend with ±Inf at their ends, texts follow."""
    values = [run.params["x"] for run in Runs(forty, "params.x is not None", "params.x")]
    numbers = [v for v in values if not isinstance(v, str)]

    assert sorted(numbers) == numbers == values[: len(numbers)]
    assert sorted(values[len(numbers) :]) == values[len(numbers) :]


def test_a_cursor_of_another_question_is_refused(forty):
    """A cursor only goes with the filter and order that it came from."""
    _, cursor = Runs(forty).page(3)

    with pytest.raises(EpochlogError, match="another filter or order"):
        Runs(forty, "", "name").page(3, cursor)
    with pytest.raises(EpochlogError, match="another filter or order"):
        Runs(forty, "params.x == 2").page(3, cursor)
    with pytest.raises(EpochlogError, match="malformed"):
        Runs(forty).page(3, "x")


def test_slices_and_limits(forty):
    """Indexing, slicing and limit agree with the whole list."""
    whole = list(Runs(forty))

    assert whole[0] == Runs(forty)[0] == Runs(forty).first
    assert whole[-1] == Runs(forty)[-1]
    assert whole[3:9:2] == Runs(forty)[3:9:2]
    assert whole[-3:] == Runs(forty)[-3:]
    assert whole[:5] == list(Runs(forty, limit=5))
    assert len(Runs(forty, limit=5)) == 5
    assert not Runs(forty, limit=0)
    assert [len(page) for page in Runs(forty).pages(20)] == [20, 20]
    with pytest.raises(IndexError):
        Runs(forty)[40]


def test_new_runs_disturb_no_pages(writer):
    """Runs that appear while pages are read neither repeat nor hide others."""
    first = [writer.run(f"r{i}", metrics={"acc": [i / 10]}) for i in range(10)]
    for order in ("-started", "-metrics.acc"):
        pages = Runs(writer.reader(), "", order).pages(3)
        seen = [run.id for run in next(pages)]
        writer.run("newcomer", metrics={"acc": [5.0]})
        seen += [run.id for page in pages for run in page]

        assert list(reversed(first)) == [each for each in seen if each in first]
        assert len(seen) == len(set(seen))


def test_a_run_that_moves_comes_once(writer):
    """A run whose metric changes while pages are read is not given twice."""
    ids = [writer.run(f"r{i}", metrics={"acc": [float(i)]}, status="running") for i in range(9)]
    pages = Runs(writer.reader(), "", "-metrics.acc").pages(2)
    seen = [run.id for run in next(pages)]
    writer.write(events.MetricPoints(ids[8], 5, step=9, metrics={"acc": -1.0}))
    seen += [run.id for run in itertools.chain.from_iterable(pages)]

    assert list(reversed(ids)) == seen
