"""Truth and predictions that met become plots and metrics, once, whatever form they come in."""

from __future__ import annotations

import gc
import warnings
import weakref

import numpy as np
import pytest
from sklearn import metrics
from sklearn.base import BaseEstimator
from sklearn.datasets import make_classification, make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from epochlog.evaluation.kinds import problems_of

CURVES = {
    "test/calibration",
    "test/gain",
    "test/precision_recall",
    "test/roc",
    "test/threshold",
}
LABELS = {
    "test/classification_report",
    "test/confusion_matrix",
    "test/predictions/sample",
    "test/predictions/worst",
}


def plots_of(run):
    """Return the keys of what evaluation drew, sorted, each as often as it is there."""
    return sorted(plot.key for plot in run.plots if "/" in plot.key)


@pytest.mark.parametrize("order", ["labels first", "scores first", "truth first"])
def test_labels_and_scores_are_joined(only_run, split, order):
    """Whichever came first, labels, scores and truth of the same data are evaluated once."""
    X, y, X_test, y_test = split
    model = GaussianNB().fit(X, y)
    if order == "labels first":
        labels, proba = model.predict(X_test), model.predict_proba(X_test)
    elif order == "scores first":
        proba, labels = model.predict_proba(X_test), model.predict(X_test)
    else:
        model.score(X_test, y_test)
        proba, labels = model.predict_proba(X_test), model.predict(X_test)
    accuracy = metrics.accuracy_score(y_test, labels)
    auc = metrics.roc_auc_score(y_test, proba[:, 1])
    metrics.accuracy_score(y_test, labels)
    run = only_run()

    assert plots_of(run) == sorted(CURVES | LABELS)
    assert [problems_of(plot.kind, plot.data) for plot in run.plots if "/" in plot.key] == [[]] * 9
    assert run.metrics["test/accuracy"].last == accuracy
    assert run.metrics["test/roc_auc"].last == auc
    assert run.metrics["test/f1"].last == pytest.approx(metrics.f1_score(y_test, labels))
    assert run.metrics["test/accuracy"].count == run.metrics["test/f1"].count == 1
    worst = run.plots["test/predictions/worst"].data
    if order != "truth first":
        loss = 1 - proba[np.arange(len(y_test)), y_test]
        assert worst["loss"][0] == pytest.approx(loss.max())


def test_a_score_alone_is_evaluated_with_what_the_model_predicted_inside(only_run, split):
    """``score`` needs predictions: they are caught there, not computed twice."""
    X, y, X_test, y_test = split
    calls = []

    class Counting(DecisionTreeClassifier):
        def predict(self, X, check_input=True):
            calls.append(len(X))
            return super().predict(X, check_input)

    model = make_pipeline(StandardScaler(), Counting(max_depth=3)).fit(X, y)
    model.score(X_test, y_test)
    right = model[-1].predict(model[0].transform(X_test)) == y_test
    run = only_run()

    assert plots_of(run) == sorted(LABELS)
    assert np.trace(run.plots["test/confusion_matrix"].data["matrix"]) == right.sum()
    assert calls == [len(X_test)] * 2  # once in score, once by this test


def test_a_search_by_another_scorer(only_run, split):
    """A search's own score may ask for probabilities: these are what is evaluated."""
    X, y, X_test, y_test = split
    search = GridSearchCV(GaussianNB(), {"var_smoothing": [1e-9, 1e-6]}, cv=2, scoring="roc_auc")
    value = search.fit(X, y).score(X_test, y_test)
    run = only_run()

    assert plots_of(run) == sorted({*CURVES, "search/var_smoothing"})
    assert run.metrics["test/roc_auc"].last == value
    assert run.plots["search/var_smoothing"].data["x"] == [1e-9, 1e-6]


def test_a_refilled_buffer_is_another_data_set(only_run, split):
    """Scores of what is in a buffer now are not joined to labels of what was in it before."""
    X, y, X_test, y_test = split
    model = GaussianNB().fit(X, y)
    buffer = X_test[:80].copy()
    model.predict(buffer)
    buffer[:] = X_test[80:160]
    metrics.roc_auc_score(y_test[80:160], model.predict_proba(buffer)[:, 1])

    assert plots_of(only_run()) == sorted(CURVES)


def test_new_objects_of_the_same_data_are_evaluated_once(only_run, split):
    """``frame[names]`` is a new object each time; the truth tells that it is the same data."""
    pd = pytest.importorskip("pandas")
    X, y, X_test, y_test = split
    frame = pd.DataFrame(X_test, columns=[f"c{i}" for i in range(X.shape[1])])
    names = list(frame.columns)
    model = GaussianNB().fit(pd.DataFrame(X, columns=names), y)
    for _ in range(3):
        metrics.accuracy_score(y_test, model.predict(frame[names]))
        metrics.roc_auc_score(y_test, model.predict_proba(frame[names])[:, 1])
    run = only_run()

    assert plots_of(run) == sorted(CURVES | LABELS)
    assert run.metrics["test/accuracy"].count == 1


def test_nothing_is_kept_alive(runs, split):
    """Data, truth and predictions die when the user lets go of them."""
    X, y, X_test, y_test = (each.copy() for each in split)
    model = GaussianNB().fit(X, y)
    labels, proba = model.predict(X_test), model.predict_proba(X_test)
    metrics.accuracy_score(y_test, labels)
    model.score(X_test, y_test)
    watched = [weakref.ref(each) for each in (X, y, X_test, y_test, labels, proba, model)]
    del X, y, X_test, y_test, labels, proba, model
    gc.collect()

    assert [ref() for ref in watched] == [None] * 7


def test_no_fit_and_no_prediction_by_us(only_run, split, monkeypatch):
    """While we evaluate, nothing is fitted and nothing predicted."""
    X, y, X_test, y_test = split
    model = LogisticRegression(max_iter=50).fit(StandardScaler().fit_transform(X), y)
    labels, proba = model.predict(X_test), model.predict_proba(X_test)

    def never(*args, **kwargs):
        raise AssertionError("epochlog used the model")

    pending = [BaseEstimator]
    while pending:
        cls = pending.pop()
        pending += type.__subclasses__(cls)
        for name in ("fit", "partial_fit", "fit_predict", "fit_transform", "predict",
                     "predict_proba", "decision_function"):  # fmt: skip
            if name in vars(cls):
                monkeypatch.setattr(cls, name, never)
    metrics.accuracy_score(y_test, labels)
    metrics.roc_auc_score(y_test, proba[:, 1])

    assert plots_of(only_run()) == sorted(CURVES | LABELS)


def test_many_classes_with_names(only_run):
    """Text labels and scores of many classes give one curve for each class, and micro."""
    from sklearn.datasets import load_iris

    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    model = LogisticRegression(max_iter=500).fit(X[::2], names[::2])
    proba = model.predict_proba(X[1::2])
    metrics.accuracy_score(names[1::2], model.predict(X[1::2]))
    value = metrics.roc_auc_score(names[1::2], proba, multi_class="ovr")
    run = only_run()

    assert run.plots["test/confusion_matrix"].data["labels"] == [
        "setosa",
        "versicolor",
        "virginica",
    ]
    labels = [curve["label"] for curve in run.plots["test/roc"].data["curves"]]
    assert labels == ["setosa", "versicolor", "virginica", "micro"]
    assert run.metrics["test/roc_auc_ovr"].last == value


def test_multilabel(only_run):
    """A forest's list of probabilities and an indicator matrix are one evaluation."""
    X, y = make_multilabel_classification(200, n_labels=2, n_classes=3, random_state=0)
    model = RandomForestClassifier(5, random_state=0).fit(X[:100], y[:100])
    proba, labels = model.predict_proba(X[100:]), model.predict(X[100:])
    value = metrics.f1_score(y[100:], labels, average="macro")
    run = only_run()

    assert run.metrics["test/f1_macro"].last == value
    assert len(run.plots["test/roc"].data["curves"]) == 4
    auc = metrics.roc_auc_score(y[100:], np.column_stack([p[:, 1] for p in proba]))
    assert run.metrics["test/roc_auc_macro"].last == pytest.approx(auc)


def test_multilabel_with_an_array_of_classes(only_run):
    """Labels of one matrix of scores are called as the model calls them."""
    X, y = make_multilabel_classification(200, n_labels=2, n_classes=3, random_state=0)
    model = OneVsRestClassifier(GaussianNB()).fit(X[:100], y[:100])
    metrics.roc_auc_score(y[100:], model.predict_proba(X[100:]))
    labels = [curve["label"] for curve in only_run().plots["test/roc"].data["curves"]]

    assert labels == [0, 1, 2, "micro"]


def test_several_outputs_with_classes(only_run):
    """Each output has plots of its own."""
    X, y = make_classification(120, n_informative=4, n_classes=3, random_state=0)
    both = np.column_stack([y, y[::-1]])
    model = MultiOutputClassifier(GaussianNB()).fit(X[:60], both[:60])
    model.predict_proba(X[60:])
    model.score(X[60:], both[60:])
    run = only_run()

    assert {"test/confusion_matrix/0", "test/confusion_matrix/1", "test/roc/0"} <= set(
        plots_of(run)
    )


def test_several_numbers(only_run, diabetes):
    """A regression of two outputs has residuals of each."""
    X, y = diabetes
    both = np.column_stack([y, -y])
    model = LinearRegression().fit(X[:300], both[:300])
    model.score(X[300:], both[300:])
    run = only_run()

    assert {"test/residuals/0", "test/residuals/1"} <= set(plots_of(run))
    assert run.metrics["test/rmse[0]"].last > 0


def test_whole_numbers_of_a_regression_are_no_classes(only_run, diabetes):
    """What a task is tells the model, not the numbers."""
    X, y = diabetes
    model = DecisionTreeRegressor(max_depth=2).fit(X, (y > 100).astype(int))
    model.score(X[:50], (y[:50] > 100).astype(int))
    run = only_run()

    assert "test/residuals" in run.plots
    assert "test/confusion_matrix" not in run.plots


def test_weights_are_passed_on(only_run, split):
    """The user's sample weights count in the metrics that we add."""
    X, y, X_test, y_test = split
    model = GaussianNB().fit(X, y)
    weight = np.linspace(0.1, 2, len(y_test))
    labels = model.predict(X_test)
    metrics.accuracy_score(y_test, labels, sample_weight=weight)
    expected = metrics.f1_score(y_test, labels, sample_weight=weight)

    assert only_run().metrics["test/f1"].last == pytest.approx(expected)


def test_degenerate_predictions_warn_of_nothing(runs, split):
    """One class only, NaN among probabilities, infinite decisions: no warning is of our making."""
    X, y, X_test, _ = split
    model = SVC(gamma="auto").fit(X[:100], y[:100])

    class Odd(GaussianNB):
        def predict_proba(self, X):
            return np.full((len(X), 2), np.nan)

    odd = Odd().fit(X, y)
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        metrics.accuracy_score(np.zeros(len(X_test), int), model.predict(X_test))
        model.decision_function(X_test)
        odd.predict_proba(X_test)
        odd.score(X_test, np.ones(len(X_test), int))

    assert [run.status for run in runs()] == ["completed"] * 2


def test_cross_validated_predictions(only_run, cancer):
    """Predictions of all folds are the split cv."""
    X, y = cancer
    proba = cross_val_predict(GaussianNB(), X, y, cv=3, method="predict_proba")
    value = metrics.roc_auc_score(y, proba[:, 1])
    run = only_run()

    assert run.metrics["cv/roc_auc"].last == value
    assert "cv/roc" in run.plots


def test_a_model_that_goes_on_learning_is_evaluated_seldom(only_run, split):
    """Metrics of each step, plots after twice as many steps."""
    X, y, X_test, y_test = split
    model = SGDClassifier(random_state=0)
    for _ in range(9):
        model.partial_fit(X, y, classes=[0, 1])
        model.score(X_test, y_test)
    run = only_run()

    assert run.metrics["test/accuracy"].count == 9
    steps = [plot.step for plot in run.plots if plot.key == "test/confusion_matrix"]
    assert steps == [1, 2, 4, 8]


def test_it_can_be_switched_off(autolog, runs, split):
    """Then metric calls are still metrics."""
    autolog(evaluation=False)
    X, y, X_test, y_test = split
    GaussianNB().fit(X, y).score(X_test, y_test)
    (run,) = runs()

    assert plots_of(run) == []
    assert "test/f1" not in run.metrics
    assert "test/accuracy" in run.metrics


def test_many_rows_are_sampled_within_the_budget(only_run, cancer, monkeypatch):
    """What would take longer than the budget is done on a sample, and the run says so."""
    from epochlog.plugins import evaluating

    monkeypatch.setattr(evaluating, "CELLS_FREE", 100)
    monkeypatch.setattr(evaluating, "ROWS_TRIED", 50)
    monkeypatch.setattr(evaluating.Budget, "left_s", 0.0)
    X, y = cancer
    model = GaussianNB().fit(X[:200], y[:200])
    model.score(X[200:], y[200:])
    run = only_run()

    assert np.sum(run.plots["test/confusion_matrix"].data["matrix"]) == 50
    assert any("319 of 369 rows" in notice.text for notice in run.notices)
