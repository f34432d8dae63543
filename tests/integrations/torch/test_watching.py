"""The explicit object: with autolog off and on."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import epochlog
import epochlog_torch


def test_without_autolog(kit, stored):
    """Only the watched model is recorded, into the run that is open."""
    with epochlog.start_run() as mine:
        model, other = kit.model(), kit.model()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        with epochlog_torch.watch(model, optimizer, gradient_norm_every=1):
            kit.epoch(model, optimizer, kit.loader())
            kit.epoch(other, torch.optim.SGD(other.parameters(), lr=0.5), kit.loader())
        kit.epoch(model, optimizer, kit.loader())
    (run,) = stored()
    assert run.id == mine.id
    assert run.metrics["train/loss"].count == 3
    assert run.metrics["gradient_norm"].count == 3
    assert run.params["optimizer.lr"] == 0.1
    assert len(run.models) == 1


def test_with_autolog(kit, stored):
    """With autolog on, nothing is recorded twice, and the options hold."""
    epochlog.autolog("torch", hardware=False)
    model = kit.model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    handle = epochlog_torch.watch(model, optimizer, histograms_every=2)
    kit.epoch(model, optimizer, kit.loader())
    handle.close()
    handle.close()
    epochlog.uninstrument()
    (run,) = stored()
    assert list(run.series("train/loss").steps) == [0, 1, 2]
    plots = {(plot.key, plot.step) for plot in run.plots}
    assert {("weights/0.weight", 0.0), ("gradients/0.weight", 2.0)} <= plots
    assert len(run.models) == 1


def test_watching_in_the_middle(kit, stored):
    """A model that is recorded already gets the handle's options."""
    epochlog.autolog("torch", hardware=False)
    model = kit.model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    kit.epoch(model, optimizer, kit.loader())
    with epochlog_torch.watch(model, gradient_norm_every=1):
        kit.epoch(model, optimizer, kit.loader())
    epochlog.uninstrument()
    (run,) = stored()
    assert run.series("gradient_norm").steps.tolist() == [3, 4, 5]


def test_criterion_is_told(kit, stored):
    """A loss told to ``watch`` is the validation's, though the training calls a function."""
    criterion, other = nn.MSELoss(), nn.L1Loss()
    x, y = kit.data.tensors
    with epochlog.start_run():
        model = kit.model()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        with epochlog_torch.watch(model, optimizer, criterion=criterion):
            for _ in range(2):
                model.eval()
                with torch.no_grad():
                    expected = criterion(model(x), y).item()
                    other(model(x), y)
                optimizer.zero_grad()
                nn.functional.mse_loss(model(x), y).backward()
                optimizer.step()
    (run,) = stored()
    assert run.series("val/loss").values[-1] == expected
    assert run.metrics["val/L1Loss"].count == 2


def test_no_run_is_open(kit):
    """Without a run and without autolog the error says what to do."""
    with pytest.raises(RuntimeError, match=r"start_run.*autolog"):
        epochlog_torch.watch(kit.model())


def test_nothing_stays(kit):
    """Closed, PyTorch is as it was."""
    from torch.optim import optimizer as module

    before = torch.save, len(module._global_optimizer_post_hooks)
    with epochlog.start_run(), epochlog_torch.watch(kit.model()):
        assert torch.save is not before[0]
    assert (torch.save, len(module._global_optimizer_post_hooks)) == before
