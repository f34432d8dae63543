"""What is known of a call: parameters, arguments, data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from catboost import CatBoostClassifier, CatBoostRegressor, Pool

from epochlog_catboost.facts import call_params, describe, used_params

QUIET: dict[str, Any] = {"verbose": False, "thread_count": 1, "depth": 2, "iterations": 3}

pytestmark = pytest.mark.usefixtures("on")


def test_effective_parameters(arrays: Any, stored: Any) -> None:
    """What CatBoost chose is recorded under its own names; a passed number stays what it was."""
    X, y = arrays
    model = CatBoostClassifier(n_estimators=3, learning_rate=0.3, verbose=False, max_depth=2)
    model.fit(X, y)
    (run,) = stored()

    assert run.params["learning_rate"] == 0.3  # 0.30000001192092896 in CatBoost's words
    assert run.params["n_estimators"] == 3
    assert run.params["iterations"] == 3
    assert run.params["max_depth"] == run.params["depth"] == 2
    assert run.params["bootstrap_type"] == model.get_all_params()["bootstrap_type"]
    assert run.params["model_class"] == "CatBoostClassifier"
    assert run.params["train_set.num_rows"] == 300
    assert run.params["train_set.num_features"] == 5


def test_positional_arguments_have_names(arrays: Any, stored: Any) -> None:
    """Arguments of fit are bound by signature: the third one is cat_features."""
    X, y = arrays
    frame = pd.DataFrame(np.round(X), columns=list("abcde")).astype({"a": int})
    CatBoostClassifier(**QUIET).fit(frame, y, ["a"])
    (run,) = stored()

    assert run.params["fit.cat_features"] == ["a"]
    assert run.params["categorical_features"] == ["a"]
    assert run.params["feature_names"] == list("abcde")
    assert not {name for name in run.params if name in ("fit.X", "fit.y", "fit.plot")}


def test_arguments_of_fit(arrays: Any, stored: Any) -> None:
    """Evaluation sets, weights and callbacks are described, not copied."""

    class Quiet:
        def after_iteration(self, info: Any) -> bool:
            return True

    X, y = arrays
    CatBoostClassifier(**QUIET).fit(
        X, y, sample_weight=np.ones(300), eval_set=[Pool(X, y), (X[:9], y[:9])], callbacks=[Quiet()]
    )
    params = stored()[0].params

    assert params["fit.eval_set"] == ["Pool [300, 5]", "ndarray [9, 5]"]
    assert params["fit.sample_weight"] == "ndarray [300]"
    assert params["fit.callbacks"] == ["Quiet"]
    assert params["val_set.num_rows"] == 300
    assert params["val_1_set.num_rows"] == 9


def test_fingerprints_of_what_was_passed(arrays: Any, stored: Any) -> None:
    """Training and evaluation sets have roles, content digests and targets; equal ones are equal."""
    X, y = arrays
    for _ in range(2):
        CatBoostClassifier(**QUIET).fit(X[:200], y[:200], eval_set=(X[200:], y[200:]))
    one, two = stored()

    assert [(d.name, d.role) for d in one.datasets] == [("train", "train"), ("val", "validation")]
    assert all(d.digest for d in one.datasets)
    assert [d.digest for d in one.datasets] == [d.digest for d in two.datasets]
    assert len({d.digest for d in one.datasets}) == 2
    assert one.datasets[0].schema["target"]


def test_pool_tells_what_it_knows(arrays: Any, stored: Any) -> None:
    """A Pool's content is CatBoost's own; shape, names and categorical features are recorded."""
    X, y = arrays
    frame = pd.DataFrame(np.round(X), columns=list("abcde")).astype({"b": int})
    CatBoostClassifier(**QUIET).fit(Pool(frame, y, cat_features=["b"]))
    (data,) = stored()[0].datasets

    assert data.meta["container"] == "catboost.Pool"
    assert (data.meta["rows"], data.meta["columns"]) == (300, 5)
    assert data.meta["feature_names"] == list("abcde")
    assert data.meta["categorical_features"] == ["b"]


def test_text_features_and_missing_values(stored: Any) -> None:
    """A frame with a text column and gaps is recorded like any other."""
    frame = pd.DataFrame({"words": ["a b", "b c", "c d", "a d"] * 25, "n": [1.0, np.nan] * 50})
    model = CatBoostClassifier(**QUIET)
    model.fit(frame, [0, 1, 0, 1] * 25, text_features=["words"])
    (run,) = stored()

    assert run.params["text_features"] == ["words"]
    assert run.params["feature_names"] == ["words", "n"]
    assert run.datasets[0].digest
    assert run.models[0].load().tree_count_ == model.tree_count_


def test_file_paths(arrays: Any, stored: Any, folder: Path) -> None:
    """A data file is fingerprinted as a file, whatever scheme CatBoost's path has."""
    X, y = arrays
    rows = np.column_stack([y, X])
    np.savetxt(folder / "train.tsv", rows, delimiter="\t")
    CatBoostClassifier(**QUIET).fit("train.tsv", eval_set="train.tsv")
    CatBoostClassifier(**QUIET).fit("dsv://train.tsv")
    one, two = stored()

    assert one.params["train_set.num_rows"] == 300
    assert [d.role for d in one.datasets] == ["train", "validation"]
    assert one.datasets[0].uri == str(folder / "train.tsv")
    assert one.datasets[0].digest == two.datasets[0].digest != ""


def test_lists_and_series(stored: Any) -> None:
    """Plain lists and pandas columns are data, too."""
    X = [[float(i), float(i % 3)] for i in range(60)]
    CatBoostRegressor(**QUIET).fit(X, pd.Series(range(60)))
    (run,) = stored()

    assert run.datasets[0].digest
    assert run.params["train_set.num_rows"] == 60


def test_single_precision_is_shown_short() -> None:
    """Numbers that CatBoost keeps in single precision have the digits that the user wrote."""
    found = used_params({"learning_rate": 0.30000001192092896, "exact": 0.3, "depth": 6})

    assert found == {"learning_rate": 0.3, "exact": 0.3, "depth": 6}


def test_large_and_strange_values_are_described() -> None:
    """Long lists by their length, models and objects by their class."""

    class Own:
        pass

    assert describe(list(range(100))) == "list of 100"
    assert describe(Own()) == "Own"
    assert describe({"a": (1, 2)}) == {"a": [1, 2]}
    assert call_params({"self": 1, "X": 2, "plot": False, "verbose": None, "silent": True}) == {
        "fit.silent": True
    }
