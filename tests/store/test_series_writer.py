"""Curves stay few rows and lose no point, however they arrive and whoever writes them."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epochlog.base.ids import new_id
from epochlog.contract.events import MetricPoints, RunStarted
from epochlog.contract.sink import Batch, JournalInfo, StoreLocation
from epochlog.store.schema import series
from epochlog.store.series_writer import FULL_POINTS, TAIL_POINTS
from epochlog.store.sink import StoreSink
from epochlog.store.summary import from_row, summarize


def points(run: str, first: int, count: int) -> list[MetricPoints]:
    return [
        MetricPoints(run, 10 * n, n, {"m": n * 0.5, "k": -n * 1.0})
        for n in range(first, first + count)
    ]


@pytest.mark.parametrize("size", [1, 7, 100, 255, 256, 700, 5_000])
def test_live_curve_has_few_rows(desk: Any, size: int) -> None:
    """Points that come in small batches end in few chunks, whole and in order."""
    run, total = desk.start(), max(600, min(size * 40, 20_000))
    for first in range(0, total, size):
        desk.write(*points(run, first, min(size, total - first)))

    found = desk.series("m")
    np.testing.assert_array_equal(np.arange(total), found.steps)
    np.testing.assert_array_equal(np.arange(total) * 0.5, found.values)
    np.testing.assert_array_equal(np.arange(total) * 10, found.times)
    chunks = [row[0] for row in desk.rows("SELECT count FROM series_chunk WHERE series_pk = 1")]
    assert sum(chunks) == total
    assert len(chunks) <= 2 * (total // FULL_POINTS) + 8
    assert sum(count < TAIL_POINTS for count in chunks) <= 1


def test_big_batch_writes_big_chunks_directly(desk: Any) -> None:
    """A batch of many points is cut into full chunks at once."""
    run = desk.start()
    desk.write(*points(run, 0, 2 * FULL_POINTS + 5))

    rows = desk.rows("SELECT count FROM series_chunk WHERE series_pk = 1 ORDER BY seq")
    assert rows == [(FULL_POINTS,), (FULL_POINTS,), (5,)]


def test_new_sink_goes_on_where_the_old_one_stopped(desk: Any) -> None:
    """Nothing that a sink remembers is needed to go on with its journal."""
    run = desk.start()
    for first in range(0, 900, 90):
        desk.write(*points(run, first, 90))
        desk.sink.close()
        desk.sink = StoreSink(desk.location)

    assert desk.series("m").steps.tolist() == list(range(900))
    assert desk.one("SELECT count(*) FROM series_chunk WHERE series_pk = 1") <= 4


CALLS = st.lists(
    st.tuples(
        st.sets(st.sampled_from("abc"), min_size=1),
        st.none() | st.integers(-3, 3) | st.sampled_from([0.5, 1e300]),
        st.floats(),
        st.none() | st.integers(0, 2),
    ),
    max_size=25,
)


@pytest.mark.slow
@given(st.lists(CALLS, max_size=4))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_calls_in_any_batches_are_all_kept(desk: Any, batches: list[Any]) -> None:
    """Whatever sets of metrics, steps and values are logged, every point and summary is right."""
    run, at = desk.start(), 0
    expected: dict[str, list[tuple[float, float]]] = {}
    for calls in batches:
        events = []
        for names, step, value, epoch in calls:
            at += 1
            events.append(MetricPoints(run, at, step, dict.fromkeys(sorted(names), value), epoch))
            for name in names:
                curve = expected.setdefault(name, [])
                known = max([s for s, _ in curve], default=-1)
                following = float(int(known // 1) + 1) if curve else 0.0
                curve.append((following if step is None else step, value))
        desk.write(*events)
    for name, curve in expected.items():
        found = desk.series(name, run)
        curve.sort(key=lambda pair: pair[0])
        assert repr([float(s) for s, _ in curve]) == repr(found.steps.astype(float).tolist())
        assert repr([v for _, v in curve]) == repr(found.values.tolist())
        columns = [c.name for c in series.c]
        row = desk.one(
            f"SELECT {', '.join(f's.{c}' for c in columns)} FROM series s "
            "JOIN key k ON k.pk = s.key_pk JOIN execution e ON e.pk = s.execution_pk "
            "WHERE k.name = ? AND e.id = ?",
            *(name, run),
        )
        stored = from_row(dict(zip(columns, row, strict=True)))
        whole = summarize(found)  # type: ignore[arg-type]
        for part in ("count", "nan_count", "first", "last", "low", "high", "first_at", "last_at"):
            assert repr(getattr(stored, part)).replace("-0.0", "0.0") == repr(
                getattr(whole, part)
            ).replace("-0.0", "0.0")


def _log(root: str, run: str, rank: int, batches: int) -> None:
    location = StoreLocation(f"sqlite:///{root}/epochlog.db", root)
    sink, info = StoreSink(location), JournalInfo(new_id(), "h", "b", rank, 1, "")
    sink.write(Batch(info, 0, 1, [RunStarted(run, 1, "shared", resumed=True)]))
    for number in range(1, batches):
        first = (number - 1) * 20
        events = [
            MetricPoints(run, rank + 10 * n, n * 4 + rank, {"m": float(rank)}, context="")
            for n in range(first, first + 20)
        ]
        sink.write(Batch(info, number, number + 1, events))
    sink.close()


@pytest.mark.slow
def test_four_processes_log_into_one_curve(tmp_path: Path, desk: Any) -> None:
    """Ranks that write one series of one run at once lose and double nothing."""
    run, batches = new_id(), 40
    spawn = multiprocessing.get_context("spawn")
    processes = [
        spawn.Process(target=_log, args=(str(desk.root), run, rank, batches)) for rank in range(4)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=200)
    total = 4 * (batches - 1) * 20

    assert [process.exitcode for process in processes] == [0] * 4
    found = desk.series("m")
    assert found.steps.tolist() == list(range(total))
    assert found.values.tolist() == [float(n % 4) for n in range(total)]
    assert desk.one("SELECT count, min_value, max_value, last_step, sum FROM series") == (
        total, 0.0, 3.0, total - 1.0, total * 1.5,
    )  # fmt: skip
    assert desk.one("SELECT count(*) FROM execution") == 1
