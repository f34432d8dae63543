"""Checkpoints are artifacts for as long as Lightning keeps the files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from lightning.pytorch.callbacks import ModelCheckpoint


def falling(model: Any, values: list[float]) -> Any:
    """Return a module whose validation loss takes these values, one an epoch."""

    class Scripted(type(model)):  # type: ignore[misc]
        def validation_step(self, batch: Any, batch_idx: int) -> None:
            self.log("val_loss", values[self.current_epoch])

    return Scripted()


def test_the_best_two_and_the_last(on: None, make: Any, model: Any, sets: Any, stored: Any) -> None:  # fmt: skip
    """Those that ModelCheckpoint removed are marked so; aliases say which are best and last."""
    keeper = ModelCheckpoint("ck", monitor="val_loss", save_top_k=2, save_last=True)
    trainer = make(max_epochs=4, enable_checkpointing=True, callbacks=[keeper])
    trainer.fit(falling(model, [3.0, 1.0, 2.0, 2.5]), *sets)
    (run,) = stored()

    kept = [c for c in run.checkpoints if c.state == "live"]
    assert sorted(Path(c.uri).name for c in kept) == sorted(os.listdir("ck"))
    best = next(c for c in kept if "best" in c.aliases)
    assert best.uri == keeper.best_model_path
    assert (best.meta["epoch"], best.meta["score"], best.meta["monitor"]) == (1, 1.0, "val_loss")
    last = next(c for c in kept if "last" in c.aliases)
    assert Path(last.uri).name == "last.ckpt"
    assert run.params["checkpoint.best_model_path"] == keeper.best_model_path
    assert run.metrics["checkpoint.best_model_score"].last == 1.0
    assert run.params["checkpoint.save_top_k"] == 2


def test_what_is_written_over_is_never_linked(on: None, make: Any, model: Any, sets: Any, stored: Any, monkeypatch: Any) -> None:  # fmt: skip
    """Files named after their epoch are linked; last.ckpt, fixed names and manual ones are copied."""
    from epochlog.recording.run import Run

    linked: dict[str, bool] = {}
    original = Run.log_checkpoint

    def noting(self: Any, path: Any, *args: Any, **kwargs: Any) -> None:
        linked[Path(path).name] = kwargs.get("link", False)
        original(self, path, *args, **kwargs)

    monkeypatch.setattr(Run, "log_checkpoint", noting)
    callbacks = [
        ModelCheckpoint("ck", save_last=True),
        ModelCheckpoint("ck", "fixed", monitor="val_loss", enable_version_counter=False),
        ModelCheckpoint("ck", "{epoch}-mine", monitor="valid/acc", enable_version_counter=False),
    ]
    trainer = make(max_epochs=2, enable_checkpointing=True, callbacks=callbacks)
    trainer.fit(model, *sets)
    trainer.save_checkpoint("manual.ckpt")

    names = {name for name, link in linked.items() if link}
    assert names == {"epoch=0-step=5.ckpt", "epoch=1-step=10.ckpt"}
    assert {"last.ckpt", "fixed.ckpt", "epoch=0-mine.ckpt", "manual.ckpt"} <= set(linked)


def test_content_stays_that_of_its_moment(on: None, make: Any, model: Any, sets: Any, stored: Any) -> None:  # fmt: skip
    """A checkpoint that is written over afterwards keeps what it was in the store."""
    trainer = make(max_epochs=1)
    trainer.fit(model, *sets)
    trainer.save_checkpoint("one.ckpt")
    first = Path("one.ckpt").read_bytes()
    Path("one.ckpt").write_bytes(b"something else")
    (run,) = stored()

    (checkpoint,) = run.checkpoints
    assert checkpoint.read_bytes() == first


def test_without_the_option_none_is_kept(make: Any, model: Any, sets: Any, stored: Any) -> None:
    """checkpoints=False leaves files where they are."""
    import epochlog

    options = {"lightning": {"checkpoints": False, "models": False, "datasets": False}}
    epochlog.autolog("lightning", hardware=False, options=options)
    make(max_epochs=1, enable_checkpointing=True).fit(model, *sets)
    (run,) = stored()

    assert not run.checkpoints
    assert not run.models
    assert not run.datasets


def test_our_callback_is_in_no_checkpoint(on: None, make: Any, model: Any, sets: Any) -> None:
    """A checkpoint file has the same callbacks' states and keys as without us."""
    import torch

    import epochlog

    def keys() -> Any:
        trainer = make(max_epochs=1, enable_checkpointing=True)
        trainer.fit(type(model)(), *sets)
        loaded = torch.load(trainer.checkpoint_callback.best_model_path, weights_only=False)
        return sorted(loaded), sorted(loaded["callbacks"])

    recorded = keys()
    epochlog.uninstrument()
    assert [k.split("{")[0] for k in recorded[1]] == [k.split("{")[0] for k in keys()[1]]
    assert "epochlog" not in repr(recorded).lower()
