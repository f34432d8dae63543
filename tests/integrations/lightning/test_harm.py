"""With and without epochlog, everything that a user can see of Lightning is the same."""

from __future__ import annotations

import copy
import random
import warnings
from typing import Any

import lightning.pytorch as pl
import numpy as np
import pytest
import torch

import epochlog


def everything(make: Any, model: Any, sets: Any) -> dict[str, Any]:
    """Train and return all that can be seen afterwards."""
    pl.seed_everything(5, verbose=False)
    mine = [pl.callbacks.EarlyStopping("val_loss"), pl.callbacks.ModelCheckpoint("ck")]
    given = list(mine)
    trainer = make(callbacks=given, enable_checkpointing=True, max_epochs=2)
    before = trainer.callbacks
    module = copy.deepcopy(model)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        trainer.fit(module, *sets)
        tested = trainer.test(module, sets[1], verbose=False)
    return {
        "weights": {k: v.tolist() for k, v in module.state_dict().items()},
        "metrics": {k: float(v) for k, v in trainer.callback_metrics.items()},
        "logged": {k: float(v) for k, v in trainer.logged_metrics.items()},
        "tested": tested,
        "same list": trainer.callbacks is before and given == mine,
        "callbacks": [type(callback).__name__ for callback in trainer.callbacks],
        "attributes": sorted(vars(module)),
        "trainer": sorted(vars(trainer)),
        "hooks": [len(module._forward_hooks), len(module._backward_hooks)],
        "random": (random.random(), np.random.random(), torch.rand(1).item()),
        "warnings": sorted({(w.category.__name__, str(w.message)) for w in caught}),
    }


def test_nothing_changes(make: Any, model: Any, sets: Any) -> None:
    """Weights, metrics, callbacks, attributes, warnings and random states are equal."""
    everything(make, model, sets)  # warns once
    without = everything(make, model, sets)
    epochlog.autolog(hardware=False, options={"lightning": {"histograms": True}})
    recorded = everything(make, model, sets)

    for key, value in without.items():
        assert recorded[key] == value, key


def test_callbacks_that_the_module_brings_stay(on: None, make: Any, model: Any, sets: Any) -> None:
    """configure_callbacks adds to the trainer for good, as without us; ours is gone."""

    class Bringing(type(model)):  # type: ignore[misc]
        def configure_callbacks(self) -> Any:
            return [pl.callbacks.EarlyStopping("val_loss")]

    trainer = make(max_epochs=1)
    trainer.fit(Bringing(), *sets)

    assert [type(c).__name__ for c in trainer.callbacks] == ["EarlyStopping"]


def test_uninstrument_restores_every_method() -> None:
    """Every wrapped method is the very same object again."""
    from lightning.pytorch.strategies import Strategy

    names = ("fit", "validate", "test", "predict", "save_checkpoint")

    def objects() -> list[Any]:
        methods = [pl.Trainer.__dict__[name] for name in names]
        return [*methods, Strategy.__dict__["remove_checkpoint"]]

    before = objects()
    epochlog.autolog("lightning", hardware=False)
    during = objects()
    epochlog.uninstrument()

    assert all(a is not b for a, b in zip(before, during, strict=True))
    assert all(a is b for a, b in zip(before, objects(), strict=True))


def test_switched_off_or_paused_nothing_is_recorded(make: Any, model: Any, sets: Any, stored: Any) -> None:  # fmt: skip
    """autolog(lightning=False) and paused() leave the Trainer alone."""
    epochlog.autolog(lightning=False, torch=False, hardware=False)
    make(max_epochs=1).fit(model, *sets)
    epochlog.autolog("lightning", hardware=False)
    with epochlog.paused():
        make(max_epochs=1).fit(model, *sets)
    with epochlog.start_run("only"):
        pass

    assert [run.name for run in stored(nested=True)] == ["only"]


def test_plain_torch_is_silent_inside(make: Any, model: Any, sets: Any, stored: Any) -> None:
    """With everything armed there is one run for the fit, and none for its optimizer steps."""
    epochlog.autolog(hardware=False)
    make(max_epochs=1).fit(model, *sets)
    (run,) = stored(nested=True)

    assert run.source == "lightning"


def test_our_failures_stay_ours(make: Any, model: Any, sets: Any, monkeypatch: Any) -> None:
    """When recording fails in every place that it can, training does not notice."""
    from epochlog_lightning import checkpoints, curves, extract, outcome, record, watch

    monkeypatch.setenv("EPOCHLOG_RAISE", "0")

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("ours")

    without = everything(make, model, sets)
    epochlog.autolog("lightning", hardware=False)
    for module, name in (
        (extract, "trainer_params"),
        (extract, "optimization_params"),
        (extract, "loaders"),
        (curves.Curves, "log_step"),
        (curves.Curves, "log_epoch"),
        (watch, "learning_rates"),
        (watch, "module_summary"),
        (outcome, "log_weights"),
        (outcome, "log_best"),
        (checkpoints, "_written_by"),
        (record.Call, "begin"),
    ):
        monkeypatch.setattr(module, name, broken)
    recorded = everything(make, model, sets)

    assert recorded["weights"] == without["weights"]
    assert recorded["same list"]


def test_a_wrong_call_raises_as_before(on: None, make: Any, stored: Any) -> None:
    """Lightning's own complaint about the arguments passes through."""
    with pytest.raises(TypeError):
        make().fit()
    with pytest.raises(TypeError):
        make().fit(object(), None)
    assert {run.status for run in stored()} <= {"failed"}


def test_changed_internals_switch_the_integration_off(monkeypatch: Any, make: Any, model: Any, sets: Any) -> None:  # fmt: skip
    """Where Lightning's inner dictionary is gone, one clear line is reported; training works."""
    from lightning.pytorch.trainer.connectors.logger_connector import logger_connector

    from epochlog import session

    kind = logger_connector._LoggerConnector
    monkeypatch.setattr(kind, "callback_metrics", property(lambda self: {}))
    epochlog.autolog(torch=False, hardware=False)
    report = str(session.report())
    trainer = make(max_epochs=1)
    trainer.fit(model, *sets)

    assert "elsewhere" in report
    assert trainer.global_step == 5
