"""How fast the web UI's server answers over HTTP: 100,000 runs, many curves, long ones, comparisons."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from suite.children import MeasurementFailed, measure
from suite.results import OURS, Options, Row, value_of

RUNS, RUNS_QUICK = 100_000, 2_000
POINTS, POINTS_QUICK = 1_000_000, 100_000
LINES, LINE_POINTS, COMPARED, PARAMS = 200, 1_000, 100, 500
REPEATS = 7

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
    for quantity, facts in found.items():
        row = Row("ui_server", quantity, facts["unit"], facts["target"])
        row.values[OURS] = value_of(facts["values"])
        row.note = facts["note"]
        yield row


def time_server(cache: str, size: list[int], folder: str) -> dict[str, Any]:
    """Return what each question took; in a child process."""
    import bench_query

    runs, points = size
    location = bench_query.build(Path(cache), runs, points)
    found: dict[str, Any] = {}
    with Served(location.root) as server:
        found |= server.timed(_table_questions(), fresh=True)
        found |= server.timed(_series_questions(server, points))
        found |= server.memory("memory after these")
    small = _small_store(Path(folder), LINES, LINE_POINTS, PARAMS)
    with Served(small) as server:
        found |= server.memory("memory at rest", 120.0)
        found |= server.timed(_small_questions(server))
        found |= server.idle()
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


class Served:
    """The command ``epochlog ui`` on a store, as a process of its own."""

    def __init__(self, root: str) -> None:
        self.root = root

    def __enter__(self) -> Self:
        command = [sys.executable, "-c", "from epochlog.cli.main import main; main()", "ui",
                   "--store", self.root, "--port", "0", "--no-browser"]  # fmt: skip
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline() if self.process.stdout else ""
        address = re.search(r"http://\S+/", line)
        assert address, f"the server did not start: {line}"
        self.url = address[0]
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def ask(self, path: str, body: dict[str, Any] | None = None, *, raw: bool = False) -> Any:
        """Return an answer."""
        headers = {"Content-Type": "application/json", "X-Epochlog": "1"}
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(f"{self.url}api/{path}", data, headers)
        with urllib.request.urlopen(request, timeout=300) as answer:
            content = answer.read()
        return content if raw else json.loads(content)

    def timed(self, questions: list[Question], *, fresh: bool = False) -> dict[str, Any]:
        """Ask each question once for the first time (with ``fresh``), then several times more."""
        found: dict[str, Any] = {}
        for quantity, target, path, body in questions:
            taken = [self._once(path, body) for _ in range(REPEATS + 1)]
            first, cpu_ms = taken[0]
            note = f"server CPU: first {cpu_ms:.0f} ms, then {min(c for _, c in taken[1:]):.0f} ms"
            if fresh:
                found[f"{quantity}, first"] = _facts([first], "ms", target, note)
            again = [wall for wall, _ in taken[1:]]
            found[quantity] = _facts(again, "ms", target, f"first: {first:.0f} ms; {note}")
        return found

    def _once(self, path: str, body: dict[str, Any]) -> tuple[float, float]:
        cpu, started = self._cpu_s(), time.perf_counter()
        self.ask(path, body, raw=True)
        wall = time.perf_counter() - started
        return wall * 1e3, (self._cpu_s() - cpu) * 1e3

    def _cpu_s(self) -> float:
        text = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(text[11]) + int(text[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, quantity: str, target: float | None = None) -> dict[str, Any]:
        """Return the resident memory in megabytes."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        kib = int(re.search(r"VmRSS:\s+(\d+)", text)[1])  # type: ignore[index]
        return {quantity: _facts([kib * 1024 / 1e6], "MB", target, "")}

    def idle(self, seconds: float = 10.0) -> dict[str, Any]:
        """Return the share of a core that it takes while nobody asks."""
        cpu = self._cpu_s()
        time.sleep(seconds)
        share = 100 * (self._cpu_s() - cpu) / seconds
        return {"at rest, share of a core": _facts([share], "%", 1.0, f"over {seconds:.0f} s")}


def _facts(values: list[float], unit: str, target: float | None, note: str) -> dict[str, Any]:
    return {"values": values, "unit": unit, "target": target, "note": note}


def _small_store(folder: Path, runs: int, points: int, params: int) -> str:
    """Record runs with one curve and many params, through the public API."""
    import epochlog

    root = str(folder / "small")
    os.environ["EPOCHLOG_STORE"] = root
    for number in range(runs):
        with epochlog.start_run(f"run-{number}") as run:
            run.log_params({f"p{i:03}": i if i % 3 else i * number for i in range(params)})
            for step in range(points):
                run.log_metrics({"loss": 1 / (step + 1 + number)}, step=step)
    epochlog.flush()
    return root
