"""Tiny data, models and loops for PyTorch, with epochlog on it."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import epochlog
from epochlog.base.errors import StoreError


@pytest.fixture(autouse=True)
def _seeded():
    """Every test begins with the same weights."""
    torch.manual_seed(0)


@pytest.fixture
def on():
    """Record PyTorch alone."""
    epochlog.autolog("torch", hardware=False)


@pytest.fixture
def stored():
    """Return a function that reads the store: all runs, oldest first."""

    def read():
        epochlog.flush()
        try:
            return list(epochlog.runs(order_by="started"))
        except StoreError:  # nothing was ever recorded
            return []

    return read


class Kit:
    """What a training is made of."""

    def __init__(self):
        generator = torch.Generator().manual_seed(1)
        x = torch.randn(24, 4, generator=generator)
        self.data = TensorDataset(x, x.sum(1, keepdim=True))
        self.held_out = TensorDataset(x[:10] + 1, x[:10].sum(1, keepdim=True))

    def model(self):
        """Return a model of two layers."""
        return nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1))

    def loader(self, batch_size=8, **more):
        """Return a loader of three batches."""
        return DataLoader(self.data, batch_size=batch_size, **more)

    def epoch(self, model, optimizer, loader, criterion=None, after=None):
        """Train for one epoch as everybody does; return the losses."""
        criterion = criterion or nn.MSELoss()
        losses = []
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            if after is not None:
                after()
        return losses

    def evaluate(self, model, loader, criterion):
        """Return the mean loss per row."""
        model.eval()
        total = rows = 0
        with torch.no_grad():
            for x, y in loader:
                total += criterion(model(x), y).item() * len(x)
                rows += len(x)
        return total / rows


@pytest.fixture
def kit():
    """Return what a training is made of."""
    return Kit()
