"""Our own integrations keep what every integration must: the published suite, run on each."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from epochlog.plugins import manager
from epochlog.plugins.testing import IntegrationTestCase
from epochlog.plugins.testing import integration as suite

STRANGER = Path(__file__).parents[1] / "third_party" / "good"

DATA = """
from sklearn.datasets import load_breast_cancer
X, y = load_breast_cancer(return_X_y=True)
"""


SKLEARN = """
model = {1}make_pipeline({0}StandardScaler(), {2}LogisticRegression(C=0.5))
returned = model.fit(X, y)
forest = {4}RandomForestClassifier(5, max_depth=3).fit(X[::2], y[::2])  # draws from NumPy's state
search = {3}GridSearchCV({2}LogisticRegression(max_iter=20), dict(C=[0.1, 1]), cv=2)
search.fit(X[:, :3], y)
result = [model.predict_proba(X), model.score(X, y), returned is model, pickle.dumps(model)]
result += [forest.predict_proba(X[1::2]), pickle.dumps(forest), sorted(vars(forest))]
result += [search.best_params_, search.best_score_, pickle.dumps(search.best_estimator_)]
"""


class TestTinyframe(IntegrationTestCase):
    """A stranger's framework, found through its own entry point."""

    name = "tinyframe"
    variants = {
        "module": ("import tinyframe", "result = tinyframe.Descent(rate=0.2).fit().losses"),
        "from": ("from tinyframe import Descent", "result = Descent(rate=0.2).fit().losses"),
    }
    failing = "import tinyframe\ntinyframe.Descent(rate='fast').fit()"
    expected_params = {"rate": 0.2, "rounds": 20}
    expected_metrics = ("train/loss",)
    pickled = ("tinyframe.Descent.fit",)

    @pytest.fixture(autouse=True)
    def on_path(self, monkeypatch):
        """Put the stranger's distribution on the path and scan entry points anew."""
        monkeypatch.syspath_prepend(str(STRANGER))
        monkeypatch.setenv("STRANGER_FILE", "/dev/null")
        monkeypatch.setattr(manager, "_plugins", None)
        yield
        for name in ("tinyframe", "stranger_plugin", "stranger_patches"):
            sys.modules.pop(name, None)


@pytest.mark.slow
class TestScikitLearn(IntegrationTestCase):
    """scikit-learn: an estimator in a pipeline."""

    name = "sklearn"
    variants = {
        "module": (
            "import pickle, sklearn.ensemble, sklearn.linear_model, sklearn.model_selection\n"
            "import sklearn.pipeline, sklearn.preprocessing" + DATA,
            SKLEARN.format(
                "sklearn.preprocessing.",
                "sklearn.pipeline.",
                "sklearn.linear_model.",
                "sklearn.model_selection.",
                "sklearn.ensemble.",
            ),
        ),
        "from": (
            "import pickle\n"
            "from sklearn.ensemble import RandomForestClassifier\n"
            "from sklearn.linear_model import LogisticRegression\n"
            "from sklearn.model_selection import GridSearchCV\n"
            "from sklearn.pipeline import make_pipeline\n"
            "from sklearn.preprocessing import StandardScaler" + DATA,
            SKLEARN.format("", "", "", "", ""),
        ),
    }
    failing = "sklearn.linear_model.LogisticRegression(C=-1).fit(X, y)"
    expected_params = {"logisticregression__C": 0.5}
    pickled = ("sklearn.linear_model.LogisticRegression.fit",)


@pytest.mark.slow
class TestLightgbm(IntegrationTestCase):
    """LightGBM: ``train`` with a validation set."""

    name = "lightgbm"
    variants = {
        "module": (
            "import lightgbm" + DATA,
            """
train, valid = lightgbm.Dataset(X[::2], y[::2]), lightgbm.Dataset(X[1::2], y[1::2])
params = {"objective": "binary", "verbose": -1, "num_leaves": 7, "num_threads": 1}
callbacks = [lightgbm.record_evaluation(curves := {}), lightgbm.early_stopping(5, verbose=False)]
handed, kept = list(callbacks), dict(params)
model = lightgbm.train(
    params, train, 10, valid_sets=[valid], valid_names=["val"], callbacks=callbacks
)
result = [model.predict(X), model.current_iteration(), model.model_to_string(), curves]
result += [callbacks == handed, params == kept, sorted(vars(model)), model.best_score]
""",
        ),
        "from": (
            "from lightgbm import Dataset, early_stopping, record_evaluation, train" + DATA,
            """
data, valid = Dataset(X[::2], y[::2]), Dataset(X[1::2], y[1::2])
params = {"objective": "binary", "verbose": -1, "num_leaves": 7, "num_threads": 1}
callbacks = [record_evaluation(curves := {}), early_stopping(5, verbose=False)]
handed, kept = list(callbacks), dict(params)
model = train(params, data, 10, valid_sets=[valid], valid_names=["val"], callbacks=callbacks)
result = [model.predict(X), model.current_iteration(), model.model_to_string(), curves]
result += [callbacks == handed, params == kept, sorted(vars(model)), model.best_score]
""",
        ),
    }
    failing = "lightgbm.train({'objective': 'no such'}, lightgbm.Dataset(X, y), 2)"
    expected_params = {"num_leaves": 7}
    expected_metrics = ("val/loss",)
    pickled = ("lightgbm.train", "lightgbm.cv", "lightgbm.Booster.update")


def test_suite_finds_an_integration_that_changes_results(monkeypatch):
    """The suite is able to fail: a wrapper that changes the result is found."""
    case = TestTinyframe()
    monkeypatch.syspath_prepend(str(STRANGER))
    monkeypatch.setattr(manager, "_plugins", None)
    import stranger_patches
    import tinyframe

    monkeypatch.setattr(
        stranger_patches,
        "make_fit",
        lambda original: lambda self: setattr(self, "rate", 0.3) or original(self),
    )
    try:
        with pytest.raises(AssertionError, match="results differ"):
            case.test_same_results_randomness_and_warnings()
        monkeypatch.setattr(
            stranger_patches, "make_fit", lambda original: lambda self: original(self)
        )
        with pytest.raises(AssertionError):
            case.test_expected_content_is_recorded()
        monkeypatch.setattr(
            stranger_patches,
            "instrument",
            lambda options: setattr(tinyframe.Descent, "fit", lambda self: self),
        )
        with pytest.raises(AssertionError, match="Descent"):
            case.test_everything_is_restored()
    finally:
        for name in ("tinyframe", "stranger_plugin", "stranger_patches"):
            sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("one", "two", "equal"),
    [
        (float("nan"), float("nan"), True),
        (0.0, -0.0, False),
        ([1.0, {"a": 2}], [1.0, {"a": 2}], True),
        ([1.0], (1.0,), False),
        (1.0, 1.0000000000000002, False),
    ],
)
def test_results_are_compared_bit_by_bit(one, two, equal):
    """NaN equals NaN, signs of zero and last bits count."""
    assert suite.same(one, two) is equal
