"""CatBoost inside scikit-learn: one run per fit, nested by rule, nothing twice; test metrics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from catboost import CatBoost, CatBoostClassifier, CatBoostRegressor
from sklearn.ensemble import BaggingClassifier
from sklearn.metrics import accuracy_score, mean_absolute_error, roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import epochlog

QUIET: dict[str, Any] = {"verbose": False, "thread_count": 1, "depth": 2}


@pytest.fixture(autouse=True)
def both() -> None:
    """Record both frameworks."""
    epochlog.autolog("catboost", "sklearn", hardware=False)


def test_pipeline_is_one_run(arrays: Any, stored: Any) -> None:
    """A pipeline's run has the curve, the effective parameters, one importance plot, both models."""
    X, y = arrays
    pipeline = make_pipeline(StandardScaler(), CatBoostClassifier(iterations=6, **QUIET))
    pipeline.fit(X, y)
    (run,) = stored()
    theirs = pipeline[-1].evals_result_["learn"]["Logloss"]

    assert run.params["model_class"] == "Pipeline"
    assert run.params["bootstrap_type"] == "MVS"
    assert list(run.series("train/loss").values) == theirs
    assert [plot.kind for plot in run.plots] == ["importance"]
    assert sorted(model.name for model in run.models) == ["catboost", "model"]
    assert [data.role for data in run.datasets] == ["train"]


@pytest.mark.slow
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_grid_search_is_a_tree(arrays: Any, stored: Any, n_jobs: int | None) -> None:
    """Search > candidates > folds, each fold with its own curve, in worker processes as well."""
    X, y = arrays
    search = GridSearchCV(
        CatBoostClassifier(iterations=4, **QUIET), {"depth": [1, 2]}, cv=2, n_jobs=n_jobs
    )
    search.fit(X, y)
    runs = stored()
    kinds = [run.kind for run in runs]

    assert [kinds.count(kind) for kind in ("search", "candidate", "fold")] == [1, 2, 4]
    assert len(runs) == 7
    for run in runs:
        if run.kind == "fold":
            assert run.metrics["train/loss"].count == 4
            assert run.parent.kind == "candidate"
            assert not list(run.models)
    (top,) = (run for run in runs if run.kind == "search")
    theirs = search.best_estimator_.evals_result_["learn"]["Logloss"]
    assert list(top.series("train/loss").values) == theirs
    assert [model.name for model in top.models] == ["catboost"]
    assert [plot.kind for plot in top.plots].count("importance") == 1


def test_cross_val_score(arrays: Any, stored: Any) -> None:
    """One run per fold below one parent."""
    X, y = arrays
    cross_val_score(CatBoostClassifier(iterations=3, **QUIET), X, y, cv=2)
    parent, *folds = stored()

    assert [(fold.kind, fold.parent.id) for fold in folds] == [("fold", parent.id)] * 2
    assert [fold.metrics["train/loss"].count for fold in folds] == [3, 3]


def test_members_of_an_ensemble(arrays: Any, stored: Any) -> None:
    """A bagging ensemble is one run; each member's curve is kept apart."""
    X, y = arrays
    BaggingClassifier(CatBoostClassifier(iterations=3, **QUIET), n_estimators=3).fit(X, y)
    (run,) = stored()

    assert run.params["model_class"] == "BaggingClassifier"
    assert run.series("train/loss").steps.tolist() == [0, 1, 2]
    assert run.series("train/loss", context="member=2").steps.tolist() == [0, 1, 2]


def test_metrics_of_predictions(arrays: Any, stored: Any) -> None:
    """sklearn.metrics of a CatBoost model's predictions, and its score, belong to its run."""
    X, y = arrays
    X_train, y_train, X_test, y_test = X[:200], y[:200], X[200:], y[200:]
    model = CatBoostClassifier(iterations=5, **QUIET).fit(X_train, y_train)
    accuracy = accuracy_score(y_test, model.predict(X_test))
    area = roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])
    on_train = model.score(X_train, y_train)
    assert model.score(X_test, y_test) == accuracy
    (run,) = stored()

    assert run.metrics["test/accuracy"].last == accuracy
    assert run.metrics["train/accuracy"].last == on_train
    assert run.metrics["test/roc_auc"].last == area
    assert run.metrics["test/score"].last == accuracy
    assert run.metrics["test/accuracy"].count == 1
    assert "test" in {data.role for data in run.datasets}


def test_metrics_of_other_classes(arrays: Any, stored: Any) -> None:
    """A regressor, the base class with a named argument, and the best model of CatBoost's own search."""
    X, y = arrays
    target = y + X[:, 0]
    regressor = CatBoostRegressor(iterations=3, **QUIET).fit(X, target)
    mean_absolute_error(target[:50], regressor.predict(X[:50]))
    base = CatBoost({"iterations": 3, **QUIET}).fit(X, target)
    mean_absolute_error(target[:50], base.predict(data=X[:50]))
    tuned = CatBoostClassifier(iterations=3, verbose=False, thread_count=1)
    tuned.grid_search({"depth": [1, 2]}, X, y, verbose=False)
    accuracy_score(y[:50], tuned.predict(X[:50]).astype(int))
    tuned.score(X[:50], y[:50])
    one, two, three = stored()

    assert "test/mean_absolute_error" in one.metrics
    assert "test/mean_absolute_error" in two.metrics
    assert "test/accuracy" in three.metrics


def test_predictions_are_restored(arrays: Any) -> None:
    """After uninstrument() CatBoost's methods are the originals, and nothing is remembered."""
    X, y = arrays
    CatBoostClassifier(iterations=2, **QUIET).fit(X, y)
    assert hasattr(CatBoostClassifier.predict, "__wrapped__")
    epochlog.uninstrument()

    for name in ("fit", "_fit", "predict", "score", "predict_proba", "_train"):
        assert not hasattr(getattr(CatBoostClassifier, name), "__wrapped__"), name


def test_results_with_and_without(arrays: Any) -> None:
    """Predictions and scores are bit-equal with recording."""
    X, y = arrays

    def everything() -> list[Any]:
        model = CatBoostClassifier(iterations=5, **QUIET).fit(X, y)
        return [
            model.predict(X),
            model.predict_proba(X),
            model.score(X, y),
            model.predict_log_proba(X),
        ]

    recorded = everything()
    epochlog.uninstrument()

    assert all(np.array_equal(a, b) for a, b in zip(recorded, everything(), strict=True))
