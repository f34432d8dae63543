"""LightGBM's scikit-learn estimators: the estimator's fit and the train inside it are one run."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import lightgbm as lgb
import pytest
from sklearn.base import BaseEstimator
from sklearn.multiclass import OneVsRestClassifier

import epochlog

ARGS = {"n_estimators": 6, "verbose": -1, "n_jobs": 1}


@pytest.fixture
def both() -> None:
    """Record scikit-learn and LightGBM."""
    pytest.importorskip("epochlog_sklearn.plugin")
    epochlog.autolog("sklearn", "lightgbm", hardware=False)


def evaluated_on(X: Any, y: Any) -> dict[str, Any]:
    """Return the fit arguments for a validation set, as this LightGBM wants them."""
    names = inspect.signature(lgb.LGBMClassifier.fit).parameters
    return {"eval_X": X, "eval_y": y} if "eval_X" in names else {"eval_set": [(X, y)]}


def fit(arrays: Any, **more: Any) -> lgb.LGBMClassifier:
    """Return a classifier fitted with a validation set."""
    X, y = arrays
    return lgb.LGBMClassifier(**ARGS, **more).fit(
        X[:400], y[:400], **evaluated_on(X[400:], y[400:]), eval_metric="auc"
    )


def test_alone(on: None, arrays: Any, stored: Any) -> None:
    """Without scikit-learn's integration the train inside the estimator is the run."""
    fit(arrays)
    (run,) = stored()

    assert len(run.series("val/roc_auc").steps) == 6
    assert len(run.series("val/loss").steps) == 6
    assert len(run.datasets) == 2


def test_one_run_with_both(both: None, arrays: Any, stored: Any) -> None:
    """Params of the estimator, curves of the booster, one run."""
    fit(arrays)
    (run,) = stored()

    assert run.source == "sklearn"
    assert run.params["n_estimators"] == 6
    assert run.params["booster.num_iterations"] == 6
    assert len(run.series("val/roc_auc").steps) == 6
    assert [d.role for d in run.datasets].count("train") == 1
    assert [d.role for d in run.datasets].count("validation") == 1
    assert "booster" in [model.name for model in run.models]


def test_early_stopping(both: None, arrays: Any, stored: Any) -> None:
    """Early stopping inside an estimator is recorded by the same names."""
    X, y = arrays
    stop = lgb.early_stopping(3, verbose=False)
    model = lgb.LGBMClassifier(n_estimators=300, learning_rate=0.5, verbose=-1, n_jobs=1)
    model.fit(X[:400], y[:400], **evaluated_on(X[400:], y[400:]), callbacks=[stop])
    (run,) = stored()

    assert run.metrics["best_iteration"].last == model.best_iteration_ - 1
    assert run.params["stopped_early"] is True


def test_pickled_estimators_hold_nothing_of_ours(both: None, arrays: Any) -> None:
    """A pickled estimator mentions epochlog nowhere."""
    assert b"epochlog" not in pickle.dumps(fit(arrays))


@pytest.mark.slow
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_inside_a_search(both: None, arrays: Any, stored: Any, n_jobs: int) -> None:
    """In a grid search, in workers too, every candidate's fold has the curves of its booster."""
    from joblib.externals.loky import get_reusable_executor
    from sklearn.model_selection import GridSearchCV

    X, y = arrays
    search = GridSearchCV(lgb.LGBMClassifier(**ARGS), {"num_leaves": [3, 7]}, cv=2, n_jobs=n_jobs)
    search.fit(X[:400], y[:400], **evaluated_on(X[400:], y[400:]))
    if n_jobs > 1:  # the workers would outlive the store of this test
        get_reusable_executor().shutdown()
    runs = stored()
    curves = [run for run in runs if "val/loss" in run.metrics]

    assert sum(run.parent is None for run in runs) == 1
    assert len(curves) == 2 * 2 + 1
    assert all(len(run.series("val/loss").steps) == 6 for run in curves)
    assert all(run.status == "completed" for run in runs)
    assert not any(run.models for run in curves if run.kind == "fold")


class Ensemble(BaseEstimator):
    """An estimator of the user's own that fits two others."""

    def fit(self, X: Any, y: Any) -> Ensemble:
        self.members_ = [lgb.LGBMClassifier(**ARGS, learning_rate=rate) for rate in (0.1, 0.3)]
        for member in self.members_:
            member.fit(X[:400], y[:400], **evaluated_on(X[400:], y[400:]))
        return self


def test_members_of_one_fit_have_curves_of_their_own(both: None, arrays: Any, stored: Any) -> None:
    """Boosters that share one fit's run have a context each, so that no curve runs into another."""
    model = Ensemble().fit(*arrays)
    (run,) = stored()

    assert run.metrics.contexts("val/loss") == ["", "member=1"]
    for context, member in zip(("", "member=1"), model.members_, strict=True):
        series = run.series("val/loss", context=context)
        assert list(series.values) == member.evals_result_["valid_0"]["binary_logloss"]


def test_one_vs_rest(both: None, arrays: Any, stored: Any) -> None:
    """A meta-estimator that fits one booster a class is one run."""
    X, _ = arrays
    y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
    OneVsRestClassifier(lgb.LGBMClassifier(**ARGS)).fit(X, y)
    (run,) = stored()

    assert run.status == "completed"
    assert run.params["model_class"] == "OneVsRestClassifier"
