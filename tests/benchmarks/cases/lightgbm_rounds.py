"""By how much recording slows down 300 rounds of LightGBM with two evaluation sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from suite.pairs import Pairs, compare
from suite.results import Options, Row

ROUNDS = 300
WHAT = f"{ROUNDS} rounds, 15,000 × 30, 2 eval sets"


def benchmark(options: Options) -> Iterator[Row]:
    """One thread, which leaves our thread a core of its own, and as many as LightGBM takes itself."""
    yield from compare(options, _pairs("1 thread", 1))
    if not options.quick:
        yield from compare(options, _pairs("all cores", 0))


def _pairs(where: str, threads: int) -> Pairs:
    return Pairs(
        "lightgbm",
        f"{WHAT}, {where}",
        "cases.lightgbm_rounds:training",
        short=where,
        target=3.0,
        arguments={"threads": threads},
        steps=ROUNDS,
    )


def training(threads: int, callbacks: Sequence[Any] = ()) -> Callable[[], object]:
    """Return a function that trains once; in a child process."""
    import bench_lightgbm

    return bench_lightgbm.training(ROUNDS, threads, callbacks)
