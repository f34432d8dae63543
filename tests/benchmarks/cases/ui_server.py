"""How fast the web UI's server answers over HTTP: 100,000 runs, many curves, long ones, comparisons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suite.children import MeasurementFailed, measure
from suite.results import Options, Row, facts, rows_of
from suite.served import Served, record_many

RUNS, RUNS_QUICK = 100_000, 2_000
POINTS, POINTS_QUICK = 1_000_000, 100_000
LINES, LINE_POINTS, COMPARED, PARAMS = 200, 1_000, 100, 500
REPEATS = 7
IDLE_S = 10.0

Question = tuple[str, float | None, str, dict[str, Any]]
"""What is asked, its target in milliseconds, address, body."""

COLUMNS = ["name", "status", "started", "duration", "tags", "params.p00", "params.p03"] + [
    f'metrics["val/m{place:02}"]' for place in range(6)
]


def benchmark(options: Options) -> Iterator[Row]:
    """Start the real command on two stores, ask over HTTP, look at its memory."""
    size = [RUNS_QUICK, POINTS_QUICK] if options.quick else [RUNS, POINTS]
    options.say(f"ui_server: {size[0]:,} runs")
    try:
        found = measure("cases.ui_server:time_server", cache=options.cache, size=size)
    except MeasurementFailed as error:
        options.failures.append(("ui_server", str(error)))
        return
    yield from rows_of("ui_server", found)


def time_server(cache: str, size: list[int], folder: str) -> dict[str, Any]:
    """Return what each question took; in a child process."""
    import bench_query

    runs, points = size
    location = bench_query.build(Path(cache), runs, points)
    found: dict[str, Any] = {}
    with Served(location.root) as server:
        found |= _timed(server, _table_questions(), fresh=True)
        found |= _timed(server, _series_questions(server, points))
        found["memory after these"] = facts([server.memory_mb()], "MB")
    with Served(record_many(Path(folder), LINES, LINE_POINTS, PARAMS)) as server:
        found["memory at rest"] = facts([server.memory_mb()], "MB", 120.0)
        found |= _timed(server, _small_questions(server))
        found["at rest, share of a core"] = facts([server.share(IDLE_S)], "%", 1.0)
    return found


def _table_questions() -> list[Question]:
    first = {"columns": COLUMNS, "limit": 200}
    deep = {**first, "offset": 50_000}
    metric = '-metrics["val/m03"].max'
    half = 'metrics["val/m05"].last > 0.5'
    return [
        ("newest first, window of 200 × 13", 150.0, "runs", first),
        ("sorted by a metric", 150.0, "runs", {**first, "order": metric}),
        ("the same order, window in the middle", 150.0, "runs", {**deep, "order": metric}),
        ("sorted by a param", 150.0, "runs", {**first, "order": "params.p01"}),
        ("filtered by a metric", 150.0, "runs", {**first, "where": half}),
        ("filtered by text and tag", 150.0, "runs",
         {**first, "where": 'params.p03 == "adam" and "rare" in tags'}),
        ("grouped by a param, 2 aggregates", None, "groups",
         {"group": ["params.p03"], "columns": ['metrics["val/m01"]', "params.p00"]}),
    ]  # fmt: skip


def _series_questions(server: Served, points: int) -> list[Question]:
    rows = server.ask("runs", {"columns": [], "where": 'metrics["long"].count > 1', "nested": True})
    asked = {"runs": [rows["rows"][0]["id"]], "metrics": [{"key": "long"}], "x": "step"}
    middle = {**asked, "range": [points * 0.4, points * 0.41]}
    smooth = {**asked, "smooth": {"method": "ema", "weight": 0.99}}
    return [
        (f"curve of {points:,} points", None, "series", asked),
        ("zoomed to 1 % of it", None, "series", middle),
        ("smoothed", None, "series", smooth),
    ]


def _small_questions(server: Served) -> list[Question]:
    ids = server.ask("runs/ids", {"limit": LINES})["ids"]
    lines = {"runs": ids, "metrics": [{"key": "loss"}], "x": "step", "buckets": 1_000}
    wide = {"runs": ids[:COMPARED], "sections": ["params", "metrics"]}
    return [
        (f"{LINES} runs × {LINE_POINTS:,} points", None, "series", lines),
        (f"compare {COMPARED} runs × {PARAMS} params", 500.0, "compare", wide),
        ("one run's page", None, f"runs/{ids[0]}", {}),
    ]


def _timed(server: Served, questions: list[Question], *, fresh: bool = False) -> dict[str, Any]:
    """Ask each question once for the first time (with ``fresh``), then several times more."""
    found: dict[str, Any] = {}
    for quantity, target, path, body in questions:
        taken = [server.timed(path, body) for _ in range(REPEATS + 1)]
        first, cpu_ms = taken[0]
        note = f"server CPU: first {cpu_ms:.0f} ms, then {min(c for _, c in taken[1:]):.0f} ms"
        if fresh:
            found[f"{quantity}, first"] = facts([first], "ms", target, note)
        again = [wall for wall, _ in taken[1:]]
        found[quantity] = facts(again, "ms", target, f"first: {first:.0f} ms; {note}")
    return found
