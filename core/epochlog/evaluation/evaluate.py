"""Turn truth and predictions into everything that can be said of them: metrics and plots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from epochlog.evaluation.arrays import (
    Array,
    Floats,
    Given,
    Labels,
    column,
    encode,
    task_of,
    weights_of,
)
from epochlog.evaluation.classification import (
    Scores,
    binary_parts,
    labels_parts,
    multiclass_parts,
    multilabel_parts,
)
from epochlog.evaluation.regression import (
    error_plot,
    regression_metrics,
    residuals_plot,
)
from epochlog.evaluation.sampling import TABLE_ROWS, predictions_plot, sample, worst

ROWS_MAX = 1_000_000
"""Of more rows, a sample is evaluated, and every plot says so."""

OUTPUTS_MAX = 8
"""Outputs of a regression with plots of their own."""

Allows = Callable[[float], bool]


@dataclass(slots=True)
class Evaluation:
    """What predictions are worth.

    Attributes:
        task: binary, multiclass, multilabel, regression or multioutput.
        metrics: name -> value, names as in scikit-learn without ``_score``.
        plots: name -> (kind, data); kinds are described in `epochlog.evaluation.kinds`.
        rows: rows given; evaluated: rows looked at.
        skipped: what was left out, and why.
    """

    task: str
    rows: int
    evaluated: int
    metrics: dict[str, float] = field(default_factory=dict)
    plots: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)


def evaluate(
    truth: Any,
    predicted: Any = None,
    *,
    score: Any = None,
    sample_weight: Any = None,
    classes: Sequence[Any] | None = None,
    task: str = "",
    rows_max: int = ROWS_MAX,
) -> Evaluation:
    """Evaluate predictions; neither the model nor the arrays are touched.

    Args:
        truth: labels or numbers, shape (n,) or (n, outputs).
        predicted: the same kind of thing as ``truth``; None if there are only scores.
        score: probabilities, shape (n,), (n, classes) or (n, labels), or decision values.
        sample_weight: shape (n,), or None.
        classes: what the columns of ``score`` stand for (a model's ``classes_``).
        task: of `task_of`, if it is known.
        rows_max: of more rows, a sample of this size is taken (the same one each time).

    Raises:
        ValueError: lengths differ, there are no rows, or nothing to compare the truth with.
    """
    true = column(truth)
    guess = None if predicted is None else column(predicted)
    scores = None if score is None else np.asarray(score)
    weights = weights_of(sample_weight, len(true))
    for name, other in (("predictions", guess), ("scores", scores)):
        if other is not None and len(other) != len(true):
            raise ValueError(f"{len(other)} {name} for {len(true)} true values")
    if not len(true) or (guess is None and scores is None):
        raise ValueError("there is nothing to compare")
    total = len(true)
    if total > rows_max:
        rows = sample(total, rows_max)
        true = true[rows]
        guess, scores, weights = (
            None if each is None else each[rows] for each in (guess, scores, weights)
        )
    found = Evaluation(task or task_of(true, guess, scores), total, len(true))
    _PARTS[found.task](found, Given(true, guess, scores, weights, classes))
    if total > rows_max:
        found.skipped.append(f"{total - rows_max:,} of {total:,} rows: a sample was evaluated")
    return found


def _classification(found: Evaluation, given: Given) -> None:
    labels = encode(given.truth, given.predicted, given.classes)
    if given.scores is not None:
        table = Scores.of(given.scores, labels, given.classes)
        parts = binary_parts if found.task == "binary" else multiclass_parts
        if table is None:
            found.skipped.append("curves: the scores' columns don't fit the classes")
        else:
            parts(found.metrics, found.plots, labels, table, given.weights)
    if given.predicted is not None:
        labels_parts(found.metrics, found.plots, labels, given.weights)
        losses = _label_losses(labels, given)
        _tables(found, given.truth, given.predicted, losses)


def _label_losses(labels: Labels, given: Given) -> Floats:
    """Return how wrong each row is: by the true class's probability, or 1 for a wrong label."""
    scores = given.scores
    table = None if scores is None else Scores.of(scores, labels, given.classes)
    if table is not None and table.probabilities:
        losses: Floats = 1.0 - table.values[np.arange(len(labels.truth)), labels.truth]
        return losses
    assert labels.predicted is not None
    wrong: Floats = (labels.truth != labels.predicted).astype(np.float64)
    return wrong


def _regression(found: Evaluation, given: Given) -> None:
    numbers, weights = np.asarray(given.truth, np.float64), given.weights
    guess = given.scores if given.predicted is None else given.predicted
    predicted = np.asarray(guess, np.float64).reshape(numbers.shape)
    found.metrics.update(regression_metrics(numbers, predicted, weights))
    outputs = 1 if numbers.ndim == 1 else numbers.shape[1]
    if outputs > OUTPUTS_MAX:
        found.skipped.append(f"plots of {outputs - OUTPUTS_MAX} of {outputs} outputs")
    for k in range(min(outputs, OUTPUTS_MAX)):
        one = (numbers, predicted) if numbers.ndim == 1 else (numbers[:, k], predicted[:, k])
        name = "" if outputs == 1 else f"/{k}"
        found.plots[f"residuals{name}"] = "residuals", residuals_plot(*one)
        found.plots[f"error_distribution{name}"] = "error_distribution", error_plot(*one)
    if outputs > 1:
        for k in range(outputs):
            each = regression_metrics(numbers[:, k], predicted[:, k], weights)
            kept = {name: each[name] for name in ("rmse", "r2") if name in each}
            found.metrics.update({f"{name}[{k}]": value for name, value in kept.items()})
    else:
        _tables(found, numbers, predicted, np.abs(numbers - predicted))


def _multilabel(found: Evaluation, given: Given) -> None:
    multilabel_parts(found.metrics, found.plots, given)


def _tables(found: Evaluation, true: Array, guess: Array, losses: Floats) -> None:
    """Add the worst rows and a sample of all rows."""
    for name, rows in (("worst", worst(losses)), ("sample", sample(len(true), TABLE_ROWS))):
        columns = {"truth": true[rows], "predicted": guess[rows], "loss": losses[rows]}
        data = predictions_plot(rows, columns, how=name, total=found.rows)
        found.plots[f"predictions/{name}"] = "predictions", data


_PARTS: dict[str, Callable[[Evaluation, Given], None]] = {
    "binary": _classification,
    "multiclass": _classification,
    "multilabel": _multilabel,
    "regression": _regression,
    "multioutput": _regression,
}
