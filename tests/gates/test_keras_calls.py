"""``fit`` of Keras called as its signature allows: by position, with None, with a tuple, again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small_trainings import cancer, held_out, keras_model

import epochlog

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.slow


def only_run(stored: Any) -> Any:
    (run,) = stored()
    assert run.status == "completed"
    return run


def effective(run: Any, name: str) -> Any:
    """Return an argument of ``fit`` as it was recorded."""
    return run.params.get(f"fit.{name}", run.params.get(name))


def test_batch_size_and_epochs_by_position(stored: Any) -> None:
    """``fit(x, y, 100, 3)`` is recorded with these values, not with the defaults."""
    keras_model().fit(*cancer(), 100, 3, 0)
    run = only_run(stored)

    assert effective(run, "batch_size") == 100
    assert effective(run, "epochs") == 3
    assert run.metrics["train/loss"].count == 3


def test_callbacks_by_position(stored: Any) -> None:
    """Callbacks as the sixth argument are called, stay the user's list, and fit raises nothing."""
    seen: list[int] = []
    callbacks = [
        keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    ]
    before = list(callbacks)
    history = keras_model().fit(*cancer(), 100, 3, 0, callbacks)
    run = only_run(stored)

    assert seen == [0, 1, 2]
    assert callbacks == before
    assert list(run.series("train/loss").values) == history.history["loss"]


def test_none_as_callbacks(stored: Any) -> None:
    """``callbacks=None`` is an ordinary training."""
    keras_model().fit(*cancer(), epochs=2, verbose=0, callbacks=None)

    assert only_run(stored).metrics["train/loss"].count == 2


def test_a_callback_list_of_the_user(stored: Any) -> None:
    """A ready-made ``CallbackList`` is taken, and records once."""
    model = keras_model()
    ready = keras.callbacks.CallbackList([], add_history=True, model=model, epochs=2, verbose=0)
    model.fit(*cancer(), epochs=2, verbose=0, callbacks=ready)

    assert only_run(stored).metrics["train/loss"].count == 2


def test_validation_points_are_at_their_epochs(stored: Any) -> None:
    """Each value of the validation curve stands at its own epoch and step, not all at one place."""
    history = keras_model().fit(*cancer(), 100, 4, 0, validation_data=cancer()).history
    run = only_run(stored)
    train, val = run.series("train/loss"), run.series("val/loss")

    assert list(val.values) == history["val_loss"]
    assert list(val.epochs) == list(train.epochs) == [0, 1, 2, 3]
    assert list(val.steps) == list(train.steps)
    assert len(set(val.steps)) == 4


@pytest.mark.parametrize("kind", ["tuple", "list", "weighted", "split"])
def test_shapes_of_validation_data(stored: Any, kind: str) -> None:
    """Validation data as tuple, list or triple, or split off, give a curve and change nothing."""
    X, y = cancer()
    given: dict[str, Any] = {
        "tuple": {"validation_data": (X, y)},
        "list": {"validation_data": [X, y]},
        "weighted": {"validation_data": (X, y, np.ones(len(y)))},
        "split": {"validation_split": 0.25},
    }[kind]
    if kind == "list":
        pytest.skip("Keras itself takes no list") if not _takes_lists() else None
    history = keras_model().fit(X, y, epochs=2, verbose=0, **given).history

    assert list(only_run(stored).series("val/loss").values) == history["val_loss"]


def _takes_lists() -> bool:
    with epochlog.paused():
        try:
            keras_model().fit(*cancer(), epochs=1, verbose=0, validation_data=list(cancer()))
        except Exception:
            return False
    return True


def test_settings_of_callbacks_and_optimizer(stored: Any) -> None:
    """The optimizer's and the callbacks' settings, the size of the model and its layers are recorded."""
    callbacks = [keras.callbacks.EarlyStopping(monitor="val_loss", patience=7)]
    keras_model().fit(*cancer(), 100, 2, 0, callbacks, validation_data=cancer())
    run = only_run(stored)
    values = {str(value) for value in run.params.values()}

    assert "7" in values
    assert any("EarlyStopping" in f"{key} {value}" for key, value in run.params.items())
    assert run.params["optimizer.learning_rate"] == pytest.approx(0.1)
    assert 129 in run.params.values()  # (30 + 1) × 4 + (4 + 1) parameters
    assert any("dense" in text.text for text in run.texts)
    assert run.metrics["learning_rate"].count == 2


def test_early_stopping_tells_the_best_epoch(stored: Any) -> None:
    """The best epoch is the place of the best value on the curve; why it stopped is recorded."""

    class Worse(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs["val_loss"] = abs(epoch - 2) + 1.0

    callbacks = [Worse(), keras.callbacks.EarlyStopping(monitor="val_loss", patience=3)]
    keras_model().fit(
        *cancer(), epochs=20, verbose=0, callbacks=callbacks, validation_data=cancer()
    )
    run = only_run(stored)

    assert run.metrics["best_epoch"].last == 2
    assert run.metrics["stopped_epoch"].last == 5
    assert run.params["stopped_early"] is True


def test_evaluate_is_recorded(stored: Any) -> None:
    """``evaluate`` after ``fit`` leaves its values, and the training's curves alone."""
    model = keras_model()
    model.fit(*cancer(), epochs=2, verbose=0)
    loss, accuracy = model.evaluate(*held_out(), verbose=0)
    runs = stored()
    values = [m.last for run in runs for key, m in run.metrics.items() if key.startswith("test/")]

    assert any(float(value) == pytest.approx(loss) for value in values)
    assert any(float(value) == pytest.approx(accuracy) for value in values)
    assert runs[0].metrics["train/loss"].count == 2


def test_two_fits_of_one_model(stored: Any) -> None:
    """``fit`` again, from ``initial_epoch`` on, is a second run; no run is left open."""
    model = keras_model()
    model.fit(*cancer(), epochs=2, verbose=0)
    model.fit(*cancer(), initial_epoch=2, epochs=5, verbose=0)
    first, second = stored()

    assert [run.status for run in (first, second)] == ["completed"] * 2
    assert list(first.series("train/loss").epochs) == [0, 1]
    assert list(second.series("train/loss").epochs) == [2, 3, 4]
