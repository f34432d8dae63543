"""The table of a model's layers says what Keras's own summary says, at any width."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from epochlog_keras.summary import summary


@pytest.fixture
def branched() -> Any:
    """A model with two inputs, a nested model, a frozen layer, and a long name."""
    left, right = keras.Input((4,), name="left"), keras.Input((6,), name="right")
    encoder = keras.Sequential(
        [keras.Input((6,)), keras.layers.Dense(3, name="inner")], name="encoder"
    )
    joined = keras.layers.Concatenate(name="join")([left, encoder(right)])
    frozen = keras.layers.Dense(5, name="a_layer_with_a_rather_long_name_" * 3, trainable=False)
    outputs = {"first": keras.layers.Dense(1, name="head")(frozen(joined)), "second": joined}
    model = keras.Model([left, right], outputs)
    model.compile("adam", "mse")
    return model


def test_every_layer_has_name_class_shape_and_parameters(branched: Any) -> None:
    """Nested layers too, and where each gets its input from; nothing is cut off."""
    lines = summary(branched).splitlines()
    cells = {line.split()[0]: line for line in lines if line.strip()}

    assert cells["left"].split() == ["left", "(InputLayer)", "(None,", "4)", "0"]
    assert cells["inner"].startswith("  inner (Dense)")
    assert cells["join"].endswith("left, encoder")
    long = "a_layer_with_a_rather_long_name_" * 3
    assert cells[long].split()[-3:] == ["40", "(frozen)", "join"]
    assert cells["head"].split()[-4:] == ["(None,", "1)", "6", long]


def test_the_counts_are_keras_own(branched: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Total, trainable and other parameters; the terminal's width changes nothing."""
    wide = summary(branched)
    monkeypatch.setenv("COLUMNS", "20")

    assert summary(branched) == wide
    assert f"Total parameters: {branched.count_params()}" in wide
    assert "Trainable: 27" in wide
    assert "Not trainable: 40" in wide


def test_a_row_of_layers_has_no_connections() -> None:
    """Where every layer follows the one above."""
    layers = [keras.Input((4,)), keras.layers.Dense(3, name="first"), keras.layers.Dense(2)]

    assert "Connected" not in summary(keras.Sequential(layers))


def test_a_layer_of_the_users_own_is_not_called() -> None:
    """Its shape is unknown rather than asked for by running its code."""

    class Mine(keras.layers.Layer):  # type: ignore[misc]
        calls = 0

        def call(self, x: Any) -> Any:
            Mine.calls += 1
            return x

    class Model(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.hidden, self.mine = keras.layers.Dense(3, name="hidden"), Mine(name="mine")

        def call(self, x: Any) -> Any:
            return self.mine(self.hidden(x))

    model = Model()
    model(keras.ops.ones((2, 4)))
    calls = Mine.calls
    lines = [line.split() for line in summary(model).splitlines()]

    assert Mine.calls == calls
    assert ["hidden", "(Dense)", "(2,", "3)", "15"] in lines
    assert ["mine", "(Mine)", "?", "0"] in lines
