"""How long a filtered page of 50 takes among 100,000 runs, and reading a curve of a million points."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from suite.children import MeasurementFailed, measure
from suite.results import OURS, Options, Row, value_of

RUNS, RUNS_QUICK = 100_000, 2_000
POINTS, POINTS_QUICK = 1_000_000, 100_000
HEADLINE = "half, metric descending"
BUCKETS = 2_000


def benchmark_runs(options: Options) -> Iterator[Row]:
    """Filter and sort by metric: the store and its cases are those of bench_query.py."""
    runs = RUNS_QUICK if options.quick else RUNS
    options.say(f"runs_query: {runs:,} runs")
    page = Row("runs_query", f"{runs:,} runs: filter + sort by metric + page of 50", "ms", 30.0)
    by_metric = Row("runs_query", "slowest of all cases sorted by one metric", "ms", 30.0)
    slowest = Row("runs_query", "slowest of all other cases", "ms")
    try:
        found = measure("cases.many_runs:time_pages", cache=options.cache, size=_size(options))
    except MeasurementFailed as error:
        options.failures.append(("runs_query", str(error)))
        return
    page.values[OURS] = value_of(found[HEADLINE]["ms"])
    page.note = f"{HEADLINE!r} of bench_query.py; the 20 params and 20 metrics of each run are read"
    for row, one_metric in ((by_metric, True), (slowest, False)):
        cases = {name: value_of(c["ms"]) for name, c in found.items() if c["metric"] == one_metric}
        name = max(cases, key=lambda name: cases[name].median)
        row.values[OURS], row.note = cases[name], f"{name!r}, of {len(cases)} cases"
    yield from (page, by_metric, slowest)


def benchmark_series(options: Options) -> Iterator[Row]:
    """Read one curve in full, and down-sampled."""
    points = POINTS_QUICK if options.quick else POINTS
    options.say(f"long_series: {points:,} points")
    try:
        found = measure("cases.many_runs:time_series", cache=options.cache, size=_size(options))
    except MeasurementFailed as error:
        options.failures.append(("long_series", str(error)))
        return
    full = Row("long_series", f"{points:,} points read in full", "ms", 60.0)
    small = Row("long_series", f"read and down-sampled to {BUCKETS:,} buckets", "ms", 60.0)
    full.values[OURS], small.values[OURS] = value_of(found["full"]), value_of(found["small"])
    yield from (full, small)


def _size(options: Options) -> list[int]:
    return [RUNS_QUICK, POINTS_QUICK] if options.quick else [RUNS, POINTS]


def _reader(cache: str, size: list[int]) -> Any:
    import bench_query

    from epochlog.base.settings import Settings
    from epochlog.query.opening import open_store

    location = bench_query.build(Path(cache), *size)
    return open_store(Settings(store=location.root))


def time_pages(cache: str, size: list[int], folder: str) -> dict[str, dict[str, Any]]:
    """Return milliseconds per case of bench_query.py, params and metrics read; in a child process."""
    del folder
    import bench_query

    from epochlog.query.runs import Runs

    reader = _reader(cache, size)
    found = {}
    for name, (where, order) in bench_query.CASES.items():

        def page(where: str = where, order: str = order) -> int:
            runs = Runs(reader, where, order, limit=50)
            return sum(len(run.params) + len(run.metrics) for run in runs)

        one_metric = order.lstrip("-").startswith("metrics[") and "," not in order
        found[name] = {"ms": _times(page, 7), "metric": one_metric}
    return found


def time_series(cache: str, size: list[int], folder: str) -> dict[str, list[float]]:
    """Return milliseconds of reading the long curve, full and small; in a child process."""
    del folder
    from epochlog.query.runs import Runs

    run = Runs(_reader(cache, size), 'metrics["long"].count > 1')[0]
    assert len(run.series("long").values) == size[1]
    return {
        "full": _times(lambda: run.series("long"), 11),
        "small": _times(lambda: run.series("long", max_points=2 * BUCKETS), 11),
    }


def _times(action: Callable[[], object], repeats: int) -> list[float]:
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        action()
        taken.append((time.perf_counter() - started) * 1e3)
    return taken
