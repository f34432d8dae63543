"""fit: curves with their x values, effective params, data sets, the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import epochlog

keras = pytest.importorskip("keras")

KEYS = {
    "loss": "train/loss", "accuracy": "train/accuracy",
    "val_loss": "val/loss", "val_accuracy": "val/accuracy",
}  # fmt: skip


def history_equals(run: Any, history: Any, keys: dict[str, str] = KEYS) -> None:
    """Compare curves with Keras's own History, bit by bit."""
    for own, key in keys.items():
        if own in history.history:
            assert list(run.series(key).values) == history.history[own], key
            assert run.metrics[key].count == len(history.history[own])


def test_curves_equal_the_history(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """Each curve has one point per epoch: Keras's value, the optimizer's step, the epoch's index."""
    X, y = arrays
    history = make_model().fit(X, y, epochs=3, batch_size=30, verbose=0, validation_split=0.25)
    (run,) = stored()

    history_equals(run, history)
    for key in KEYS.values():
        assert list(run.series(key).steps) == [3, 6, 9]
        assert list(run.series(key).epochs) == [0, 1, 2]
    assert run.status == "completed"
    assert run.kind == "fit"


def test_own_names_find_the_curves(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """val_loss, as Keras calls it, finds val/loss."""
    X, y = arrays
    make_model().fit(X, y, epochs=1, verbose=0, validation_data=(X[:20], y[:20]))
    (run,) = stored()

    assert list(run.series("val_loss").values) == list(run.series("val/loss").values)
    assert list(run.series("accuracy").values) == list(run.series("train/accuracy").values)


def test_positional_arguments_are_recorded(
    on: None, arrays: Any, make_model: Any, stored: Any
) -> None:
    """fit(x, y, 16, 3, 0, callbacks) is recorded with these values and trains: peers log defaults, or raise."""
    X, y = arrays
    stop = keras.callbacks.EarlyStopping("loss", patience=7)
    make_model().fit(X, y, 16, 3, 0, [stop], 0.1, None, False)
    (run,) = stored()

    expected = {
        "fit.batch_size": 16, "fit.epochs": 3, "fit.verbose": 0, "fit.validation_split": 0.1,
        "fit.shuffle": False, "fit.steps_per_epoch": 7, "callbacks.EarlyStopping.patience": 7,
        "callbacks.EarlyStopping.monitor": "loss", "fit.callbacks": ["EarlyStopping"],
    }  # fmt: skip
    assert {key: run.params.get(key) for key in expected} == expected
    assert run.metrics["train/loss"].count == 3


def test_defaults_are_recorded_as_they_take_effect(
    on: None, arrays: Any, make_model: Any, stored: Any
) -> None:
    """Arguments nobody passed are recorded with the values that Keras uses: batches of 32."""
    make_model().fit(*arrays, verbose=0)
    (run,) = stored()

    expected = {
        "fit.batch_size": 32, "fit.epochs": 1, "fit.initial_epoch": 0, "fit.shuffle": True,
        "fit.steps_per_epoch": 4, "fit.sample_weight": False, "fit.validation_data": False,
        "fit.validation_freq": 1, "model_class": "Sequential", "model.layers": 2,
        "model.parameters": 51, "model.trainable_parameters": 51,
        "model.non_trainable_parameters": 0, "model.dtype_policy": "float32",
        "backend": keras.backend.backend(), "compile.loss": "sparse_categorical_crossentropy",
        "compile.metrics": ["accuracy"], "optimizer.class": "Adam",
        "optimizer.learning_rate": 0.02, "optimizer.beta_1": 0.9, "stopped_early": False,
    }  # fmt: skip
    assert {key: run.params.get(key) for key in expected} == expected


def test_class_and_sample_weights(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """Class weights are recorded as they are, of sample weights that there were some."""
    X, y = arrays
    make_model().fit(X, y, verbose=0, class_weight={0: 1.0, 1: 2.0, 2: 1.5})
    make_model().fit(X, y, verbose=0, sample_weight=np.ones(len(y), "float32"))
    first, second = stored()

    weights = first.params["fit.class_weight"]
    assert {str(k): v for k, v in weights.items()} == {"0": 1.0, "1": 2.0, "2": 1.5}
    assert (first.params["fit.sample_weight"], second.params["fit.sample_weight"]) == (False, True)
    assert second.datasets[0].schema["weight"]


def test_validation_freq_leaves_gaps(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """With validation every second epoch its points are at epochs 1 and 3, not at 0 and 1."""
    X, y = arrays
    history = make_model().fit(
        X, y, epochs=4, verbose=0, validation_data=(X, y), validation_freq=2, batch_size=60
    )
    (run,) = stored()

    history_equals(run, history)
    assert list(run.series("val/loss").epochs) == [1, 3]
    assert list(run.series("val/loss").steps) == [4, 8]
    assert list(run.series("train/loss").epochs) == [0, 1, 2, 3]


def test_validation_points_are_not_all_at_step_zero(
    on: None, arrays: Any, make_model: Any, stored: Any
) -> None:
    """A peer logs every validation point at step 0; here the curve has the training's x values."""
    X, y = arrays
    make_model().fit(X, y, epochs=3, verbose=0, validation_data=(X, y))
    (run,) = stored()

    assert list(run.series("val/loss").steps) == list(run.series("train/loss").steps)
    assert len(set(run.series("val/loss").steps)) == 3


def test_resumed_training_keeps_its_x_values(
    on: None, arrays: Any, make_model: Any, stored: Any
) -> None:
    """A second fit with initial_epoch=2 goes on at epoch 2 and at the optimizer's next step."""
    X, y = arrays
    model = make_model()
    model.fit(X, y, epochs=2, batch_size=40, verbose=0)
    model.fit(X, y, epochs=5, initial_epoch=2, batch_size=40, verbose=0)
    first, second = stored()

    assert list(first.series("train/loss").epochs) == [0, 1]
    assert list(second.series("train/loss").epochs) == [2, 3, 4]
    assert list(first.series("train/loss").steps) == [3, 6]
    assert list(second.series("train/loss").steps) == [9, 12, 15]
    assert second.params["fit.initial_epoch"] == 2


def test_several_fits_have_a_run_each(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """Fits of one model do not mix; nothing is left open between them."""
    model = make_model()
    for epochs in (1, 2, 3):
        model.fit(*arrays, epochs=epochs, verbose=0)
    runs = stored()

    assert [run.metrics["train/loss"].count for run in runs] == [1, 2, 3]
    assert {run.status for run in runs} == {"completed"}


def test_inside_a_run_of_the_user(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """The first fit records into the user's own run, the next into a child."""
    with epochlog.start_run(name="mine"):
        make_model().fit(*arrays, epochs=1, verbose=0)
        make_model().fit(*arrays, epochs=2, verbose=0)
    (mine,) = stored(nested=False)
    (child,) = mine.children()

    assert mine.metrics["train/loss"].count == 1
    assert mine.params["model_class"] == "Sequential"
    assert child.kind == "fit"
    assert child.metrics["train/loss"].count == 2


def test_data_sets_have_fingerprints(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """What was trained and validated on, with the split that validation_split makes."""
    X, y = arrays
    make_model().fit(X, y, verbose=0, validation_split=0.25)
    make_model().fit(X[:90], y[:90], verbose=0, validation_data=(X[90:], y[90:]))
    by_share, by_hand = stored()

    assert [(d.role, d.schema["shape"]) for d in by_share.datasets] == [
        ("train", [90, 4]),
        ("validation", [30, 4]),
    ]
    assert [d.digest for d in by_share.datasets] == [d.digest for d in by_hand.datasets]
    assert all(d.digest for d in by_share.datasets)


def test_tensors_and_lists_of_inputs(on: None, arrays: Any, stored: Any) -> None:
    """Backend tensors and several inputs are fingerprinted, too."""
    X, y = arrays
    left, right = keras.Input((2,)), keras.Input((2,))
    out = keras.layers.Dense(3, activation="softmax")(keras.layers.Concatenate()([left, right]))
    model = keras.Model([left, right], out)
    model.compile("sgd", "sparse_categorical_crossentropy")
    parts = [keras.ops.convert_to_tensor(X[:, :2]), keras.ops.convert_to_tensor(X[:, 2:])]
    model.fit(parts, keras.ops.convert_to_tensor(y), verbose=0)
    (run,) = stored()

    assert run.datasets[0].digest
    assert run.params["fit.batch_size"] == 32
    assert run.params["model_class"] == "Functional"


class Batches(keras.utils.PyDataset):
    """A user's own data set, read in batches."""

    def __init__(self, X: Any, y: Any, **more: Any) -> None:
        super().__init__(**more)
        self.X, self.y, self.batch_size = X, y, 24
        self.reads = 0

    def __len__(self) -> int:
        return len(self.X) // self.batch_size

    def __getitem__(self, index: int) -> Any:
        self.reads += 1
        part = slice(index * self.batch_size, (index + 1) * self.batch_size)
        return self.X[part], self.y[part]


def test_a_py_dataset_is_recorded_by_what_it_declares(
    on: None, arrays: Any, make_model: Any, stored: Any
) -> None:
    """Its class, batches and batch size are recorded, and no batch is read for that."""
    epochlog.uninstrument()
    plain = Batches(*arrays)
    make_model().fit(plain, verbose=0)
    epochlog.autolog("keras", hardware=False)
    data = Batches(*arrays)
    make_model().fit(data, verbose=0)
    (run,) = stored()

    assert data.reads == plain.reads
    (dataset,) = run.datasets
    assert dataset.role == "train"
    assert dataset.meta["batches"] == 5
    assert dataset.meta["batch_size"] == 24
    assert run.params["fit.batch_size"] == 24
    assert run.params["fit.steps_per_epoch"] == 5


def test_a_generator_without_length(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """A generator is not consumed by us, and steps are counted by the optimizer."""
    X, y = arrays

    def batches() -> Any:
        while True:
            yield X[:20], y[:20]

    make_model().fit(batches(), epochs=2, steps_per_epoch=4, verbose=0)
    (run,) = stored()

    assert list(run.series("train/loss").steps) == [4, 8]
    assert "generator" in run.datasets[0].meta["container"]


def test_a_torch_data_loader(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """The tensors behind a DataLoader are fingerprinted, its batch size is recorded."""
    torch = pytest.importorskip("torch")
    X, y = map(torch.from_numpy, arrays)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, y), batch_size=40)
    make_model().fit(loader, verbose=0)
    (run,) = stored()

    assert run.params["fit.batch_size"] == 40
    assert run.datasets[0].digest


def test_a_tf_data_pipeline(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """A tf.data pipeline is recorded by its element spec, without reading it."""
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices(arrays).batch(40)
    make_model().fit(data, verbose=0)
    (run,) = stored()

    (dataset,) = run.datasets
    assert "float32" in dataset.meta["element_spec"]
    assert dataset.meta["batches"] == 3


def test_summary_architecture_and_model(
    on: None, arrays: Any, make_model: Any, stored: Any
) -> None:
    """The summary as Keras writes it, the architecture as JSON, and a model that loads back."""
    import json

    X, y = arrays
    model = make_model()
    model.fit(X, y, epochs=2, verbose=0)
    expected = model.predict(X, verbose=0)
    (run,) = stored()

    (text,) = [t for t in run.texts if t.key == "model/summary"]
    assert "dense" in text.text
    (architecture,) = [a for a in run.artifacts if a.name == "architecture.json"]
    assert json.loads(architecture.read_bytes())["class_name"] == "Sequential"
    (stored_model,) = run.models
    assert stored_model.format == "keras"
    assert stored_model.schema["inputs"][0]["shape"] == [None, 4]
    loaded = stored_model.load()
    assert np.array_equal(loaded.predict(X, verbose=0), expected)
    assert loaded.optimizer.get_config() == model.optimizer.get_config()


def test_weird_metric_names(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """Names with slashes, "val_" in front, synonyms side by side: each keeps its own curve."""
    X, y = arrays
    names = ["val_score", "a/b c", "größe", "loss_"]
    metrics = [keras.metrics.SparseCategoricalAccuracy(name=name) for name in names]
    metrics += ["acc", keras.metrics.SparseCategoricalAccuracy(name="accuracy")]
    history = make_model(metrics).fit(X, y, epochs=2, verbose=0, validation_data=(X[:30], y[:30]))
    make_model([keras.metrics.SparseCategoricalAccuracy(name="val_score")]).fit(X, y, verbose=0)
    first, second = stored()

    keys = {
        "val_score": "train/val_score", "val_val_score": "val/val_score", "a/b c": "train/a/b c",
        "val_a/b c": "val/a/b c", "größe": "train/größe", "loss_": "train/loss_",
        "loss": "train/loss", "val_loss": "val/loss", "acc": "train/accuracy", "val_acc": "val/accuracy",
    }  # fmt: skip
    history_equals(first, history, keys)
    curves = [k for k in first.metrics if k.partition("/")[0] in ("train", "val")]
    assert len(curves) == len(history.history) == 14
    assert "train/val_score" in second.metrics
    assert not [key for key in second.metrics if key.startswith("val/")]


def test_auc_of_precision_and_recall_is_not_roc_auc(on: None, stored: Any) -> None:
    """The AUC of a precision-recall curve has a name of its own."""
    X = np.linspace(0, 1, 40, dtype="float32").reshape(20, 2)
    y = (np.arange(20) > 9).astype("float32")
    for curve in ("ROC", "PR"):
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
        model.compile(
            "sgd", "binary_crossentropy", metrics=[keras.metrics.AUC(name="auc", curve=curve)]
        )
        model.fit(X, y, verbose=0)
    roc, pr = stored()

    assert "train/roc_auc" in roc.metrics
    assert "train/roc_auc" not in pr.metrics
    assert "train/pr_auc" in pr.metrics
