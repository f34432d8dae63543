"""What is read from estimators is what scikit-learn itself says about them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from epochlog_sklearn import extract
from epochlog_sklearn.importance import FEATURES_MAX, importances
from epochlog_sklearn.signature import signature_of


def test_class_path_is_the_public_one():
    """Private modules of scikit-learn don't show in the class's path."""
    assert extract.class_path(LogisticRegression()) == "sklearn.linear_model.LogisticRegression"
    assert extract.class_path(HistGradientBoostingClassifier()) == (
        "sklearn.ensemble.HistGradientBoostingClassifier"
    )


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (np.array(["a", "b"]), 2),
        (["a", "b", "c"], 3),
        ([np.array([0, 1]), np.array([0, 1, 2])], [2, 3]),
        (np.array(5), None),
        ([0, [1, 2]], None),
        (None, None),
    ],
)
def test_classes_are_counted_in_whatever_form(classes, expected):
    """An array, a list of labels, one array for each output; anything else loses no other fact."""
    model = LogisticRegression()
    model.classes_, model.n_features_in_ = classes, 4
    found = extract.facts(model)
    (output,) = (each for each in signature_of(model, None)["outputs"] if each["name"] == "predict")

    assert found.get("estimator.n_classes") == expected
    assert output["shape"] == ([None, 2] if isinstance(expected, list) else [None])
    assert found["estimator.n_features_in"] == 4


def test_params_name_nested_estimators_by_class():
    """Nested parameters keep scikit-learn's names; estimators are class names, not reprs."""
    params = extract.estimator_params(make_pipeline(StandardScaler(), Ridge(alpha=3.0)))

    assert params["ridge"] == "Ridge"
    assert params["ridge__alpha"] == 3.0
    assert params["steps"] == [["standardscaler", "StandardScaler"], ["ridge", "Ridge"]]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(0.5), 0.5),
        (np.zeros((3, 4)), "ndarray[3, 4] float64"),
        (np.arange(3), [0, 1, 2]),
        (list(range(100)), "list of 100"),
        (np.mean, "numpy.mean"),
        (np.int64, "numpy.int64"),
        ({"C": [1, 2]}, {"C": [1, 2]}),
    ],
)
def test_describe_is_plain_and_short(value, expected):
    """Parameters become plain data; big ones are described by their shape."""
    assert extract.describe(value) == expected


def test_describe_names_scipy_distributions():
    """A frozen distribution is told by name and arguments, not by its address in memory."""
    from scipy.stats import loguniform

    assert extract.describe(loguniform(1e-3, 1)) == "scipy.stats.loguniform(0.001, 1)"


def test_histogram_boosting_curves_start_at_zero_and_are_losses_again(diabetes):
    """The constant first guess is step 0, and the negated loss has its sign back."""
    model = HistGradientBoostingRegressor(early_stopping=True, max_iter=20).fit(*diabetes)
    curves = {key: (list(steps), values) for key, steps, values in extract.curves(model)}

    assert curves["train/loss"][0] == list(range(model.n_iter_ + 1))
    assert curves["val/loss"][1] == [-value for value in model.validation_score_.tolist()]


def test_histogram_boosting_with_a_scorer_keeps_scores(cancer):
    """With ``scoring`` the curves are scores, as they are."""
    model = HistGradientBoostingClassifier(early_stopping=True, scoring="accuracy", max_iter=5)
    model.fit(*cancer)
    curves = {key: values for key, _, values in extract.curves(model)}

    assert curves == {
        "train/score": model.train_score_.tolist(),
        "val/score": model.validation_score_.tolist(),
    }


def test_mlp_and_gradient_boosting_curves_start_at_one(diabetes):
    """A step is the number of iterations done."""
    mlp = MLPRegressor(
        hidden_layer_sizes=(4,), max_iter=6, early_stopping=True, random_state=0
    ).fit(*diabetes)
    curves = {key: (list(steps), values) for key, steps, values in extract.curves(mlp)}
    assert curves["train/loss"] == (list(range(1, mlp.n_iter_ + 1)), mlp.loss_curve_)
    assert curves["val/score"][1] == mlp.validation_scores_

    boosting = GradientBoostingRegressor(n_estimators=7, subsample=0.5).fit(*diabetes)
    curves = {key: (list(steps), values) for key, steps, values in extract.curves(boosting)}
    assert curves["train/loss"] == (list(range(1, 8)), boosting.train_score_.tolist())
    assert curves["oob/improvement"][1] == boosting.oob_improvement_.tolist()


def test_curves_are_found_inside_pipelines_and_target_transformers(diabetes):
    """The model with the curves may sit several layers deep."""
    inner = HistGradientBoostingRegressor(early_stopping=True, max_iter=3)
    model = TransformedTargetRegressor(make_pipeline(StandardScaler(), inner)).fit(*diabetes)

    assert len({key: values for key, _, values in extract.curves(model)}["val/loss"]) == 4


def test_facts_of_early_stopping(diabetes):
    """Early stopping and the best iteration are told, in iterations done."""
    model = HistGradientBoostingRegressor(early_stopping=True, max_iter=500, n_iter_no_change=3)
    model.fit(*diabetes)
    facts = extract.facts(model)

    assert facts["estimator.stopped_early"] is (model.n_iter_ < 500)
    assert facts["estimator.best_iteration"] == int(np.argmax(model.validation_score_))
    assert facts["estimator.n_iter"] == model.n_iter_


def test_importances_carry_the_names_after_preprocessing(diabetes):
    """A pipeline's coefficients are named by what its preprocessing put out."""
    model = make_pipeline(PolynomialFeatures(2), Ridge()).fit(*diabetes)
    data = importances(model)

    assert data["features"] == model[:-1].get_feature_names_out().tolist()
    assert data["importance"]["coefficient"] == model[-1].coef_.tolist()


def test_importances_of_several_classes(cancer):
    """Each class has its coefficients, and their mean size is the summary."""
    X, _ = cancer
    model = LogisticRegression(max_iter=5).fit(
        StandardScaler().fit_transform(X), np.arange(len(X)) % 3
    )
    importance = importances(model)["importance"]

    assert importance["coefficient[2]"] == model.coef_[2].tolist()
    assert importance["coefficient_abs"] == np.abs(model.coef_).mean(axis=0).tolist()


def test_importances_of_trees_use_the_frame_s_columns(cancer):
    """Columns of a data frame name the features."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(cancer[0]).add_prefix("col")
    model = RandomForestClassifier(3, random_state=0).fit(frame, cancer[1])
    data = importances(model)

    assert data["features"] == list(frame.columns)
    assert data["importance"]["impurity"] == model.feature_importances_.tolist()


def test_importances_of_wide_models_keep_the_largest():
    """Beyond a limit only the largest coefficients are kept, and the total is told."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20, FEATURES_MAX + 50))
    model = Ridge().fit(X, X[:, 3])
    data = importances(model)

    assert len(data["features"]) == FEATURES_MAX
    assert data["features_total"] == FEATURES_MAX + 50
    assert "x3" in data["features"]


def test_fit_arguments_bind_positions_and_names():
    """Data are told from other arguments, given by position or by name."""
    weight = np.ones(3)
    x, y, given = extract.fit_arguments(LogisticRegression.fit, ("X", "y", weight), {})
    assert (x, y) == ("X", "y")
    assert given["sample_weight"] is weight

    assert extract.fit_arguments(LogisticRegression.fit, (), {"y": 1, "X": 2}) == (2, 1, {})
    assert extract.fit_arguments(LogisticRegression.fit, (1, 2, 3, 4, 5), {}) == (1, None, {})


def test_table_hides_masked_cells():
    """Masked cells of ``cv_results_`` are None."""
    column = np.ma.MaskedArray([1, 2], mask=[False, True], dtype=object)

    assert extract.table({"param_C": column}) == {"columns": {"param_C": [1, None]}}
