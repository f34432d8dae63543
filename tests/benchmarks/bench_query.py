"""Time filters, orders and pages over many runs, and reading a long curve.

    python tests/benchmarks/bench_query.py                 # 100,000 runs, 1,000,000 points
    python tests/benchmarks/bench_query.py --runs 20000 --points 100000

The store is built once in a cache folder (about 2 GB for 100,000 runs) and used again.
"""

from __future__ import annotations

import argparse
import math
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from epochlog.base.ids import new_id
from epochlog.base.settings import Settings
from epochlog.contract.sink import StoreLocation
from epochlog.query.downsample import downsample
from epochlog.query.opening import Reader, open_store
from epochlog.query.runs import Runs
from epochlog.store import codec, schema
from epochlog.store.codec import Points, encode
from epochlog.store.database import open_engine
from epochlog.store.sql import sha256

PARAMS = [f"p{i:02}" for i in range(20)]
METRICS = [f"val/m{i:02}" for i in range(20)]
TAGS = ["rare", "common", "half"]
LIMIT_MS = 30.0


def build(folder: Path, runs: int, points: int) -> StoreLocation:
    """Make the store unless it is there; rows go in without indexes, which are built at the end."""
    root = folder / f"runs{runs}-points{points}-{_format()}"
    location = StoreLocation(f"sqlite:///{root / 'epochlog.db'}", str(root), str(root / "blobs"))
    if (root / "done").exists():
        return location
    print(f"building {runs:,} runs in {root} …", flush=True)
    open_engine(location).dispose()
    database = sqlite3.connect(root / "epochlog.db")
    for pragma in ("synchronous=OFF", "journal_mode=MEMORY", "cache_size=-500000"):
        database.execute(f"PRAGMA {pragma}")
    query = "SELECT name, sql FROM sqlite_master WHERE type='index' AND sql IS NOT NULL"
    indexes = database.execute(query).fetchall()
    for name, _ in indexes:
        database.execute(f'DROP INDEX "{name}"')
    _fill(database, runs, points)
    for _, sql in indexes:
        database.execute(sql)
    database.commit()
    database.execute("PRAGMA journal_mode=WAL")
    database.close()
    (root / "done").touch()
    return location


def _format() -> str:
    """Return a mark of how the store looks now, so that no cache of an older one is used."""
    return sha256("".join(Path(m.__file__ or "").read_text() for m in (schema, codec)))[:8]


def _fill(database: sqlite3.Connection, runs: int, points: int) -> None:
    names = [*PARAMS, *METRICS, *TAGS, "long"]
    keys = {name: place for place, name in enumerate(names, start=1)}
    insert(database, "key", ({"pk": pk, "digest": sha256(n), "name": n} for n, pk in keys.items()))
    insert(database, "project", [{"pk": 1, "id": new_id(), "name": "default"}])
    insert(
        database,
        "experiment",
        ({"pk": i, "project_pk": 1, "name": f"e{i}", "created_at": 0} for i in range(1, 11)),
    )
    insert(database, "execution", (_run(pk) for pk in range(1, runs + 1)))
    insert(database, "param", _params(runs, keys))
    insert(database, "series", _series(runs, keys))
    insert(database, "tag", _tags(runs, keys))
    _long_series(database, keys["long"], points, runs * len(METRICS) + 1)
    database.commit()


def _run(pk: int) -> dict[str, Any]:
    start = 1_760_000_000_000_000 + pk * 60_000_000
    return {
        "pk": pk, "id": new_id(), "project_pk": 1, "experiment_pk": pk % 10 + 1, "kind": "run",
        "name": f"run-{pk}", "source": "", "root_pk": pk, "status_reason": "",
        "status": "failed" if pk % 50 == 0 else "completed", "created_at": start,
        "started_at": start, "ended_at": start + 30_000_000, "updated_at": start + 30_000_000,
        "host": "box", "attempt": 1,
    }  # fmt: skip


def _params(runs: int, keys: dict[str, int]) -> Iterator[dict[str, Any]]:
    random.seed(1)
    choices = ("adam", "sgd", "adamw", "lion")
    for pk in range(1, runs + 1):
        for place, name in enumerate(PARAMS):
            row: dict[str, Any] = {"execution_pk": pk, "key_pk": keys[name], "flags": 0}
            if place % 4 == 3:
                text = random.choice(choices)
                yield {**row, "vtype": "str", "num": None, "text": text}
            else:
                value = 10 ** random.uniform(-5, 0)
                yield {**row, "vtype": "float", "num": value, "text": repr(value)}


def _series(runs: int, keys: dict[str, int]) -> Iterator[dict[str, Any]]:
    random.seed(2)
    pk = 0
    for run in range(1, runs + 1):
        for name in METRICS:
            pk += 1
            low, last = sorted((random.random(), random.random()))
            yield {
                "pk": pk, "execution_pk": run, "key_pk": keys[name], "kind": 0, "context": "",
                "direction": -1, "count": 100, "nan_count": 0, "first_value": 1.0, "first_step": 0,
                "last_value": last, "last_step": 99, "min_value": low, "min_step": 50,
                "max_value": 1.0, "max_step": 0, "best_value": low, "best_step": 50, "sum": 60.0,
                "first_at": 0, "last_at": 1, "flags": 0,
            }  # fmt: skip


def _tags(runs: int, keys: dict[str, int]) -> Iterator[dict[str, Any]]:
    every = {"rare": 1000, "common": 10, "half": 2}
    for run in range(1, runs + 1):
        for name, step in every.items():
            if run % step == 0:
                row = {"entity_kind": "execution", "entity_pk": run, "key_pk": keys[name]}
                yield {**row, "at": 0}


def _long_series(database: sqlite3.Connection, key_pk: int, points: int, pk: int) -> None:
    row = next(_series(1, dict.fromkeys(METRICS, 1)))
    insert(database, "series", [{**row, "pk": pk, "key_pk": key_pk, "count": points}])
    values = np.random.default_rng(0).normal(size=points)
    chunk = 4096
    rows = (
        {
            "series_pk": pk,
            "writer_pk": 1,
            "seq": start // chunk,
            "count": min(chunk, points - start),
            "data": encode(_chunk(values, start, min(start + chunk, points))),
        }
        for start in range(0, points, chunk)
    )
    insert(database, "series_chunk", rows)


def _chunk(values: Any, start: int, stop: int) -> Points:
    steps = np.arange(start, stop, dtype=np.int64)
    return Points(steps, steps * 1000 + steps % 7, values[start:stop])


def insert(database: sqlite3.Connection, table: str, rows: Any) -> None:
    """Insert rows given as dicts with the same keys."""
    rows = iter(rows)
    first = next(rows)
    names, marks = ", ".join(f'"{n}"' for n in first), ", ".join(f":{n}" for n in first)
    statement = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'
    database.execute(statement, first)
    database.executemany(statement, rows)


CASES = {
    "newest 50": ("", "-started"),
    "selective param (~0.1 %), newest": ("params.p00 < 1.01e-5", "-started"),
    "param range (~2 %), newest": ("1e-5 < params.p00 < 1.26e-5", "-started"),
    "half of all, newest": ("params.p00 < 3e-3", "-started"),
    "all, best metric first": ("", 'metrics["val/m00"].min'),
    "half, metric descending": ("params.p00 < 3e-3", '-metrics["val/m00"].last'),
    "selective, metric descending": ("params.p00 < 1.1e-5", '-metrics["val/m00"].last'),
    "metric and param and text": (
        'metrics["val/m00"].min < 0.2 and params.p01 < 1e-2 and params.p03 == "adam"',
        '-metrics["val/m01"].last',
    ),
    "same metric, wrong end": ('metrics["val/m00"].last < 0.3', '-metrics["val/m00"].last'),
    "rare tag, metric": ('"rare" in tags', '-metrics["val/m00"].last'),
    "common tag, newest": ('"common" in tags', "-started"),
    "half tag, metric": ('"half" in tags', 'metrics["val/m02"].min'),
    "5 conditions": (
        """params.p00 < 0.1 and params.p01 < 0.1 and params.p02 < 0.1
           and metrics["val/m03"].last > 0.5 and "half" in tags""",
        '-metrics["val/m00"].last',
    ),
    "or of two": ('params.p00 < 2e-5 or metrics["val/m00"].min < 0.01', "-started"),
    "not": ('not params.p00 < 0.5 and params.p03 != "adam"', "-started"),
    "status and name": ('status == "failed" and like(name, "run-1%")', "-started"),
    "two ordered fields": ("params.p00 < 3e-3", 'params.p03, -metrics["val/m00"].last'),
    "nothing matches": ("params.p00 < 0", '-metrics["val/m00"].last'),
    "disjoint halves": ('params.p00 < 1e-3 and metrics["val/m00"].min > 0.999', "-started"),
}


def measure(action: Callable[[], Any], repeat: int) -> tuple[float, float, Any]:
    """Return (median, best) milliseconds of wall time and the last result."""
    times, result = [], None
    for _ in range(repeat):
        start = time.perf_counter()
        result = action()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), min(times), result


def page_cases(reader: Reader, repeat: int) -> None:
    """Print one line a case; every repetition parses, plans and reads anew."""
    print("\nfilter, order, page of 50: only ids | with all params, metrics, tags | count of all")
    print(f"{'milliseconds: median (best)':36}{'ids':>16}{'full':>16}{'count':>16}{'runs':>9}")
    for name, (where, order) in CASES.items():

        def runs(limit: int | None = 50, where: str = where, order: str = order) -> Runs:
            return Runs(reader, where, order, limit)

        ids = measure(lambda runs=runs: runs().ids, repeat)
        full = measure(lambda runs=runs: _full(runs()), repeat)
        count = measure(lambda runs=runs: runs(None).count(), 3)
        cells = "".join(f"{f'{m:.1f} ({b:.1f})':>16}" for m, b, _ in (ids, full, count))
        mark = "" if ids[0] <= LIMIT_MS else f"  > {LIMIT_MS:g}"
        print(f"{name:36}{cells}{count[2]:9,}{mark}")


def _full(runs: Runs) -> int:
    return sum(len(run.params) + len(run.metrics) + len(run.tags) for run in runs)


def series_cases(reader: Reader, repeat: int) -> None:
    """Print the times of reading the long curve."""
    run = Runs(reader, 'metrics["long"].count > 1')[0]
    points = run.metrics["long"].count
    read, _, series = measure(lambda: run.series("long"), repeat)
    both, _, _ = measure(lambda: run.series("long", max_points=4000), repeat)
    only, _, _ = measure(lambda: downsample(series.steps, series.values, buckets=2000), repeat)
    print(
        f"\n{points:,} points: read {read:.1f} ms; read and down-sample to 2,000 buckets", end=" "
    )
    print(f"{both:.1f} ms; down-sample alone {only:.1f} ms")


def main() -> None:
    """Build the store, then print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--cache", default=f"{tempfile.gettempdir()}/epochlog-bench")
    options = parser.parse_args()
    location = build(Path(options.cache), options.runs, options.points)
    reader = open_store(Settings(store=location.root))
    size = math.ceil(Path(location.root, "epochlog.db").stat().st_size / 2**20)
    print(f"{options.runs:,} runs, {len(PARAMS)} params, {len(METRICS)} metrics each; {size:,} MiB")
    page_cases(reader, options.repeat)
    series_cases(reader, options.repeat)


if __name__ == "__main__":
    main()
