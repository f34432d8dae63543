"""By how much recording slows down the epochs of a small Keras model, and what a fit costs once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from suite.pairs import Pairs, compare
from suite.results import Options, Row

EPOCHS, SHORT, ROWS = 30, 1, 4_000


def benchmark(options: Options) -> Iterator[Row]:
    """A training, and a fit that is over at once: what is paid for each fit, however long."""
    yield from compare(options, _pairs(EPOCHS))
    yield from compare(options, _pairs(SHORT))


def _pairs(epochs: int) -> Pairs:
    return Pairs(
        "keras",
        f"{epochs} epochs, {ROWS:,} × 20, 16-16-2 units, validation",
        "cases.keras_epochs:training",
        short=f"{epochs} epochs",
        target=2.0,
        arguments={"epochs": epochs},
        quick={"epochs": 1},
        count=25,
    )


def training(epochs: int, callbacks: Sequence[Any] = ()) -> Callable[[], object]:
    """Return a function that fits a fresh model; in a child process."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras
    import numpy as np
    import torch

    torch.set_num_threads(1)  # leaves our own thread a core, and a small model needs no more
    rng = np.random.default_rng(0)
    features = rng.normal(size=(ROWS, 20)).astype("float32")
    target = (features[:, 0] > 0).astype("int32")

    def once() -> object:
        keras.utils.set_random_seed(0)
        hidden = [keras.layers.Dense(16, activation="relu") for _ in range(2)]
        model = keras.Sequential([keras.Input((20,)), *hidden, keras.layers.Dense(2)])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss, metrics=["accuracy"])
        return model.fit(
            features, target, epochs=epochs, batch_size=256, validation_split=0.2, verbose=0,
            callbacks=list(callbacks),
        )  # fmt: skip

    return once
