"""Models of LightGBM, XGBoost and CatBoost take part in evaluation."""

from __future__ import annotations

import pytest
from sklearn import metrics

CASES = {
    "lightgbm": ("LGBMClassifier", {"n_estimators": 3, "verbose": -1}),
    "xgboost": ("XGBClassifier", {"n_estimators": 3}),
    "catboost": (
        "CatBoostClassifier",
        {"iterations": 3, "verbose": 0, "allow_writing_files": False},
    ),
}


@pytest.mark.parametrize("name", list(CASES))
def test_boosted_trees_are_evaluated(runs, cancer, name):
    """``score`` and metric calls are metrics and plots of the run that the integration opened."""
    module = pytest.importorskip(name)
    X, y = cancer
    cls, params = CASES[name]
    model = getattr(module, cls)(**params).fit(X[:400], y[:400])
    value = model.score(X[400:], y[400:])
    model.predict(X[400:])  # CatBoost's score does without
    auc = metrics.roc_auc_score(y[400:], model.predict_proba(X[400:])[:, 1])
    found = [run for run in runs() if "test/roc_auc" in run.metrics]

    (run,) = found
    assert run.metrics["test/accuracy"].last == value
    assert run.metrics["test/roc_auc"].last == auc
    assert {"test/roc", "test/confusion_matrix", "test/calibration"} <= set(run.plots.keys())


@pytest.mark.parametrize("name", list(CASES))
def test_regressions_are_evaluated(runs, diabetes, name):
    """Residuals of a copy of the predictions."""
    module = pytest.importorskip(name)
    X, y = diabetes
    cls, params = CASES[name]
    model = getattr(module, cls.replace("Classifier", "Regressor"))(**params).fit(X[:300], y[:300])
    value = metrics.mean_absolute_error(y[300:], model.predict(X[300:]).tolist())
    (run,) = [run for run in runs() if "test/mae" in run.metrics]

    assert run.metrics["test/mae"].last == value
    assert "test/residuals" in run.plots
