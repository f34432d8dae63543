"""Names of curves: equal definitions share one name, everything else stays as it is."""

from __future__ import annotations

import pytest

from epochlog.plugins.api import metric_key, metric_name, split_name


@pytest.mark.parametrize(
    ("own", "name"),
    [
        ("acc", "accuracy"),
        ("sparse_categorical_accuracy", "accuracy"),
        ("AUC", "roc_auc"),
        ("binary_logloss", "log_loss"),
        ("Logloss", "log_loss"),
        ("RMSE", "rmse"),
        ("l2", "mse"),
        ("ndcg@5", "ndcg@5"),
        ("My Metric", "My Metric"),
        ("", ""),
    ],
)
def test_names_of_equal_definition_become_one(own: str, name: str) -> None:
    """Spelling and case don't matter for known names; unknown ones are returned as they are."""
    assert metric_name(own) == name


def test_usual_words_for_splits_become_one() -> None:
    """A user's own name of a data set stays."""
    assert [split_name(name) for name in ("training", "learn", "eval", "hold out")] == [
        "train",
        "train",
        "val",
        "hold out",
    ]


def test_the_objective_is_called_loss() -> None:
    """What the training minimises has one name in every framework."""
    assert metric_key("valid", "binary_logloss", loss=True) == "val/loss"
    assert metric_key("valid", "binary_logloss") == "val/log_loss"
