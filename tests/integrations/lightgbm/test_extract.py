"""Params and importances as plain data."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from lightgbm.basic import _ConfigAliases

from epochlog_lightgbm.extract import ALIASES, FEATURES_MAX, importance, lookup, resolved_params
from epochlog_lightgbm.facts import call_params


@pytest.mark.parametrize("name", sorted(ALIASES))
def test_aliases_are_lightgbms(name: str) -> None:
    """Our lists of spellings are the ones of the installed LightGBM."""
    assert {name, *ALIASES[name]} == _ConfigAliases.get(name)


def test_lookup() -> None:
    """A param is found under any of its spellings; None counts as not given."""
    assert lookup({"eta": 0.3}, "learning_rate") == 0.3
    assert lookup({"learning_rate": None}, "learning_rate", 0.1) == 0.1


def test_resolved_params_of_a_real_model(arrays: Any) -> None:
    """A model's text tells every parameter as LightGBM resolved it, numbers as numbers."""
    X, y = arrays
    params = {"objective": "binary", "eta": 0.07, "verbose": -1, "reg_alpha": 0.5}
    resolved = resolved_params(lgb.train(params, lgb.Dataset(X, y), 2).model_to_string())

    assert resolved["learning_rate"] == 0.07
    assert resolved["lambda_l1"] == 0.5
    assert resolved["boosting"] == "gbdt"
    assert resolved["num_leaves"] == 31
    assert isinstance(resolved["num_leaves"], int)
    assert "machines" not in resolved


@pytest.mark.parametrize("text", ["", "tree\nversion=v4\n", "\nparameters:\n[half: "])
def test_resolved_params_of_odd_texts(text: str) -> None:
    """A text without the block gives nothing."""
    assert resolved_params(text) == {}


def test_importance_keeps_the_most_important_of_many() -> None:
    """Of more features than fit, those with the largest gain are kept, in their own order."""
    count = FEATURES_MAX + 3
    gain = np.arange(count, dtype=float)
    data = importance([f"f{i}" for i in range(count)], gain, np.ones(count))

    assert data["features"] == [f"f{i}" for i in range(3, count)]
    assert data["importance"]["gain"][0] == 3.0
    assert data["importance"]["split"][0] == 1


def call(**given: Any) -> dict[str, Any]:
    """Return the params of a call of train with these arguments."""
    arguments = {
        "params": {},
        "num_boost_round": 100,
        "callbacks": None,
        "feval": None,
        "init_model": None,
    }
    return call_params(arguments | given)


def test_rounds_in_params_win() -> None:
    """The number of rounds is the one that LightGBM will use."""
    assert call(params={"n_estimators": 7})["num_boost_round"] == 7
    assert call(num_boost_round=9)["num_boost_round"] == 9


def test_arguments_and_callbacks() -> None:
    """Arguments are params under fit., functions by name; early stopping is told in numbers."""

    def accuracy(preds: Any, data: Any) -> tuple[str, float, bool]:
        return "accuracy", 1.0, True

    params = call(
        feval=[accuracy], callbacks=[lgb.early_stopping(5, first_metric_only=True, verbose=False)]
    )

    assert params["fit.feval"] == ["accuracy"]
    assert params["early_stopping.stopping_rounds"] == 5
    assert params["early_stopping.first_metric_only"] is True
    assert params["fit.callbacks"] == ["_EarlyStoppingCallback"]


def test_generators_of_folds_are_not_consumed() -> None:
    """Folds given as a generator are named, never looked into."""
    folds = (pair for pair in [(1, 2)])

    assert call(folds=folds)["fit.folds"] == "generator"
    assert list(folds) == [(1, 2)]
