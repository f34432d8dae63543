"""What lightgbm.cv leaves behind: a parent with means, one child per fold."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

OURS = {"auc": "roc_auc", "binary_logloss": "loss"}

pytestmark = pytest.mark.usefixtures("on")

PARAMS = {
    "objective": "binary",
    "metric": ["auc", "binary_logloss"],
    "verbose": -1,
    "num_threads": 1,
}


def test_means_and_deviations(sets: Any, stored: Any) -> None:
    """The parent's curves are what cv returns."""
    results = lgb.cv(PARAMS, sets[0], 6, nfold=3, eval_train_metric=True)
    parent = next(run for run in stored() if run.parent is None)

    for metric in PARAMS["metric"]:
        for theirs, ours in (("valid", "cv"), ("train", "train")):
            assert (
                list(parent.series(f"{ours}/{OURS[metric]}.mean").values)
                == results[f"{theirs} {metric}-mean"]
            )
            assert (
                list(parent.series(f"{ours}/{OURS[metric]}.std").values)
                == results[f"{theirs} {metric}-stdv"]
            )
    assert parent.params["n_folds"] == 3
    assert parent.params["fit.nfold"] == 3
    assert parent.params["model_class"] == "lightgbm.CVBooster"


def test_each_fold_has_its_own_curves(sets: Any, stored: Any) -> None:
    """The mean of the folds' curves is the parent's curve; folds know their number and rows."""
    lgb.cv(PARAMS, sets[0], 6, nfold=3)
    parent = next(run for run in stored() if run.parent is None)
    folds = sorted(parent.children(), key=lambda fold: fold.position)
    curves = np.array([fold.series("val/roc_auc").values for fold in folds])

    assert [(fold.kind, fold.position, fold.status) for fold in folds] == [
        ("fold", i, "completed") for i in range(3)
    ]
    assert np.allclose(curves.mean(axis=0), parent.series("cv/roc_auc.mean").values)
    assert np.allclose(curves.std(axis=0), parent.series("cv/roc_auc.std").values)
    assert sum(fold.params["val_set.num_rows"] for fold in folds) == 400


def test_early_stopping(sets: Any, stored: Any) -> None:
    """cv's best iteration is the step of the best mean, and LightGBM's own number beside it."""
    stop = lgb.early_stopping(4, verbose=False)
    params = {**PARAMS, "metric": "binary_logloss", "learning_rate": 0.5}
    results = lgb.cv(params, sets[0], 200, nfold=3, callbacks=[stop])
    parent = next(run for run in stored() if run.parent is None)
    curve = parent.series("cv/loss.mean")

    assert parent.metrics["best_iteration"].last == int(np.argmin(curve.values))
    assert parent.metrics["lightgbm.best_iteration"].last == len(
        results["valid binary_logloss-mean"]
    )
    assert parent.metrics["best/cv/loss.mean"].last == results["valid binary_logloss-mean"][-1]
    assert parent.params["stopped_early"] is True
    assert parent.metrics["stopped_iteration"].last == curve.steps[-1]


def test_returned_boosters_are_untouched(sets: Any, stored: Any) -> None:
    """cv returns what it always returns."""
    results = lgb.cv(PARAMS, sets[0], 2, nfold=2, return_cvbooster=True)

    assert sorted(vars(results["cvbooster"])) == ["best_iteration", "boosters"]
    assert len(results["cvbooster"].boosters) == 2


def test_failure_ends_the_folds_too(sets: Any, stored: Any) -> None:
    """When the user's callback raises, parent and folds failed, with the points up to there."""

    def boom(env: Any) -> None:
        if env.iteration == 2:
            raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        lgb.cv(PARAMS, sets[0], 9, nfold=2, callbacks=[boom])
    runs = stored()

    assert [run.status for run in runs] == ["failed"] * 3
    assert [len(run.series("val/roc_auc").steps) for run in runs if run.kind == "fold"] == [3, 3]


def test_importances_are_means(sets: Any, stored: Any) -> None:
    """The parent's importances are the means over the folds."""
    results = lgb.cv(PARAMS, sets[0], 3, nfold=2, return_cvbooster=True)
    parent = next(run for run in stored() if run.parent is None)
    (plot,) = parent.plots
    theirs = np.mean([b.feature_importance("gain") for b in results["cvbooster"].boosters], axis=0)

    assert np.allclose(plot.data["importance"]["gain"], theirs)


def test_without_the_private_function(
    sets: Any, stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should LightGBM drop the inner function that tells each fold's results, means are still recorded."""
    from epochlog_lightgbm import training

    monkeypatch.setattr(training.CrossValidation, "saw_folds", lambda self, raw: None)
    lgb.cv(PARAMS, sets[0], 3, nfold=2)
    parent = next(run for run in stored() if run.parent is None)

    assert len(parent.series("cv/roc_auc.mean").steps) == 3
    assert [len(fold.metrics) for fold in parent.children()] == [0, 0]


def test_fold_models_on_request(sets: Any, stored: Any) -> None:
    """With fold_models each fold keeps its booster."""
    import epochlog

    epochlog.uninstrument()
    epochlog.autolog("lightgbm", hardware=False, options={"lightgbm": {"fold_models": True}})
    lgb.cv(PARAMS, sets[0], 2, nfold=2)

    assert [len(run.models) for run in stored()] == [0, 1, 1]
