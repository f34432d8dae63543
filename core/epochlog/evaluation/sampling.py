"""Choose rows to keep of many: the same ones each time, and the worst ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from epochlog.evaluation.arrays import Array

SEED = 20_240_229
TABLE_ROWS = 50


def sample(rows: int, most: int, seed: int = SEED) -> Array:
    """Return up to ``most`` of ``rows`` row numbers, rising, drawn by a generator of our own."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def worst(losses: Array, most: int = TABLE_ROWS) -> Array:
    """Return the numbers of the rows with the largest losses, the worst first; NaN is worst."""
    ranked = np.where(np.isnan(losses), np.inf, losses)
    count = min(most, len(ranked))
    if not count:
        return np.arange(0)
    some = np.argpartition(-ranked, count - 1)[:count]
    ordered: Array = some[np.argsort(-ranked[some], kind="stable")]
    return ordered


def predictions_plot(rows: Array, columns: dict[str, Array], *, how: str, total: int) -> Any:
    """Return plot data of kind ``predictions``: a table of some rows.

    Args:
        rows: row numbers in the data that was predicted.
        columns: name -> values of those rows.
        how: "worst" or "sample".
        total: number of all rows.
    """
    table = {name: np.asarray(values).tolist() for name, values in columns.items()}
    return {"row": rows.tolist(), **table, "how": how, "n": total, "seed": SEED}
