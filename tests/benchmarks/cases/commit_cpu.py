"""CPU time and disk a point costs from the first call until everything is committed."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from typing import Any

from cases.workload import METRICS_A_CALL, disk_bytes, prepared
from suite.children import MeasurementFailed, load_peer, measure
from suite.results import OURS, Options, Row, value_of

CALLS, CALLS_QUICK = 100_000, 2_000


def benchmark(options: Options) -> Iterator[Row]:
    """CPU and disk of the same calls, and of a run with a single call to tell the start apart."""
    # A few thousand calls can't carry the one-time start, so no verdict on them.
    target = None if options.quick else 1.0
    cpu = Row("commit_cpu", "CPU a point, first call to committed", "µs", target)
    steady = Row("commit_cpu", "the same without the run's one-time start", "µs")
    wall = Row("commit_cpu", "wall a point, first call to committed", "µs")
    disk = Row("disk", "a point of full-entropy floats, after close", "bytes", 10.0)
    for subject in options.subjects:
        options.say(f"commit_cpu, disk: {subject}")
        try:
            calls, once, all_of_them = _measured(options, subject)
        except MeasurementFailed as error:
            options.failures.append((f"commit_cpu, {subject}", str(error)))
            continue
        points, more = calls * METRICS_A_CALL, (calls - 1) * METRICS_A_CALL
        cpu.values[subject] = value_of(each["cpu_s"] / points * 1e6 for each in all_of_them)
        wall.values[subject] = value_of(each["wall_s"] / points * 1e6 for each in all_of_them)
        for row, name, scale in ((steady, "cpu_s", 1e6), (disk, "disk_bytes", 1)):
            found = (scale * (each[name] - once[name]) / more for each in all_of_them)
            row.values[subject] = value_of(found)
    steady.note = "minus a process that logs one call: imports, database, environment"
    yield from (cpu, steady, wall, disk)


def _measured(
    options: Options, subject: str
) -> tuple[int, dict[str, float], list[dict[str, float]]]:
    """Return (number of calls, result of one call, results of all calls)."""
    calls = CALLS_QUICK if options.quick else CALLS
    calls = min(calls, getattr(load_peer(subject), "CALLS_MAX", calls))
    repeats = 3 if subject == OURS and not options.quick else 1

    def one(count: int) -> dict[str, float]:
        found: dict[str, float] = measure(
            "cases.commit_cpu:log_all", peer=subject, calls=count, left=disk_bytes
        )
        return {**found, "disk_bytes": found["left"]}

    return calls, one(1), [one(calls) for _ in range(repeats)]


def log_all(peer: str, folder: str, calls: int) -> dict[str, float]:
    """Return CPU and wall seconds from the first call until all is committed; in a child process."""
    module: Any = load_peer(peer)
    metrics = prepared(calls)
    log = module.open_run(folder)
    cpu, wall = cpu_s(), time.perf_counter()
    for step in range(calls):
        log(metrics[step], step)
    module.close_run()
    return {"cpu_s": cpu_s() - cpu, "wall_s": time.perf_counter() - wall, "pid": os.getpid()}


def cpu_s() -> float:
    """Return CPU seconds of this process with all threads, and of children that have ended."""
    usage = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in usage)
