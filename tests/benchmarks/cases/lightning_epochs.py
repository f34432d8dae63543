"""By how much recording slows down the epochs of a small Lightning module, and one batch."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from suite.pairs import Pairs, compare
from suite.results import Options, Row

EPOCHS, SHORT, BATCHES = 10, 1, 50


def benchmark(options: Options) -> Iterator[Row]:
    """A training, and a fit that is over at once: what is paid for each fit, however long."""
    yield from compare(options, _pairs(EPOCHS))
    yield from compare(options, _pairs(SHORT))


def _pairs(epochs: int) -> Pairs:
    return Pairs(
        "lightning",
        f"{epochs} epochs of {BATCHES} batches, 16-16-2 units, validation",
        "cases.lightning_epochs:training",
        short=f"{epochs} epochs",
        target=2.0,
        arguments={"epochs": epochs},
        quick={"epochs": 1},
        steps=epochs * BATCHES,
        count=25,
    )


def training(epochs: int, callbacks: Sequence[Any] = ()) -> Callable[[], object]:
    """Return a function that fits a fresh module; in a child process."""
    warnings.simplefilter("ignore")
    import lightning.pytorch as pl
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    torch.set_num_threads(1)  # leaves our own thread a core, and a small model needs no more
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)

    class Module(pl.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            linear, relu = torch.nn.Linear, torch.nn.ReLU
            self.net = torch.nn.Sequential(
                linear(20, 16), relu(), linear(16, 16), relu(), linear(16, 2)
            )

        def training_step(self, batch: Any, batch_idx: int) -> Any:
            loss = torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])
            self.log("train_loss", loss, on_step=True, on_epoch=True)
            return loss

        def validation_step(self, batch: Any, batch_idx: int) -> None:
            loss = torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])
            self.log("val_loss", loss)

        def configure_optimizers(self) -> Any:
            return torch.optim.Adam(self.parameters(), lr=1e-3)

    x = torch.randn(BATCHES * 64, 20)
    data = TensorDataset(x, (x[:, 0] > 0).long())

    def once() -> object:
        pl.seed_everything(0, verbose=False)
        trainer = pl.Trainer(
            max_epochs=epochs, accelerator="cpu", logger=False, enable_checkpointing=False,
            enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=0,
            callbacks=list(callbacks),
        )  # fmt: skip
        return trainer.fit(Module(), DataLoader(data, 64), DataLoader(data, 512))

    return once
