"""Bring truth, predictions and scores into arrays, and say what kind of task it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What is evaluated.

    Attributes:
        truth: labels or numbers, shape (n,) or (n, outputs).
        predicted: the same kind of thing, or None.
        scores: probabilities or decision values, or None.
        weights: of the rows, shape (n,), or None.
        classes: what the columns of ``scores`` stand for, or None.
    """

    truth: Array
    predicted: Array | None
    scores: Array | None
    weights: Floats | None
    classes: Sequence[Any] | None


CLASSES_MAX = 1000
"""More different truths than this are no classes that anybody compares."""


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Classes as numbers.

    Attributes:
        classes: the labels, sorted, shape (k,).
        truth: index of each row's true class, shape (n,).
        predicted: index of each row's predicted class, or None.
    """

    classes: Array
    truth: NDArray[np.intp]
    predicted: NDArray[np.intp] | None


def column(values: Any) -> Array:
    """Return labels, targets or weights as an array of shape (n,) or (n, outputs), uncopied."""
    array = np.asarray(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim not in (1, 2):
        raise ValueError(f"truth and predictions have one or two dimensions, not {array.ndim}")
    return array


def weights_of(sample_weight: Any, rows: int) -> Floats | None:
    """Return weights as floats of shape (rows,); None stays None.

    Raises:
        ValueError: there are not as many weights as rows.
    """
    if sample_weight is None:
        return None
    weights = np.asarray(sample_weight, np.float64).ravel()
    if len(weights) != rows:
        raise ValueError(f"{len(weights)} weights for {rows} rows")
    return weights


def encode(truth: Any, predicted: Any = None, classes: Sequence[Any] | None = None) -> Labels:
    """Return labels as indexes into their sorted classes.

    Args:
        truth: true labels, shape (n,).
        predicted: predicted labels, shape (n,), or None.
        classes: all labels, if they are known (a model's ``classes_``); others are added.
    """
    true = _comparable(column(truth))
    guess = None if predicted is None else _comparable(column(predicted))
    if guess is not None and guess.dtype.kind != true.dtype.kind and "O" in _kinds(true, guess):
        true, guess = true.astype(str), guess.astype(str)
    known = [true] if guess is None else [true, guess]
    if classes is not None and len(classes):
        listed = _comparable(np.asarray(classes))
        known.append(listed.astype(true.dtype) if true.dtype.kind in "US" else listed)
    found = np.unique(np.concatenate([np.unique(each) for each in known]))
    return Labels(
        found,
        np.searchsorted(found, true),
        None if guess is None else np.searchsorted(found, guess),
    )


def _kinds(*arrays: Array) -> str:
    return "".join(each.dtype.kind for each in arrays)


def _comparable(array: Array) -> Array:
    """Return labels that can be sorted: objects become text unless they are all numbers."""
    if array.dtype.kind != "O":
        return array
    if all(isinstance(each, (bool, int, float, np.number)) for each in array):
        return array.astype(np.float64)
    return array.astype(str)


def task_of(truth: Any, predicted: Any = None, score: Any = None) -> str:
    """Return binary, multiclass, multilabel, regression or multioutput.

    Whole numbers are classes if there are few of them; with scores of two dimensions, or with
    labels that are no numbers, it is a classification in any case.
    """
    true = column(truth)
    if true.ndim == 2:
        return "multilabel" if _is_indicator(true) else "multioutput"
    if true.dtype.kind in "OUSb" or (score is not None and np.ndim(score) == 2):
        return _by_count(true)
    if true.dtype.kind == "f" and not _is_whole(true):
        return "regression"
    if predicted is not None:
        guess = column(predicted)
        if guess.dtype.kind == "f" and not _is_whole(guess):
            return "regression"
    if true.dtype.kind == "f" and score is None and len(np.unique(true)) > 2:
        return "regression"
    return _by_count(true)


def _by_count(true: Array) -> str:
    count = len(np.unique(_comparable(true)))
    if count > CLASSES_MAX and true.dtype.kind in "iuf":
        return "regression"
    return "binary" if count <= 2 else "multiclass"


def _is_whole(array: Array) -> bool:
    finite = array[np.isfinite(array)] if array.dtype.kind == "f" else array
    return bool((finite == np.floor(finite)).all()) if finite.size else True


def _is_indicator(array: Array) -> bool:
    return array.dtype.kind in "biuf" and bool(np.isin(array, (0, 1)).all())


def plain_labels(classes: Array) -> list[Any]:
    """Return class labels as plain data."""
    return [each.item() if isinstance(each, np.generic) else each for each in classes]
