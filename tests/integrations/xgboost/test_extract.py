"""From XGBoost's objects to plain data."""

from __future__ import annotations

import json

import pytest

from epochlog_xgboost import extract

CONFIG = {
    "learner": {
        "generic_param": {"device": "cpu", "nthread": "2", "seed": "0", "validate_parameters": "1"},
        "gradient_booster": {
            "name": "gbtree",
            "gbtree_train_param": {"tree_method": "hist", "updater": "grow"},
            "tree_train_param": {
                "eta": "0.300000012",
                "learning_rate": "0.300000012",
                "lambda": "1",
                "reg_lambda": "1",
                "monotone_constraints": "()",
                "interaction_constraints": "",
                "max_depth": "6",
            },
            "updater": [{"name": "grow", "hist_train_param": {"debug_synchronize": "0"}}],
        },
        "learner_model_param": {"base_score": "[4.544E-1]", "num_class": "3"},
        "metrics": [{"name": "auc"}, {"name": "logloss"}],
        "objective": {"name": "multi:softprob", "softmax_multiclass_param": {"num_class": "3"}},
    },
    "version": [3, 2, 0],
}


def test_configuration_is_flat_and_has_each_parameter_once():
    """Leaves by their own names, numbers as numbers, second names and plumbing left out."""
    assert extract.resolved_params(json.dumps(CONFIG)) == {
        "device": "cpu", "n_jobs": 2, "random_state": 0, "booster": "gbtree",
        "tree_method": "hist", "learning_rate": 0.3, "reg_lambda": 1, "max_depth": 6,
        "updater": ["grow"], "base_score": 0.4544, "num_class": 3,
        "eval_metric": ["auc", "logloss"], "objective": "multi:softprob",
    }  # fmt: skip


def test_equal_names_with_other_values_keep_their_section():
    """Nothing is lost where two sections use one name."""
    config = {"learner": {"a": {"x": "1"}, "b": {"x": "2"}}}

    assert extract.resolved_params(json.dumps(config)) == {"x": 1, "b.x": 2}


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.300000012", 0.3), ("5E-1", 0.5), ("12", 12), ("[1,2]", [1, 2]), ("[5E-1]", 0.5),
     ("(1,0)", "(1,0)"), ("[odd", "[odd"), ("hist", "hist"), (False, False), ("0", 0)],
)  # fmt: skip
def test_values(text, value):
    """32-bit numbers have the digits that people typed."""
    assert extract.plain_value(text) == value


def test_repeated_pairs_become_lists():
    """A list of pairs may name a parameter several times."""
    pairs = [("eval_metric", "a"), ("eval_metric", "b"), ("eval_metric", "c"), ("eta", 1)]

    assert extract.as_dict(pairs) == {"eval_metric": ["a", "b", "c"], "eta": 1}
    assert extract.as_dict(None) == {}


def test_importances_of_unused_features_are_zero():
    """XGBoost leaves out what was never used."""
    plot = extract.importance(["a", "b"], {"gain": {"b": 2.0}})

    assert plot == {"features": ["a", "b"], "importance": {"gain": [0.0, 2.0]}}


def test_only_the_most_important_of_very_many(monkeypatch):
    """Of too many features the largest are kept, in their order."""
    monkeypatch.setattr(extract, "FEATURES_MAX", 2)
    plot = extract.importance(["a", "b", "c"], {"gain": {"a": 1.0, "b": 3.0, "c": 2.0}})

    assert plot == {"features": ["b", "c"], "importance": {"gain": [3.0, 2.0]}}


def test_means_over_folds():
    """A feature that one fold never used counts as zero there; classes are averaged one by one."""
    means = extract.mean_scores([{"gain": {"a": 2.0}}, {"gain": {"a": 4.0, "b": 1.0}}])
    linear = extract.mean_scores([{"coefficient": {"a": [1.0, 2.0]}}, {"coefficient": {}}])

    assert means == {"gain": {"a": 3.0, "b": 0.5}}
    assert linear == {"coefficient": {"a": [0.5, 1.0]}}
