"""A tiny network on small data, and Lightning with epochlog on it."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import lightning.pytorch as pl
import torch
from torch.utils.data import DataLoader, TensorDataset

import epochlog

logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)


class Tiny(pl.LightningModule):
    """Two layers, one optimizer, a rate that halves each epoch."""

    def __init__(self, hidden: int = 4, lr: float = 0.1) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = torch.nn.Sequential(
            torch.nn.Linear(3, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 2)
        )

    def loss(self, batch: Any) -> Any:
        x, y = batch
        return torch.nn.functional.cross_entropy(self.net(x), y)

    def training_step(self, batch: Any, batch_idx: int) -> Any:
        loss = self.loss(batch)
        self.log("train_loss", loss, on_step=True, on_epoch=True)
        return loss

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        x, y = batch
        self.log("val_loss", self.loss(batch))
        self.log("valid/acc", (self.net(x).argmax(1) == y).float().mean())

    def test_step(self, batch: Any, batch_idx: int) -> None:
        self.log("test_loss", self.loss(batch))

    def predict_step(self, batch: Any, batch_idx: int) -> Any:
        return self.net(batch[0])

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.SGD(self.parameters(), lr=self.hparams.lr, momentum=0.5)
        return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)]


class Data(pl.LightningDataModule):
    """Loaders with hyperparameters of their own."""

    def __init__(self, batch_size: int = 8) -> None:
        super().__init__()
        self.save_hyperparameters()

    def train_dataloader(self) -> Any:
        return loader(self.hparams.batch_size, shuffle=True)

    def val_dataloader(self) -> Any:
        return loader(16)


def loader(batch_size: int, *, rows: int = 40, shuffle: bool = False) -> Any:
    """Return a loader of a little data that is always the same."""
    x = torch.linspace(-1, 1, rows * 3).reshape(rows, 3)
    return DataLoader(
        TensorDataset(x, (x.sum(1) > 0.2).long()), batch_size=batch_size, shuffle=shuffle
    )


@pytest.fixture
def make() -> Callable[..., Any]:
    """Return a function that makes a quiet Trainer; 5 batches of 8 make an epoch."""

    def trainer(**settings: Any) -> Any:
        return pl.Trainer(
            **{
                "max_epochs": 3, "accelerator": "cpu", "logger": False, "log_every_n_steps": 2,
                "enable_progress_bar": False, "enable_model_summary": False,
                "enable_checkpointing": False, **settings,
            }
        )  # fmt: skip

    return trainer


@pytest.fixture
def model() -> Any:
    """Return a fresh module with the same weights each time."""
    pl.seed_everything(3, verbose=False)
    return Tiny()


@pytest.fixture
def sets() -> tuple[Any, Any]:
    """Return loaders for training and validation."""
    return loader(8), loader(16)


@pytest.fixture
def data() -> Any:
    """Return a data module."""
    return Data()


@pytest.fixture
def on() -> None:
    """Record Lightning alone."""
    epochlog.autolog("lightning", hardware=False)


@pytest.fixture
def stored() -> Callable[..., list[Any]]:
    """Return a function that reads the store: runs, oldest first; only roots unless asked."""

    def read(*, nested: bool = False) -> list[Any]:
        epochlog.flush()
        return list(epochlog.runs(order_by="started", nested=nested))

    return read
