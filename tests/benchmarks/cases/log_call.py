"""How long one call of ``log_metrics`` with ten metrics keeps the training loop waiting."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from cases.workload import METRICS_A_CALL, prepared
from suite.children import MeasurementFailed, load_peer, measure
from suite.results import OURS, Options, Row, value_of

CALLS, CALLS_QUICK = 100_000, 3_000
WARM_UP = 200
PACED_CALLS, PACED_CALLS_QUICK = 5_000, 500
PACE_S = 0.001
BUDGET_S = 60.0
QUANTITIES = {"median": 6.0, "p99": None, "p99.9": 1000.0, "max": None}


def benchmark(options: Options) -> Iterator[Row]:
    """Calls at full speed, and calls with a millisecond of work in between."""
    rows = {
        (pace, name): Row(
            "log_call",
            f"log_metrics of 10, {pace}: {name}",
            "µs",
            target if pace == "full speed" else None,
        )
        for pace in ("full speed", "every ms")
        for name, target in QUANTITIES.items()
    }
    for subject in options.subjects:
        for pace in ("full speed", "every ms"):
            options.say(f"log_call: {subject}, {pace}")
            found = _repeated(options, subject, paced=pace == "every ms")
            for name in QUANTITIES if found else ():
                rows[pace, name].values[subject] = value_of(each[name] for each in found)
    yield from rows.values()


def _repeated(options: Options, subject: str, *, paced: bool) -> list[dict[str, float]]:
    full, quick = (PACED_CALLS, PACED_CALLS_QUICK) if paced else (CALLS, CALLS_QUICK)
    calls = min(quick if options.quick else full, getattr(load_peer(subject), "CALLS_MAX", full))
    repeats = 1 if options.quick else 3 if subject == OURS else 2
    try:
        return [
            measure("cases.log_call:timed_calls", peer=subject, calls=calls, paced=paced)
            for _ in range(repeats)
        ]
    except MeasurementFailed as error:
        options.failures.append((f"log_call, {subject}", str(error)))
        return []


def timed_calls(peer: str, folder: str, calls: int, paced: bool) -> dict[str, float]:
    """Return the distribution of one call in µs; in a child process."""
    import numpy as np

    module: Any = load_peer(peer)
    log = module.open_run(folder)
    metrics = prepared(min(calls, 10_000))
    for step in range(WARM_UP):
        log(metrics[step], step)
    taken = np.zeros(calls, np.int64)
    clock, count, made = time.perf_counter_ns, len(metrics), 0
    ends = time.perf_counter() + BUDGET_S
    for step in range(calls):
        values = metrics[step % count]
        started = clock()
        log(values, WARM_UP + step)
        taken[step] = clock() - started
        made += 1
        if paced:
            work(PACE_S)
        if started > ends * 1e9:
            break
    module.close_run()
    micros = taken[:made] / 1e3
    assert len(metrics[0]) == METRICS_A_CALL
    return {
        "median": float(np.median(micros)),
        "p99": float(np.percentile(micros, 99)),
        "p99.9": float(np.percentile(micros, 99.9)),
        "max": float(micros.max()),
        "calls": made,
    }


def work(seconds: float) -> None:
    """Keep the core busy without holding the interpreter all the time, as a training step does."""
    import numpy as np

    block = np.ones((64, 64))
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        block @ block
