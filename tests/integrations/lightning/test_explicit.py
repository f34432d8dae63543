"""The logger and the callback, without autolog and with it."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import pytest
import pytorch_lightning  # noqa: F401 - the classes are made for what is loaded, so all of it
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger, Logger

import epochlog
from epochlog_lightning import EpochlogCallback, EpochlogLogger


def test_they_are_lightnings_own_kinds() -> None:
    """Both are instances of Lightning's classes and pickle."""
    logger, callback = EpochlogLogger(), EpochlogCallback(histograms=True)

    assert isinstance(logger, Logger)
    assert isinstance(callback, pl.Callback)
    assert type(pickle.loads(pickle.dumps(logger))) is EpochlogLogger
    assert type(pickle.loads(pickle.dumps(callback))) is EpochlogCallback
    with pytest.raises(TypeError, match="histogramms"):
        EpochlogCallback(histogramms=True)


def test_the_logger_alone(make: Any, model: Any, sets: Any, stored: Any) -> None:
    """Metrics, hyperparameters, checkpoints and the end, in one run for fit and test."""
    logger = EpochlogLogger()
    keeper = ModelCheckpoint(monitor="val_loss", save_top_k=1, save_last=True)
    trainer = make(logger=logger, enable_checkpointing=True, callbacks=[keeper])
    trainer.fit(model, *sets)
    trainer.test(model, sets[1], verbose=False)
    (run,) = stored(nested=True)

    assert run.id == logger.version == logger.experiment.id
    assert run.status == "completed"
    assert run.params["hparams.lr"] == 0.1
    assert list(run.series("val/loss").epochs) == [0, 1, 2]
    assert list(run.series("val/loss").steps) == [4, 9, 14]  # as Lightning numbers them
    assert run.metrics["train/loss"].count == 3
    assert run.metrics["test/loss"].count == 1
    live = [c for c in run.checkpoints if c.state == "live"]
    assert {Path(c.uri).name for c in live} == {Path(keeper.best_model_path).name, "last.ckpt"}
    assert logger.name == "default"
    assert f"default/{run.id}/checkpoints" in keeper.best_model_path


def test_the_callback_alone(make: Any, model: Any, sets: Any, stored: Any) -> None:
    """It records what autolog would: everything but what happens outside of hooks."""
    trainer = make(max_epochs=2, callbacks=[EpochlogCallback()], enable_checkpointing=True)
    trainer.fit(model, *sets)
    trainer.test(model, sets[1], verbose=False)
    (run,) = stored()

    assert run.metrics["val/loss"].count == 2
    assert run.metrics["learning_rate"].count == 6
    assert run.params["trainer.max_epochs"] == 2
    assert len([c for c in run.checkpoints if c.state == "live"]) == 1
    assert len(run.models) == 1
    assert run.metrics["test/loss"].count == 1
    assert [child.kind for child in run.children()] == ["eval"]


class Counting(EpochlogCallback):
    """Somebody's own callback on top of ours: one hook that we have, one that we have not."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = {"on_train_batch_end": 0, "on_after_backward": 0}

    def on_train_batch_end(self, *args: Any) -> None:
        super().on_train_batch_end(*args)
        self.calls["on_train_batch_end"] += 1

    def on_after_backward(self, *args: Any) -> None:
        super().on_after_backward(*args)
        self.calls["on_after_backward"] += 1


def test_hooks_of_a_subclass_are_called(make: Any, model: Any, sets: Any, stored: Any) -> None:
    """We leave out hooks of batches that record nothing; whoever adds to them is called each time."""
    callback = Counting()
    make(max_epochs=2, callbacks=[callback]).fit(model, *sets)
    (run,) = stored()

    assert callback.calls == {"on_train_batch_end": 10, "on_after_backward": 10}
    assert run.metrics["learning_rate"].count == 6


def test_the_callback_sees_failures(make: Any, model: Any, sets: Any, stored: Any) -> None:
    """The run that it opened fails with the training."""

    class Boom(pl.Callback):
        def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
            raise ValueError("boom")

    trainer = make(callbacks=[EpochlogCallback(), Boom()])
    with pytest.raises(ValueError, match="boom"):
        trainer.fit(model, *sets)

    assert [run.status for run in stored()] == ["failed"]


def test_the_callback_records_into_the_given_run(make: Any, model: Any, sets: Any, stored: Any) -> None:  # fmt: skip
    """With autolog on, too: what the user says counts."""
    epochlog.autolog("lightning", hardware=False)
    with epochlog.start_run("given") as given:
        pass
    make(max_epochs=1, callbacks=[EpochlogCallback(given)]).fit(model, *sets)
    (run,) = stored(nested=True)

    assert run.name == "given"
    assert run.metrics["val/loss"].count == 1


@pytest.mark.parametrize("which", ["logger", "callback", "both", "used before"])
def test_nothing_twice_with_autolog(on: None, make: Any, model: Any, sets: Any, stored: Any, which: str) -> None:  # fmt: skip
    """One run, each point once; what is logged to the logger by hand arrives there."""

    class ByHand(pl.Callback):
        def on_train_start(self, trainer: Any, module: Any) -> None:
            for logger in trainer.loggers:
                logger.log_metrics({"by hand": 1.0}, step=0)
                logger.experiment.log_params({"mine": 2})

    logger = EpochlogLogger() if which != "callback" else False
    if which == "used before":
        logger.experiment.log_params({"early": 1})
    callbacks = [EpochlogCallback()] if which in ("callback", "both") else []
    trainer = make(logger=logger, callbacks=[*callbacks, ByHand()])
    trainer.fit(model, *sets)
    (run,) = stored(nested=True)

    assert run.status == "completed"
    assert run.metrics["val/loss"].count == 3
    assert list(run.series("val/loss").steps) == [5, 10, 15]
    assert run.metrics["train/loss_step"].count == 9
    assert run.params["trainer.max_epochs"] == 3
    if logger:
        assert run.metrics["train/by hand"].count == 1
        assert run.params["mine"] == 2
        assert logger.version == run.id
    assert ("early" in run.params) == (which == "used before")


def test_other_loggers_are_left_alone(make: Any, model: Any, sets: Any) -> None:
    """Folders and files of Lightning's own logger are the same with and without us."""

    def fit(folder: str) -> Any:
        logger = CSVLogger(folder)
        trainer = make(logger=logger, max_epochs=2)
        trainer.fit(type(model)(), *sets)
        names = sorted(p.relative_to(folder).as_posix() for p in Path(folder).rglob("*"))
        return names, trainer.log_dir.removeprefix(folder), len(trainer.loggers)

    without = fit("a")
    epochlog.autolog("lightning", hardware=False)
    assert fit("b") == without
