"""Every call of a Trainer is a run of its own with everything in it."""

from __future__ import annotations

import logging
import signal
from pathlib import Path
from typing import Any

import pytest
from processes import start_python
from small_trainings import lightning_class, lightning_trainer, loader

import epochlog

pytest.importorskip("lightning")
pytestmark = pytest.mark.slow


def test_fit_twice_with_one_trainer(stored: Any) -> None:
    """Each ``fit`` has params, its own curve and nothing of the other's."""
    trainer = lightning_trainer(2)
    trainer.fit(lightning_class()(hidden=3), loader(), loader())
    trainer.fit_loop.max_epochs = 5
    trainer.fit(lightning_class()(hidden=6), loader(), loader())
    first, second = stored(nested=False)

    assert [run.status for run in (first, second)] == ["completed"] * 2
    assert [run.params["hparams.hidden"] for run in (first, second)] == [3, 6]
    assert [run.metrics["val/loss"].count for run in (first, second)] == [2, 3]
    assert list(second.series("val/loss").epochs) == [2, 3, 4]


def test_hyperparameters_that_the_module_saved(stored: Any) -> None:
    """What ``save_hyperparameters()`` kept is there, defaults included."""
    lightning_trainer(1).fit(lightning_class()(hidden=5), loader(), loader())
    (run,) = stored()

    assert run.params["hparams.hidden"] == 5
    assert run.params["hparams.rate"] == 0.1


def test_trainer_optimizer_and_loaders(stored: Any) -> None:
    """Precision, accumulation, clipping, optimizer, batch size, model size and data are recorded."""
    trainer = lightning_trainer(2, accumulate_grad_batches=2, gradient_clip_val=0.5)
    trainer.fit(lightning_class()(), loader(100), loader(50))
    (run,) = stored()
    params = run.params

    assert params["trainer.accumulate_grad_batches"] == 2
    assert params["trainer.gradient_clip_val"] == 0.5
    assert "trainer.precision" in params
    assert params["optimizer.lr"] == 0.1
    assert 100 in params.values()
    assert 129 in params.values()  # (30 + 1) × 4 + (4 + 1) parameters
    assert run.datasets
    assert run.metrics["learning_rate"].count >= 1


def test_sanity_check_leaves_no_points(stored: Any) -> None:
    """What validation computes before the first epoch is on no curve."""
    lightning_trainer(2, num_sanity_val_steps=2).fit(lightning_class()(), loader(), loader())
    (run,) = stored()

    assert list(run.series("val/loss").epochs) == [0, 1]


def test_validate_and_test_are_recorded(stored: Any) -> None:
    """Calls of ``validate`` and ``test`` without a fit leave their values."""
    trainer, module = lightning_trainer(1), lightning_class()()
    trainer.validate(module, loader(), verbose=False)
    trainer.test(module, loader(), verbose=False)
    keys = {key for run in stored() for key in run.metrics}

    assert {"val/loss", "test/loss"} <= keys


def test_logging_stays_as_it_is() -> None:
    """No handler is added to the root logger, nor to Lightning's own."""
    names = (None, "lightning.pytorch", "pytorch_lightning", "lightning")
    before = [list(logging.getLogger(name).handlers) for name in names]
    epochlog.autolog(hardware=False)
    lightning_trainer(1).fit(lightning_class()(), loader(), loader())

    assert [list(logging.getLogger(name).handlers) for name in names] == before


def test_the_other_flavour(stored: Any) -> None:
    """``pytorch_lightning`` is recorded like ``lightning``."""
    pl = pytest.importorskip("pytorch_lightning")
    import torch

    class Net(pl.LightningModule):
        def __init__(self, width: int = 3) -> None:
            super().__init__()
            self.save_hyperparameters()
            self.net = torch.nn.Linear(30, 1)

        def training_step(self, batch: Any, index: int) -> Any:
            loss = self.net(batch[0]).pow(2).mean()
            self.log("train_loss", loss)
            return loss

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.01)

    trainer = pl.Trainer(
        max_epochs=2, accelerator="cpu", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(Net(), loader())
    (run,) = stored()

    assert run.status == "completed"
    assert run.params["hparams.width"] == 3
    assert run.metrics["train/loss"].count >= 1


INTERRUPTED = """
import epochlog; epochlog.autolog(hardware=False)
import time
from small_trainings import *
def action(epoch):
    if epoch == 2:
        print("two", flush=True)
        for _ in range(300): time.sleep(0.1)
lightning_trainer(9, [callback_lightning(action)]).fit(lightning_class()(), loader(), loader())
"""


def test_ctrl_c_ends_the_run(store: Path) -> None:
    """Ctrl-C, which Lightning turns into an exit, cancels the run; its curve is there."""
    process = start_python(INTERRUPTED)
    assert process.stdout is not None
    for line in process.stdout:
        if line == "two\n":
            break
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=100)
    (run,) = epochlog.runs(store=store)

    assert process.returncode != 0
    assert run.status == "canceled"
    assert run.metrics["val/loss"].count >= 2
