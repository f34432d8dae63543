"""Names of sets and curves."""

from __future__ import annotations

import pytest

from epochlog_xgboost import names


@pytest.mark.parametrize(
    ("sets", "expected"),
    [
        ([("train", False), ("eval", False), ("test", False)], ["train", "val", "test"]),
        ([("dtrain", True), ("dtest", False)], ["train", "test"]),
        ([("validation_0", False), ("validation_1", False)], ["val", "val_1"]),
        ([("validation_0", True), ("validation_1", False)], ["train", "val"]),
        ([("valid", False), ("eval", False), ("val", False)], ["val", "val_1", "val_2"]),
        ([("holdout", False), ("Berlin", True)], ["holdout", "train"]),
        ([("eval", True), ("train", False)], ["train", "train_1"]),
    ],
)
def test_splits(sets, expected):
    """Usual words become train, val and test; equal ones are numbered; own names stay."""
    assert list(names.canonical_splits(sets).values()) == expected


@pytest.mark.parametrize(
    ("metric", "objective", "key"),
    [
        ("logloss", "binary:logistic", "val/loss"),
        ("mlogloss", "multi:softprob", "val/loss"),
        ("mlogloss", "multi:softmax", "val/loss"),
        ("logloss", "", "val/log_loss"),
        ("rmse", "reg:squarederror", "val/rmse"),
        ("mae", "reg:absoluteerror", "val/loss"),
        ("tweedie-nloglik@1.5", "reg:tweedie", "val/loss"),
        ("auc", "binary:logistic", "val/roc_auc"),
        ("error", "binary:logistic", "val/error_rate"),
        ("error@0.7", "binary:logistic", "val/error@0.7"),
        ("ndcg@5-", "rank:ndcg", "val/ndcg@5-"),
    ],
)
def test_keys(metric, objective, key):
    """The objective's own metric is the loss; synonyms are unified, thresholds kept."""
    assert names.curve_key("val", metric, objective) == key


def test_keys_that_would_collide_stay_apart():
    """A metric of the user's that is called like ours has a curve of its own."""
    history = {"eval": ["logloss", "loss"]}
    keys = names.curve_keys(history, {"eval": "val"}, "binary:logistic")

    assert len(set(keys.values())) == 2


@pytest.mark.parametrize(
    ("metric", "way"),
    [("auc", "maximize"), ("ndcg@5-", "maximize"), ("map", "maximize"), ("mape", "minimize"),
     ("pre@3", "maximize"), ("error@0.7", "minimize"), ("aucpr", "maximize"), ("mine", "")],
)  # fmt: skip
def test_goals(metric, way):
    """XGBoost's own metrics have a direction, unknown ones have none."""
    assert names.goal(metric) == way


def test_lines_are_parsed():
    """Values behind the last colon, sets before the first dash."""
    line = "[3]\ttrain-auc:0.9\ttest-tweedie-nloglik@1.5:nan\teval-a:b:1e-3"
    (one, two, three) = names.parsed_line(line)

    assert one == ("train", "auc", 0.9)
    assert two[:2] == ("test", "tweedie-nloglik@1.5")
    assert two[2] != two[2]
    assert three == ("eval", "a:b", 0.001)
