"""The smallest real training of each framework, with callbacks of the user's and a curve to look at."""

from __future__ import annotations

import functools
import os
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

Action = Callable[[int], object]
"""Is called at the end of each iteration or epoch with its number, from 0."""


@dataclass(frozen=True, slots=True)
class Training:
    """A framework's training in one call.

    Attributes:
        name: of the integration.
        train: ``train(steps, callbacks)`` trains for so many iterations or epochs with the user's
            callbacks (any object that the framework takes, None too); returns plain numbers.
        own_callback: makes a callback of the framework that calls an `Action`.
        curve: a curve with one point for each iteration or epoch.
        seconds: so long the import and a training take, roughly.
    """

    name: str
    train: Callable[..., Sequence[float]]
    own_callback: Callable[[Action], Any] | None
    curve: str
    seconds: float = 1.0


@functools.cache
def cancer() -> tuple[Any, Any]:
    """Return 400 rows of 30 scaled features and a binary target."""
    from sklearn.datasets import load_breast_cancer

    X, y = load_breast_cancer(return_X_y=True)
    return ((X - X.mean(0)) / X.std(0)).astype("float32")[:400], y[:400].astype("int64")


@functools.cache
def held_out() -> tuple[Any, Any]:
    """Return other rows of the same kind: data that are the training data are never ``val``."""
    X, y = cancer()
    return X[100:300] + 0.01, y[100:300]


def train_sklearn(steps: int, callbacks: Any = None) -> list[float]:
    """Fit a multi-layer perceptron for so many epochs."""
    import warnings

    from sklearn.neural_network import MLPClassifier

    del callbacks
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it does not converge in four epochs
        model = MLPClassifier((4,), max_iter=steps, random_state=0).fit(*cancer())
    return list(model.loss_curve_)


TREES = {"objective": "binary", "verbose": -1, "num_threads": 1, "num_leaves": 4}


def train_lightgbm(steps: int, callbacks: Any = None) -> list[float]:
    """Boost with LightGBM, with the training set as validation set."""
    import lightgbm as lgb

    data = lgb.Dataset(*cancer())
    extra = [] if callbacks is None else callbacks
    val = lgb.Dataset(*held_out(), reference=data)
    lgb.train(TREES, data, steps, valid_sets=[val], valid_names=["val"], callbacks=extra)
    return [float(steps)]


def callback_lightgbm(action: Action) -> Any:
    """Return a callback for ``lightgbm.train``."""
    return lambda env: action(env.iteration) and None


def train_xgboost(steps: int, callbacks: Any = None) -> list[float]:
    """Boost with XGBoost."""
    import xgboost as xgb

    theirs: dict[str, Any] = {}
    data, val = xgb.DMatrix(*cancer()), xgb.DMatrix(*held_out())
    xgb.train(
        {"nthread": 1, "objective": "binary:logistic", "max_depth": 2},
        data,
        steps,
        evals=[(val, "val")],
        evals_result=theirs,
        verbose_eval=False,
        callbacks=callbacks,
    )
    return list(theirs["val"]["logloss"])


def callback_xgboost(action: Action) -> Any:
    """Return a callback for ``xgboost.train``."""
    from xgboost.callback import TrainingCallback

    class Own(TrainingCallback):
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            action(epoch)
            return False

    return Own()


def train_catboost(steps: int, callbacks: Any = None) -> list[float]:
    """Boost with CatBoost."""
    import catboost

    model = catboost.CatBoostClassifier(
        iterations=steps, depth=2, thread_count=1, verbose=False, train_dir=tempfile.mkdtemp()
    )
    model.fit(*cancer(), eval_set=held_out(), callbacks=callbacks)
    return list(model.evals_result_["validation"]["Logloss"])


def callback_catboost(action: Action) -> Any:
    """Return a callback for ``fit`` of CatBoost, which counts from 1."""

    class Own:
        def after_iteration(self, info: Any) -> bool:
            action(info.iteration - 1)
            return True

    return Own()


def train_keras(steps: int, callbacks: Any = None) -> list[float]:
    """Train a dense network of Keras with validation."""
    model = keras_model()
    data = cancer()
    history = model.fit(
        *data,
        batch_size=200,
        epochs=steps,
        verbose=0,
        callbacks=callbacks,
        validation_data=data,
        shuffle=False,
    )
    return list(history.history["val_loss"])


def keras_model() -> Any:
    """Return a compiled network of two layers, always with the same weights."""
    import keras

    init = keras.initializers.GlorotUniform(seed=1)
    model = keras.Sequential(
        [
            keras.layers.Input((30,)),
            keras.layers.Dense(4, "relu", kernel_initializer=init),
            keras.layers.Dense(1, "sigmoid", kernel_initializer=init),
        ]
    )
    model.compile(keras.optimizers.SGD(0.1), "binary_crossentropy", metrics=["accuracy"])
    return model


def callback_keras(action: Action) -> Any:
    """Return a callback for ``fit`` of Keras."""
    import keras

    class Own(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            action(epoch)

    return Own()


def loader(batch_size: int = 200) -> Any:
    """Return the data as a loader of torch, in order."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    X, y = cancer()
    data = TensorDataset(torch.tensor(X), torch.tensor(y, dtype=torch.float32)[:, None])
    return DataLoader(data, batch_size=batch_size)


def torch_model(hidden: int = 4) -> Any:
    """Return a network of two layers, always with the same weights; torch's generator stays."""
    import torch

    state = torch.random.get_rng_state()
    torch.manual_seed(1)
    model = torch.nn.Sequential(
        torch.nn.Linear(30, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 1)
    )
    torch.random.set_rng_state(state)
    return model


@functools.cache
def lightning_class() -> Any:
    """Return the class of a module with hyperparameters, train and val loss."""
    import lightning
    import torch

    class Net(lightning.LightningModule):
        def __init__(self, hidden: int = 4, rate: float = 0.1) -> None:
            super().__init__()
            self.save_hyperparameters()
            self.net = torch_model(hidden)
            self.loss = torch.nn.BCEWithLogitsLoss()

        def training_step(self, batch: Any, index: int) -> Any:
            loss = self.loss(self.net(batch[0]), batch[1])
            self.log("train_loss", loss, on_epoch=True, on_step=False)
            return loss

        def validation_step(self, batch: Any, index: int) -> None:
            self.log("val_loss", self.loss(self.net(batch[0]), batch[1]))

        def test_step(self, batch: Any, index: int) -> None:
            self.log("test_loss", self.loss(self.net(batch[0]), batch[1]))

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=self.hparams.rate)

    return Net


def lightning_trainer(epochs: int, callbacks: Any = None, **more: Any) -> Any:
    """Return a quiet trainer on the CPU that writes into a temporary folder."""
    import lightning

    fixed: dict[str, Any] = {
        "max_epochs": epochs,
        "callbacks": callbacks,
        "accelerator": "cpu",
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "default_root_dir": tempfile.gettempdir(),
    }
    return lightning.Trainer(**(fixed | more))


def train_lightning(steps: int, callbacks: Any = None) -> list[float]:
    """Train a LightningModule with validation."""
    trainer = lightning_trainer(steps, callbacks)
    trainer.fit(lightning_class()(), loader(), loader())
    return [float(trainer.callback_metrics["val_loss"])]


def callback_lightning(action: Action) -> Any:
    """Return a callback for the trainer."""
    import lightning

    class Own(lightning.Callback):
        def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
            action(trainer.current_epoch)

    return Own()


def transformers_parts() -> tuple[Any, list[dict[str, Any]]]:
    """Return a tiny model of text classification made from its configuration, and 32 examples."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    state = torch.random.get_rng_state()
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=8, max_position_embeddings=16, num_labels=2,
    )  # fmt: skip
    model = BertForSequenceClassification(config)
    torch.random.set_rng_state(state)
    draw = random.Random(0)
    rows = [[draw.randrange(1, 20) for _ in range(6)] for _ in range(32)]
    return model, [
        {"input_ids": row, "attention_mask": [1] * 6, "labels": int(row[0] > 10)} for row in rows
    ]


def transformers_trainer(epochs: int, callbacks: Any = None, **more: Any) -> Any:
    """Return a quiet trainer that logs and evaluates once an epoch and saves nothing."""
    from transformers import Trainer, TrainingArguments

    model, rows = transformers_parts()
    fixed: dict[str, Any] = {
        "output_dir": tempfile.mkdtemp(prefix="epochlog-test-hf-"),
        "num_train_epochs": epochs,
        "per_device_train_batch_size": 16,
        "report_to": [],
        "save_strategy": "no",
        "eval_strategy": "epoch",
        "logging_strategy": "epoch",
        "disable_tqdm": True,
        "use_cpu": True,
    }
    arguments = TrainingArguments(**(fixed | more))
    return Trainer(model, arguments, train_dataset=rows, eval_dataset=rows, callbacks=callbacks)


def train_transformers(steps: int, callbacks: Any = None) -> list[float]:
    """Train a tiny BERT."""
    trainer = transformers_trainer(steps, callbacks)
    trainer.train()
    return [each["eval_loss"] for each in trainer.state.log_history if "eval_loss" in each]


def callback_transformers(action: Action) -> Any:
    """Return a callback for the trainer, called after each evaluation."""
    from transformers import TrainerCallback

    class Own(TrainerCallback):
        def on_evaluate(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            action(round(state.epoch) - 1)

    return Own()


def train_optuna(steps: int, callbacks: Any = None) -> list[float]:
    """Run a study of so many trials."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(
        lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=steps, callbacks=callbacks
    )
    return [trial.value for trial in study.trials]


def callback_optuna(action: Action) -> Any:
    """Return a callback for ``optimize``."""
    return lambda study, trial: action(trial.number) and None


def train_torch(steps: int, callbacks: Any = None) -> list[float]:
    """Train in a loop of the user's own; ``callbacks`` are called with the epoch."""
    import torch

    model, losses = torch_model(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    function = torch.nn.BCEWithLogitsLoss()
    for epoch in range(steps):
        for X, y in loader():
            optimizer.zero_grad()
            loss = function(model(X), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        for callback in callbacks or ():
            callback(epoch)
    return losses


def callback_torch(action: Action) -> Any:
    """Return the action: the loop is the user's own."""
    return action


TRAININGS = {
    each.name: each
    for each in (
        Training("sklearn", train_sklearn, None, "train/loss"),
        Training("lightgbm", train_lightgbm, callback_lightgbm, "val/loss"),
        Training("xgboost", train_xgboost, callback_xgboost, "val/loss"),
        Training("catboost", train_catboost, callback_catboost, "val/loss"),
        Training("keras", train_keras, callback_keras, "val/loss", 5.0),
        Training("lightning", train_lightning, callback_lightning, "val/loss", 5.0),
        Training("transformers", train_transformers, callback_transformers, "val/loss", 8.0),
        Training("optuna", train_optuna, callback_optuna, ""),
        Training("torch", train_torch, callback_torch, "train/loss", 3.0),
    )
}
"""By name of the integration."""


def each_training(*left_out: str, only: Sequence[str] = ()) -> list[Any]:
    """Return parameters for pytest: the names of trainings, those that take long marked as slow."""
    import pytest

    return [
        pytest.param(name, marks=pytest.mark.slow) if training.seconds > 3 else name
        for name, training in TRAININGS.items()
        if name not in left_out and (not only or name in only)
    ]
