"""Measure, on request, how much worse a model scores when one feature's values are shuffled."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from epochlog.plugins.api import Budget, guard
from epochlog_sklearn import scope
from epochlog_sklearn.evaluation_outputs import Seen
from epochlog_sklearn.importance import FEATURES_MAX, feature_names
from epochlog_sklearn.models import Fitted

ROWS_MAX = 1000
REPEATS = 5
SEED = 0
_KINDS = ("classifier", "regressor")


def log_permutation_importance(known: Fitted, seen: Seen, truth: Any, split: str) -> None:
    """Log permutation importance for the first data that a model was tested on, if asked to.

    The option ``permutation_importance`` is False, True (within the budget of optional work) or
    the seconds it may take. The model predicts shuffled copies of up to 1,000 rows; it is not
    fitted, and shuffling has a random generator of its own.
    """
    asked = scope.options.get("permutation_importance", False)
    if asked is False or split == "train" or known.kind not in _KINDS or known.step is not None:
        return
    model, x = known.model(), seen.x()
    if model is None or not _is_table(x) or not known.first_time("permutation"):
        return
    budget = known.budget if asked is True else Budget(0.0, share=0.0, floor_s=float(asked))
    with guard("sklearn permutation importance"), scope.entering(scope.Scope()):
        rows = np.linspace(0, len(x) - 1, min(len(x), ROWS_MAX)).round().astype(np.intp)
        table = x[rows] if isinstance(x, np.ndarray) else x.iloc[rows]
        _measure(known, model, table, np.asarray(truth)[rows], split=split, budget=budget)


def _is_table(x: Any) -> bool:
    frame = type(x).__module__.partition(".")[0] == "pandas" and hasattr(x, "iloc")
    return (frame or isinstance(x, np.ndarray)) and x.ndim == 2 and x.shape[1] <= FEATURES_MAX


def _measure(
    known: Fitted, model: Any, x: Any, truth: np.ndarray, *, split: str, budget: Budget
) -> None:
    began = time.perf_counter()  # not this thread's time alone: a forest predicts in several
    base = model.score(x, truth)
    each_s = time.perf_counter() - began
    count = x.shape[1]
    repeats = min(REPEATS, int(budget.left_s / (each_s * count)))
    if not repeats:
        text = budget.skipped("permutation importance", each_s * count)
        known.run.log_notice(text, source=scope.SOURCE)
        return
    draw = np.random.Generator(np.random.PCG64(SEED))
    with budget.spend():
        drops = np.array(
            [
                [base - model.score(_shuffled(x, k, draw), truth) for _ in range(repeats)]
                for k in range(count)
            ]
        )
    columns = getattr(x, "columns", None)
    names = feature_names(model, count) if columns is None else list(columns)
    data = {
        "features": [str(name) for name in names],
        "importance": {"permutation": drops.mean(1).tolist()},
        "std": {"permutation": drops.std(1).tolist()},
    }
    known.run.log_plot(f"{split}/permutation_importance", "importance", data)


def _shuffled(x: Any, column: int, draw: np.random.Generator) -> Any:
    """Return a copy with one column's values in another order."""
    order = draw.permutation(len(x))
    copy = x.copy()
    if isinstance(x, np.ndarray):
        copy[:, column] = x[order, column]
    else:
        copy.isetitem(column, x.iloc[order, column].set_axis(x.index))
    return copy
