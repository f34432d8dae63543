"""By how much recording slows down 300 rounds of XGBoost with two evaluation sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from suite.pairs import Pairs, compare
from suite.results import Options, Row

ROUNDS, ROWS, COLUMNS = 300, 15_000, 30


def benchmark(options: Options) -> Iterator[Row]:
    """Measure on one thread: more of them would only measure how they wait for each other."""
    pairs = Pairs(
        "xgboost",
        f"{ROUNDS} rounds, {ROWS:,} × {COLUMNS}, 2 eval sets",
        "cases.xgboost_rounds:training",
        short=f"{ROUNDS} rounds",
        target=3.0,
        arguments={"rounds": ROUNDS},
        quick={"rounds": 50},
        steps=ROUNDS,
        count=25,
    )
    yield from compare(options, pairs)


def training(rounds: int, callbacks: Sequence[Any] = ()) -> Callable[[], object]:
    """Return a function that trains once; in a child process."""
    import numpy as np
    import xgboost as xgb

    rng = np.random.default_rng(0)
    features = rng.normal(size=(ROWS, COLUMNS))
    target = (features[:, 0] + features[:, 1] ** 2 + rng.normal(size=ROWS) > 1).astype(int)
    cut = ROWS * 2 // 3
    params = {"objective": "binary:logistic", "eval_metric": ["auc", "logloss"], "nthread": 1}

    def once() -> object:
        train = xgb.DMatrix(features[:cut], label=target[:cut])
        valid = xgb.DMatrix(features[cut:], label=target[cut:])
        evals = [(train, "train"), (valid, "eval")]
        return xgb.train(
            params, train, rounds, evals=evals, callbacks=list(callbacks), verbose_eval=False
        )

    return once
