"""evaluate and predict: results go to the run of the model that was fitted."""

from __future__ import annotations

from typing import Any

import pytest

import epochlog

keras = pytest.importorskip("keras")


def test_evaluate_after_fit(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """evaluate() on new data is test/… on the fit's run, at its last step and epoch."""
    X, y = arrays
    model = make_model()
    model.fit(X[:90], y[:90], epochs=2, batch_size=30, verbose=0)
    loss, accuracy = model.evaluate(X[90:], y[90:], verbose=0)
    (run,) = stored()

    assert list(run.series("test/loss").values) == [loss]
    assert list(run.series("test/accuracy").values) == [accuracy]
    assert list(run.series("test/loss").steps) == [6]
    assert list(run.series("test/loss").epochs) == [1]
    assert [(d.role, d.schema["shape"]) for d in run.datasets] == [
        ("train", [90, 4]),
        ("test", [30, 4]),
    ]
    assert run.status == "completed"


def test_evaluate_on_the_fitted_model_not_the_last_one(
    on: None, arrays: Any, make_model: Any, stored: Any
) -> None:
    """Of two models each one's results go to its own run."""
    X, y = arrays
    one, two = make_model(), make_model()
    one.fit(X[:60], y[:60], verbose=0)
    two.fit(X[:60], y[:60], epochs=2, verbose=0)
    values = [m.evaluate(X[60:], y[60:], verbose=0, return_dict=True)["loss"] for m in (one, two)]
    runs = stored()

    assert [run.metrics["test/loss"].last for run in runs] == values


def test_evaluating_known_and_further_data(
    on: None, arrays: Any, make_model: Any, stored: Any
) -> None:
    """Training and validation data keep their split, apart from the curve; each test set is apart."""
    X, y = arrays
    parts = [(X[i : i + 30], y[i : i + 30]) for i in (0, 30, 60, 90)]
    model = make_model()
    model.fit(*parts[0], verbose=0, validation_data=parts[1])
    for part in (*parts, parts[3]):
        model.evaluate(*part, verbose=0)
    (run,) = stored()

    assert run.metrics["train/loss"].count == 1
    assert run.metrics["val/loss"].count == 1
    assert list(run.series("train/loss", "evaluate").epochs) == [0]
    assert list(run.series("val/loss", "evaluate").epochs) == [0]
    assert len(run.series("test/loss").values) == 1
    assert len(run.series("test/loss", "set=test_1").values) == 2
    assert [d.role for d in run.datasets] == ["train", "validation", "test", "test"]


def test_evaluate_of_a_model_nobody_fitted(
    on: None, arrays: Any, make_model: Any, stored: Any
) -> None:
    """A model that was loaded has a run of kind eval, the same for every evaluation of it."""
    X, y = arrays
    model = make_model()
    value, _ = model.evaluate(X, y, verbose=0)
    model.evaluate(X, y, verbose=0)
    (run,) = stored()

    assert run.kind == "eval"
    assert run.status == "completed"
    assert run.metrics["test/loss"].last == value
    assert run.params["model.parameters"] == 51


def test_evaluate_inside_a_run_of_the_user(
    on: None, arrays: Any, make_model: Any, stored: Any
) -> None:
    """In the user's run an evaluation before the fit stays there, and the fit does, too."""
    X, y = arrays
    model = make_model()
    with epochlog.start_run():
        model.evaluate(X, y, verbose=0)
        model.fit(X, y, verbose=0)
    (run,) = stored()

    assert run.metrics["test/loss"].count == 1
    assert run.metrics["train/loss"].count == 1


def test_a_callback_that_evaluates(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """A test set that a callback evaluates after each epoch is a curve with the training's x values."""
    X, y = arrays
    found = []

    class Testing(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            found.append(self.model.evaluate(X[80:], y[80:], verbose=0, return_dict=True)["loss"])

    model = make_model()
    history = model.fit(X[:80], y[:80], batch_size=40, epochs=3, verbose=0, callbacks=[Testing()])
    (run,) = stored()

    assert list(run.series("test/loss").values) == found
    assert list(run.series("test/loss").steps) == [2, 4, 6]
    assert list(run.series("test/loss").epochs) == [0, 1, 2]
    assert list(run.series("train/loss").values) == history.history["loss"]


def test_predict(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """predict opens no run; the run of the model says once what it was used on."""
    X, y = arrays
    model = make_model()
    model.predict(X, verbose=0)
    model.fit(X[:60], y[:60], verbose=0)
    for _ in range(2):
        model.predict(X[60:], verbose=0)
    (run,) = stored()

    assert [d.role for d in run.datasets] == ["train", "predict"]


def test_evaluate_returns_the_same(on: None, arrays: Any, make_model: Any) -> None:
    """Return values of evaluate, as list and as dict, are Keras's own."""
    X, y = arrays
    recorded = make_model()
    values = recorded.evaluate(X, y, verbose=0)
    by_name = recorded.evaluate(X, y, verbose=0, return_dict=True)
    epochlog.uninstrument()
    plain = make_model()

    assert values == plain.evaluate(X, y, verbose=0)
    assert by_name == plain.evaluate(X, y, verbose=0, return_dict=True)
