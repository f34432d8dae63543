"""``partial_fit`` loops are one run for one estimator."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from sklearn.linear_model import SGDClassifier
from sklearn.neural_network import MLPClassifier

import epochlog
from epochlog_sklearn import streams


def test_a_loop_is_one_run(runs, cancer):
    """All calls are points of one run, test scores share their x-axis, the model comes at the end."""
    X, y = cancer
    model = MLPClassifier((4,), random_state=0)
    losses, scores = [], []
    for batch in np.array_split(np.arange(400), 4):
        model.partial_fit(X[batch], y[batch], classes=[0, 1])
        losses.append(float(model.loss_))
        scores.append(model.score(X[400:], y[400:]))
    (running,) = runs()
    assert running.active
    streams.finish_all()
    (run,) = runs()

    assert run.status == "completed"
    assert run.series("train/loss").values.tolist() == losses
    assert run.series("test/accuracy").steps.tolist() == [1, 2, 3, 4]
    assert run.series("test/accuracy").values.tolist() == scores
    assert run.metrics["train/samples_seen"].last == 400
    assert run.params["fit.classes"] == [0, 1]
    assert len(run.models) == 1


def test_two_estimators_are_two_runs(runs, cancer):
    """Interleaved loops don't mix; a freed estimator's run ends."""
    X, y = cancer
    models = [SGDClassifier(alpha=alpha) for alpha in (0.1, 0.2)]
    for _ in range(3):
        for model in models:
            model.partial_fit(X, y, classes=[0, 1])
    del model, models
    gc.collect()
    streams.end_orphans()
    one, two = runs()

    assert (one.params["alpha"], two.params["alpha"]) == (0.1, 0.2)
    assert (
        one.metrics["train/samples_seen"].last == two.metrics["train/samples_seen"].last == 3 * 569
    )
    assert (one.status, two.status) == ("completed", "completed")


def test_a_loop_inside_the_user_s_run_ends_with_it(runs, cancer):
    """The user's run gets the points, and the model before it ends."""
    X, y = cancer
    with epochlog.start_run(name="mine"):
        model = SGDClassifier()
        model.partial_fit(X, y, classes=[0, 1])
    (run,) = runs()

    assert (run.name, run.status, len(run.models)) == ("mine", "completed", 1)


def test_a_failing_call_fails_the_run(runs):
    """An exception in ``partial_fit`` passes and fails the run."""
    with pytest.raises(ValueError, match="classes"):
        SGDClassifier().partial_fit([[1.0]], [1])
    (run,) = runs()

    assert run.status == "failed"


def test_fit_after_partial_fit_is_a_new_run(runs, cancer):
    """``fit`` starts over: another run, and scores go there."""
    X, y = cancer
    model = SGDClassifier()
    model.partial_fit(X, y, classes=[0, 1])
    model.fit(X, y)
    model.score(X, y)
    loop, fit = runs()

    assert (loop.status, fit.status) == ("completed", "completed")
    assert "train/accuracy" in fit.metrics
    assert "train/accuracy" not in loop.metrics
