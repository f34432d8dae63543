"""Clusterings are measured as scikit-learn measures them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.metrics import silhouette_samples, silhouette_score

from epochlog.evaluation.clusters import evaluate_clusters, silhouettes


def test_silhouettes_are_sklearn_s() -> None:
    """Also with a cluster of one row."""
    data, labels = make_blobs(200, centers=4, random_state=0)
    labels[0] = 99

    assert silhouettes(data, labels) == pytest.approx(silhouette_samples(data, labels))


def test_sizes_noise_and_means() -> None:
    """Noise is no cluster, and each cluster has its mean."""
    data, labels = make_blobs(150, centers=3, random_state=1)
    labels[:15] = -1
    metrics, plot = evaluate_clusters(data, labels)

    assert metrics["clusters"] == 3
    assert metrics["noise_share"] == pytest.approx(0.1)
    assert metrics["silhouette"] == pytest.approx(silhouette_score(data, labels))
    assert sum(plot["sizes"]) == 150
    assert len(plot["silhouette"]) == len(plot["labels"]) == 4


@pytest.mark.parametrize(
    ("data", "labels"),
    [
        (np.ones((4, 2)), [0, 0, 0, 0]),
        (np.ones((3, 2)), [0, 1, 2]),
        (np.full((4, 2), np.nan), [0, 0, 1, 1]),
        ([["a"], ["b"]], [0, 1]),
        (None, [0, 1, 1]),
    ],
)
def test_what_has_no_silhouette_has_sizes(data: object, labels: list[int]) -> None:
    """One cluster, as many as rows, NaN, text, no data at all."""
    metrics, plot = evaluate_clusters(data, labels)

    assert "silhouette" not in metrics
    assert sum(plot["sizes"]) == len(labels)
