"""However short a run is, it has samples of the machine."""

from __future__ import annotations

import time
from typing import Any

import pytest

import epochlog


@pytest.mark.parametrize("seconds", [0.3, 1.0])
def test_a_one_second_run_has_system_metrics(seconds: float) -> None:
    """A run of a second or less has CPU and memory of machine and process, with their times."""
    epochlog.autolog()
    with epochlog.start_run("short"):
        time.sleep(seconds)
    epochlog.flush()
    (run,) = epochlog.runs()
    keys = set(run.system_metrics)

    for word in ("cpu", "memory", "process"):
        assert any(word in key for key in keys), sorted(keys)
    assert all(run.system_metrics[key].count >= 1 for key in keys)


def test_a_short_fit_has_system_metrics(cancer: Any) -> None:
    """A fit without a run of the user's is sampled like any run."""
    from sklearn.ensemble import RandomForestClassifier

    epochlog.autolog()
    RandomForestClassifier(200, random_state=0).fit(*cancer)
    epochlog.flush()
    (run,) = epochlog.runs()

    assert any("cpu" in key for key in run.system_metrics)
    assert all(point.count >= 1 for point in run.system_metrics.values())


def test_samples_are_no_metrics_of_the_user(cancer: Any) -> None:
    """Samples of the machine stay out of the metrics that belong to the training."""
    from sklearn.linear_model import LogisticRegression

    epochlog.autolog()
    LogisticRegression().fit(*cancer)
    epochlog.flush()
    (run,) = epochlog.runs()

    assert run.system_metrics
    assert not set(run.metrics) & set(run.system_metrics)
