"""Cross-validations, searches and incremental fits are recorded, each in its own shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.tree import DecisionTreeClassifier
from small_trainings import TREES, cancer


def test_cross_validation_of_lightgbm(only: Any) -> None:
    """One run with mean and spread at every iteration; each fold is a child with its own curve."""
    import lightgbm as lgb

    theirs = lgb.cv(TREES, lgb.Dataset(*cancer()), 6, nfold=3, seed=1)
    run = only()
    folds = run.children()

    assert run.status == "completed"
    assert list(run.series("cv/loss.mean").steps) == list(range(6))
    assert list(run.series("cv/loss.mean").values) == theirs["valid binary_logloss-mean"]
    assert list(run.series("cv/loss.std").values) == theirs["valid binary_logloss-stdv"]
    assert [(fold.kind, fold.position) for fold in folds] == [("fold", 0), ("fold", 1), ("fold", 2)]
    means = np.mean([list(fold.series("val/loss").values) for fold in folds], axis=0)
    assert list(means) == pytest.approx(theirs["valid binary_logloss-mean"])


def test_cross_validation_counts_rows_as_rows(only: Any) -> None:
    """The data set of a cross-validation has the number of its rows, not of its columns."""
    import lightgbm as lgb

    lgb.cv(TREES, lgb.Dataset(*cancer()), 2, nfold=2)
    run = only()
    sizes = {key: value for key, value in run.params.items() if key.startswith("train_set.num_")}

    assert run.datasets[0].schema["shape"] == [400, 30]
    assert sizes.get("train_set.num_rows", 400) == 400
    assert sizes.get("train_set.num_features", 30) == 30


def test_cross_validation_of_xgboost(only: Any) -> None:
    """One run with mean and spread at every iteration; each fold is a child with its own curve."""
    xgb = pytest.importorskip("xgboost")
    params = {"objective": "binary:logistic", "nthread": 1, "max_depth": 2}
    theirs = xgb.cv(params, xgb.DMatrix(*cancer()), 6, nfold=3, seed=1, as_pandas=False)
    run = only()

    assert run.status == "completed"
    assert list(run.series("cv/loss.mean").steps) == list(range(6))
    assert list(run.series("cv/loss.mean").values) == pytest.approx(theirs["test-logloss-mean"])
    assert list(run.series("cv/loss.std").values) == pytest.approx(theirs["test-logloss-std"])
    assert [(fold.kind, fold.metrics["val/loss"].count) for fold in run.children()] == [
        ("fold", 6)
    ] * 3


def test_cross_validation_of_catboost(only: Any) -> None:
    """One run with mean and spread at every iteration of CatBoost's own table."""
    catboost = pytest.importorskip("catboost")
    params = {"iterations": 6, "depth": 2, "loss_function": "Logloss", "thread_count": 1}
    theirs = catboost.cv(
        catboost.Pool(*cancer()), params, fold_count=3, verbose=False, as_pandas=False
    )
    run = only()

    assert run.status == "completed"
    assert list(run.series("cv/loss.mean").values) == pytest.approx(theirs["test-Logloss-mean"])
    assert list(run.series("cv/loss.std").values) == pytest.approx(theirs["test-Logloss-std"])


def test_a_catboost_fit_has_everything(only: Any) -> None:
    """Effective params, both curves against CatBoost's own, data, importances and a model."""
    catboost = pytest.importorskip("catboost")
    model = catboost.CatBoostClassifier(iterations=8, depth=2, thread_count=1, verbose=False)
    model.fit(*cancer(), eval_set=cancer())
    run = only()

    assert run.source == "catboost"
    assert list(run.series("train/loss").values) == model.evals_result_["learn"]["Logloss"]
    assert run.params["depth"] == 2
    assert len(run.models) == 1
    assert {data.role for data in run.datasets} >= {"train"}
    assert any(plot.kind == "importance" for plot in run.plots)


def test_cross_validate_of_scikit_learn(only: Any) -> None:
    """Folds are children with their scores; the run has mean and spread."""
    from sklearn.model_selection import cross_validate

    theirs = cross_validate(DecisionTreeClassifier(max_depth=2), *cancer(), cv=4)
    run = only()
    scores = [fold.metrics[first_test(fold)].last for fold in run.children()]

    assert len(scores) == 4
    assert [float(score) for score in scores] == pytest.approx(list(theirs["test_score"]))
    mean = next(key for key in run.metrics if key.startswith("cv/") and key.endswith(".mean"))
    assert run.metrics[mean].last == pytest.approx(np.mean(theirs["test_score"]))


def first_test(fold: Any) -> str:
    """Return the name of the fold's score on its own part left out."""
    return next(key for key in fold.metrics if key.split("/")[0] in ("val", "test", "cv"))


@pytest.mark.parametrize("which", ["HalvingGridSearchCV", "HalvingRandomSearchCV"])
def test_halving_search(only: Any, which: str) -> None:
    """Every candidate of every round is there, with the score of the search's own table."""
    import sklearn.model_selection
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401

    search = getattr(sklearn.model_selection, which)(
        DecisionTreeClassifier(random_state=0),
        {"max_depth": [1, 2, 3, 4]},
        cv=2,
        random_state=0,
        min_resources=100,
        max_resources=400,
    ).fit(*cancer())
    run = only()
    candidates = [child for child in run.children() if child.kind == "candidate"]
    depths = [each.params["max_depth"] for each in candidates]

    assert run.kind == "search"
    assert depths == [params["max_depth"] for params in search.cv_results_["params"]]
    assert all(len(candidate.children()) == 2 for candidate in candidates)


def test_grid_search_has_every_candidate(only: Any) -> None:
    """All candidates are children with their params, not only the best five."""
    from sklearn.model_selection import GridSearchCV

    grid = {"max_depth": list(range(1, 9))}
    GridSearchCV(DecisionTreeClassifier(), grid, cv=2).fit(*cancer())
    candidates = [child for child in only().children() if child.kind == "candidate"]

    assert [each.params["max_depth"] for each in candidates] == grid["max_depth"]
    assert all(each.parent_id == only().id for each in candidates)


def test_a_search_on_lists(only: Any) -> None:
    """Data given as plain lists lose no candidate."""
    from sklearn.model_selection import GridSearchCV

    X, y = cancer()
    GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2).fit(X.tolist(), y.tolist())
    run = only()

    assert len([child for child in run.children() if child.kind == "candidate"]) == 2
    assert run.status == "completed"


def test_partial_fits_are_one_run(only: Any) -> None:
    """A loop of ``partial_fit`` is one run that counts its calls."""
    X, y = cancer()
    model = SGDClassifier(random_state=0)
    for start in range(0, 400, 100):
        model.partial_fit(X[start : start + 100], y[start : start + 100], classes=[0, 1])
        model.score(X, y)
    del model
    run = only()

    assert run.params["model_class"].endswith("SGDClassifier")
    assert max(metric.count for metric in run.metrics.values()) == 4


def test_two_fits_in_one_run_are_apart(stored: Any) -> None:
    """Params and metrics of a second fit are in a child, and replace nothing of the first."""
    import epochlog

    with epochlog.start_run("mine") as mine:
        for C in (0.5, 2.0):
            LogisticRegression(C=C).fit(*cancer()).score(*cancer())
    first, second = stored()

    assert first.id == mine.id
    assert (first.params["C"], second.params["C"]) == (0.5, 2.0)
    assert second.parent_id == mine.id
    assert first.metrics["train/accuracy"].count == second.metrics["train/accuracy"].count == 1
