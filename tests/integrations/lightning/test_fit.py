"""A fit leaves everything: curves at the right places, effective parameters, data sets, weights."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import pytest
import torch
from lightning.pytorch.callbacks import EarlyStopping, LearningRateMonitor
from lightning.pytorch.loggers import CSVLogger
from lightning.pytorch.tuner import Tuner

import epochlog


def history(logger: CSVLogger, column: str) -> list[tuple[int, int, float]]:
    """Return (step, epoch, value) of each entry of a column, as Lightning's own logger has them."""
    text = Path(logger.log_dir, "metrics.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return [(int(r["step"]), int(r["epoch"]), float(r[column])) for r in rows if r.get(column)]


def points(run: Any, key: str) -> list[tuple[int, int, float]]:
    """Return (step, epoch, value) of each point of a curve."""
    series = run.series(key)
    return [
        (int(s), int(e), float(v))
        for s, e, v in zip(series.steps, series.epochs, series.values, strict=True)
    ]


def test_curves_are_those_of_lightnings_own_logger(on: None, make: Any, model: Any, sets: Any, stored: Any) -> None:  # fmt: skip
    """Same values and epochs; steps count optimizer steps done, so each is one more than theirs."""
    logger = CSVLogger("logs")
    make(logger=logger).fit(model, *sets)
    (run,) = stored()

    pairs = {
        "val/loss": "val_loss",
        "val/accuracy": "valid/acc",
        "train/loss": "train_loss_epoch",
    }
    for key, own in pairs.items():
        theirs = history(logger, own)
        assert points(run, key) == [(s + 1, e, pytest.approx(v)) for s, e, v in theirs]
        assert [s for s, _, _ in points(run, key)] == [5, 10, 15]
    steps = {s: (e, v) for s, e, v in points(run, "train/loss_step")}
    for s, e, v in history(logger, "train_loss_step"):
        assert steps[s + 1] == (e, pytest.approx(v))
    assert sorted(steps) == [2, 4, 5, 6, 8, 10, 12, 14, 15]  # every second, and ends of epochs


def test_the_sanity_check_and_stale_values_are_absent(on: None, make: Any, model: Any, sets: Any, stored: Any) -> None:  # fmt: skip
    """Each validation is one point, though its values stay in Lightning's dictionary."""
    make(num_sanity_val_steps=2, val_check_interval=0.4).fit(model, *sets)
    (run,) = stored()

    assert run.metrics["val/loss"].count == 3 * 2
    assert run.metrics["train/loss"].count == 3
    assert run.metrics["train/loss_step"].count == 9


def test_own_names_find_the_curves(on: None, make: Any, model: Any, sets: Any, stored: Any) -> None:  # fmt: skip
    """A curve is found by the name that self.log was given."""
    make().fit(model, *sets)
    (run,) = stored()

    assert list(run.series("valid/acc").values) == list(run.series("val/accuracy").values)
    assert list(run.series("val_loss").values) == list(run.series("val/loss").values)


def test_the_rate_is_the_one_that_the_step_was_taken_with(on: None, make: Any, model: Any, sets: Any, stored: Any) -> None:  # fmt: skip
    """Not the one that the scheduler sets for the next; LearningRateMonitor tells the same."""
    logger = CSVLogger("logs")
    monitor = LearningRateMonitor("step")
    make(logger=logger, callbacks=[monitor]).fit(model, *sets)
    (run,) = stored()

    assert {e: v for _, e, v in points(run, "learning_rate")} == {0: 0.1, 1: 0.05, 2: 0.025}
    assert not [key for key in run.metrics if key.startswith("lr-")]
    assert run.metrics["gradient_norm"].count == run.metrics["learning_rate"].count == 9


def test_params_are_effective(on: None, make: Any, model: Any, data: Any, stored: Any) -> None:  # fmt: skip
    """Hyperparameters of module and data module, trainer, optimizer, scheduler, loaders, sizes."""
    trainer = make(accumulate_grad_batches=2, gradient_clip_val=0.5, max_epochs=1)
    trainer.fit(type(model)(6, lr=0.2), data)
    (run,) = stored()

    expected = {
        "model_class": "Tiny", "datamodule_class": "Data", "hparams.hidden": 6, "hparams.lr": 0.2,
        "hparams.batch_size": 8, "trainer.max_epochs": 1, "trainer.accumulate_grad_batches": 2,
        "trainer.gradient_clip_val": 0.5, "trainer.precision": "32-true", "trainer.devices": 1,
        "trainer.accelerator": "cpu", "trainer.strategy": "SingleDeviceStrategy",
        "optimizer.class": "SGD", "optimizer.lr": 0.1 * 2, "optimizer.momentum": 0.5,
        "scheduler.class": "StepLR", "scheduler.gamma": 0.5, "scheduler.interval": "epoch",
        "train_loader.batch_size": 8, "train_loader.n_batches": 5, "train_loader.shuffle": True,
        "val_loader.batch_size": 16, "model.parameters": 3 * 6 + 6 + 6 * 2 + 2,
    }  # fmt: skip
    assert {key: run.params.get(key) for key in expected} == expected
    assert {data.role for data in run.datasets} == {"train", "validation"}
    assert all(data.digest for data in run.datasets)
    assert "Linear" in next(text.text for text in run.texts if text.key == "model/summary")


def test_the_final_weights_are_kept_in_a_safe_format(on: None, make: Any, model: Any, sets: Any, stored: Any) -> None:  # fmt: skip
    """What is loaded without trust is the state dict that the module has."""
    make(max_epochs=1).fit(model, *sets)
    (run,) = stored()

    (stored_model,) = run.models
    if stored_model.format == "safetensors":
        from safetensors.torch import load

        state = load(stored_model.read_bytes())
    else:
        state = torch.load(io.BytesIO(stored_model.read_bytes()), weights_only=True)
    assert {k: v.tolist() for k, v in state.items()} == {
        k: v.tolist() for k, v in model.state_dict().items()
    }


def test_two_fits_on_one_trainer_are_two_runs(on: None, make: Any, model: Any, sets: Any, stored: Any) -> None:  # fmt: skip
    """Each with its own parameters and curve (others append to the first, which has ended)."""
    trainer = make(max_epochs=1)
    trainer.fit(model, *sets)
    trainer.fit_loop.max_epochs = 3
    trainer.fit(model, *sets)
    first, second = stored()

    assert [s for s, _, _ in points(first, "val/loss")] == [5]
    assert [s for s, _, _ in points(second, "val/loss")] == [10, 15]
    assert first.params["trainer.max_epochs"] == 1
    assert second.params["trainer.max_epochs"] == 3
    assert second.params["hparams.lr"] == 0.1


def test_in_a_run_of_the_user(on: None, make: Any, model: Any, sets: Any, stored: Any) -> None:
    """The first fit is recorded into it, the second into a child."""
    with epochlog.start_run("mine"):
        make(max_epochs=1).fit(model, *sets)
        make(max_epochs=2).fit(model, *sets)
    (run,) = stored()

    assert run.name == "mine"
    assert run.metrics["val/loss"].count == 1
    (child,) = run.children()
    assert child.metrics["val/loss"].count == 2
    assert child.status == "completed"


def test_early_stopping_agrees_with_the_curve(on: None, make: Any, model: Any, sets: Any, stored: Any) -> None:  # fmt: skip
    """Best epoch and value are the minimum of the recorded curve, found by hand."""

    class Ups(type(model)):  # type: ignore[misc]
        def validation_step(self, batch: Any, batch_idx: int) -> None:
            self.log("val_loss", [3.0, 1.0, 2.0, 2.5, 4.0][self.current_epoch])

    make(max_epochs=5, callbacks=[EarlyStopping("val_loss", patience=2)]).fit(Ups(), *sets)
    (run,) = stored()

    assert [v for _, _, v in points(run, "val/loss")] == [3.0, 1.0, 2.0, 2.5]
    assert run.metrics["best_epoch"].last == 1
    assert run.metrics["best/val/loss"].last == 1.0
    assert run.metrics["early_stopping.best_score"].last == 1.0
    assert run.metrics["stopped_epoch"].last == 3
    assert run.params["stopped_early"] is True
    assert run.params["early_stopping.patience"] == 2


def test_several_optimizers_by_hand(on: None, make: Any, sets: Any, stored: Any) -> None:
    """Both optimizers, their schedulers, rates and gradient norms; steps are Lightning's count."""

    class Two(pl.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.automatic_optimization = False
            self.a, self.b = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)

        def training_step(self, batch: Any, batch_idx: int) -> None:
            for net, optimizer in zip((self.a, self.b), self.optimizers(), strict=True):
                loss = torch.nn.functional.cross_entropy(net(batch[0]), batch[1])
                optimizer.zero_grad()
                self.manual_backward(loss)
                optimizer.step()
            self.log("loss", loss)

        def configure_optimizers(self) -> Any:
            one = torch.optim.SGD(self.a.parameters(), lr=0.1)
            two = torch.optim.Adam(self.b.parameters(), lr=0.01)
            return [one, two], [torch.optim.lr_scheduler.StepLR(one, 2)]

    trainer = make(max_epochs=2)
    trainer.fit(Two(), sets[0])
    (run,) = stored()

    assert run.params["optimizer.0.class"] == "SGD"
    assert run.params["optimizer.1.class"] == "Adam"
    assert run.params["scheduler.class"] == "StepLR"
    for curve in ("learning_rate/0", "learning_rate/1", "gradient_norm/0", "gradient_norm/1"):
        assert run.metrics[curve].count == run.metrics["train/loss"].count, curve
    assert points(run, "train/loss")[-1][0] == trainer.global_step == 20


def test_a_resumed_training_goes_on_where_it_was(on: None, make: Any, model: Any, sets: Any, stored: Any) -> None:  # fmt: skip
    """The curve of the second run begins at the epoch and step of the checkpoint."""
    trainer = make(max_epochs=1)
    trainer.fit(model, *sets)
    trainer.save_checkpoint("first.ckpt")
    make(max_epochs=2).fit(type(model)(), *sets, ckpt_path="first.ckpt")
    first, second = stored()

    assert points(second, "val/loss")[0][:2] == (10, 1)
    assert second.params["fit.ckpt_path"] == "first.ckpt"
    assert second.params["resumed_step"] == 5
    assert [c.name for c in first.checkpoints] == ["checkpoint"]  # saved by hand, after the fit


def test_looking_for_a_learning_rate_is_no_run(on: None, make: Any, model: Any, sets: Any, stored: Any) -> None:  # fmt: skip
    """The Tuner calls fit; nothing is recorded until the user does."""
    trainer = make(max_epochs=1)
    Tuner(trainer).lr_find(model, *sets, num_training=5, attr_name="lr")
    assert epochlog.current_run() is None

    trainer.fit(model, *sets)
    (run,) = stored()
    assert run.metrics["val/loss"].count == 1


def test_fast_dev_run_and_barebones(on: None, make: Any, model: Any, sets: Any, stored: Any) -> None:  # fmt: skip
    """One batch of each is recorded; without logging there are still parameters and rates."""
    make(fast_dev_run=True).fit(model, *sets)
    settings = {"barebones": True, "logger": None, "log_every_n_steps": None}
    make(max_epochs=1, **settings).fit(Silent(), sets[0])
    fast, bare = stored()

    assert fast.params["trainer.fast_dev_run"] is True or fast.params["trainer.fast_dev_run"] == 1
    assert fast.metrics["val/loss"].count == 1
    assert bare.params["trainer.barebones"] is True
    assert bare.status == "completed"


class Silent(pl.LightningModule):
    """Logs nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.net = torch.nn.Linear(3, 2)

    def training_step(self, batch: Any, batch_idx: int) -> Any:
        return torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), lr=0.1)


def test_a_trainer_from_before_autolog_is_recorded(make: Any, model: Any, sets: Any, stored: Any) -> None:  # fmt: skip
    """The trainer may be older than the call of autolog()."""
    trainer = make(max_epochs=1)
    epochlog.autolog("lightning", hardware=False)
    trainer.fit(model, *sets)

    assert stored()[0].metrics["val/loss"].count == 1


@pytest.mark.parametrize("where", ["batch_end", "training_step", "validation"])
def test_everything_up_to_an_exception_is_kept(on: None, make: Any, model: Any, sets: Any, stored: Any, where: str) -> None:  # fmt: skip
    """After an exception at step 7 there are 7 points (or 5, at validation), and it passes."""

    class Boom(pl.Callback):
        def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
            if where == "batch_end" and trainer.global_step == 7:
                raise ValueError("boom")

        def on_train_batch_start(self, trainer: Any, *_: Any) -> None:
            if where == "training_step" and trainer.global_step == 7:
                raise ValueError("boom")

        def on_validation_end(self, trainer: Any, *_: Any) -> None:
            if where == "validation" and not trainer.sanity_checking:
                raise ValueError("boom")

    trainer = make(callbacks=[Boom()], log_every_n_steps=1)
    with pytest.raises(ValueError, match="boom"):
        trainer.fit(model, *sets)
    (run,) = stored()

    assert run.status == "failed"
    assert "boom" in run.traceback
    count = 5 if where == "validation" else 7
    assert [s for s, _, _ in points(run, "train/loss_step")] == list(range(1, count + 1))
    assert len(trainer.callbacks) == 1


def test_histograms_by_option(make: Any, model: Any, sets: Any, stored: Any) -> None:
    """Weights and gradients of every parameter at the end of every epoch."""
    epochlog.autolog("lightning", hardware=False, options={"lightning": {"histograms": True}})
    make(max_epochs=2).fit(model, *sets)
    (run,) = stored()

    kinds = {(plot.key, plot.kind) for plot in run.plots}
    assert ("weights/net.0.weight", "histogram") in kinds
    assert ("gradients/net.2.bias", "histogram") in kinds
    assert len(run.plots) == 2 * 2 * 4


def test_points_at_every_step_by_option(make: Any, model: Any, sets: Any, stored: Any) -> None:
    """every_n_steps is independent of the trainer's own interval."""
    epochlog.autolog("lightning", hardware=False, options={"lightning": {"every_n_steps": 1}})
    make(max_epochs=1, log_every_n_steps=50).fit(model, *sets)

    assert stored()[0].metrics["train/loss_step"].count == 5


def test_metric_objects_and_odd_names(on: None, make: Any, sets: Any, model: Any, stored: Any) -> None:  # fmt: skip
    """torchmetrics objects are scalars; NaN, odd names and values that come and go are kept right."""
    torchmetrics = pytest.importorskip("torchmetrics")

    class Odd(type(model)):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.acc = torchmetrics.Accuracy("multiclass", num_classes=2)

        def training_step(self, batch: Any, batch_idx: int) -> Any:
            if batch_idx == 2:
                self.log("only once", 1.0)
            self.log("näme / with % {x}", float("nan"), on_step=False, on_epoch=True)
            return self.loss(batch)

        def validation_step(self, batch: Any, batch_idx: int) -> None:
            self.acc(self.net(batch[0]), batch[1])
            self.log("val_acc", self.acc)

    make(max_epochs=2, log_every_n_steps=1).fit(Odd(), *sets)
    (run,) = stored()

    assert run.metrics["val/accuracy"].count == 2
    assert [s for s, _, _ in points(run, "train/only once")] == [3, 8]
    assert run.metrics["train/näme / with % {x}"].count == 2
