"""Metrics that the user computes after the fit land in the run of the model that predicted."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from epochlog.evaluation.kinds import problems_of


@pytest.fixture
def fitted(runs, cancer):
    """Return a fitted model with its training and test data."""
    X_train, X_test, y_train, y_test = train_test_split(*cancer, random_state=0)
    return (
        DecisionTreeClassifier(max_depth=2).fit(X_train, y_train),
        X_train,
        X_test,
        y_train,
        y_test,
    )


def test_score_is_a_test_metric_with_its_data(fitted, only_run):
    """``model.score`` on other data is a test metric under its real name too; the data are noted."""
    model, X_train, X_test, y_train, y_test = fitted
    value = model.score(X_test, y_test)
    train = model.score(X_train, y_train)
    run = only_run()

    assert run.metrics["test/score"].last == run.metrics["test/accuracy"].last == value
    assert run.metrics["train/accuracy"].last == train
    assert sorted(data.role for data in run.datasets) == ["test", "train"]


def test_a_validation_set_is_told_by_its_name(fitted, only_run):
    """Data in a module's variable called ``X_val`` give metrics of the split val, and are named so."""
    model, _, X_test, _, y_test = fitted
    script = {"model": model, "X_val": X_test[:50], "y_val": y_test[:50]}
    exec("score = model.score(X_val, y_val)", script)
    run = only_run()

    assert run.metrics["val/accuracy"].last == script["score"]
    assert ("X_val", "validation") in [(data.name, data.role) for data in run.datasets]


def test_looking_for_a_name_keeps_nothing_alive(runs, cancer):
    """The user's local objects die when the user lets go of them."""
    import weakref

    X, y = cancer
    model = DecisionTreeClassifier().fit(X, y)
    model.score(X[:50], y[:50])
    watched = weakref.ref(model)
    del model

    assert watched() is None


def test_metrics_of_predictions_slices_and_columns(fitted, only_run):
    """Metrics find their model through the very array, a slice of it, or one column."""
    model, _, X_test, _, y_test = fitted
    predicted, proba = model.predict(X_test), model.predict_proba(X_test)
    values = {
        "test/accuracy": metrics.accuracy_score(y_test, predicted),
        "test/f1_macro": metrics.f1_score(y_test[:50], predicted[:50], average="macro"),
        "test/roc_auc": metrics.roc_auc_score(y_test, proba[:, 1]),
        "test/log_loss": metrics.log_loss(y_test, proba),
    }
    run = only_run()

    assert {key: run.metrics[key].last for key in values} == values


def test_pictures_are_plots_and_reports_are_texts(fitted, only_run):
    """Confusion matrix and ROC curve are plots as data; a report is a text."""
    model, _, X_test, _, y_test = fitted
    predicted = model.predict(X_test)
    matrix = metrics.confusion_matrix(y_test, predicted)
    curve = metrics.roc_curve(y_test, model.predict_proba(X_test)[:, 1])
    report = metrics.classification_report(y_test, predicted)
    run = only_run()

    assert run.plots["test/confusion_matrix"].data == {"labels": [0, 1], "matrix": matrix.tolist()}
    (drawn,) = run.plots["test/roc_curve"].data["curves"]
    assert drawn["tpr"] == curve[1].tolist()
    assert drawn["auc"] == metrics.auc(curve[0], curve[1])
    assert problems_of("roc", run.plots["test/roc_curve"].data) == []
    assert [(text.key, text.text) for text in run.texts] == [("test/classification_report", report)]


def test_several_numbers_get_several_names(fitted, only_run):
    """Per-class values and tuples are metrics each under its own name."""
    model, _, X_test, _, y_test = fitted
    predicted = model.predict(X_test)
    per_class = metrics.recall_score(y_test, predicted, average=None)
    parts = metrics.precision_recall_fscore_support(y_test, predicted, average="binary")
    run = only_run()

    assert run.metrics["test/recall[1]"].last == per_class[1]
    assert run.metrics["test/fscore"].last == parts[2]


def test_each_model_gets_its_own_metrics(runs, fitted, cancer):
    """Two models' predictions are not mixed up."""
    first, X_train, X_test, y_train, y_test = fitted
    second = GaussianNB().fit(X_train, y_train)
    one, two = first.predict(X_test), second.predict(X_test)
    expected = metrics.accuracy_score(y_test, two), metrics.accuracy_score(y_test, one)
    run_one, run_two = runs()

    assert (
        run_two.metrics["test/accuracy"].last,
        run_one.metrics["test/accuracy"].last,
    ) == expected


def test_what_scikit_learn_computes_inside_is_not_logged(runs, cancer):
    """Scores inside searches and metrics inside metrics leave nothing; unknown arrays neither."""
    X, y = cancer
    search = GridSearchCV(DecisionTreeClassifier(), {"max_depth": [1]}, cv=2, scoring="f1").fit(
        X, y
    )
    metrics.balanced_accuracy_score(y, search.predict(X))
    metrics.f1_score(y, np.zeros_like(y))
    run = runs(nested=False)[0]

    assert "test/f1" not in run.metrics
    assert run.metrics["train/balanced_accuracy"].count == 1
    assert run.metrics["train/f1"].last == metrics.f1_score(y, search.predict(X))  # not of zeros


def test_a_repeated_score_is_one_point(fitted, only_run):
    """The same value of the same data, computed in two ways, is logged once."""
    model, _, X_test, _, y_test = fitted
    model.score(X_test, y_test)
    model.score(X_test, y_test)
    metrics.accuracy_score(y_test, model.predict(X_test))

    assert only_run().metrics["test/accuracy"].count == 1


def test_regression_scores_are_r2(only_run, diabetes):
    """A regressor's score is R²."""
    X, y = diabetes
    model = LinearRegression().fit(X, y)
    value = model.score(X[:100], y[:100])

    assert only_run().metrics["test/r2"].last == value


def test_returned_objects_are_the_framework_s_own(fitted, monkeypatch):
    """``predict`` returns the very object that the estimator returned."""
    _model, _, X_test, _, _ = fitted
    array = np.zeros(len(X_test))

    class Same(DecisionTreeClassifier):
        def predict(self, X, check_input=True):
            return array

    same = Same().fit(X_test, np.arange(len(X_test)) % 2)

    assert same.predict(X_test) is array


def test_forests_predict_through_threads(only_run, cancer):
    """A forest's threads don't disturb the tracking."""
    X, y = cancer
    model = RandomForestClassifier(5, n_jobs=2, random_state=0).fit(X[:400], y[:400])
    value = metrics.accuracy_score(y[400:], model.predict(X[400:]))

    assert only_run().metrics["test/accuracy"].last == value


def test_patched_functions_pickle_by_reference(runs):
    """Metrics and methods survive pickling, so process pools and scorers take them."""
    import pickle

    assert pickle.loads(pickle.dumps(metrics.accuracy_score)) is metrics.accuracy_score
    scorer = pickle.loads(pickle.dumps(metrics.make_scorer(metrics.f1_score)))
    assert scorer._score_func is metrics.f1_score
