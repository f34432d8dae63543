"""Predictions are known again by identity, by content, and by what was made of them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from epochlog.base.guard import reported


def copies():
    """Return what people do to predictions before they compare them."""
    import pandas as pd
    import polars as pl

    return {
        "copy": lambda labels, proba: labels.copy(),
        "pandas": lambda labels, proba: pd.Series(labels),
        "polars": lambda labels, proba: pl.Series(labels),
        "list": lambda labels, proba: labels.tolist(),
        "threshold": lambda labels, proba: proba[:, 1] > 0.3,
        "words": lambda labels, proba: (proba[:, 1] > 0.3).astype(int),
        "round": lambda labels, proba: proba[:, 1].round(),
        "argmax": lambda labels, proba: np.argmax(proba, 1),
    }


@pytest.mark.parametrize("how", list(copies()))
@pytest.mark.parametrize("alive", [True, False])
def test_copies_and_what_is_derived_find_their_model(only_run, split, how, alive):
    """Also when the array that ``predict`` returned is gone."""
    X, y, X_test, y_test = split
    model = GaussianNB().fit(X, y)
    labels, proba = model.predict(X_test), model.predict_proba(X_test)
    changed = copies()[how](labels, proba)
    if not alive:
        del labels, proba
    value = metrics.accuracy_score(y_test, changed)

    assert only_run().metrics["test/accuracy"].last == value


@pytest.mark.parametrize("change", [np.copy, np.round, lambda a: a.clip(100), np.ravel, list])
def test_changed_numbers_find_their_model(only_run, diabetes, change):
    """Rounding and clipping of a regression's predictions are known."""
    X, y = diabetes
    model = LinearRegression().fit(X[:300], y[:300])
    value = metrics.mean_squared_error(y[300:], change(model.predict(X[300:])))
    run = only_run()

    assert run.metrics["test/mse"].last == run.metrics["test/mean_squared_error"].last == value
    assert "test/residuals" in run.plots
    assert "test/error_distribution" in run.plots


def test_large_arrays_are_known_by_checksum(only_run, cancer):
    """Of predictions too large to copy, a copy is known after they are gone."""
    X, y = cancer
    model = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, y)
    X_test, y_test = np.tile(X, (80, 1)), np.tile(y, 80)
    X_test[0, 0] += 1  # other data
    value = metrics.accuracy_score(y_test, model.predict(X_test).tolist())
    auc = metrics.roc_auc_score(y_test, model.predict_proba(X_test)[:, 1].copy())
    run = only_run()

    assert run.metrics["test/accuracy"].last == value
    assert run.metrics["test/roc_auc"].last == auc


def test_interleaved_models_are_kept_apart(runs, split):
    """Copies of different models' predictions go each to its own run."""
    X, y, X_test, y_test = split
    models = [DecisionTreeClassifier(max_depth=d, random_state=0).fit(X, y) for d in (1, 3)]
    found = [model.predict(X_test) for model in models]
    values = [metrics.accuracy_score(y_test, list(each)) for each in found]
    expected = [
        metrics.f1_score(y_test, found[1].tolist()),
        metrics.f1_score(y_test, list(found[0])),
    ]
    one, two = runs()

    assert [run.metrics["test/accuracy"].last for run in (one, two)] == values
    assert [two.metrics["test/f1"].last, one.metrics["test/f1"].last] == expected
    assert values[0] != values[1]
    assert not [n for run in (one, two) for n in run.notices if "other model" in n.text]


def test_equal_predictions_go_to_the_newest_and_it_is_said(runs, split):
    """Nobody can tell two models' equal predictions apart by a copy; the run says so."""
    X, y, X_test, y_test = split
    models = [DecisionTreeClassifier(max_depth=1, random_state=0).fit(X, y) for _ in range(2)]
    found = [model.predict(X_test) for model in models]
    metrics.accuracy_score(y_test, found[0].copy())
    one, two = runs()

    assert "test/accuracy" not in one.metrics
    assert "test/accuracy" in two.metrics
    assert any("1 other model;" in notice.text for notice in two.notices)


def test_arrays_of_nobody_are_nobody_s(runs, split):
    """A memorised truth, a baseline, a constant and few values are not taken for predictions."""
    X, y, X_test, y_test = split
    model = DecisionTreeClassifier(random_state=0).fit(X, y)
    model.predict(X)  # equals y
    model.predict(X_test)
    DummyClassifier().fit(X, y).predict(X_test[:3])
    metrics.f1_score(y.copy(), np.roll(y, 1))
    metrics.f1_score(y_test, np.ones_like(y_test))
    metrics.f1_score([0, 1, 1], [1, 1, 1])

    for run in runs():
        assert not [key for key in run.metrics if "f1" in key]


def test_sparse_predictions_are_left_alone(only_run):
    """They would have to be densified; the run is complete, and nothing of ours failed."""
    from scipy.sparse import issparse
    from sklearn.datasets import make_multilabel_classification
    from sklearn.model_selection import cross_val_predict
    from sklearn.multiclass import OneVsRestClassifier

    X, y = make_multilabel_classification(60, return_indicator="sparse", random_state=0)
    model = OneVsRestClassifier(GaussianNB())
    before = reported()

    assert issparse(cross_val_predict(model, X, y, cv=3))
    assert reported() == before
    assert only_run().status == "completed"
