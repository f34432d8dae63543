"""Reading parameters changes nothing: generators stay where they are."""

from __future__ import annotations

import warnings
from unittest.mock import Mock

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import epochlog
from epochlog_sklearn.extract import size_bytes
from epochlog_sklearn.parameters import deep_params


def model_with(generator):
    """Return a pipeline that ends in an XGBoost model with this generator."""
    xgboost = pytest.importorskip("xgboost")
    forest = xgboost.XGBClassifier(
        n_estimators=3, subsample=0.5, random_state=generator, n_jobs=1, tree_method="hist"
    )
    columns = ColumnTransformer([("scaled", StandardScaler(), slice(0, 3))], remainder="drop")
    return make_pipeline(columns, forest)


@pytest.mark.parametrize("make", [np.random.RandomState, np.random.default_rng])
def test_a_generator_is_not_drawn_from(make):
    """Asking for parameters leaves the state of a generator as it was."""
    generator, untouched = make(3), make(3)
    found = deep_params(model_with(generator))

    assert found["xgbclassifier__random_state"] is generator
    assert generator.uniform(size=5).tobytes() == untouched.uniform(size=5).tobytes()


def test_parameters_are_those_of_get_params():
    """Read in our way, they have the names and values that scikit-learn's own way gives."""
    search = GridSearchCV(model_with(np.random.RandomState(0)), {"xgbclassifier__max_depth": [1]})
    ours, theirs = deep_params(search), search.get_params(deep=True)

    assert set(ours) == set(theirs)
    differ = {name for name in ours if repr(ours[name]) != repr(theirs[name])}
    assert {name.rpartition("__")[2] for name in differ} == {"random_state"}


def test_where_nothing_draws_the_estimator_is_asked_itself():
    """Without such a model inside, the parameters are the very ones of ``get_params``."""
    model = make_pipeline(
        StandardScaler(), LogisticRegression(random_state=np.random.RandomState(0))
    )

    assert deep_params(model) == model.get_params(deep=True)


@pytest.mark.parametrize("make", [np.random.RandomState, np.random.default_rng])
def test_training_with_a_generator_is_identical(autolog, cancer, make):
    """A pipeline whose XGBoost model draws its seed trains bit by bit the same with us."""

    def train():
        generator = make(0)
        model = model_with(generator).fit(*cancer)
        again = model_with(generator).fit(*cancer)
        outcome = [each.predict_proba(cancer[0]).tobytes() for each in (model, again)]
        return [*outcome, generator.uniform(size=3).tobytes()]

    plain = train()
    autolog()

    assert train() == plain
    epochlog.flush()


class OnlyFits:
    """A class of a user's that forgot scikit-learn's interface."""

    def fit(self, x, y):
        """Learn nothing."""
        return self


@pytest.mark.parametrize("wrong", [LogisticRegression, OnlyFits()], ids=["class", "no estimator"])
def test_what_is_no_estimator_gets_scikit_learns_error(autolog, cancer, wrong):
    """A class in place of an object, or an object without parameters, gets its words, not ours."""

    def refused():
        with pytest.raises((TypeError, AttributeError)) as refusal:
            cross_validate(wrong, *cancer)
        return str(refusal.value)

    plain = refused()
    autolog()

    assert refused() == plain
    epochlog.flush()
    [run] = epochlog.runs()
    assert run.status == "failed"


class Divides(LogisticRegression):
    """Computes its importances when they are read, like AdaBoost, and divides by zero."""

    @property
    def feature_importances_(self):
        """NaN, with a warning of NumPy's."""
        return np.zeros(3) / np.zeros(3)


def test_reading_computed_attributes_warns_nobody(autolog, cancer):
    """What only we read makes no warning in the user's program."""
    model = Divides(max_iter=5000)
    autolog()
    with warnings.catch_warnings(action="error", category=RuntimeWarning):
        model.fit(*cancer)
    epochlog.flush()

    [run] = epochlog.runs()
    assert "importance" in run.plots
    with pytest.warns(RuntimeWarning, match="invalid value"):
        assert np.isnan(model.feature_importances_).all()


def test_mocks_inside_a_model_are_no_trouble(autolog, cancer):
    """A model that carries mocks, which have every attribute, is recorded like any other."""
    model = LogisticRegression(C=0.5, max_iter=5000)
    model.helper = Mock()
    autolog()
    model.fit(*cancer)
    epochlog.flush()

    [run] = epochlog.runs()
    assert run.status == "completed"
    assert run.params["C"] == 0.5
    assert deep_params(model) == model.get_params()
    assert size_bytes(model) > 8 * cancer[0].shape[1]
    assert size_bytes(csr_array(np.eye(3))) == 36
