"""Which scalar is the loss of a step: sums, closures, scalers, gradients thrown away."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import epochlog

pytestmark = pytest.mark.usefixtures("on")


def test_two_optimizers_follow_one_loss(kit, stored):
    """Two optimizers over one model are one run, and their common loss is recorded once."""
    model = kit.model()
    both = [torch.optim.SGD(model[k].parameters(), lr=0.1) for k in (0, 2)]
    for x, y in kit.loader():
        nn.functional.mse_loss(model(x), y).backward()
        for optimizer in both:
            optimizer.step()
            optimizer.zero_grad()
    epochlog.uninstrument()
    (run,) = stored()
    assert run.metrics["train/loss"].count == 3
    assert "train/loss/1" not in run.metrics
    assert run.params["optimizer_1.class"] == "SGD"


def test_accumulated_gradients(kit, stored):
    """The loss of a step is the sum of what its gradients were accumulated from."""
    model = kit.model()
    optimizer, expected = torch.optim.SGD(model.parameters(), lr=0.1), []
    for _ in range(2):
        part = 0.0
        for x, y in kit.loader():
            loss = nn.functional.mse_loss(model(x), y) / 3
            loss.backward()
            part += loss.item()
        optimizer.step()
        optimizer.zero_grad()
        expected.append(part)
    epochlog.uninstrument()
    (run,) = stored()
    assert list(run.series("train/loss").values) == pytest.approx(expected)


def test_gradients_thrown_away_are_no_loss(kit, stored):
    """What was before ``zero_grad``, an attack on the inputs, is no part of the step's loss."""
    model = kit.model()
    optimizer, (x, y) = torch.optim.SGD(model.parameters(), lr=0.1), kit.data.tensors
    leaf = x.clone().requires_grad_()
    nn.functional.mse_loss(model(leaf), y).backward()
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x + 0.1 * leaf.grad.sign()), y)
    loss.backward()
    optimizer.step()
    epochlog.uninstrument()
    (run,) = stored()
    assert run.metrics["train/loss"].last == loss.item()


def test_lbfgs(kit, stored):
    """A step that calls its closure many times has one loss: that where it began."""
    model = kit.model()
    optimizer, (x, y) = torch.optim.LBFGS(model.parameters(), max_iter=5), kit.data.tensors
    expected = []

    def closure():
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        return loss

    for _ in range(3):
        expected.append(float(optimizer.step(closure)))
    epochlog.uninstrument()
    (run,) = stored()
    assert list(run.series("train/loss").values) == expected


def test_gradient_scaler(kit, stored):
    """With a gradient scaler the loss is the one before scaling; skipped steps don't count."""
    model = kit.model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    (x, y), expected = kit.data.tensors, []
    for k in range(4):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y) * (float("inf") if k == 1 else 1.0)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        if k != 1:
            expected.append(loss.item())
    epochlog.uninstrument()
    (run,) = stored()
    assert list(run.series("train/loss").values) == expected
