"""Measure what recording costs a LightGBM training, and what a hardware sample costs.

    python tests/benchmarks/bench_lightgbm.py                    # 300 rounds, 15,000 x 30, two eval sets
    python tests/benchmarks/bench_lightgbm.py --pairs 15 --rounds 100

Trainings with and without epochlog alternate in one process, so that whatever else the machine does
hits both alike; the table has medians, and the median of the differences within pairs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from epochlog.recording.recorder import close_recorder

LIMIT_PERCENT = 3.0
ROWS, COLUMNS = 15_000, 30


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Return (wall, CPU) seconds of ``work``."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def training(rounds: int, threads: int, callbacks: Sequence[Any] = ()) -> Callable[[], object]:
    """Return a function that trains once, from data that are already there."""
    import lightgbm as lgb

    rng = np.random.default_rng(0)
    X = rng.normal(size=(ROWS, COLUMNS))
    y = (X[:, 0] + X[:, 1] ** 2 + rng.normal(size=ROWS) > 1).astype(int)
    cut = ROWS * 2 // 3
    params = {
        "objective": "binary",
        "metric": ["auc", "binary_logloss"],
        "verbose": -1,
        "num_threads": threads,
    }

    def train() -> object:
        first = lgb.Dataset(X[:cut], y[:cut])
        second = lgb.Dataset(X[cut:], y[cut:], reference=first)
        return lgb.train(
            params, first, rounds, valid_sets=[first, second], callbacks=list(callbacks)
        )

    return train


def bench_training(pairs: int, rounds: int, threads: int) -> None:
    import epochlog

    train = training(rounds, threads)
    plain: list[tuple[float, float]] = []
    recorded: list[tuple[float, float]] = []
    for pair in range(-1, pairs):  # the first pair warms up caches and imports
        for on in (False, True) if pair % 2 else (True, False):
            if on:
                epochlog.autolog()
            times = measured(train)
            if on:
                epochlog.uninstrument()
                epochlog.flush()  # storing is not the training's business; what it cost is in CPU below
            if pair >= 0:
                (recorded if on else plain).append(times)
    print(
        f"LightGBM, {rounds} rounds, {ROWS:,} x {COLUMNS}, two eval sets, {threads} thread(s), {pairs} pairs"
    )
    print(f"{'':14}{'plain':>10}{'recorded':>10}{'more':>10}{'of pairs':>10}{'limit':>8}")
    for row, name in enumerate(("wall s", "CPU s")):
        a, b = [t[row] for t in plain], [t[row] for t in recorded]
        middle_a, middle_b = statistics.median(a), statistics.median(b)
        paired = statistics.median((y - x) / x for x, y in zip(a, b, strict=True))
        limit = f"{LIMIT_PERCENT:.0f} %" if name == "wall s" else ""
        more = middle_b / middle_a - 1
        print(f"  {name:12}{middle_a:10.3f}{middle_b:10.3f}{more:10.1%}{paired:10.1%}{limit:>8}")


def bench_parts(rounds: int) -> None:
    """Time the pieces of one recorded training on the training thread."""
    import epochlog
    from epochlog_lightgbm import callback
    from epochlog_lightgbm import training as session

    spent: dict[str, list[float]] = {}

    def timed(holder: object, name: str, label: str) -> None:
        original = getattr(holder, name)

        def wrapper(*args: object, **kwargs: object) -> object:
            wall, cpu = time.perf_counter(), time.thread_time()
            try:
                return original(*args, **kwargs)
            finally:
                sums = spent.setdefault(label, [0.0, 0.0])
                sums[0] += time.perf_counter() - wall
                sums[1] += time.thread_time() - cpu

        setattr(holder, name, wrapper)

    timed(session, "log_datasets", "fingerprints of data sets")
    timed(session, "log_outcome", "importance, params, model")
    timed(callback.IterationCallback, "__call__", f"callback, {rounds} iterations")
    epochlog.autolog(hardware=False)
    train = training(rounds, 1)
    train()
    spent.clear()
    train()
    epochlog.uninstrument()
    print("\npieces on the training thread, one training")
    for label, (wall, cpu) in spent.items():
        print(f"  {label:34}{wall * 1e3:8.2f} ms wall {cpu * 1e3:8.2f} ms CPU")


def bench_hardware(samples: int) -> None:
    """Time one sample of each part (taken on the sampler's thread, never the training's)."""
    from epochlog_hardware.container import Container
    from epochlog_hardware.gpu import GpuProbe
    from epochlog_hardware.host import HostProbe
    from epochlog_hardware.machine import Disk, Machine, Net
    from epochlog_hardware.process import ProcessTree

    print(f"\nhardware, one sample ({samples} each)")
    for part in (Machine(), Container(), ProcessTree(), Disk(), Net(), GpuProbe(), HostProbe()):
        times = [measured(part.sample) for _ in range(samples)]
        wall = statistics.median(t[0] for t in times) * 1e6
        mean_cpu = statistics.fmean(t[1] for t in times) * 1e6
        print(
            f"  {type(part).__name__:14}median {wall:8.0f} us   mean CPU {mean_cpu:8.0f} us   {len(part.sample())} values"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--samples", type=int, default=200)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EPOCHLOG_STORE"] = folder
        bench_training(args.pairs, args.rounds, args.threads)
        bench_parts(args.rounds)
        bench_hardware(args.samples)
        close_recorder()


if __name__ == "__main__":
    main()
