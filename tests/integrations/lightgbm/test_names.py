"""Names of curves, from LightGBM's evaluation results."""

from __future__ import annotations

import math

import pytest

from epochlog_lightgbm.names import (
    best_scores,
    canonical_splits,
    curve_keys,
    cv_ends,
    cv_point,
    fold_point,
)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (["training", "valid_1"], ["train", "val"]),
        (["valid_0"], ["val"]),
        (["valid_0", "valid_1", "valid_2"], ["val", "val_1", "val_2"]),
        (["train", "holdout"], ["train", "holdout"]),
        (["valid_0", "holdout"], ["val", "holdout"]),
        (["validation", "valid"], ["validation", "valid"]),
        (["training", "training"], ["train"]),
    ],
)
def test_splits(theirs: list[str], ours: list[str]) -> None:
    """LightGBM's default names become train and val, names that the user gave stay."""
    assert list(canonical_splits(theirs).values()) == ours


def test_curve_keys() -> None:
    """Every set and metric has a key, in order."""
    results = [
        ("training", "auc", 0.9, True),
        ("valid_1", "auc", 0.8, True),
        ("valid_1", "l2", 1.0, False),
    ]

    assert curve_keys(results) == {
        ("training", "auc"): "train/roc_auc",
        ("valid_1", "auc"): "val/roc_auc",
        ("valid_1", "l2"): "val/mse",
    }
    assert curve_keys(results, "regression")["valid_1", "l2"] == "val/loss"


def test_curves_never_share_a_key() -> None:
    """A metric of the user's that is called like a known one keeps its own name."""
    results = [("v", "auc", 0.9, True), ("v", "roc_auc", 0.8, True)]

    assert list(curve_keys(results).values()) == ["v/roc_auc", "v/roc_auc 2"]


def test_cv_point_of_both_generations() -> None:
    """Before 4.6 the set's name is inside the metric's; the point is the same."""
    new = [("valid", "auc", 0.8, True, 0.01), ("train", "auc", 0.9, True, 0.02)]
    old = [("cv_agg", "valid auc", 0.8, True, 0.01), ("cv_agg", "train auc", 0.9, True, 0.02)]

    assert cv_point(new) == cv_point(old)
    assert cv_point(new) == {
        "cv/roc_auc.mean": 0.8,
        "cv/roc_auc.std": 0.01,
        "train/roc_auc.mean": 0.9,
        "train/roc_auc.std": 0.02,
    }


def test_fold_point() -> None:
    """One fold's curves are named like those of any other fit."""
    assert fold_point([("train", "auc", 0.9, True), ("valid", "auc", 0.8, True)]) == {
        "train/roc_auc": 0.9,
        "val/roc_auc": 0.8,
    }


def test_nan_stays() -> None:
    """A metric that is not a number is recorded as such."""
    assert math.isnan(fold_point([("valid", "auc", float("nan"), True)])["val/roc_auc"])


def test_best_scores() -> None:
    """Scores of the best iteration are kept by our names."""
    theirs = {"training": {"auc": 0.9}, "valid_1": {"auc": 0.8}}

    assert best_scores(theirs) == {"best/train/roc_auc": 0.9, "best/val/roc_auc": 0.8}


def test_cv_ends() -> None:
    """The last values of the curves that cv returns, whatever characters a metric's name has."""
    results = {
        "valid ndcg@3-mean": [0.1, 0.2],
        "valid ndcg@3-stdv": [0.01, 0.02],
        "cvbooster": object(),
    }

    assert cv_ends(results) == {"cv/ndcg@3.mean": 0.2, "cv/ndcg@3.std": 0.02}
