"""Metrics equal scikit-learn's on the same predictions, whatever the predictions are."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as theirs

from epochlog.evaluation.evaluate import evaluate

pytestmark = pytest.mark.filterwarnings("ignore")
SEEDS = st.integers(0, 10_000)


def case(seed: int, rows: int, classes: int, *, weighted: bool) -> tuple[Any, Any, Any, Any]:
    """Return (truth, probabilities, labels, weights), with ties among the probabilities."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, rows)
    raw = np.round(rng.random((rows, classes)) + 0.5 * np.eye(classes)[truth], 1) + 1e-3
    probabilities = raw / raw.sum(1, keepdims=True)
    weights = rng.random(rows) + 0.1 if weighted else None
    return truth, probabilities, probabilities.argmax(1), weights


def agree(ours: dict[str, float], name: str, function: Any, *args: Any, **kwargs: Any) -> None:
    """Compare one metric; where theirs raises or warns that it is undefined, ours may be NaN."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            expected = function(*args, **kwargs)
        except ValueError:
            return
    assert ours[name] == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True), name


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.integers(1, 60), st.booleans(), st.booleans())
def test_binary(seed: int, rows: int, weighted: bool, one_class: bool) -> None:
    """Two classes, also when only one of them occurs."""
    truth, probabilities, labels, weights = case(seed, rows, 2, weighted=weighted)
    if one_class:
        truth[:] = 1
    score, given_weights = probabilities[:, 1], {"sample_weight": weights}
    ours = evaluate(truth, labels, score=probabilities, sample_weight=weights, classes=[0, 1])
    found = ours.metrics

    assert ours.task == "binary"
    agree(found, "accuracy", theirs.accuracy_score, truth, labels, **given_weights)
    agree(
        found, "balanced_accuracy", theirs.balanced_accuracy_score, truth, labels, **given_weights
    )
    for name in ("precision", "recall", "f1"):
        function = getattr(theirs, f"{name}_score")
        agree(found, name, function, truth, labels, zero_division=0, **given_weights)
        for average in ("macro", "weighted"):
            agree(
                found, f"{name}_{average}", function, truth, labels,
                zero_division=0, average=average, **given_weights,
            )  # fmt: skip
    agree(found, "mcc", theirs.matthews_corrcoef, truth, labels, **given_weights)
    agree(found, "roc_auc", theirs.roc_auc_score, truth, score, **given_weights)
    agree(found, "average_precision", theirs.average_precision_score, truth, score, **given_weights)
    agree(found, "log_loss", theirs.log_loss, truth, probabilities, labels=[0, 1], **given_weights)
    agree(found, "brier", theirs.brier_score_loss, truth, score, pos_label=1, **given_weights)


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.integers(3, 60), st.integers(3, 6), st.booleans())
def test_multiclass(seed: int, rows: int, classes: int, weighted: bool) -> None:
    """Many classes, some of which may not occur."""
    truth, probabilities, labels, weights = case(seed, rows, classes, weighted=weighted)
    every = list(range(classes))
    ours = evaluate(
        truth, labels, score=probabilities, sample_weight=weights, classes=every, task="multiclass"
    ).metrics

    agree(ours, "accuracy", theirs.accuracy_score, truth, labels, sample_weight=weights)
    agree(ours, "mcc", theirs.matthews_corrcoef, truth, labels, sample_weight=weights)
    agree(ours, "cohen_kappa", theirs.cohen_kappa_score, truth, labels, sample_weight=weights)
    for average in ("macro", "weighted"):
        agree(
            ours, f"f1_{average}", theirs.f1_score, truth, labels,
            average=average, zero_division=0, sample_weight=weights,
        )  # fmt: skip
    options = {"multi_class": "ovr", "labels": every, "sample_weight": weights}
    if len(np.unique(truth)) == classes:  # theirs is not defined otherwise
        agree(
            ours, "roc_auc_ovr", theirs.roc_auc_score, truth, probabilities,
            average="macro", **options,
        )  # fmt: skip
        agree(
            ours, "roc_auc_ovr_weighted", theirs.roc_auc_score, truth, probabilities,
            average="weighted", **options,
        )  # fmt: skip
        agree(
            ours, "roc_auc_micro", theirs.roc_auc_score, truth, probabilities,
            average="micro", **options,
        )  # fmt: skip
    agree(
        ours, "log_loss", theirs.log_loss, truth, probabilities,
        labels=every, sample_weight=weights,
    )  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.integers(2, 40), st.integers(2, 5), st.booleans())
def test_multilabel(seed: int, rows: int, labels: int, weighted: bool) -> None:
    """Indicator matrices."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, (rows, labels))
    scores = np.round(rng.random((rows, labels)), 1)
    guess = (scores > 0.5).astype(int)
    weights = rng.random(rows) + 0.1 if weighted else None
    ours = evaluate(truth, guess, score=scores, sample_weight=weights)

    assert ours.task == "multilabel"
    agree(ours.metrics, "accuracy", theirs.accuracy_score, truth, guess, sample_weight=weights)
    agree(ours.metrics, "hamming_loss", theirs.hamming_loss, truth, guess, sample_weight=weights)
    for average in ("macro", "micro", "weighted"):
        agree(
            ours.metrics, f"f1_{average}", theirs.f1_score, truth, guess,
            average=average, zero_division=0, sample_weight=weights,
        )  # fmt: skip
    if ((truth.sum(0) > 0) & (truth.sum(0) < rows)).all():
        agree(
            ours.metrics, "roc_auc_macro", theirs.roc_auc_score, truth, scores,
            sample_weight=weights,
        )  # fmt: skip
        agree(
            ours.metrics, "average_precision_macro", theirs.average_precision_score,
            truth, scores, sample_weight=weights,
        )  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.integers(1, 60), st.integers(1, 3), st.booleans(), st.booleans())
def test_regression(seed: int, rows: int, outputs: int, weighted: bool, constant: bool) -> None:
    """Numbers, one or several for each row, also a truth that never changes."""
    rng = np.random.default_rng(seed)
    truth = (
        rng.normal(size=(rows, outputs)).squeeze(1)
        if outputs == 1
        else rng.normal(size=(rows, outputs))
    )
    if constant:
        truth[:] = 2.5
    guess = truth + rng.normal(size=truth.shape)
    weights = rng.random(rows) + 0.1 if weighted else None
    ours = evaluate(truth, guess, sample_weight=weights, task="regression").metrics
    names = {
        "mse": theirs.mean_squared_error,
        "rmse": theirs.root_mean_squared_error,
        "mae": theirs.mean_absolute_error,
        "mape": theirs.mean_absolute_percentage_error,
    }
    for name, function in names.items():
        agree(ours, name, function, truth, guess, sample_weight=weights)
    if rows > 1:
        agree(ours, "r2", theirs.r2_score, truth, guess, sample_weight=weights)
        agree(
            ours, "explained_variance", theirs.explained_variance_score, truth, guess,
            sample_weight=weights,
        )  # fmt: skip
    if not weighted:
        agree(ours, "median_absolute_error", theirs.median_absolute_error, truth, guess)
    if outputs == 1:
        agree(ours, "max_error", theirs.max_error, truth, guess)


@pytest.mark.parametrize("size", [5, 400, 5000])
def test_curves_are_sklearn_s(size: int) -> None:
    """Points of ROC and precision-recall lie on scikit-learn's curves, areas are of all points."""
    rng = np.random.default_rng(size)
    truth = rng.integers(0, 2, size)
    score = np.clip(truth * 0.3 + rng.normal(0.4, 0.3, size), 0, 1)
    plots = evaluate(truth, score=score).plots
    (roc,) = plots["roc"][1]["curves"]
    (curve,) = plots["precision_recall"][1]["curves"]
    fpr, tpr, thresholds = theirs.roc_curve(truth, score, drop_intermediate=False)
    precision, recall, cuts = theirs.precision_recall_curve(truth, score)

    known = dict(
        zip(thresholds.tolist(), zip(fpr.tolist(), tpr.tolist(), strict=True), strict=True)
    )
    assert len(roc["fpr"]) <= 1000
    for point in zip(roc["thresholds"], roc["fpr"], roc["tpr"], strict=True):
        assert known[point[0]] == pytest.approx(point[1:])
    assert roc["auc"] == pytest.approx(theirs.roc_auc_score(truth, score))
    by_cut = dict(zip(cuts.tolist(), zip(precision, recall, strict=True), strict=False))
    for cut, p, r in zip(curve["thresholds"], curve["precision"], curve["recall"], strict=True):
        if cut in by_cut:  # theirs leaves out what follows full recall
            assert (p, r) == pytest.approx(by_cut[cut])


def test_calibration_is_sklearn_s() -> None:
    """Bins hold the same mean probability and share of positives."""
    from sklearn.calibration import calibration_curve

    rng = np.random.default_rng(1)
    score = rng.random(3000)
    truth = (rng.random(3000) < score).astype(int)
    (ours,) = evaluate(truth, score=score).plots["calibration"][1]["curves"]
    observed, predicted = calibration_curve(truth, score, n_bins=10)

    assert ours["observed"] == pytest.approx(observed)
    assert ours["predicted"] == pytest.approx(predicted)
    assert sum(ours["count"]) == 3000


def test_confusion_and_report_are_sklearn_s() -> None:
    """Text labels, sorted as scikit-learn sorts them."""
    truth = np.array(["b", "a", "c", "a", "b", "c", "c"])
    guess = np.array(["b", "a", "a", "a", "c", "c", "c"])
    plots = evaluate(truth, guess).plots
    report = theirs.classification_report(truth, guess, output_dict=True)

    assert plots["confusion_matrix"][1]["labels"] == ["a", "b", "c"]
    assert plots["confusion_matrix"][1]["matrix"] == theirs.confusion_matrix(truth, guess).tolist()
    for place, label in enumerate("abc"):
        row = plots["classification_report"][1]
        assert row["precision"][place] == pytest.approx(report[label]["precision"])
        assert row["recall"][place] == pytest.approx(report[label]["recall"])
        assert row["f1"][place] == pytest.approx(report[label]["f1-score"])
        assert row["support"][place] == report[label]["support"]
