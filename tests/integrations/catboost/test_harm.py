"""With and without epochlog, everything that a user can see of CatBoost is the same."""

from __future__ import annotations

import copy
import pickle
import random
import warnings
from typing import Any

import catboost
import numpy as np
import pytest
from catboost import CatBoostClassifier, CatBoostRanker, Pool

import epochlog
from epochlog.plugins.testing import IntegrationTestCase

QUIET: dict[str, Any] = {"verbose": False, "thread_count": 1, "depth": 2}

DATA = """
from sklearn.datasets import load_breast_cancer
X, y = load_breast_cancer(return_X_y=True)
"""


@pytest.mark.slow
class TestCatboost(IntegrationTestCase):
    """CatBoost: an estimator with a validation set, and cv."""

    name = "catboost"
    variants = {
        "module": (
            "import catboost" + DATA,
            """
params = dict(iterations=8, depth=2, verbose=False, thread_count=1, subsample=0.7)
model = catboost.CatBoostClassifier(**params)
returned = model.fit(X[::2], y[::2], eval_set=(X[1::2], y[1::2]))
table = catboost.cv(catboost.Pool(X, y), {**params, "loss_function": "Logloss"}, fold_count=2)
result = [model.predict_proba(X), model.tree_count_, table.to_numpy(), returned is model]
result += [model.get_leaf_values(), model.evals_result_, sorted(vars(model)), sorted(params)]
result += [model.get_scale_and_bias(), model.get_all_params(), model.get_feature_importance()]
""",
        ),
        "from": (
            "from catboost import CatBoostClassifier, Pool, cv" + DATA,
            """
params = dict(iterations=8, depth=2, verbose=False, thread_count=1, subsample=0.7)
model = CatBoostClassifier(**params)
returned = model.fit(X[::2], y[::2], eval_set=(X[1::2], y[1::2]))
table = cv(Pool(X, y), {**params, "loss_function": "Logloss"}, fold_count=2)
result = [model.predict_proba(X), model.tree_count_, table.to_numpy(), returned is model]
result += [model.get_leaf_values(), model.evals_result_, sorted(vars(model)), sorted(params)]
result += [model.get_scale_and_bias(), model.get_all_params(), model.get_feature_importance()]
""",
        ),
    }
    failing = "catboost.CatBoostClassifier(depth=99, verbose=False).fit(X, y)"
    expected_params = {"depth": 2, "subsample": 0.7}
    expected_metrics = ("train/loss", "val/loss")
    pickled = (
        "catboost.cv", "catboost.train", "catboost.CatBoost.fit", "catboost.CatBoostClassifier.fit",
    )  # fmt: skip


def trees(model: Any) -> tuple[Any, ...]:
    """Return a model without the random identifier and the time in its bytes."""
    leaves = model.get_leaf_values().tolist(), model.get_leaf_weights().tolist()
    return *leaves, model.get_scale_and_bias(), model.get_all_params(), model.feature_names_


def everything(arrays: Any) -> dict[str, Any]:
    """Train in several ways and return all that can be seen afterwards."""
    X, y = arrays
    random.seed(1)
    np.random.seed(1)
    params = {"loss_function": "Logloss", "iterations": 6, "subsample": 0.7, **QUIET}
    given = copy.deepcopy(params)
    groups = np.repeat(np.arange(60), 5)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = CatBoostClassifier(iterations=40, custom_metric=["AUC"], **QUIET)
        same = model.fit(X[:200], y[:200], eval_set=(X[200:], y[200:]), early_stopping_rounds=5)
        trained = catboost.train(Pool(X, y), params)
        table = catboost.cv(Pool(X, y), params, fold_count=2)
        ranker = CatBoostRanker(iterations=4, **QUIET).fit(X, y, group_id=groups)
        tuned = CatBoostClassifier(iterations=4, verbose=False, thread_count=1)
        found = tuned.grid_search({"depth": [1, 2]}, X, y, verbose=False)
    return {
        "same": same is model,
        "model": (trees(model), model.evals_result_, model.best_score_),
        "best": (model.best_iteration_, model.tree_count_, model.get_all_params()),
        "attributes": [sorted(vars(each)) for each in (model, trained, ranker, tuned)],
        "importances": [each.feature_importances_.tolist() for each in (model, ranker)],
        "trained": trees(trained),
        "cv": table.to_numpy().tolist(),
        "ranker": trees(ranker),
        "tuned": (trees(tuned), found),
        "params": (params, given),
        "warnings": [(w.category, str(w.message)) for w in caught],
        "random": (random.random(), np.random.random()),
    }


def test_nothing_changes(arrays: Any) -> None:
    """Models, scores, attributes, params, warnings and random states are bit-equal."""
    without = everything(arrays)
    epochlog.autolog(hardware=False)
    recorded = everything(arrays)

    for key, value in without.items():
        assert str(recorded[key]) == str(value), key


def test_printed_output_is_the_same(arrays: Any, on: None, capfd: Any) -> None:
    """Nothing of ours is printed between CatBoost's lines."""
    X, y = arrays
    CatBoostClassifier(iterations=3, depth=1, thread_count=1).fit(X, y)
    epochlog.flush()
    out, err = capfd.readouterr()

    assert [text.partition(":")[0] for text in out.splitlines() if "total" in text] == list("012")
    assert "epochlog" not in out + err


def test_models_pickle_without_us(arrays: Any, on: None) -> None:
    """Nothing of ours stays in a model: it pickles, copies and saves as ever."""
    X, y = arrays
    model = CatBoostClassifier(iterations=3, **QUIET).fit(X, y)

    assert b"epochlog" not in pickle.dumps(model)
    assert (pickle.loads(pickle.dumps(model)).predict(X) == model.predict(X)).all()
    assert model.copy() == model


def test_off_by_name(arrays: Any, stored: Any) -> None:
    """autolog(catboost=False), paused() and uninstrument() record nothing."""
    X, y = arrays
    epochlog.autolog(hardware=False, catboost=False)
    CatBoostClassifier(iterations=2, **QUIET).fit(X, y)
    epochlog.autolog("catboost", hardware=False)
    with epochlog.paused():
        CatBoostClassifier(iterations=2, **QUIET).fit(X, y)
    epochlog.uninstrument()
    CatBoostClassifier(iterations=2, **QUIET).fit(X, y)
    epochlog.autolog("sklearn", hardware=False)
    with epochlog.start_run("the only one"):
        pass

    assert [run.name for run in stored()] == ["the only one"]


def test_options(arrays: Any, stored: Any) -> None:
    """Each option leaves out what it names."""
    X, y = arrays
    names = ("models", "datasets", "importance", "effective_params", "follow")
    epochlog.autolog("catboost", hardware=False, options={"catboost": dict.fromkeys(names, False)})
    CatBoostClassifier(iterations=2, **QUIET).fit(X, y)
    (run,) = stored()

    assert not list(run.models)
    assert not list(run.datasets)
    assert not list(run.plots)
    assert "bootstrap_type" not in run.params
    assert run.metrics["train/loss"].count == 2


def test_changed_internals_switch_the_integration_off(
    arrays: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any, stored: Any
) -> None:
    """Without the methods that we enter, training works and the report has one clear line."""
    from catboost import core

    monkeypatch.setenv("EPOCHLOG_RAISE", "0")
    monkeypatch.delattr(core.CatBoost, "_tune_hyperparams")
    report = epochlog.autolog(hardware=False)
    X, y = arrays

    assert "_tune_hyperparams" in str(report)
    with epochlog.start_run("mine"):
        CatBoostClassifier(iterations=2, **QUIET).fit(X, y)
    (run,) = stored()
    assert not run.metrics
