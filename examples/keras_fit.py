import epochlog; epochlog.autolog()

# A small network on scikit-learn's breast cancer data: early stopping, a schedule, checkpoints.
import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import tempfile

import keras
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
scaler = StandardScaler().fit(X_train)
X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)

keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input((30,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
decay = keras.optimizers.schedules.ExponentialDecay(0.01, decay_steps=50, decay_rate=0.8)
model.compile(
    optimizer=keras.optimizers.Adam(decay),
    loss="binary_crossentropy",
    metrics=["accuracy", keras.metrics.AUC(name="auc")],
)

with tempfile.TemporaryDirectory() as folder:
    model.fit(
        X_train,
        y_train,
        epochs=25,
        batch_size=64,
        validation_split=0.2,
        verbose=2,
        callbacks=[
            keras.callbacks.ModelCheckpoint(f"{folder}/best.keras", save_best_only=True),
            keras.callbacks.EarlyStopping(patience=4, restore_best_weights=True),
        ],
    )

loss, accuracy, auc = model.evaluate(X_test, y_test, verbose=0)
print(f"test accuracy {accuracy:.3f}, AUC {auc:.3f}")
