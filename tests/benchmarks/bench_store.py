"""Measure the store: CPU a point to commit, bytes a point on disk, time to read a long curve.

Run with ``python tests/benchmarks/bench_store.py [points]``; prints one table.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np

from epochlog.base.ids import new_id
from epochlog.contract.events import MetricPoints, Params, RunEnded, RunStarted
from epochlog.contract.sink import Batch, JournalInfo, StoreLocation
from epochlog.store.database import open_engine
from epochlog.store.series import read_series
from epochlog.store.sink import StoreSink

METRICS_A_CALL = 10
CALLS_A_BATCH = 16_000
START_US = 1_790_000_000_000_000


def location(folder: str) -> StoreLocation:
    return StoreLocation(f"sqlite:///{folder}/epochlog.db", folder, f"{folder}/blobs")


def journal() -> JournalInfo:
    return JournalInfo(new_id(), "host", "boot", 1, START_US, "")


def calls(run: str, count: int, first_step: int, jitter: random.Random) -> list[bytes]:
    """Encoded calls of log_metrics with full-entropy floats, about every millisecond."""
    encode = msgspec.msgpack.Encoder().encode
    at = START_US + first_step * 1000
    frames = []
    for step in range(first_step, first_step + count):
        at += 900 + jitter.randrange(200)
        metrics = {f"train/metric_{i}": jitter.random() for i in range(METRICS_A_CALL)}
        frames.append(encode(MetricPoints(run, at, step, metrics)))
    return frames


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Return (CPU seconds, wall seconds) of ``work``."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def disk_bytes(folder: str) -> int:
    return sum(path.stat().st_size for path in Path(folder).glob("epochlog.db*"))


def write(sink: StoreSink, points: int, calls_a_batch: int) -> Iterator[str]:
    """Write ``points`` in batches; decoding is part of the bill, making the frames isn't."""
    jitter = random.Random(7)
    run, info, position = new_id(), journal(), 0
    sink.write(Batch(info, 0, 1, [RunStarted(run, START_US, "bench")]))
    position = 1
    decoder = msgspec.msgpack.Decoder(MetricPoints)
    decode_cpu = sink_cpu = 0.0
    total = points // METRICS_A_CALL
    for first in range(0, total, calls_a_batch):
        frames = calls(run, min(calls_a_batch, total - first), first, jitter)
        events: list[MetricPoints] = []
        cpu, _ = measured(lambda: events.extend(map(decoder.decode, frames)))  # noqa: B023
        decode_cpu += cpu
        batch = Batch(info, position, position + 1, events)
        cpu, _ = measured(lambda: sink.write(batch))  # noqa: B023
        sink_cpu += cpu
        position += 1
    written = total * METRICS_A_CALL
    size = f"batches of {calls_a_batch:,} calls"
    yield f"decode, {size}: {decode_cpu / written * 1e9:.0f} ns CPU a point"
    yield f"sink, {size}: {sink_cpu / written * 1e9:.0f} ns CPU a point"


def main(points: int = 2_000_000) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sink = StoreSink(location(folder))
        empty = disk_bytes(folder)
        for line in write(sink, points, CALLS_A_BATCH):
            print(line)
        sink.close()
        print(f"on disk: {(disk_bytes(folder) - empty) / points:.2f} bytes a point")
    with tempfile.TemporaryDirectory() as folder:
        sink = StoreSink(location(folder))
        empty = disk_bytes(folder)
        for line in write(sink, points // 20, 20):
            print(line)
        sink.close()
        print(f"on disk: {(disk_bytes(folder) - empty) / (points // 20):.2f} bytes a point (live)")
    one_long_curve()
    many_runs()


def one_long_curve(points: int = 1_000_000) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sink = StoreSink(location(folder))
        run, info = new_id(), journal()
        jitter = random.Random(3)
        for number, first in enumerate(range(0, points, 50_000)):
            events = [
                MetricPoints(
                    run, START_US + s * 1000 + jitter.randrange(300), s, {"loss": jitter.random()}
                )
                for s in range(first, first + 50_000)
            ]
            sink.write(Batch(info, number, number + 1, events))
        sink.close()
        engine = open_engine(location(folder), readonly=True)
        with engine.connect() as connection:
            pk = connection.exec_driver_sql("SELECT pk FROM series").scalar_one()
            times = [measured(lambda: read_series(connection, pk)) for _ in range(9)]
            assert len(read_series(connection, pk)) == points
            chunks = connection.exec_driver_sql("SELECT count(*) FROM series_chunk").scalar_one()
        cpu, wall = (min(column) * 1e3 for column in zip(*times, strict=True))
        print(f"read {points:,} points: best {wall:.0f} ms, {cpu:.0f} ms CPU ({chunks} chunks)")
        walls = []
        for _ in range(5):
            walls.append(measured(lambda: open_engine(location(folder)).dispose())[1])
        print(f"open an existing store: {np.median(walls) * 1e3:.1f} ms")


def many_runs(count: int = 2000) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sink = StoreSink(location(folder))
        search = new_id()
        events: list = [RunStarted(search, START_US, "search", kind="search")]
        for number in range(count):
            run = new_id()
            events += [
                RunStarted(run, START_US + number, f"c{number}", parent=search, kind="candidate"),
                Params(run, START_US + number, {f"p{i}": i / 7 for i in range(10)}),
                MetricPoints(run, START_US + number, 0, {f"test/m{i}": i / 3 for i in range(5)}),
                RunEnded(run, START_US + number, "completed"),
            ]
        cpu, _ = measured(lambda: sink.write(Batch(journal(), 0, 1, events)))
        sink.close()
        print(f"small runs (10 params, 5 metrics): {cpu / count * 1e6:.0f} µs CPU a run")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000)
