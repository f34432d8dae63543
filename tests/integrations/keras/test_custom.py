"""Models that people write: subclasses, own train_step, own fit, several optimizers, nested models."""

from __future__ import annotations

from typing import Any

import pytest

keras = pytest.importorskip("keras")

BACKEND = keras.backend.backend()


class Mine(keras.Model):
    """A subclassed model with an argument in its constructor."""

    def __init__(self, units: int = 6, **more: Any) -> None:
        super().__init__(**more)
        self.units = units
        self.hidden = keras.layers.Dense(units, activation="relu")
        self.out = keras.layers.Dense(3, activation="softmax")

    def call(self, x: Any) -> Any:
        return self.out(self.hidden(x))


def fit_mine(model: Any, arrays: Any, **more: Any) -> Any:
    """Compile and fit a model."""
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model.fit(*arrays, epochs=2, batch_size=40, verbose=0, **more)


def test_a_subclassed_model(on: None, arrays: Any, stored: Any) -> None:
    """Its class, sizes, summary and curves are recorded; its file names the class that it needs."""
    history = fit_mine(Mine(), arrays)
    (run,) = stored()

    assert run.params["model_class"] == "Mine"
    assert run.params["model.parameters"] == 51
    assert run.params["model.trainable_parameters"] == 51
    assert list(run.series("train/loss").values) == history.history["loss"]
    assert "hidden" in next(t.text for t in run.texts if t.key == "model/summary") or run.texts
    assert run.models[0].format == "keras"


def test_a_model_that_has_no_config(on: None, arrays: Any, stored: Any) -> None:
    """A model whose get_config fails is stored as weights, with the reason; its fit succeeds."""

    class Closed(Mine):
        def get_config(self) -> Any:
            raise NotImplementedError("no config here")

    fit_mine(Closed(), arrays)
    (run,) = stored()

    assert run.status == "completed"
    assert run.models[0].format == "hdf5"
    assert "no config here" in run.models[0].meta["reason"]
    assert any("no config here" in notice.text for notice in run.notices)


def test_an_overridden_fit(on: None, arrays: Any, stored: Any) -> None:
    """A fit that prepares something and calls Keras's is one run, with what Keras was given."""

    class Preparing(Mine):
        def fit(self, *args: Any, **kwargs: Any) -> Any:
            return super().fit(*args, **{**kwargs, "batch_size": 60})

    fit_mine(Preparing(), arrays)
    (run,) = stored()

    assert run.params["fit.batch_size"] == 60
    assert run.metrics["train/loss"].count == 2


@pytest.mark.skipif(BACKEND != "torch", reason="a train_step is written for one backend")
def test_an_own_train_step(on: None, arrays: Any, stored: Any) -> None:
    """Whatever names an own train_step returns become curves, own optimizers are asked for steps."""
    import torch

    class Own(Mine):
        def compile(self, own_optimizer: Any) -> None:
            super().compile()
            self.own_optimizer = own_optimizer

        def train_step(self, data: Any) -> dict[str, Any]:
            x, y = data
            self.zero_grad()
            loss = keras.losses.SparseCategoricalCrossentropy()(y, self(x, training=True))
            loss.backward()
            weights = self.trainable_weights
            with torch.no_grad():
                self.own_optimizer.apply([v.value.grad for v in weights], weights)
            return {"my loss": loss, "constant": 2.0}

    model = Own()
    model.compile(keras.optimizers.SGD(0.25))
    history = model.fit(*arrays, epochs=2, batch_size=40, verbose=0)
    (run,) = stored()

    assert list(run.series("train/my loss").values) == history.history["my loss"]
    assert list(run.series("train/constant").values) == [2.0, 2.0]
    assert list(run.series("train/my loss").steps) == [3, 6]
    assert run.params["optimizer.own_optimizer.class"] == "SGD"
    assert run.metrics["learning_rate/own_optimizer"].last == 0.25


@pytest.mark.skipif(BACKEND != "torch", reason="a train_step is written for one backend")
def test_a_train_step_with_no_keras_optimizer(on: None, arrays: Any, stored: Any) -> None:
    """Where no Keras optimizer counts steps, batches are counted."""

    class Bare(Mine):
        def train_step(self, data: Any) -> dict[str, Any]:
            return {"loss": self(data[0]).sum() * 0 + 1}

    model = Bare()
    model.compile()
    model.fit(*arrays, epochs=3, batch_size=40, verbose=0)
    (run,) = stored()

    assert list(run.series("train/loss").steps) == [3, 6, 9]
    assert list(run.series("train/loss").epochs) == [0, 1, 2]


def test_two_outputs(on: None, arrays: Any, stored: Any) -> None:
    """Each output's losses and metrics are curves under Keras's names."""
    X, y = arrays
    inputs = keras.Input((4,))
    outputs = {
        "a": keras.layers.Dense(3, activation="softmax", name="a")(inputs),
        "b": keras.layers.Dense(1, name="b")(inputs),
    }
    model = keras.Model(inputs, outputs)
    model.compile(
        "sgd", {"a": "sparse_categorical_crossentropy", "b": "mse"}, metrics={"b": ["mae"]}
    )
    history = model.fit(
        X, {"a": y, "b": X[:, :1]}, epochs=2, verbose=0,
        validation_data=(X[:30], {"a": y[:30], "b": X[:30, :1]}),
    )  # fmt: skip
    (run,) = stored()

    for own in history.history:
        key = f"val/{own[4:]}" if own.startswith("val_") else f"train/{own}"
        assert list(run.series(key).values) == history.history[own], own
    assert run.params["compile.loss"] == {"a": "sparse_categorical_crossentropy", "b": "mse"}
    assert run.params["compile.metrics"] == {"b": ["mae"]}


def test_frozen_layers_and_mixed_precision(on: None, arrays: Any, stored: Any) -> None:
    """Frozen weights count as not trainable; the dtype policy is recorded."""
    base = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8)])
    base.trainable = False
    model = keras.Sequential(
        [keras.Input((4,)), base, keras.layers.Dense(3, dtype="mixed_bfloat16")]
    )
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(*arrays, verbose=0)
    (run,) = stored()

    assert run.params["model.parameters"] == 40 + 27
    assert run.params["model.trainable_parameters"] == 27
    assert run.params["model.non_trainable_parameters"] == 40
    assert run.params["model.layers"] == 2
    assert run.params["loss.from_logits"] is True
    assert run.params["loss.class"] == "SparseCategoricalCrossentropy"


def test_a_fit_inside_of_a_fit(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """A callback that trains another model makes a child run; the outer curve is whole."""
    other = make_model()

    class Nested(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            other.fit(*arrays, epochs=3, verbose=0)

    make_model().fit(*arrays, epochs=2, verbose=0, callbacks=[Nested()])
    (outer,) = stored(nested=False)

    assert outer.metrics["train/loss"].count == 2
    assert [run.metrics["train/loss"].count for run in outer.children()] == [3, 3]


def test_no_keras_optimizer_run_of_torch(
    on: None, arrays: Any, make_model: Any, stored: Any
) -> None:
    """With every integration armed a fit is one run: what Keras wraps stays silent."""
    import epochlog

    epochlog.autolog(hardware=False)
    make_model().fit(*arrays, epochs=2, verbose=0)
    runs = stored()

    assert [run.source for run in runs] == ["keras"]
    assert runs[0].metrics["train/loss"].count == 2
