"""Each top-level fit of a model is one complete run."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import BaggingClassifier, HistGradientBoostingRegressor, StackingClassifier
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

import epochlog


def test_a_fit_is_a_run_with_params_data_and_model(only_run, cancer):
    """One fit: params, class, data fingerprint, importances and a model that loads and predicts."""
    X, y = cancer
    model = make_pipeline(StandardScaler(), LogisticRegression(C=2.0)).fit(X, y)
    run = only_run()

    assert (run.kind, run.source, run.status) == ("fit", "sklearn", "completed")
    assert run.params["model_class"] == "Pipeline"
    assert run.params["logisticregression__C"] == 2.0
    assert run.params["estimator.class"] == "sklearn.pipeline.Pipeline"
    assert run.params["estimator.n_iter"] == int(model[-1].n_iter_[0])
    assert run.params["nested_fits"] == 1
    assert [(data.role, data.type) for data in run.datasets] == [("train", "dataset")]
    assert run.plots["importance"].data["importance"]["coefficient"] == pytest.approx(
        model[-1].coef_[0]
    )
    loaded = run.models[0].load(trust=True)
    assert np.array_equal(loaded.predict(X), model.predict(X))


def test_learning_curves_have_their_x_values(only_run, diabetes):
    """The curve of histogram boosting is there point by point."""
    model = HistGradientBoostingRegressor(early_stopping=True, max_iter=8).fit(*diabetes)
    curve = only_run().series("val/loss")

    assert curve.steps.tolist() == list(range(model.n_iter_ + 1))
    assert curve.values.tolist() == (-model.validation_score_).tolist()


def test_arguments_of_fit_are_logged(only_run, diabetes):
    """Arguments of ``fit`` other than the data are params, arrays by their shape."""
    X, y = diabetes
    Ridge().fit(X, y, sample_weight=np.ones(len(y)))

    assert only_run().params["fit.sample_weight"] == "ndarray[442] float64"


def test_classes_defined_later_are_recorded(runs, cancer):
    """A user's estimator class, defined after ``autolog()``, is recorded like any other."""

    class Constant(ClassifierMixin, BaseEstimator):
        def __init__(self, shift=0):
            self.shift = shift

        def fit(self, X, y):
            self.classes_ = np.unique(y)
            return self

        def predict(self, X):
            return np.full(len(X), self.classes_[0])

    class Louder(Constant):
        def fit(self, X, y):
            return super().fit(X, y)

    Louder(shift=3).fit(*cancer)
    (run,) = runs()

    assert run.params["model_class"] == "Louder"
    assert run.params["shift"] == 3
    assert "nested_fits" not in run.params


def test_transformers_open_no_run(runs, cancer):
    """Preprocessing alone is no training, not even when it fits a model inside."""
    X, y = cancer
    StandardScaler().fit_transform(X)
    PCA(2).fit(X)
    LabelEncoder().fit(y)
    make_pipeline(StandardScaler(), PCA(2)).fit_transform(X)
    SelectFromModel(DecisionTreeClassifier()).fit(X, y)

    assert runs() == []


def test_fit_predict_is_one_run(only_run, cancer):
    """``fit_predict``, of a pipeline too, is one run; its score on the labels is of training data."""
    X, _ = cancer
    from sklearn.metrics import silhouette_score

    labels = make_pipeline(StandardScaler(), KMeans(2, n_init=1)).fit_predict(X)
    value = silhouette_score(X, labels)

    assert only_run().metrics["train/silhouette"].last == value


def test_members_of_ensembles_are_counted(only_run, cancer):
    """Members of an ensemble are fits of its own, counted but no runs."""
    BaggingClassifier(DecisionTreeClassifier(), n_estimators=7).fit(*cancer)
    run = only_run()

    assert run.params["nested_fits"] == 7
    assert run.children() == []


def test_stacking_over_workers_is_one_run(only_run, cancer):
    """Cross-validation inside an estimator makes no runs."""
    StackingClassifier(
        [("a", DecisionTreeClassifier()), ("b", DecisionTreeClassifier())], cv=2
    ).fit(*cancer)

    assert only_run().children() == []


def test_a_failing_fit_keeps_exception_and_traceback(runs, cancer):
    """The user's exception passes untouched; the run is failed and says why."""
    with pytest.raises(ValueError, match="'C' parameter") as caught:
        LogisticRegression(C=-1).fit(*cancer)
    (run,) = runs()

    assert run.status == "failed"
    assert "InvalidParameterError" in run.status_reason
    assert run.params["C"] == -1
    assert caught.value.__cause__ is None


def test_an_interrupt_is_canceled(runs):
    """Ctrl-C inside a fit ends the run as canceled and stays a KeyboardInterrupt."""

    class Endless(ClassifierMixin, BaseEstimator):
        def fit(self, X, y):
            raise KeyboardInterrupt

        def predict(self, X):
            return X

    with pytest.raises(KeyboardInterrupt):
        Endless().fit([[1]], [1])
    (run,) = runs()

    assert run.status == "canceled"


def test_nothing_is_recorded_while_paused(runs, cancer):
    """Inside ``paused()`` a fit leaves no run, and its scores go nowhere."""
    with epochlog.paused():
        DecisionTreeClassifier().fit(*cancer).score(*cancer)

    assert runs() == []


def test_the_user_s_run_takes_the_first_fit(runs, cancer):
    """The first fit records into the user's own run, the second into a child."""
    with epochlog.start_run(name="mine") as mine:
        DecisionTreeClassifier(max_depth=1).fit(*cancer)
        DecisionTreeClassifier(max_depth=2).fit(*cancer)
    first, second = runs()

    assert first.id == mine.id
    assert first.params["max_depth"] == 1
    assert (second.params["max_depth"], second.parent) == (2, first)


def test_options_leave_things_out(autolog, runs, cancer):
    """Models, data sets and importances can be switched off."""
    autolog(models=False, datasets=False, importances=False, metrics=False)
    X, y = cancer
    model = DecisionTreeClassifier().fit(X, y)
    model.score(X, y)
    (run,) = runs()

    assert (list(run.models), list(run.datasets), list(run.plots)) == ([], [], [])
    assert list(run.metrics) == []


def test_fits_in_threads_are_runs_of_their_own(runs, cancer):
    """Eight fits in four threads: eight complete runs, nothing mixed up."""
    from concurrent.futures import ThreadPoolExecutor

    def train(depth):
        model = DecisionTreeClassifier(max_depth=depth).fit(*cancer)
        return depth, model.score(*cancer)

    with ThreadPoolExecutor(4) as pool:
        expected = dict(pool.map(train, range(1, 9)))
    found = runs()

    assert len(found) == 8
    assert {
        run.params["max_depth"]: run.metrics["train/accuracy"].last for run in found
    } == expected
    assert {run.status for run in found} == {"completed"}
