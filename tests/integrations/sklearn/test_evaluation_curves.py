"""Clusterings, learning curves and searches leave plots as data."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import DBSCAN, AgglomerativeClustering, FeatureAgglomeration, KMeans
from sklearn.datasets import make_blobs
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    learning_curve,
    validation_curve,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from epochlog.evaluation.kinds import problems_of


@pytest.fixture(scope="module")
def blobs():
    """Return 150 rows in 3 clusters."""
    return make_blobs(150, centers=3, random_state=0)


@pytest.mark.parametrize("model", [KMeans(3, random_state=0), AgglomerativeClustering(3)])
def test_a_clustering_has_sizes_and_silhouettes(only_run, blobs, model):
    """As scikit-learn measures them, without clustering again."""
    X, _ = blobs
    model.fit(X)
    run = only_run()

    assert run.metrics["train/silhouette"].last == pytest.approx(silhouette_score(X, model.labels_))
    assert run.metrics["train/clusters"].last == 3
    plot = run.plots["train/clusters"]
    assert problems_of(plot.kind, plot.data) == []
    assert plot.data["sizes"] == np.bincount(model.labels_).tolist()
    if hasattr(model, "inertia_"):
        assert run.metrics["train/inertia"].last == model.inertia_


def test_noise_is_no_cluster(only_run, blobs):
    """DBSCAN's ``fit_predict`` is recorded; a comparison with a truth is a metric alone."""
    X, y = blobs
    labels = DBSCAN(eps=0.5).fit_predict(X)
    value = adjusted_rand_score(y, labels)
    run = only_run()

    assert run.metrics["train/noise_share"].last == (labels == -1).mean()
    assert run.metrics["train/adjusted_rand"].last == value
    assert "train/confusion_matrix" not in run.plots


def test_a_pipeline_s_clusters_have_sizes_alone(only_run, blobs):
    """The rows that were clustered are not the rows that were given."""
    make_pipeline(StandardScaler(), KMeans(2, n_init=1, random_state=0)).fit(blobs[0])
    run = only_run()

    assert "train/silhouette" not in run.metrics


def test_distances_are_no_rows(runs):
    """Neither precomputed distances nor clusters of features have silhouettes of rows."""
    DBSCAN(metric="precomputed", eps=1).fit(
        np.abs(np.subtract.outer(np.arange(20.0), np.arange(20)))
    )
    FeatureAgglomeration(2).fit(np.random.default_rng(0).random((10, 12)))
    found = runs()

    assert not [run for run in found if "train/silhouette" in run.metrics]
    assert [key for run in found for key in run.plots.keys()] == ["train/clusters"]  # noqa: SIM118


def test_a_learning_curve_is_a_plot(only_run, cancer):
    """Mean and deviation over the folds at each size."""
    X, y = cancer
    sizes, train, test = learning_curve(
        DecisionTreeClassifier(max_depth=1), X, y, cv=2, train_sizes=[0.5, 1.0], shuffle=True
    )
    plot = only_run().plots["learning_curve"]

    assert problems_of(plot.kind, plot.data) == []
    assert plot.data["x"] == sizes.tolist()
    assert plot.data["train"] == train.mean(1).tolist()
    assert plot.data["test_std"] == test.std(1).tolist()


def test_a_validation_curve_knows_its_parameter(only_run, cancer):
    """Its x are the values of the parameter."""
    X, y = cancer
    validation_curve(
        DecisionTreeClassifier(), X, y, param_name="max_depth", param_range=[1, 3], cv=2
    )
    data = only_run().plots["validation_curve"].data

    assert (data["param"], data["x"]) == ("max_depth", [1, 3])


def test_a_search_has_a_curve_for_each_numeric_parameter(runs, cancer):
    """At each value: the best candidate that has it; words, and single values, have none."""
    X, y = cancer
    grid = {"max_depth": [3, 1], "criterion": ["gini", "entropy"], "min_samples_leaf": [2]}
    search = GridSearchCV(
        DecisionTreeClassifier(random_state=0), grid, cv=2, return_train_score=True,
        scoring=["accuracy", "f1"], refit="f1",
    ).fit(X, y)  # fmt: skip
    plots = runs(nested=False)[0].plots
    scores = search.cv_results_["mean_test_f1"]
    deep = search.cv_results_["param_max_depth"] == 3

    assert [key for key in plots.keys() if "search/" in key] == ["search/max_depth"]  # noqa: SIM118
    data = plots["search/max_depth"].data
    assert data["x"] == [1, 3]
    assert data["test"] == [scores[~deep].max(), scores[deep].max()]
    assert len(data["train"]) == 2
    assert problems_of("learning_curve", data) == []


def test_a_random_search_s_curve_is_drawn(runs, cancer):
    """Without training scores there is one line."""
    X, y = cancer
    RandomizedSearchCV(
        LogisticRegression(max_iter=20), {"C": [0.01, 0.1, 1, 10]}, n_iter=3, cv=2, random_state=0
    ).fit(X[:100], y[:100])
    plot = runs(nested=False)[0].plots["search/C"]

    assert "train" not in plot.data
    assert plot.display().axes[0].get_xlabel() == "C"
