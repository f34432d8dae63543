"""What xgboost.cv leaves behind: a parent with means, one child per fold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xgboost as xgb

import epochlog

pytestmark = pytest.mark.usefixtures("on")

PARAMS = {"objective": "binary:logistic", "eval_metric": ["auc", "logloss"], "nthread": 1}
KEYS = {"auc": "roc_auc", "logloss": "loss"}


def parent_of(runs: list[Any]) -> Any:
    """Return the cross-validation's own run."""
    return next(run for run in runs if run.parent is None)


def test_means_and_deviations(sets: Any, stored: Any) -> None:
    """The parent's curves are what cv returns."""
    results = xgb.cv(PARAMS, sets[0], 6, nfold=3, as_pandas=False)
    parent = parent_of(stored())

    for metric, key in KEYS.items():
        for theirs, ours in (("test", "cv"), ("train", "train")):
            for which in ("mean", "std"):
                series = parent.series(f"{ours}/{key}.{which}")
                assert list(series.values) == results[f"{theirs}-{metric}-{which}"]
                assert list(series.steps) == list(range(6))
    assert list(parent.series("test-logloss-mean").values) == results["test-logloss-mean"]
    assert parent.params["n_folds"] == 3
    assert parent.params["fit.nfold"] == 3
    assert parent.params["num_boost_round"] == 6
    assert parent.params["model_class"] == "xgboost.cv"
    assert parent.params["booster.max_depth"] == 6
    assert [dataset.role for dataset in parent.datasets] == ["train"]


def test_each_fold_has_its_own_curves(sets: Any, stored: Any) -> None:
    """The mean of the folds' curves is the parent's curve; folds know their number and rows."""
    xgb.cv(PARAMS, sets[0], 6, nfold=3)
    parent = parent_of(stored())
    folds = sorted(parent.children(), key=lambda fold: fold.position)
    curves = np.array([fold.series("val/roc_auc").values for fold in folds])

    assert [(fold.kind, fold.position, fold.status) for fold in folds] == [
        ("fold", i, "completed") for i in range(3)
    ]
    assert np.allclose(curves.mean(axis=0), parent.series("cv/roc_auc.mean").values)
    assert np.allclose(curves.std(axis=0), parent.series("cv/roc_auc.std").values)
    assert all(len(fold.series("train/loss").steps) == 6 for fold in folds)
    assert sum(fold.params["val_set.num_rows"] for fold in folds) == 400


@pytest.mark.parametrize("how", ["argument", "callback"])
def test_early_stopping(sets: Any, stored: Any, how: str) -> None:
    """cv's best iteration is the step of the best mean, at which XGBoost cuts its result."""
    stop: dict[str, Any] = {"early_stopping_rounds": 4}
    if how == "callback":
        stop = {"callbacks": [xgb.callback.EarlyStopping(rounds=4)]}
    results = xgb.cv({**PARAMS, "eta": 0.5}, sets[0], 200, nfold=3, as_pandas=False, **stop)
    parent = parent_of(stored())
    curve = parent.series("cv/loss.mean")
    best = int(np.argmin(curve.values))

    assert parent.metrics["best_iteration"].last == best == len(results["test-logloss-mean"]) - 1
    assert parent.metrics["best/cv/loss.mean"].last == results["test-logloss-mean"][-1]
    assert parent.metrics["best/cv/loss.std"].last == results["test-logloss-std"][-1]
    assert parent.params["stopped_early"] is True
    assert parent.metrics["stopped_iteration"].last == curve.steps[-1] == best + 4


def test_learning_rate_schedule(sets: Any, stored: Any) -> None:
    """A schedule is a curve of the parent."""
    schedule = xgb.callback.LearningRateScheduler([0.5, 0.4, 0.3])
    xgb.cv(PARAMS, sets[0], 3, nfold=2, callbacks=[schedule])
    parent = parent_of(stored())

    assert list(parent.series("learning_rate").values) == [0.3, 0.5, 0.4]


def test_failure_ends_the_folds_too(sets: Any, stored: Any) -> None:
    """When the user's callback raises, parent and folds failed, with the points up to there."""

    class Boom(xgb.callback.TrainingCallback):
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            if epoch == 2:
                raise ValueError("boom")
            return False

    with pytest.raises(ValueError, match="boom"):
        xgb.cv(PARAMS, sets[0], 9, nfold=2, callbacks=[Boom()])
    runs = stored()

    assert [run.status for run in runs] == ["failed"] * 3
    assert [len(run.series("val/loss").steps) for run in runs if run.kind == "fold"] == [3, 3]
    assert len(parent_of(runs).series("cv/loss.mean").steps) == 3


def test_importances_are_means(sets: Any, stored: Any) -> None:
    """The parent's importances are the means over the folds' boosters, which cv throws away."""
    boosters: list[Any] = []

    class Keeping(xgb.callback.TrainingCallback):
        def after_training(self, model: Any) -> Any:
            boosters.extend(fold.bst for fold in model.cvfolds)
            return model

    xgb.cv(PARAMS, sets[0], 3, nfold=2, callbacks=[Keeping()])
    (plot,) = parent_of(stored()).plots
    theirs = [b.get_score(importance_type="gain") for b in boosters]
    means = [np.mean([t.get(f"f{i}", 0.0) for t in theirs]) for i in range(6)]

    assert np.allclose(plot.data["importance"]["gain"], means)


def test_custom_folds_and_preprocessing(arrays: Any, stored: Any) -> None:
    """Own index folds, an own preprocessing and an own metric reach XGBoost as they are."""
    X, y = arrays
    halves = iter([(list(range(300)), list(range(300, 600))), (list(range(300, 600)), [1, 2, 3])])
    metric = {"custom_metric": lambda predictions, data: ("mine", 1.5)}
    xgb.cv(
        {"nthread": 1}, xgb.DMatrix(X, label=y), 2, folds=list(halves), **metric,
        fpreproc=lambda train, test, params: (train, test, params),
    )  # fmt: skip
    parent = parent_of(stored())
    folds = sorted(parent.children(), key=lambda fold: fold.position)

    assert [fold.params["val_set.num_rows"] for fold in folds] == [300, 3]
    assert list(folds[0].series("val/mine").values) == [1.5, 1.5]
    assert parent.metrics["cv/mine.mean"].last == 1.5


def test_without_the_private_class(sets: Any, stored: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should XGBoost not tell each fold's results any more, means are still recorded."""
    from epochlog_xgboost import training

    monkeypatch.setattr(training.CrossValidation, "saw_folds", lambda self, lines: None)
    xgb.cv(PARAMS, sets[0], 3, nfold=2)
    parent = parent_of(stored())

    assert len(parent.series("cv/loss.mean").steps) == 3
    assert [len(fold.metrics) for fold in parent.children()] == [0, 0]


def test_fold_models_on_request(sets: Any, stored: Any) -> None:
    """With fold_models each fold keeps its booster."""
    epochlog.uninstrument()
    epochlog.autolog("xgboost", hardware=False, options={"xgboost": {"fold_models": True}})
    xgb.cv(PARAMS, sets[0], 2, nfold=2)

    assert [len(run.models) for run in stored()] == [0, 1, 1]
