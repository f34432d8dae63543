"""By how much recording slows down 300 rounds of LightGBM with two evaluation sets."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suite.children import MeasurementFailed, alternate, load_peer, measure
from suite.results import OURS, Options, Row, pairwise_percent, pairwise_value, value_of

ROWS, COLUMNS, ROUNDS = 15_000, 30, 300
TRAININGS = 3


def benchmark(options: Options) -> Iterator[Row]:
    """One thread, which leaves our thread a core of its own, and as many as LightGBM takes itself."""
    yield from _rows(options, 1, "1 thread")
    if not options.quick:
        yield from _rows(options, 0, "all cores")


def _rows(options: Options, threads: int, where: str) -> Iterator[Row]:
    """Recorded and plain processes in turn; the medians of each process's trainings are compared."""
    wall = Row("lightgbm", f"300 rounds, 15,000 × 30, 2 eval sets, {where}: added", "%", 3.0)
    added = Row("lightgbm", f"{where}: added milliseconds", "ms")
    cpu = Row("lightgbm", f"{where}: CPU of the process, added", "%")
    plain_ms = Row("lightgbm", f"{where}: plain training, for comparison", "ms")
    for subject in options.subjects:
        peer = load_peer(subject)
        if not hasattr(peer, "autolog") and not hasattr(peer, "lightgbm_callbacks"):
            continue
        options.say(f"lightgbm, {where}: {subject}")
        try:
            without, with_it = _measured(options, subject, threads)
        except MeasurementFailed as error:
            options.failures.append((f"lightgbm, {subject}", str(error)))
            continue
        plain, recorded = _column(without, "wall_ms"), _column(with_it, "wall_ms")
        wall.values[subject] = pairwise_percent(recorded, plain)
        added.values[subject] = pairwise_value(recorded, plain)
        plain_ms.values[subject] = value_of(plain)
        cpu.values[subject] = pairwise_percent(
            _column(with_it, "cpu_ms"), _column(without, "cpu_ms")
        )
    yield from (wall, added, cpu, plain_ms)


def _measured(options: Options, subject: str, threads: int) -> list[list[dict[str, float]]]:
    repeats = 1 if options.quick else 9 if subject == OURS else 2
    trainings = TRAININGS if subject == OURS and not options.quick else 1
    plain, recorded = (
        lambda on=on: measure(
            "cases.lightgbm_rounds:train",
            peer=subject,
            recorded=on,
            trainings=trainings,
            threads=threads,
        )
        for on in (False, True)
    )
    return alternate(repeats, plain, recorded)


def _column(found: list[dict[str, float]], name: str) -> list[float]:
    return [each[name] for each in found]


def train(peer: str, folder: str, recorded: bool, trainings: int, threads: int) -> dict[str, float]:
    """Return the median wall and CPU milliseconds of one training; in a child process."""
    module: Any = load_peer(peer)
    if recorded and hasattr(module, "autolog"):
        module.autolog()
    import lightgbm as lgb
    import numpy as np

    draw = np.random.default_rng(0)
    X = draw.normal(size=(ROWS, COLUMNS))
    y = (X[:, :5].sum(axis=1) + draw.normal(size=ROWS) > 0).astype(int)
    params = {"objective": "binary", "metric": ["auc", "binary_logloss"], "verbosity": -1}
    params["num_threads"] = threads
    lgb.train(params, lgb.Dataset(X[:500], y[:500]), num_boost_round=5)
    walls, cpus = [], []
    for _ in range(trainings):
        training, held_out = (
            lgb.Dataset(X[:12_000], y[:12_000]),
            lgb.Dataset(X[12_000:], y[12_000:]),
        )
        callbacks = getattr(module, "lightgbm_callbacks", list)() if recorded else []
        wall, cpu = time.perf_counter(), time.process_time()
        lgb.train(
            params,
            training,
            num_boost_round=ROUNDS,
            valid_sets=[training, held_out],
            valid_names=["train", "val"],
            callbacks=callbacks,
        )
        walls.append((time.perf_counter() - wall) * 1e3)
        cpus.append((time.process_time() - cpu) * 1e3)
    if recorded != any(path.is_file() for path in Path(folder).rglob("*")):
        raise AssertionError(f"recorded={recorded} is not what the files say")
    return {"wall_ms": statistics.median(walls), "cpu_ms": statistics.median(cpus)}
