"""By how much recording slows down 300 rounds of LightGBM with two evaluation sets."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from suite.children import MeasurementFailed, alternate, load_peer, measure
from suite.results import OURS, Options, Row, pairwise_percent, pairwise_value, value_of

ROUNDS = 300


def benchmark(options: Options) -> Iterator[Row]:
    """One thread, which leaves our thread a core of its own, and as many as LightGBM takes itself."""
    yield from _rows(options, 1, "1 thread")
    if not options.quick:
        yield from _rows(options, 0, "all cores")


def _rows(options: Options, threads: int, where: str) -> Iterator[Row]:
    """Recorded and plain processes in turn; the medians of each process's trainings are compared."""
    wall = Row("lightgbm", f"300 rounds, 15,000 × 30, 2 eval sets, {where}: added", "%", 3.0)
    fastest = Row("lightgbm", f"{where}: fastest recorded against fastest plain", "%")
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
        fastest.values[subject] = pairwise_percent([min(recorded)], [min(plain)])
        added.values[subject] = pairwise_value(recorded, plain)
        plain_ms.values[subject] = value_of(plain)
        cpu.values[subject] = pairwise_percent(
            _column(with_it, "cpu_ms"), _column(without, "cpu_ms")
        )
    fastest.note = "noise only ever adds time, so on a busy machine this says more than the median"
    yield from (wall, fastest, added, cpu, plain_ms)


def _measured(options: Options, subject: str, threads: int) -> list[list[dict[str, float]]]:
    """Return (plain, recorded) trainings, neighbours in time at the same place."""
    target, arguments = "cases.lightgbm_rounds:", {"peer": subject, "threads": threads}
    if subject == OURS:  # can be switched off again, so both kinds run in one process
        count = 1 if options.quick else 11
        return list(measure(f"{target}pairs", **arguments, count=count))
    plain, recorded = (
        lambda on=on: measure(f"{target}train", **arguments, recorded=on) for on in (False, True)
    )
    return alternate(1 if options.quick else 2, plain, recorded)


def _column(found: list[dict[str, float]], name: str) -> list[float]:
    return [each[name] for each in found]


def pairs(peer: str, folder: str, threads: int, count: int) -> list[list[dict[str, float]]]:
    """Train ``count`` times plain and recorded in turn; in a child process."""
    import bench_lightgbm

    import epochlog

    assert peer == OURS
    work = bench_lightgbm.training(ROUNDS, threads)
    both: list[list[dict[str, float]]] = [[], []]
    for turn in range(-1, count):  # the first pair warms up caches and imports
        for on in (0, 1) if turn % 2 else (1, 0):
            if on:
                epochlog.autolog()
            taken = _timed(work)
            if on:
                epochlog.uninstrument()
                epochlog.flush()
            if turn >= 0:
                both[on].append(taken)
    _assert_recorded(folder, True)
    return both


def train(peer: str, folder: str, recorded: bool, threads: int) -> dict[str, float]:
    """Train once, after a short training that warms up; in a child process."""
    import bench_lightgbm

    module: Any = load_peer(peer)
    bench_lightgbm.training(5, threads)()
    if recorded:
        _switch_on(module)
    found = _timed(bench_lightgbm.training(ROUNDS, threads))
    _assert_recorded(folder, recorded)
    return found


def _switch_on(module: Any) -> None:
    """Record from now on: by the peer's autolog, or by its callback in every ``lightgbm.train``."""
    if hasattr(module, "autolog"):
        module.autolog()
        return
    import lightgbm as lgb

    lgb.train = functools.partial(lgb.train, callbacks=module.lightgbm_callbacks())


def _timed(work: Callable[[], object]) -> dict[str, float]:
    import bench_lightgbm

    wall, cpu = bench_lightgbm.measured(work)
    return {"wall_ms": wall * 1e3, "cpu_ms": cpu * 1e3}


def _assert_recorded(folder: str, recorded: bool) -> None:
    """A number without a record behind it would be worth nothing."""
    if recorded != any(path.is_file() for path in Path(folder).rglob("*")):
        raise AssertionError(f"recorded={recorded} is not what the files say")
