"""What a training ends with: early stopping, best epoch, checkpoints, learning rates, options."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")

TORCH = keras.backend.backend() == "torch"


class Scripted(keras.callbacks.Callback):
    """Puts values of our choice into the logs, as if they were the validation's."""

    def __init__(self, values: list[float]) -> None:
        super().__init__()
        self.values = values

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["val_loss"] = self.values[epoch]


@pytest.mark.parametrize("restore", [False, True])
def test_early_stopping(on: None, arrays: Any, make_model: Any, stored: Any, restore: bool) -> None:
    """best_epoch is the argmin of the curve, stopped_epoch where it ended, with all best values."""
    X, y = arrays
    values = [0.9, 0.5, 0.3, 0.4, 0.35, 0.2, 0.1]
    stop = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=restore)
    history = make_model().fit(
        X, y, batch_size=60, epochs=7, verbose=0, validation_data=(X, y),
        callbacks=[Scripted(values), stop],
    )  # fmt: skip
    (run,) = stored()

    seen = history.history["val_loss"]
    best = int(np.argmin(seen))
    assert (best, len(seen)) == (2, 5)
    assert run.metrics["best_epoch"].last == best == stop.best_epoch
    assert run.metrics["stopped_epoch"].last == 4 == stop.stopped_epoch
    assert run.metrics["best/val/loss"].last == 0.3
    assert run.metrics["best/train/loss"].last == history.history["loss"][best]
    assert list(run.series("best_epoch").epochs) == [best]
    assert list(run.series("best_epoch").steps) == [6]
    assert run.params["stopped_early"] is True
    assert run.params["callbacks.EarlyStopping.restore_best_weights"] is restore
    assert run.models[0].meta.get("weights_of_epoch") == (best if restore else None)


def test_a_training_that_is_not_stopped(
    on: None, arrays: Any, make_model: Any, stored: Any
) -> None:
    """EarlyStopping with patience to spare leaves stopped_early False, and the best epoch is known."""
    X, y = arrays
    stop = keras.callbacks.EarlyStopping("loss", patience=9)
    history = make_model().fit(X, y, epochs=2, verbose=0, callbacks=[stop])
    (run,) = stored()

    assert run.params["stopped_early"] is False
    assert run.metrics["best_epoch"].last == int(np.argmin(history.history["loss"]))


def test_best_only_checkpoints_follow_the_file(
    on: None, arrays: Any, make_model: Any, stored: Any, tmp_path: Path
) -> None:
    """With save_best_only the file is written again for each better epoch; the last one is kept."""
    X, y = arrays
    path = tmp_path / "best.keras"
    keep = keras.callbacks.ModelCheckpoint(str(path), save_best_only=True)
    make_model().fit(
        X, y, batch_size=60, epochs=4, verbose=0, validation_data=(X, y),
        callbacks=[Scripted([0.5, 0.7, 0.2, 0.4]), keep],
    )  # fmt: skip
    (run,) = stored()

    first, second = run.checkpoints
    assert [c.meta["epoch"] for c in run.checkpoints] == [0, 2]
    assert [c.step for c in run.checkpoints] == [2, 6]
    assert first.state == "deleted"
    assert second.state == "live"
    assert second.aliases == ["best"]
    assert second.read_bytes() == path.read_bytes()
    assert second.meta["monitor"] == "val_loss"
    assert second.meta["value"] == 0.2
    assert run.metrics["best_epoch"].last == 2
    assert run.metrics["best/val/loss"].last == 0.2


def test_checkpoints_of_every_epoch(
    on: None, arrays: Any, make_model: Any, stored: Any, tmp_path: Path
) -> None:
    """Paths with {epoch} are a checkpoint each, copies that a later training can't overwrite."""
    X, y = arrays
    path = str(tmp_path / "{epoch:02d}.weights.h5")
    keep = keras.callbacks.ModelCheckpoint(path, save_weights_only=True)
    make_model().fit(X, y, epochs=2, verbose=0, callbacks=[keep])
    kept = (tmp_path / "02.weights.h5").read_bytes()
    make_model().fit(X, y, epochs=2, verbose=0, callbacks=[keep], shuffle=False)
    first, _ = stored()

    assert [Path(c.uri).name for c in first.checkpoints] == ["01.weights.h5", "02.weights.h5"]
    assert [c.state for c in first.checkpoints] == ["live", "live"]
    assert [c.meta["weights_only"] for c in first.checkpoints] == [True, True]
    assert first.checkpoints[1].read_bytes() == kept


def test_checkpoints_by_batch(
    on: None, arrays: Any, make_model: Any, stored: Any, tmp_path: Path
) -> None:
    """ModelCheckpoint(save_freq=n) saves in the middle of an epoch; none of its files is missed."""
    X, y = arrays
    path = str(tmp_path / "{epoch}-{batch}.weights.h5")
    keep = keras.callbacks.ModelCheckpoint(path, save_weights_only=True, save_freq=2)
    make_model().fit(X, y, batch_size=30, epochs=1, verbose=0, callbacks=[keep])
    (run,) = stored()

    files = sorted(p.name for p in tmp_path.glob("*.h5"))
    assert files == ["1-2.weights.h5", "1-4.weights.h5"]
    assert sorted(Path(c.uri).name for c in run.checkpoints) == files


def test_backups_are_no_checkpoints(
    on: None, arrays: Any, make_model: Any, stored: Any, tmp_path: Path
) -> None:
    """The temporary files of BackupAndRestore are not kept, its work is undisturbed."""
    backup = keras.callbacks.BackupAndRestore(str(tmp_path / "backup"))
    make_model().fit(*arrays, epochs=2, verbose=0, callbacks=[backup])
    (run,) = stored()

    assert not run.checkpoints


def rates(run: Any) -> list[float]:
    """Return the curve of the learning rate."""
    return [float(value) for value in run.series("learning_rate").values]


def test_learning_rate_of_a_scheduler(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """LearningRateScheduler's rates are the curve, equal to what Keras puts into the history."""
    schedule = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
    history = make_model().fit(*arrays, epochs=3, verbose=0, callbacks=[schedule])
    (run,) = stored()

    assert rates(run) == history.history["learning_rate"]
    assert rates(run) == pytest.approx([0.1, 0.05, 0.1 / 3])
    assert len([key for key in run.metrics if "learning_rate" in key]) == 1


def test_learning_rate_of_a_schedule(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """A schedule is evaluated at each epoch's last step, and its settings are recorded."""
    decay = keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=4, decay_rate=0.5)
    X, y = arrays
    model = make_model(optimizer=keras.optimizers.SGD(decay, momentum=0.9))
    model.fit(X, y, batch_size=30, epochs=3, verbose=0)
    (run,) = stored()

    assert rates(run) == pytest.approx([0.05, 0.025, 0.0125])
    expected = {
        "optimizer.class": "SGD", "optimizer.momentum": 0.9,
        "optimizer.learning_rate.class": "ExponentialDecay",
        "optimizer.learning_rate.initial_learning_rate": 0.1,
        "optimizer.learning_rate.decay_steps": 4, "optimizer.learning_rate.decay_rate": 0.5,
    }  # fmt: skip
    assert {key: run.params.get(key) for key in expected} == expected


def test_learning_rate_is_the_one_that_was_used(
    on: None, arrays: Any, make_model: Any, stored: Any
) -> None:
    """A callback that sets the next epoch's rate at an epoch's end does not shift the curve."""

    class Halve(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.optimizer.learning_rate = 0.5 ** (epoch + 1)

    make_model(optimizer=keras.optimizers.SGD(1.0)).fit(
        *arrays, epochs=3, verbose=0, callbacks=[Halve()]
    )
    (run,) = stored()

    assert rates(run) == [1.0, 0.5, 0.25]


def options_on(**options: Any) -> None:
    """Record Keras with options."""
    import epochlog

    epochlog.autolog("keras", hardware=False, options={"keras": options})


def test_curves_by_batch(arrays: Any, make_model: Any, stored: Any) -> None:
    """By option each batch has a point, at its own global step, apart from the epochs' curve."""

    class Noting(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[float] = []

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.seen.append(logs["loss"])

    options_on(batch_curves=True)
    X, y = arrays
    noting = Noting()
    make_model().fit(X, y, batch_size=30, epochs=2, verbose=0, callbacks=[noting])
    make_model().fit(X, y, batch_size=30, epochs=1, verbose=0)  # on threads of Keras's
    options_on(batch_curves=2)
    make_model().fit(X, y, batch_size=30, epochs=1, verbose=0)
    first, threaded, every_second = stored()

    points = first.series("train/loss", "batch")
    assert list(points.steps) == list(range(1, 9))
    assert list(points.values) == noting.seen
    assert list(points.epochs) == [0] * 4 + [1] * 4
    assert first.metrics["train/loss"].count == 2
    assert sorted(threaded.series("train/loss", "batch").steps) == [1, 2, 3, 4]
    assert sorted(every_second.series("train/loss", "batch").steps) == [2, 4]


def test_gradient_norm_and_histograms(arrays: Any, make_model: Any, stored: Any) -> None:
    """By option: histograms of each weight per epoch; gradients where the backend has them, or a notice."""
    options_on(gradient_norm=True, histograms=True)
    model = make_model()
    model.fit(*arrays, epochs=2, verbose=0)
    (run,) = stored()

    weights = [p for p in run.plots if p.key.startswith("weights/")]
    assert {p.kind for p in weights} == {"histogram"}
    assert len(weights) == 2 * len(model.trainable_variables)
    assert sorted({p.step for p in weights}) == [4, 8]
    if TORCH:
        assert run.metrics["gradient_norm"].count == 2
        assert len([p for p in run.plots if p.key.startswith("gradients/")]) == len(weights)
    else:
        assert "gradient_norm" not in run.metrics
        assert any("gradients" in notice.text for notice in run.notices)


def test_options_switch_things_off(
    arrays: Any, make_model: Any, stored: Any, tmp_path: Path
) -> None:
    """Without models, checkpoints, data sets and summary only numbers and params are left."""
    options_on(models=False, checkpoints=False, datasets=False, summary=False)
    keep = keras.callbacks.ModelCheckpoint(str(tmp_path / "m.keras"))
    make_model().fit(*arrays, verbose=0, callbacks=[keep])
    (run,) = stored()

    assert not run.artifacts
    assert not run.datasets
    assert not run.texts
    assert run.metrics["train/loss"].count == 1


def test_a_model_with_a_lambda(on: None, arrays: Any, stored: Any) -> None:
    """What no safe format can hold is stored as weights, with a notice; Keras does not get to warn."""
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Lambda(lambda x: x * 2), keras.layers.Dense(3)]
    )
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(*arrays, verbose=0)
    (run,) = stored()

    assert not [w for w in caught if "lambda" in str(w.message)]
    assert run.models[0].format == "hdf5"
    assert any("lambda" in notice.text for notice in run.notices)
    assert run.params["loss.from_logits"] is True
