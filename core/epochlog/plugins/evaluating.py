"""Evaluate predictions within a budget and log what comes out; for the integrations."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from epochlog.plugins.budget import Budget
from epochlog.plugins.metric_names import metric_key

if TYPE_CHECKING:
    from epochlog.evaluation.evaluate import Evaluation
    from epochlog.recording.run import Run

CELLS_FREE = 20_000
"""Rows times classes that are evaluated within milliseconds: nothing is estimated first."""

ROWS_TRIED = 2_000
"""Rows of the sample on which the time for all of them is estimated."""


def evaluate(
    truth: Any,
    predicted: Any = None,
    *,
    score: Any = None,
    sample_weight: Any = None,
    classes: Sequence[Any] | None = None,
    task: str = "",
    budget: Budget | None = None,
) -> Evaluation:
    """Evaluate predictions; neither a model nor the arrays are touched, nothing is logged.

    Args:
        truth: labels or numbers, shape (n,) or (n, outputs).
        predicted: the same kind of thing as ``truth``; None if there are only scores.
        score: probabilities, shape (n,), (n, classes) or (n, labels), or decision values.
        sample_weight: shape (n,), or None.
        classes: what the columns of ``score`` stand for (a model's ``classes_``).
        task: binary, multiclass, multilabel, regression or multioutput, if it is known.
        budget: what it may cost. Many rows are evaluated on a sample first; if all of them would
            take too long, as many as the budget allows are evaluated, and ``skipped`` says so.

    Returns:
        ``task``, ``metrics`` (name -> value), ``plots`` (name -> (kind, data)), ``rows``,
        ``evaluated``, ``skipped`` (what was left out, and why).

    Raises:
        ValueError: lengths differ, there are no rows, or nothing to compare the truth with.
    """
    from epochlog.evaluation.evaluate import ROWS_MAX
    from epochlog.evaluation.evaluate import evaluate as evaluate_rows

    given = {"score": score, "sample_weight": sample_weight, "classes": classes, "task": task}
    rows = len(truth)
    if budget is None:
        return evaluate_rows(truth, predicted, **given)
    if rows * _width(score, truth) <= CELLS_FREE:
        with budget.spend():
            return evaluate_rows(truth, predicted, **given)
    begin = time.thread_time()
    with budget.spend():
        tried = evaluate_rows(truth, predicted, **given, rows_max=ROWS_TRIED)
    sample_s = max(time.thread_time() - begin, 1e-4)
    affordable = min(int(ROWS_TRIED * budget.left_s / sample_s / 2), ROWS_MAX)
    if rows <= ROWS_TRIED or affordable < 2 * ROWS_TRIED:  # nothing gained by a second try
        return tried
    with budget.spend():
        return evaluate_rows(truth, predicted, **given, rows_max=affordable)


def _width(score: Any, truth: Any) -> int:
    """Return the number of columns to look at for each row."""
    for each in (score, truth):
        shape = getattr(each, "shape", None)
        if shape is not None and len(shape) == 2:
            return int(shape[1])
    return 1


def log_evaluation(
    run: Run,
    split: str,
    found: Evaluation,
    *,
    step: float | None = None,
    known: Collection[str] = (),
    suffix: str = "",
) -> dict[str, float]:
    """Log an evaluation's metrics and plots as ``<split>/<name>``; return the metrics logged.

    Args:
        run: where to.
        split: train, val, test or cv.
        found: what `evaluate` returned.
        step: x-axis of metrics and plots, for a model that goes on learning.
        known: keys that were logged already; they are left as they are.
        suffix: appended to every name, for one of several outputs.
    """
    metrics = {metric_key(split, f"{name}{suffix}"): v for name, v in found.metrics.items()}
    fresh = {key: value for key, value in metrics.items() if key not in known}
    if fresh:
        run.log_metrics(fresh, step=step)
    for name, (kind, data) in found.plots.items():
        key = f"{split}/{name}{suffix}"
        if key not in known:
            run.log_plot(key, kind, data, step=step)
    for what in found.skipped:
        run.log_notice(f"evaluation of {split}: {what}")
    return fresh


def evaluate_clusters(data: Any, labels: Any) -> tuple[dict[str, float], dict[str, Any]]:
    """Return metrics and plot data of kind ``clusters``.

    Args:
        data: what was clustered, shape (n, features); of many rows a sample is compared.
        labels: cluster of each row, shape (n,); -1 is noise.
    """
    from epochlog.evaluation.clusters import evaluate_clusters as evaluate_them

    return evaluate_them(data, labels)
