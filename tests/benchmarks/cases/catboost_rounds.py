"""By how much recording slows down CatBoost, with one evaluation set, short and long."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from suite.pairs import Pairs, compare
from suite.results import Options, Row

SHORT, LONG = 300, 4000
ROWS, COLUMNS = 2000, 20


def benchmark(options: Options) -> Iterator[Row]:
    """Measure 300 and 4000 iterations: any Python callback would make the long one much slower."""
    yield from compare(options, _pairs(SHORT))
    if not options.quick:
        yield from compare(options, _pairs(LONG))


def _pairs(iterations: int) -> Pairs:
    return Pairs(
        "catboost",
        f"{iterations} iterations, {ROWS:,} × {COLUMNS}, 1 eval set",
        "cases.catboost_rounds:training",
        short=f"{iterations} iterations",
        target=3.0,
        arguments={"iterations": iterations},
        steps=iterations,
        count=31 if iterations == SHORT else 7,
        by_autolog=False,
    )


def training(iterations: int, callbacks: Sequence[Any] = ()) -> Callable[[], object]:
    """Return a function that trains once; in a child process."""
    import numpy as np
    from catboost import CatBoostRegressor, Pool

    rng = np.random.default_rng(0)
    features = rng.normal(size=(ROWS, COLUMNS))
    target = features[:, 0] * features[:, 1] + rng.normal(size=ROWS)
    half = ROWS // 2
    train, valid = Pool(features[:half], target[:half]), Pool(features[half:], target[half:])
    folder = tempfile.mkdtemp(prefix="epochlog-catboost-")

    def once() -> object:
        model = CatBoostRegressor(
            iterations=iterations, depth=6, thread_count=1, verbose=False, train_dir=folder
        )
        return model.fit(train, eval_set=valid, callbacks=list(callbacks) or None)

    return once
