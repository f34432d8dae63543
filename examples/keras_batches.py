import epochlog; epochlog.autolog()

# A training loop written by hand: batch by batch, with a look at the validation data now and then.
import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
from sklearn.datasets import load_digits

X, y = load_digits(return_X_y=True)
X = (X / 16).astype("float32")
train, valid = slice(0, 1500), slice(1500, None)

keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input((64,)),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

rng = np.random.default_rng(0)
for step in range(120):
    rows = rng.integers(0, 1500, 128)
    loss, accuracy = model.train_on_batch(X[rows], y[rows])
    if step % 30 == 29:
        loss, accuracy = model.test_on_batch(X[valid], y[valid])
        print(f"step {step + 1}: validation accuracy {accuracy:.3f}")
