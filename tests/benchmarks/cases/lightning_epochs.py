"""By how much recording slows down the epochs of a small Lightning module, and one batch."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Iterator
from typing import Any

from suite.children import MeasurementFailed, measure
from suite.results import OURS, Options, Row, pairwise_percent, pairwise_value, value_of

EPOCHS, SHORT, BATCHES = 20, 1, 50


def benchmark(options: Options) -> Iterator[Row]:
    """Plain and recorded trainings in turn, in one process."""
    what = f"{EPOCHS} epochs of {BATCHES} batches, 16-16-2 units, validation"
    wall = Row("lightning", f"{what}: added", "%", 2.0)
    cpu = Row("lightning", "CPU of the process, added", "%")
    added = Row("lightning", "added CPU milliseconds", "ms", 50.0)
    short = Row("lightning", f"a fit of {SHORT} epoch: added CPU milliseconds", "ms", 50.0)
    batch = Row("lightning", "a batch, by the difference of the two", "µs", 50.0)
    plain = Row("lightning", "plain training, for comparison", "ms")
    options.say("lightning: epochlog")
    target, count = "cases.lightning_epochs:pairs", 1 if options.quick else 9
    try:
        without, with_it = measure(target, peer=OURS, count=count, epochs=EPOCHS)
        bare, recorded = measure(target, peer=OURS, count=count, epochs=SHORT)
    except MeasurementFailed as error:
        options.failures.append(("lightning, epochlog", str(error)))
        return
    wall.values[OURS] = pairwise_percent(_column(with_it, "wall"), _column(without, "wall"))
    cpu.values[OURS] = pairwise_percent(_column(with_it, "cpu"), _column(without, "cpu"))
    added.values[OURS] = pairwise_value(_column(with_it, "cpu"), _column(without, "cpu"))
    short.values[OURS] = pairwise_value(_column(recorded, "cpu"), _column(bare, "cpu"))
    plain.values[OURS] = value_of(_column(without, "wall"))
    per_batch = 1e3 / (BATCHES * (EPOCHS - SHORT))
    batch.values[OURS] = pairwise_value(
        [(a - b) * per_batch for a, b in zip(_main(with_it), _main(recorded), strict=True)],
        [(a - b) * per_batch for a, b in zip(_main(without), _main(bare), strict=True)],
    )
    added.note = "of the whole fit, its model, summary and fingerprints included"
    batch.note = "CPU time of the training's own thread"
    wall.note = "the target is 2 % or 50 ms a fit, whichever is more"
    yield from (wall, cpu, added, short, batch, plain)


def _column(found: list[dict[str, float]], name: str) -> list[float]:
    return [each[name] for each in found]


def _main(found: list[dict[str, float]]) -> list[float]:
    return _column(found, "main")


def pairs(peer: str, folder: str, count: int, epochs: int) -> list[list[dict[str, float]]]:
    """Train ``count`` times plain and recorded in turn; in a child process."""
    del peer, folder
    warnings.simplefilter("ignore")
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
    """Fit a fresh module; return wall and CPU milliseconds of the fit alone."""
    import lightning.pytorch as pl
    import torch
    from torch.utils.data import DataLoader, TensorDataset

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

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    pl.seed_everything(0, verbose=False)
    x = torch.randn(BATCHES * 64, 20)
    data = TensorDataset(x, (x[:, 0] > 0).long())
    trainer = pl.Trainer(
        max_epochs=epochs, accelerator="cpu", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=0,
    )  # fmt: skip
    module, train, val = Module(), DataLoader(data, 64), DataLoader(data, 512)
    wall, cpu, main = time.perf_counter(), time.process_time(), time.thread_time()
    trainer.fit(module, train, val)
    return {
        "wall": (time.perf_counter() - wall) * 1e3,
        "cpu": (time.process_time() - cpu) * 1e3,
        "main": (time.thread_time() - main) * 1e3,
    }
