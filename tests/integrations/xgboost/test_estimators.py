"""XGBoost's scikit-learn estimators: the estimator's fit and the train inside it are one run."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import xgboost as xgb
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import epochlog

ARGS: dict[str, Any] = {"n_estimators": 6, "n_jobs": 1, "max_depth": 2}


@pytest.fixture
def both() -> None:
    """Record scikit-learn and XGBoost."""
    epochlog.autolog("sklearn", "xgboost", hardware=False)


def fit(arrays: Any, **more: Any) -> xgb.XGBClassifier:
    """Return a classifier fitted with a validation set."""
    X, y = arrays
    model = xgb.XGBClassifier(**ARGS, eval_metric=["auc", "logloss"], **more)
    return model.fit(X[:400], y[:400], eval_set=[(X[400:], y[400:])], verbose=False)


def test_alone(on: None, arrays: Any, stored: Any) -> None:
    """Without scikit-learn's integration the train inside the estimator is the run."""
    model = fit(arrays)
    (run,) = stored()
    theirs = model.evals_result()["validation_0"]

    assert run.params["model_class"] == "XGBClassifier"
    assert list(run.series("val/loss").values) == theirs["logloss"]
    assert list(run.series("validation_0-auc").values) == theirs["auc"]
    assert {dataset.role for dataset in run.datasets} == {"train", "validation"}


def test_one_run_with_both(both: None, arrays: Any, stored: Any) -> None:
    """Params of the estimator, curves of the booster, nothing twice."""
    fit(arrays)
    (run,) = stored()

    assert run.source == "sklearn"
    assert run.params["max_depth"] == 2
    assert list(run.series("val/loss").steps) == list(range(6))
    assert [model.format for model in run.models] == ["ubj"]
    assert len(run.plots) == 1
    assert sorted(dataset.role for dataset in run.datasets) == ["train", "validation"]


def test_effective_params_instead_of_none(both: None, arrays: Any, stored: Any) -> None:
    """What the estimator leaves open is recorded as XGBoost resolved it, never as text 'None'."""
    X, y = arrays
    xgb.XGBClassifier(n_jobs=1).fit(X, y)
    params = stored()[0].params

    assert params["learning_rate"] == 0.3
    assert params["max_depth"] == 6
    assert params["subsample"] == 1
    assert params["reg_lambda"] == 1
    assert params["n_estimators"] == 100
    assert params["booster"] == "gbtree"
    assert "None" not in params.values()


def test_training_data_among_the_evaluation_sets(both: None, arrays: Any, stored: Any) -> None:
    """validation_0 is train if it is the training data, be it the same arrays or equal views."""
    X, y = arrays
    Xt, yt = X[:400], y[:400]
    for first in ((Xt, yt), (X[:400], y[:400])):
        model = xgb.XGBClassifier(**ARGS)
        model.fit(Xt, yt, eval_set=[first, (X[400:], y[400:])], verbose=False)
        run = stored()[-1]
        theirs = model.evals_result()
        assert list(run.series("train/loss").values) == theirs["validation_0"]["logloss"]
        assert list(run.series("val/loss").values) == theirs["validation_1"]["logloss"]


@pytest.mark.parametrize("kind", ["XGBRegressor", "XGBRFRegressor", "XGBRFClassifier"])
def test_other_estimators(both: None, arrays: Any, stored: Any, kind: str) -> None:
    """Regressors and random forests record as classifiers do; a forest has one round."""
    X, y = arrays
    model = getattr(xgb, kind)(**ARGS).fit(X, y, eval_set=[(X, y)], verbose=False)
    (run,) = stored()
    metric = "train/loss" if "Classifier" in kind else "train/rmse"

    assert run.params["model_class"] == kind
    assert len(run.series(metric).steps) == model.get_booster().num_boosted_rounds()
    assert len(run.models) == 1


def test_ranker(both: None, arrays: Any, stored: Any) -> None:
    """A ranker's metrics keep their '@', and its groups are counted."""
    X, y = arrays
    query = np.repeat(np.arange(60), 10)
    model = xgb.XGBRanker(**ARGS, eval_metric=["ndcg@5", "map@3-"], objective="rank:ndcg")
    model.fit(X, y, qid=query, eval_set=[(X, y)], eval_qid=[query], verbose=False)
    (run,) = stored()

    theirs = model.evals_result()["validation_0"]
    assert list(run.series("train/ndcg@5").values) == theirs["ndcg@5"]
    assert "train/map@3-" in run.metrics
    assert run.params["train_set.num_groups"] == 60


def test_early_stopping(both: None, arrays: Any, stored: Any) -> None:
    """Early stopping inside an estimator is recorded by the same names."""
    X, y = arrays
    model = xgb.XGBClassifier(n_estimators=300, n_jobs=1, early_stopping_rounds=3)
    model.fit(X[:400], y[:400], eval_set=[(X[400:], y[400:])], verbose=False)
    (run,) = stored()

    assert run.metrics["best_iteration"].last == model.best_iteration
    assert run.metrics["best/val/loss"].last == model.best_score
    assert run.params["stopped_early"] is True
    assert run.params["n_estimators"] == 300


def test_callable_objective_and_metric(both: None, arrays: Any, stored: Any) -> None:
    """The user's functions keep their names."""
    X, y = arrays

    def squares(truth: Any, predictions: Any) -> tuple[Any, Any]:
        return predictions - truth, np.ones_like(predictions)

    def distance(truth: Any, predictions: Any) -> float:
        return float(np.abs(truth - predictions).mean())

    model = xgb.XGBRegressor(**ARGS, objective=squares, eval_metric=distance)
    model.fit(X, y, eval_set=[(X, y)], verbose=False)
    (run,) = stored()

    assert run.params["objective"] == "squares"
    theirs = model.evals_result()["validation_0"]["distance"]
    assert list(run.series("train/distance").values) == theirs


def test_callbacks_belong_to_the_constructor(both: None, arrays: Any, stored: Any) -> None:
    """callbacks is a constructor parameter: the list stays as it is, and clones work."""
    from sklearn.base import clone

    callbacks = [xgb.callback.EarlyStopping(rounds=50)]
    model = fit(arrays, callbacks=callbacks)

    assert model.callbacks is callbacks
    assert len(callbacks) == 1
    assert clone(model).get_params()["callbacks"] is not None
    assert stored()[0].params["early_stopping.rounds"] == 50


def test_generator_as_random_state(arrays: Any) -> None:
    """A generator given as random_state is not asked once more than without recording."""

    def predictions() -> Any:
        X, y = arrays
        args = {**ARGS, "subsample": 0.5, "random_state": np.random.RandomState(3)}
        return xgb.XGBClassifier(**args).fit(X, y).predict_proba(X)

    without = predictions()
    epochlog.autolog("xgboost", hardware=False)

    assert np.array_equal(without, predictions())


def test_pickled_estimators_hold_nothing_of_ours(both: None, arrays: Any) -> None:
    """A pickled estimator mentions epochlog nowhere."""
    assert b"epochlog" not in pickle.dumps(fit(arrays))


def test_pipeline(both: None, arrays: Any, stored: Any) -> None:
    """As the last step of a pipeline: one run, params of the pipeline, curves of the booster."""
    X, y = arrays
    model = make_pipeline(StandardScaler(), xgb.XGBClassifier(**ARGS))
    model.fit(X, y, xgbclassifier__eval_set=[(X, y)], xgbclassifier__verbose=False)
    (run,) = stored()

    assert run.params["model_class"] == "Pipeline"
    assert run.params["xgbclassifier__max_depth"] == 2
    assert len(run.series("val/loss").steps) == 6


@pytest.mark.slow
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_pipeline_inside_a_search(both: None, arrays: Any, stored: Any, n_jobs: int) -> None:
    """In a grid search, in workers too, every candidate's fold has the curves of its booster."""
    from joblib.externals.loky import get_reusable_executor
    from sklearn.model_selection import GridSearchCV

    X, y = arrays
    model = make_pipeline(StandardScaler(), xgb.XGBClassifier(**ARGS))
    search = GridSearchCV(model, {"xgbclassifier__max_depth": [1, 2]}, cv=2, n_jobs=n_jobs)
    search.fit(X, y, xgbclassifier__eval_set=[(X, y)], xgbclassifier__verbose=False)
    if n_jobs > 1:  # the workers would outlive the store of this test
        get_reusable_executor().shutdown()
    runs = stored()
    folds = [run for run in runs if run.kind == "fold"]

    assert sum(run.parent is None for run in runs) == 1
    assert len(folds) == 2 * 2
    assert all(len(run.series("val/loss").steps) == 6 for run in folds)
    assert all(run.status == "completed" for run in runs)
    assert not any(run.models for run in folds)


def test_one_vs_rest(both: None, arrays: Any, stored: Any) -> None:
    """A meta-estimator that fits one booster a class is one run."""
    X, _ = arrays
    y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
    OneVsRestClassifier(xgb.XGBClassifier(**ARGS)).fit(X, y)
    (run,) = stored()

    assert run.status == "completed"
    assert run.params["model_class"] == "OneVsRestClassifier"
