"""Small real data and models, and Keras with epochlog on it, on the backend that is installed."""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "torch")  # before Keras is imported: its own default differs

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import epochlog

keras = pytest.importorskip("keras")


@pytest.fixture(scope="session")
def arrays() -> tuple[np.ndarray, np.ndarray]:
    """Return 120 rows of 4 features and three classes."""
    from sklearn.datasets import load_iris

    X, y = load_iris(return_X_y=True)
    order = np.random.default_rng(3).permutation(len(y))[:120]
    return X[order].astype("float32"), y[order].astype("int32")


@pytest.fixture
def make_model() -> Callable[..., Any]:
    """Return a function that makes a compiled model, the same each time."""

    def make(metrics: Any = ("accuracy",), optimizer: Any = None, **compiled: Any) -> Any:
        keras.utils.set_random_seed(5)
        model = keras.Sequential(
            [
                keras.Input((4,)),
                keras.layers.Dense(6, activation="relu"),
                keras.layers.Dense(3, activation="softmax"),
            ]
        )
        loss = compiled.pop("loss", "sparse_categorical_crossentropy")
        optimizer = optimizer or keras.optimizers.Adam(learning_rate=0.02)
        model.compile(optimizer, loss, metrics=list(metrics), **compiled)
        return model

    return make


@pytest.fixture
def on() -> None:
    """Record Keras alone."""
    epochlog.autolog("keras", hardware=False)


@pytest.fixture
def stored() -> Callable[..., list[Any]]:
    """Return a function that reads the store: all runs, oldest first."""

    def read(**filters: Any) -> list[Any]:
        epochlog.flush()
        return list(epochlog.runs(order_by="started", **filters))

    return read
