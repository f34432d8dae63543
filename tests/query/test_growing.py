"""Curves that grow are followed without reading them anew."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import event

import epochlog
from epochlog.query.growing import Growing, Sketch, joined, newest_points, thinned
from epochlog.query.opening import Reader
from epochlog.query.run_view import RunView
from epochlog.store.codec import Points


@contextmanager
def bytes_read(reader: Reader) -> Iterator[list[int]]:
    """Note the rows with content that are asked for."""
    found: list[int] = []

    def note(conn, cursor, statement, parameters, context, executemany):
        if "series_chunk.data" in statement:
            found.append(statement.count("?") // 2)

    event.listen(reader.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(reader.engine, "before_cursor_execute", note)


def points(values: list[float], begin: int = 0) -> Points:
    """Return points with steps from ``begin``, one a second."""
    steps = np.arange(begin, begin + len(values))
    return Points(steps=steps, values=np.asarray(values, float), times=steps * 1_000_000)


def test_only_chunks_that_changed_are_read(store: Path) -> None:
    """A look at a curve that grew reads its newest chunk; one that did not, nothing."""
    with epochlog.start_run("long") as run:
        for step in range(3000):
            run.log_metric("loss", 1 / (step + 1), step=step)
        run.flush()
        view: RunView = epochlog.get_run(run.id)
        growing = Growing(view.reader)
        before = growing.sketch(view.metrics["loss"])
        run.log_metric("loss", 7.0, step=3000)
        run.flush()
        view = view.refresh()
        with bytes_read(view.reader) as read:
            after = growing.sketch(view.metrics["loss"])
            again = growing.sketch(view.metrics["loss"])

    assert again is after
    assert sum(read) == 1
    assert before.weights.sum() == 3000
    assert after.weights.sum() == 3001
    assert (after.steps[-1], after.values[-1]) == (3000, 7.0)
    assert len(after) < 1000


def test_small_curves_are_kept_whole() -> None:
    """Up to 256 points a chunk, nothing is lost."""
    sketch = thinned(points([1.0, math.nan, 3.0]))

    assert sketch.resampled(10)[::2] == [1.0, 3.0]
    assert math.isnan(sketch.resampled(10)[1])


def test_means_are_right_and_gaps_stay() -> None:
    """A long curve keeps the mean of each part; parts without any number stay NaN."""
    values = [float(v) for v in range(2048)] + [math.nan] * 2048
    shape = thinned(points(values)).resampled(4)

    assert shape[:2] == pytest.approx([511.5, 1535.5], rel=0.02)
    assert all(math.isnan(v) for v in shape[2:])


def test_parts_of_different_sizes_weigh_what_they_hold() -> None:
    """A full chunk and a short tail share the picture by their numbers of points."""
    sketch = joined([thinned(points([0.0] * 4000)), thinned(points([1.0] * 100, begin=4000))])
    shape = sketch.resampled(41)

    assert shape[:39] == [0.0] * 39
    assert shape[-1] == 1.0


def test_steps_are_put_in_order() -> None:
    """Chunks of several writers come out by step."""
    sketch = joined([thinned(points([5.0], begin=9)), thinned(points([1.0, 2.0]))])

    assert list(sketch.steps) == [0, 1, 9]
    assert list(sketch.values) == [1.0, 2.0, 5.0]


def test_no_points() -> None:
    """A curve without points is an empty sketch."""
    sketch: Sketch = joined([])

    assert len(sketch) == 0
    assert sketch.resampled(10) == []


@pytest.mark.parametrize("most", [0, 1, 10, 10**6])
def test_each_point_comes_once(store: Path, most: int) -> None:
    """However chunks grow and merge, a follower gets every point once, the last ``most`` first."""
    seen: dict[int, int] = {}
    got: list[float] = []
    with epochlog.start_run("long") as run:
        begin = 0
        for size in (30, 1, 2000, 1, 1, 300, 300, 300, 300, 5):
            for step in range(begin, begin + size):
                run.log_metric("loss", float(step), step=step)
            begin += size
            run.flush()
            view: RunView = epochlog.get_run(run.id)
            pk = view.metrics["loss"].series_pk
            points = newest_points(view.reader, pk, seen, most)
            got += points.values.tolist()
        again = newest_points(view.reader, pk, seen, most)

    assert got == [float(step) for step in range(30 - min(most, 30), begin)]
    assert len(again) == 0
