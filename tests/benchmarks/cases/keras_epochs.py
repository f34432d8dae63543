"""By how much recording slows down the epochs of a small Keras model, and what a fit costs once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

from suite.children import MeasurementFailed, measure
from suite.results import OURS, Options, Row, pairwise_percent, pairwise_value, value_of

EPOCHS, SHORT = 30, 1


def benchmark(options: Options) -> Iterator[Row]:
    """Plain and recorded trainings in turn, in one process."""
    wall = Row("keras", f"{EPOCHS} epochs, 4,000 × 20, 16-16-2 units, validation: added", "%", 2.0)
    cpu = Row("keras", "CPU of the process, added", "%")
    added = Row("keras", "added milliseconds", "ms", 50.0)
    short = Row("keras", f"a fit of {SHORT} epoch: added CPU milliseconds", "ms", 50.0)
    plain = Row("keras", "plain training, for comparison", "ms")
    options.say("keras: epochlog")
    try:
        count = 1 if options.quick else 9
        without, with_it = measure(
            "cases.keras_epochs:pairs", peer=OURS, count=count, epochs=EPOCHS
        )
        bare, recorded = measure("cases.keras_epochs:pairs", peer=OURS, count=count, epochs=SHORT)
    except MeasurementFailed as error:
        options.failures.append(("keras, epochlog", str(error)))
        return
    wall.values[OURS] = pairwise_percent(_column(with_it, "wall"), _column(without, "wall"))
    cpu.values[OURS] = pairwise_percent(_column(with_it, "cpu"), _column(without, "cpu"))
    added.values[OURS] = pairwise_value(_column(with_it, "cpu"), _column(without, "cpu"))
    short.values[OURS] = pairwise_value(_column(recorded, "cpu"), _column(bare, "cpu"))
    plain.values[OURS] = value_of(_column(without, "wall"))
    added.note = "CPU milliseconds of the whole fit, its model, summary and fingerprints included"
    wall.note = "the target is 2 % or 50 ms a fit, whichever is more"
    yield from (wall, cpu, added, short, plain)


def _column(found: list[dict[str, float]], name: str) -> list[float]:
    return [each[name] for each in found]


def pairs(peer: str, folder: str, count: int, epochs: int) -> list[list[dict[str, float]]]:
    """Train ``count`` times plain and recorded in turn; in a child process."""
    del peer, folder
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import torch

    import epochlog

    torch.set_num_threads(1)  # leaves our own thread a core, and a small model needs no more
    both: list[list[dict[str, float]]] = [[], []]
    for turn in range(-1, count):  # the first pair warms up caches and imports
        for on in (0, 1) if turn % 2 else (1, 0):
            if on:
                epochlog.autolog()
            taken = _timed(epochs)
            if on:
                epochlog.uninstrument()
                epochlog.flush()
            if turn >= 0:
                both[on].append(taken)
    return both


def _timed(epochs: int) -> dict[str, float]:
    """Fit a fresh model; return wall and CPU milliseconds of the fit alone."""
    import keras
    import numpy as np

    rng = np.random.default_rng(0)
    X = rng.normal(size=(4000, 20)).astype("float32")
    y = (X[:, 0] > 0).astype("int32")
    keras.utils.set_random_seed(0)
    relu: Any = {"activation": "relu"}
    layers = [keras.layers.Dense(16, **relu), keras.layers.Dense(16, **relu), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input((20,)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    wall, cpu = time.perf_counter(), time.process_time()
    model.fit(X, y, epochs=epochs, batch_size=256, validation_split=0.2, verbose=0)
    return {
        "wall": (time.perf_counter() - wall) * 1e3,
        "cpu": (time.process_time() - cpu) * 1e3,
    }
