"""What the user draws with scikit-learn's displays, or asks a scorer, is part of the record."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.calibration import CalibrationDisplay, calibration_curve
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import (
    ConfusionMatrixDisplay,
    DetCurveDisplay,
    PrecisionRecallDisplay,
    PredictionErrorDisplay,
    RocCurveDisplay,
    accuracy_score,
    fbeta_score,
    get_scorer,
    make_scorer,
    roc_auc_score,
    roc_curve,
)
from sklearn.model_selection import (
    LearningCurveDisplay,
    ValidationCurveDisplay,
    cross_validate,
)
from sklearn.naive_bayes import GaussianNB

from epochlog.evaluation.kinds import problems_of


@pytest.fixture
def axes():
    """Return axes of a figure that pyplot knows nothing of."""
    return Figure().subplots()


@pytest.fixture
def model(runs, cancer):
    """Return a recorded model of 100 rows, and the others as test data."""
    X, y = cancer
    return GaussianNB().fit(X[:100], y[:100]), X[100:], y[100:]


DISPLAYS = {
    "roc": (RocCurveDisplay, "predict_proba", "test/roc_auc"),
    "precision_recall": (PrecisionRecallDisplay, "predict_proba", "test/average_precision"),
    "det_curve": (DetCurveDisplay, "predict_proba", "test/roc_auc"),
    "calibration": (CalibrationDisplay, "predict_proba", "test/brier"),
    "confusion_matrix": (ConfusionMatrixDisplay, "predict", "test/accuracy"),
}


@pytest.mark.parametrize("key", DISPLAYS)
@pytest.mark.parametrize("of", ["estimator", "predictions"])
def test_a_display_is_a_plot_of_the_model_s_run(only_run, model, axes, key, of):
    """Of a model or of its predictions: the numbers are stored, and what they are worth."""
    fitted, X, y = model
    display, method, metric = DISPLAYS[key]
    if of == "estimator":
        display.from_estimator(fitted, X, y, ax=axes)
    else:
        output = getattr(fitted, method)(X)
        display.from_predictions(y, output[:, 1] if output.ndim == 2 else output, ax=axes)
    run = only_run()
    plot = run.plots[f"test/{key}"]

    assert problems_of(plot.kind, plot.data) == []
    assert metric in run.metrics


def test_without_evaluation_the_drawn_numbers_are_kept(autolog, runs, cancer, axes):
    """What scikit-learn computed for the picture, as it computed it."""
    autolog(evaluation=False)
    X, y = cancer
    model = GaussianNB().fit(X[:100], y[:100])
    roc = RocCurveDisplay.from_estimator(model, X[100:], y[100:], ax=axes)
    drawn = CalibrationDisplay.from_estimator(model, X[100:], y[100:], n_bins=4, ax=axes)
    matrix = ConfusionMatrixDisplay.from_estimator(model, X[100:], y[100:], ax=axes)
    (run,) = runs(nested=False)
    curve = run.plots["test/roc_curve"].data["curves"][0]
    bins = run.plots["test/calibration_curve"].data["curves"][0]

    assert run.metrics["test/roc_auc"].last == roc.roc_auc
    assert curve["fpr"] == roc.fpr.tolist()
    assert (bins["predicted"], bins["observed"]) == (
        drawn.prob_pred.tolist(),
        drawn.prob_true.tolist(),
    )
    assert sum(bins["count"]) == 469
    assert run.plots["test/confusion_matrix"].data["matrix"] == matrix.confusion_matrix.tolist()


def test_residuals_are_drawn_and_kept(only_run, diabetes, axes):
    """A regression's display leaves residuals and errors."""
    X, y = diabetes
    model = Ridge().fit(X[:300], y[:300])
    PredictionErrorDisplay.from_estimator(model, X[300:], y[300:], ax=axes)
    run = only_run()

    assert "test/residuals" in run.plots.keys()  # noqa: SIM118
    assert "test/r2" in run.metrics


def test_a_calibration_curve_is_a_plot(only_run, model):
    """The function, by quantiles: rows of each bin are counted."""
    fitted, X, y = model
    observed, _ = calibration_curve(y, fitted.predict_proba(X)[:, 1], n_bins=3, strategy="quantile")
    (curve,) = only_run().plots["test/calibration_curve"].data["curves"]

    assert curve["observed"] == observed.tolist()
    assert sum(curve["count"]) == len(y)
    assert len(curve["count"]) == len(observed)


def test_learning_curves_that_are_drawn_are_recorded(runs, cancer, axes):
    """The displays of learning and validation curves compute what they draw: that is a run."""
    X, y = cancer
    LearningCurveDisplay.from_estimator(GaussianNB(), X, y, cv=2, train_sizes=[0.5, 1.0], ax=axes)
    ValidationCurveDisplay.from_estimator(
        GaussianNB(), X, y, param_name="var_smoothing", param_range=[1e-9, 1e-3], cv=2, ax=axes
    )
    first, second = runs(nested=False)

    assert first.plots["learning_curve"].data["x"] == [142, 284]
    assert second.plots["validation_curve"].data["x"] == [1e-9, 1e-3]


def test_one_class_against_the_rest_is_named_so(only_run, axes):
    """Scores of one class of three are no evaluation of the model: the class is in the name."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 3))
    y = np.array(list("abc"))[X.argmax(1)]
    model = GaussianNB().fit(X, y)
    score = model.predict_proba(X.copy())
    area = roc_auc_score(y == "b", score[:, 1])
    roc_curve(y == "c", score[:, 2])
    RocCurveDisplay.from_predictions(y == "a", score[:, 0], ax=axes)
    run = only_run()
    plots = {key for key in run.plots.keys() if key.startswith("test/")}  # noqa: SIM118

    assert run.metrics["test/roc_auc[b]"].last == area
    assert plots == {"test/roc_curve[c]", "test/roc_curve[a]"}
    assert set(run.metrics) == {"test/roc_auc[b]", "test/roc_auc[a]"}


def test_a_scorer_is_a_metric_with_its_natural_sign(only_run, model):
    """Names of scikit-learn and scorers of one's own; a loss stays a loss."""
    fitted, X, y = model
    loss = get_scorer("neg_log_loss")(fitted, X, y)
    value = make_scorer(fbeta_score, beta=2)(fitted, X, y_true=y)
    metrics = only_run().metrics

    assert metrics["test/log_loss"].last == -loss
    assert metrics["test/fbeta_2"].last == value
    assert "test/roc_auc" in metrics


def test_a_scorer_of_an_unknown_model_leaves_nothing(autolog, runs, cancer):
    """A model that was fitted unseen has no run to write to."""
    import epochlog

    X, y = cancer
    with epochlog.paused():
        model = GaussianNB().fit(X, y)
    get_scorer("accuracy")(model, X, y)
    RocCurveDisplay.from_estimator(model, X, y, ax=Figure().subplots())

    assert runs() == []


def test_permutation_importance_is_a_plot_and_no_test_metric(only_run, model):
    """What the user computed is kept; scores of permuted data are nobody's metrics."""
    fitted, X, y = model
    accuracy = accuracy_score(y, fitted.predict(X))
    found = permutation_importance(fitted, X, y, n_repeats=2, random_state=0)
    run = only_run()
    data = run.plots["test/permutation_importance"].data

    assert data["importance"] == {"permutation": found.importances_mean.tolist()}
    assert data["std"] == {"permutation": found.importances_std.tolist()}
    assert problems_of("importance", data) == []
    assert run.metrics["test/accuracy"].last == accuracy
    assert run.metrics["test/accuracy"].count == 1


def test_permutation_importance_of_several_scores(runs, cancer):
    """Each score has its own, by the names of the frame's columns."""
    pandas = pytest.importorskip("pandas")
    X, y = cancer
    frame = pandas.DataFrame(X[:, :3], columns=["one", "two", "three"])
    model = LogisticRegression(max_iter=500).fit(frame[:200], y[:200])
    permutation_importance(
        model, frame[200:], y[200:], scoring=["accuracy", "f1"], n_repeats=1, random_state=0
    )
    data = runs()[0].plots["test/permutation_importance"].data

    assert data["features"] == ["one", "two", "three"]
    assert list(data["importance"]) == ["permutation[accuracy]", "permutation[f1]"]


@pytest.mark.parametrize("frame", [False, True])
def test_permutation_importance_on_request(autolog, runs, frame):
    """With the option, of the first test data: the one feature that counts; no draw is global."""
    autolog(permutation_importance=60.0)
    pandas = pytest.importorskip("pandas")
    X = np.random.default_rng(0).normal(size=(200, 3))
    y = X[:, 1] > 0
    if frame:
        X = pandas.DataFrame(X, columns=["x0", "x1", "x2"])
    model = GaussianNB().fit(X[:100], y[:100])
    held, held_y = X[100:], y[100:]
    before = np.random.get_state()[1].tolist()
    score = model.score(held, held_y)
    (run,) = runs(nested=False)
    data = run.plots["test/permutation_importance"].data
    gain = data["importance"]["permutation"]

    assert np.random.get_state()[1].tolist() == before
    assert problems_of("importance", data) == []
    assert data["features"] == ["x0", "x1", "x2"]
    assert gain[1] > 0.2 > max(abs(gain[0]), abs(gain[2]))
    assert (run.metrics["test/accuracy"].last, run.metrics["test/accuracy"].count) == (score, 1)


def test_permutation_importance_that_costs_too_much_is_skipped_and_said(autolog, runs, cancer):
    """No more time than was given; without the option there is none, and nothing is said."""
    autolog(permutation_importance=1e-9)
    X, y = cancer
    GaussianNB().fit(X[:100], y[:100]).score(X[100:], y[100:])
    (run,) = runs(nested=False)

    assert "test/permutation_importance" not in run.plots.keys()  # noqa: SIM118
    assert any("skipped permutation importance" in notice.text for notice in run.notices)


@pytest.mark.skipif(
    not hasattr(RocCurveDisplay, "from_cv_results"), reason="scikit-learn before 1.7"
)
def test_curves_of_cross_validated_models(runs, cancer, axes):
    """from_cv_results draws one curve a fold; they are one plot of the cross-validation's run."""
    X, y = cancer
    found = cross_validate(GaussianNB(), X, y, cv=3, return_estimator=True, return_indices=True)
    drawn = RocCurveDisplay.from_cv_results(found, X, y, ax=axes)
    (run,) = runs(nested=False)
    data = run.plots["cv/roc"].data

    assert [curve["label"] for curve in data["curves"]] == ["fold 0", "fold 1", "fold 2"]
    assert [curve["auc"] for curve in data["curves"]] == pytest.approx(drawn.roc_auc)
    assert not problems_of("roc", data)
