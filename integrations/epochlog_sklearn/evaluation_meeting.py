"""Evaluate once truth and predictions of a model have met: plots, and metrics nobody asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from epochlog.plugins.api import evaluate, log_evaluation
from epochlog_sklearn.evaluation_matching import equal
from epochlog_sklearn.evaluation_outputs import Kept, Output, Seen
from epochlog_sklearn.models import Fitted
from epochlog_sklearn.names import name_in_caller, split_of
from epochlog_sklearn.permutation import log_permutation_importance
from epochlog_sklearn.scope import wanted

SETS_MAX = 8  # evaluated data sets of one model; scores of more are still metrics
OUTPUTS_MAX = 8
_KINDS = ("classifier", "regressor", "outlier_detector", "")
_PROBABILITIES = ("predict_proba", "predict_log_proba")


def split_name(known: Fitted, x: Any) -> str:
    """Return which split a model's predictions for X belong to."""
    if x is not None and known.train() is x:
        return "train"
    return known.split or split_of(name_in_caller(x) if x is not None else "")


def part_of(output: Output, predicted: Any, truth: Any) -> tuple[str, bool]:
    """Return what was compared of a prediction: (``[class]`` of a column or "", whether it is all).

    One class against the rest is no evaluation of a model that tells several apart; neither is a
    comparison of the first column of two with a truth of its own.
    """
    if output.method in ("predict", "fit_predict") or getattr(predicted, "ndim", 1) != 1:
        return "", True
    values, classes = output.kept.get(), output.known.classes
    if getattr(values, "ndim", 1) != 2 or getattr(predicted, "dtype", None) != values.dtype:
        return "", True  # labels were made of scores
    count = values.shape[1]
    if not isinstance(classes, np.ndarray) or len(classes) != count or count < 2:
        return "", True
    column = next((k for k in range(count) if equal(values[:, k], predicted)), None)
    if column is None or (count == 2 and column == 1):
        yes_or_no = getattr(getattr(truth, "dtype", None), "kind", "") == "b"
        return "", not yes_or_no or classes.dtype.kind in "biu"
    return f"[{classes[column]}]", False


def meet(known: Fitted, seen: Seen, truth: Any, weight: Any = None, split: str = "") -> None:
    """Note the truth of data that a model predicted, and evaluate what is new.

    Args:
        known: the model.
        seen: the data.
        truth: what the user compared the predictions with, all rows of it.
        weight: of the rows, or None.
        split: train, val, test or cv; "" = find out.
    """
    if not wanted("evaluation") or known.kind not in _KINDS:
        return
    if seen.truth is None:
        seen.truth, seen.weight = Kept(truth), None if weight is None else Kept(weight)
    reevaluate(known, seen, split, truth)
    log_permutation_importance(known, seen, truth, split or split_name(known, seen.x()))


def reevaluate(known: Fitted, seen: Seen, split: str = "", truth: Any = None) -> None:
    """Evaluate the predictions of these data that were not evaluated yet, if their truth is known.

    Labels and scores that are both known are evaluated together, so that rows can be ordered by
    the probability of their true class.
    """
    if seen.truth is None or len(seen.done) == 2:
        return
    truth = seen.truth.get() if truth is None else truth
    labels, scores = seen.output("predict"), _scores(known, seen)
    fresh = {"labels"} if labels is not None else set()
    fresh |= {"scores"} if scores is not None else set()
    fresh -= seen.done
    if truth is None or not fresh or not _may(known, seen):
        return
    both = labels is not None and scores is not None
    if both and "labels" in seen.done:
        labels = None
    split = split or split_name(known, seen.x())
    seen.done |= fresh
    seen.evaluated_step = known.step or 0
    weight = None if seen.weight is None else seen.weight.get()
    given = {"score": scores, "sample_weight": weight}
    with np.errstate(all="ignore"):
        _evaluate(known, seen, split, _array(truth), labels, given=given)


def _may(known: Fitted, seen: Seen) -> bool:
    """Return whether these are among the first data sets that this model is evaluated on."""
    evaluated = sum(bool(other.done) for other in known.seen if other is not seen)
    if evaluated < SETS_MAX - 1:
        return True
    if known.first_time("many sets"):
        text = f"plots of more than {SETS_MAX - 1} data sets"
        known.run.log_notice(f"skipped {text}: their metrics alone are recorded", source="sklearn")
    return False


def _scores(known: Fitted, seen: Seen) -> Any:
    """Return probabilities or decision values of these data, as one array if that is possible."""
    if known.kind == "regressor":
        return None
    for method in _PROBABILITIES:
        parts = seen.parts(method)
        if len(parts) > 1 and all(part is not None for part in parts):
            return [_probabilities(method, part) for part in parts]
        if parts and parts[0] is not None and len(parts) == 1:
            return _probabilities(method, parts[0])
    return None if known.ovo else seen.output("decision_function")


def _probabilities(method: str, values: Any) -> Any:
    return np.exp(values) if method == "predict_log_proba" else values


def _array(values: Any) -> Any:
    """Return truth as an array; indicator matrices may be sparse."""
    return values.toarray() if hasattr(values, "toarray") else np.asarray(values)


def _evaluate(
    known: Fitted, seen: Seen, split: str, truth: Any, labels: Any, *, given: dict[str, Any]
) -> None:
    task = task_of(known.kind, truth, known.classes)
    labels = None if labels is None else _array(labels)
    if truth.ndim == 2 and truth.shape[1] == 1:
        truth = truth[:, 0]
    if task == "several":
        _evaluate_outputs(known, seen, split, truth, labels, given=given)
        return
    score = given["score"]
    if isinstance(score, list):  # of each label: the probability that it is there
        given = {**given, "score": np.column_stack([_of_second(part) for part in score])}
    classes: Any = known.classes if isinstance(known.classes, np.ndarray) else None
    found = evaluate(truth, labels, **given, classes=classes, task=task, budget=known.budget)
    _log(known, seen, split, found)


def _of_second(part: Any) -> Any:
    return part[:, 1] if part.shape[1] > 1 else np.zeros(len(part))


def task_of(kind: str, truth: Any, classes: Any) -> str:
    """Return the task by what the model is; "several" for several outputs with classes."""
    columns = 1 if truth.ndim == 1 else truth.shape[1]
    if kind == "regressor":
        return "regression" if columns == 1 else "multioutput"
    if columns > 1:
        indicator = truth.dtype.kind in "biuf" and bool(np.isin(truth, (0, 1)).all())
        return "multilabel" if indicator else "several"
    if isinstance(classes, np.ndarray) and kind == "classifier":
        return "binary" if len(classes) <= 2 and _all_known(truth, classes) else "multiclass"
    return ""


def _all_known(truth: Any, classes: np.ndarray) -> bool:
    if truth.dtype.kind in "USO" or classes.dtype.kind in "USO":
        truth, classes = truth.astype(str), classes.astype(str)
    return bool(np.isin(truth, classes).all())


def _evaluate_outputs(
    known: Fitted, seen: Seen, split: str, truth: Any, labels: Any, *, given: dict[str, Any]
) -> None:
    """Evaluate each output with classes of its own as a task of its own."""
    score, count = given["score"], truth.shape[1]
    if count > OUTPUTS_MAX:
        text = f"evaluation of {split}: {count - OUTPUTS_MAX} of {count} outputs were left out"
        known.run.log_notice(text, source="sklearn")
    for k in range(min(count, OUTPUTS_MAX)):
        several = isinstance(score, list) and len(score) == count
        one = None if labels is None else labels[:, k]
        part = score[k] if several else None
        if one is None and part is None:
            return
        classes = known.classes[k] if isinstance(known.classes, list) else None
        found = evaluate(
            truth[:, k], one, score=part, sample_weight=given["sample_weight"], classes=classes,
            task="multiclass", budget=known.budget,
        )  # fmt: skip
        _log(known, seen, split, found, f"/{k}")


def _log(known: Fitted, seen: Seen, split: str, found: Any, suffix: str = "") -> None:
    metrics = log_evaluation(
        known.run, split, found, step=known.step, known=seen.logged, suffix=suffix
    )
    seen.logged |= metrics
    seen.logged |= {f"{split}/{name}{suffix}": None for name in found.plots}
