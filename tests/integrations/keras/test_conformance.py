"""What every integration must keep: the published suite, run on Keras."""

from __future__ import annotations

from typing import Any

import pytest

from epochlog.plugins.testing import IntegrationTestCase

keras = pytest.importorskip("keras")

DATA = """
import numpy as np
X = np.linspace(0, 1, 80, dtype="float32").reshape(20, 4)
y = (np.arange(20) % 3).astype("int32")
"""

TRAIN = """
{set_seed}(3)
model = {Sequential}(
    [
        {Input}((4,), name="inputs"),
        {Dense}(5, activation="relu", name="hidden"),
        {Dense}(3, activation="softmax", name="outputs"),
    ],
    name="net",
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
callbacks = [{LambdaCallback}()]
handed = list(callbacks)
history = model.fit(
    X, y, batch_size=10, epochs=2, verbose=0, validation_split=0.2, callbacks=callbacks
)
found = [model.evaluate(X[::2], y[::2], verbose=0), model.predict(X, verbose=0)]
result = [history.history, model.get_weights(), *found, callbacks == handed]
result += [type(history).__name__, sorted(history.params)]
result += [[each.value for each in model.optimizer.variables], sorted(vars(model))]
result += [str([each.get_config() for each in model.layers]), [type(e).__name__ for e in callbacks]]
"""

NAMES = {
    "set_seed": "utils.set_random_seed",
    "Sequential": "Sequential",
    "Input": "Input",
    "Dense": "layers.Dense",
    "LambdaCallback": "callbacks.LambdaCallback",
}


@pytest.mark.slow
class TestKeras(IntegrationTestCase):
    """Keras: a fit with validation, an evaluation, a prediction."""

    name = "keras"
    variants = {
        "module": (
            "import keras" + DATA,
            TRAIN.format(**{k: f"keras.{v}" for k, v in NAMES.items()}),
        ),
        "from": (
            "from keras import Input, Sequential\nfrom keras.callbacks import LambdaCallback\n"
            "from keras.layers import Dense\n"
            "from keras.utils import set_random_seed" + DATA,
            TRAIN.format(
                set_seed="set_random_seed",
                Sequential="Sequential",
                Input="Input",
                Dense="Dense",
                LambdaCallback="LambdaCallback",
            ),
        ),
    }
    failing = TRAIN.format(**{k: f"keras.{v}" for k, v in NAMES.items()}).replace(
        "    X, y, batch_size", "    X, y[:3], batch_size"
    )
    expected_params = {"fit.epochs": 2, "fit.batch_size": 10, "optimizer.class": "Adam"}
    expected_metrics = ("train/loss", "val/loss", "train/accuracy", "learning_rate", "test/loss")
    pickled = ("keras.Model.fit", "keras.Model.evaluate", "keras.Sequential.train_on_batch")

    def _observed(self) -> dict[str, Any]:
        """Compare kinds of warnings, not their number.

        Keras on PyTorch makes NumPy warn each time it reads a tensor, in fit as in saving a model.
        """
        found = super()._observed()
        return {**found, "warnings": sorted(set(found["warnings"]))}
