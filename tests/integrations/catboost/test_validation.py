"""What catboost.cv, grid_search and randomized_search leave behind."""

from __future__ import annotations

from typing import Any

import catboost
import numpy as np
import pytest
from catboost import CatBoostClassifier, Pool

QUIET: dict[str, Any] = {"verbose": False, "thread_count": 1, "depth": 2}
PARAMS: dict[str, Any] = {"loss_function": "Logloss", "custom_metric": "AUC", **QUIET}

pytestmark = pytest.mark.usefixtures("on")


def test_cv_has_means_and_folds(arrays: Any, stored: Any) -> None:
    """Mean and deviation of each metric equal the result; each fold is a child with its curves."""
    params = dict(PARAMS)
    result = catboost.cv(Pool(*arrays), params, iterations=9, fold_count=3)
    parent, *folds = stored()

    for column in result.columns.drop("iterations"):
        assert list(parent.series(column).values) == list(result[column])
        assert list(parent.series(column).steps) == list(range(9))
    assert list(parent.series("cv/loss.mean").values) == list(result["test-Logloss-mean"])
    assert list(parent.series("cv/roc_auc.std").values) == list(result["test-AUC-std"])
    assert [(f.kind, f.name, f.parent.id) for f in folds] == [
        ("fold", f"fold {i}", parent.id) for i in range(3)
    ]
    curves = np.array([fold.series("val/loss").values for fold in folds])
    assert np.allclose(curves.mean(0), result["test-Logloss-mean"], rtol=1e-8)
    assert parent.params["n_folds"] == 3
    assert parent.metrics["best_iteration"].last == np.argmin(result["test-Logloss-mean"])
    assert parent.metrics["best/cv/loss.mean"].last == result["test-Logloss-mean"].min()
    assert {run.status for run in (parent, *folds)} == {"completed"}
    assert params == PARAMS


def test_cv_as_plain_data_with_models(arrays: Any, stored: Any) -> None:
    """as_pandas=False and return_models=True are recorded like the rest; folds know their trees."""
    result, models = catboost.cv(
        Pool(*arrays), {**PARAMS, "iterations": 5}, nfold=2, as_pandas=False, return_models=True
    )
    parent, *folds = stored()

    assert list(parent.series("cv/loss.mean").values) == result["test-Logloss-mean"]
    assert [fold.params["tree_count"] for fold in folds] == [m.tree_count_ for m in models]
    assert parent.params["fit.return_models"] is True


def test_cv_that_writes_no_files(arrays: Any, stored: Any) -> None:
    """With allow_writing_files=False the means are there, and no fold of an earlier cv is taken."""
    catboost.cv(Pool(*arrays), dict(PARAMS), iterations=5, fold_count=2)
    catboost.cv(Pool(*arrays), {**PARAMS, "allow_writing_files": False}, iterations=4, fold_count=2)
    runs = stored(nested=False)

    assert [len(list(run.children())) for run in runs] == [2, 0]
    assert runs[1].metrics["cv/loss.mean"].count == 4


def test_cv_with_a_generator_of_folds(arrays: Any, stored: Any) -> None:
    """Folds from a generator are consumed by CatBoost alone."""
    halves = np.arange(150), np.arange(150, 300)
    folds = (pair for pair in [halves, halves[::-1]])
    catboost.cv(Pool(*arrays), dict(PARAMS), iterations=4, folds=folds)
    parent, *children = stored()

    assert parent.params["fit.folds"] == "generator"
    assert parent.params["n_folds"] == len(children) == 2


def test_cv_that_fails(arrays: Any, stored: Any) -> None:
    """CatBoost's error passes untouched; the run says failed."""
    with pytest.raises(catboost.CatBoostError):
        catboost.cv(Pool(*arrays), {**PARAMS, "depth": 99}, iterations=3)
    (run,) = stored()

    assert run.status == "failed"


@pytest.mark.parametrize("refit", [True, False])
def test_grid_search(arrays: Any, stored: Any, refit: bool) -> None:
    """One run of kind search: what was tried, the best, the cv curves, and the final fit's own."""
    X, y = arrays
    grid = {"depth": [1, 2], "learning_rate": [0.1, 0.5]}
    model = CatBoostClassifier(iterations=6, verbose=False, thread_count=1)
    found = model.grid_search(dict(grid), X, y, verbose=False, refit=refit)
    (run,) = stored()

    assert run.kind == "search"
    assert run.params["search.function"] == "grid_search"
    assert run.params["search.param_grid.depth"] == [1, 2]
    assert run.params["best.depth"] == found["params"]["depth"]
    assert list(run.series("cv/loss.mean").values) == found["cv_results"]["test-Logloss-mean"]
    assert [d.role for d in run.datasets] == ["train"]
    assert bool(list(run.models)) is refit
    if refit:
        assert run.metrics["train/loss"].count == 6
        assert run.params["depth"] == found["params"]["depth"]


def test_randomized_search(arrays: Any, stored: Any) -> None:
    """The number of tries is recorded; distributions that aren't lists are named."""
    X, y = arrays
    model = CatBoostClassifier(iterations=4, verbose=False, thread_count=1)
    model.randomized_search({"depth": [1, 2, 3]}, X, y, n_iter=2, verbose=False)
    (run,) = stored()

    assert run.params["search.function"] == "randomized_search"
    assert run.params["search.n_iter"] == 2
