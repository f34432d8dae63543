"""Recording changes nothing that the user or scikit-learn can see."""

from __future__ import annotations

import inspect
import pickle
import warnings

import numpy as np
import pytest
import sklearn
from sklearn import metrics, model_selection
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

import epochlog


def train(X, y):
    """Return what a seeded training gives: predictions, coefficients, and the random state after it."""
    np.random.seed(3)
    forest = RandomForestClassifier(5).fit(X, y)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": [1, 2]}
    )
    search.fit(X, y)
    return (
        forest.predict_proba(X).tobytes(),
        search.best_estimator_[-1].coef_.tobytes(),
        search.cv_results_["mean_test_score"].tobytes(),
        np.random.get_state()[1].tobytes(),
    )


def test_results_and_random_state_are_identical(autolog, cancer):
    """Predictions, coefficients, scores and the global generator are the same bit by bit."""
    plain = train(*cancer)
    autolog()

    assert train(*cancer) == plain


def test_no_new_warnings(runs, cancer):
    """A training warns with us exactly as it warns without."""

    def warned():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            X, y = cancer
            model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
            metrics.accuracy_score(y, model.predict(X))
            cross_validate(model, X, y, cv=2)
        return [(warning.category, str(warning.message)) for warning in caught]

    with_us = warned()
    with epochlog.paused():
        without_us = warned()

    assert with_us == without_us


def test_signatures_and_docs_stay(autolog):
    """Signatures, names and docstrings are those of the originals."""
    watched = {
        "fit": lambda: LogisticRegression.fit,
        "pipeline": lambda: Pipeline.fit,
        "metric": lambda: metrics.f1_score,
        "cv": lambda: model_selection.cross_validate,
    }
    before = {
        name: (str(inspect.signature(get())), get().__qualname__, get().__doc__)
        for name, get in watched.items()
    }
    autolog()

    assert {
        name: (str(inspect.signature(get())), get().__qualname__, get().__doc__)
        for name, get in watched.items()
    } == before


@pytest.mark.filterwarnings("ignore")
def test_estimators_hold_nothing_of_ours(runs, cancer):
    """A pickled model does not mention epochlog, its attributes are scikit-learn's own."""
    epochlog.uninstrument()
    plain = vars(LogisticRegression(max_iter=3).fit(*cancer)).keys()
    epochlog.autolog(disable=["hardware"])
    model = LogisticRegression(max_iter=3).fit(*cancer)
    model.score(*cancer)

    assert vars(model).keys() == plain
    assert b"epochlog" not in pickle.dumps(model)
    check_is_fitted(model)
    assert clone(model).get_params() == model.get_params()


def test_metadata_routing_works(runs, cancer):
    """Routed sample weights arrive, and later classes get their request methods."""
    with sklearn.config_context(enable_metadata_routing=True):

        class Weighted(ClassifierMixin, BaseEstimator):
            def fit(self, X, y, sample_weight=None):
                self.classes_, self.weight_ = np.unique(y), sample_weight
                return self

            def predict(self, X):
                return np.full(len(X), self.classes_[0])

        X, y = cancer
        model = make_pipeline(
            StandardScaler().set_fit_request(sample_weight=False),
            Weighted().set_fit_request(sample_weight=True),
        )
        model.fit(X, y, sample_weight=np.arange(len(y)))

    assert model[-1].weight_.tolist() == list(range(len(y)))
    (run,) = runs()
    assert run.params["fit.sample_weight"] == "ndarray[569] int64"


def test_uninstrument_restores_every_object(autolog):
    """After ``uninstrument()`` each patched attribute is the very object it was."""
    import joblib

    def watched():
        return [
            LogisticRegression.__dict__["fit"],
            ClassifierMixin.__dict__["score"],
            Pipeline.__dict__["fit_predict"],
            Pipeline.__dict__["fit_predict"].fn,
            BaseEstimator.__dict__.get("__init_subclass__"),
            joblib.Parallel.__dict__["__call__"],
            metrics.accuracy_score,
            model_selection.cross_val_score,
            cross_validate,
        ]

    before = watched()
    autolog()
    during = watched()
    epochlog.uninstrument()

    assert all(one is not two for one, two in zip(before[:2], during[:2], strict=True))
    assert all(one is two for one, two in zip(before, watched(), strict=True))


@pytest.mark.filterwarnings("ignore")
def test_a_class_of_ours_that_was_patched_forgets_it(autolog, cancer, runs):
    """A class defined while recording is plain again after ``uninstrument()``."""

    class Late(LogisticRegression):
        def fit(self, X, y, sample_weight=None):
            return super().fit(X, y)

    epochlog.uninstrument()
    Late(max_iter=3).fit(*cancer)

    assert not hasattr(Late.fit, "__wrapped__")
    assert runs() == []


def test_the_user_s_arguments_are_not_copied(runs, cancer):
    """An estimator sees the very objects that the user passed."""
    seen = []

    class Witness(ClassifierMixin, BaseEstimator):
        def fit(self, X, y):
            seen.append((X, y))
            return self

        def predict(self, X):
            return X

    X, y = cancer
    Witness().fit(X, y)

    assert seen[0][0] is X
    assert seen[0][1] is y


def test_the_original_error_of_a_wrong_call_stays(runs):
    """A call with wrong arguments raises what it always raised."""
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'y'"):
        LogisticRegression().fit([[1]])


@pytest.mark.parametrize("hand", [lambda f: f, lambda f: {"f1": f}])
def test_a_metric_in_place_of_a_scorer_is_refused(runs, cancer, hand):
    """scikit-learn says that ``scoring=f1_score`` wants ``make_scorer``, as it does without us."""
    assert metrics.check_scoring.__module__ == "sklearn.metrics._scorer"
    with pytest.raises(ValueError, match="make_scorer"):
        cross_validate(LogisticRegression(), *cancer, scoring=hand(metrics.f1_score), cv=2)
    assert pickle.loads(pickle.dumps(metrics.f1_score)) is metrics.f1_score
