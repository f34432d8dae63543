"""Trainings are the same with and without us, and nothing of ours stays in anybody's objects."""

from __future__ import annotations

import copy
import io
import os
import pickle
import random
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

import epochlog
import epochlog_torch
from epochlog.plugins.testing import IntegrationTestCase
from epochlog.plugins.testing import integration as suite

NAMES = """
import torch
from torch.nn import MSELoss
from torch.optim import Adam
from torch.utils.data import DataLoader, TensorDataset
"""

LOOP = """
torch.manual_seed(3)
x = torch.randn(24, 4)
model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Dropout(0.2), torch.nn.Linear(3, 1))
optimizer = {adam}(model.parameters(), lr=0.05)
criterion = {mse}()
loader = {loader}({dataset}(x, x.sum(1, keepdim=True)), batch_size=8, shuffle=True)
for _ in range(2):
    model.train()
    for a, b in loader:
        optimizer.zero_grad()
        loss = criterion(model(a), b)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        value = criterion(model(x), x.sum(1, keepdim=True)).item()
result = [[p.detach().numpy().copy() for p in model.parameters()], loss.item(), value]
result += [torch.get_rng_state().numpy(), model(x), optimizer.state_dict(), type(loss).__name__]
result += [model._forward_hooks, optimizer._optimizer_step_post_hooks, sorted(vars(model))]
"""


@pytest.mark.slow
class TestTorch(IntegrationTestCase):
    """A plain loop with loader, optimizer and evaluation."""

    name = "torch"
    variants = {
        "module": (
            "import torch, torch.utils.data",
            LOOP.format(
                adam="torch.optim.Adam",
                mse="torch.nn.MSELoss",
                loader="torch.utils.data.DataLoader",
                dataset="torch.utils.data.TensorDataset",
            )
            + "\nimport epochlog\nfrom epochlog_torch.engine import engine\nengine.end_all()",
        ),
        "from": (
            NAMES,
            LOOP.format(adam="Adam", mse="MSELoss", loader="DataLoader", dataset="TensorDataset")
            + "\nimport epochlog\nfrom epochlog_torch.engine import engine\nengine.end_all()",
        ),
    }
    expected_params = {"optimizer.lr": 0.05, "model_class": "Sequential"}
    expected_metrics = ("train/loss", "val/loss")
    varying = (*IntegrationTestCase.varying, "throughput")
    pickled = (
        "torch.save",
        "torch.autograd.backward",
        "torch.utils.data.DataLoader.__iter__",
        "torch.nn.Module.named_parameters",
        "torch.nn.MSELoss.__call__",
        "torch.optim.Adam.zero_grad",
    )

    @pytest.fixture(autouse=True)
    def without_counter(self, monkeypatch):
        """PyTorch counts the hooks that were ever registered; that number only grows."""
        whole = suite.picture

        def picture(framework):
            return {key: v for key, v in whole(framework).items() if key[-1] != "next_id"}

        monkeypatch.setattr(suite, "picture", picture)


def trained(make, steps=6, *, compiled=False, scaler=None, clip=False):
    """Train a model of two layers; return everything that could differ."""
    torch.manual_seed(5)
    random.seed(5)
    np.random.seed(5)
    model = nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.1), nn.Linear(3, 1))
    optimizer = make(model.parameters())
    forward = torch.compile(model, backend="eager", fullgraph=True) if compiled else model
    x = torch.randn(16, 4)

    def closure():
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(forward(x), x[:, :1])
        (scaler.scale(loss) if scaler else loss).backward()
        return loss

    losses = []
    for _ in range(steps):
        if isinstance(optimizer, torch.optim.LBFGS):
            losses.append(float(optimizer.step(closure).detach()))
            continue
        losses.append(float(closure().detach()))
        if clip:
            losses.append(float(nn.utils.clip_grad_norm_(model.parameters(), 0.1)))
        scaler.step(optimizer) if scaler else optimizer.step()
        if scaler:
            scaler.update()
    parameters = [p.detach().numpy().tobytes() for p in model.parameters()]
    return parameters, losses, torch.get_rng_state().numpy().tobytes(), random.getstate()


KINDS = {
    "sgd": {"make": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)},
    "foreach": {"make": lambda p: torch.optim.AdamW(p, lr=0.1, foreach=True)},
    "fused": {"make": lambda p: torch.optim.AdamW(p, lr=0.1, fused=True)},
    "tensor lr": {"make": lambda p: torch.optim.Adam(p, lr=torch.tensor(0.1))},
    "lbfgs": {"make": lambda p: torch.optim.LBFGS(p, lr=0.1)},
    "clipped": {"make": lambda p: torch.optim.SGD(p, lr=0.1), "clip": True},
    "compiled": {"make": lambda p: torch.optim.SGD(p, lr=0.1), "compiled": True},
}


@pytest.mark.parametrize("kind", KINDS)
def test_bit_identical(kind, stored):
    """Weights, losses and random states are the same, with every observation switched on."""
    plain = trained(**KINDS[kind])
    options = {"gradient_norm_every": 1, "histograms_every": 2}
    epochlog.autolog("torch", hardware=False, options={"torch": options})
    recorded = trained(**KINDS[kind])
    epochlog.uninstrument()
    assert recorded == plain
    (run,) = stored()
    assert run.metrics["train/loss"].count == 6
    assert run.metrics["gradient_norm"].count == 6


def test_bit_identical_with_a_gradient_scaler(stored):
    """A scaled training is the same, and its unscaled losses are recorded."""
    make = KINDS["sgd"]["make"]
    plain = trained(make, scaler=torch.amp.GradScaler("cpu"))
    epochlog.autolog("torch", hardware=False)
    assert trained(make, scaler=torch.amp.GradScaler("cpu")) == plain
    epochlog.uninstrument()
    assert list(stored()[0].series("train/loss").values) == plain[1]


@pytest.mark.slow
def test_compiled_graphs_stay_whole(on):
    """Losses and parameters inside compiled functions don't break a graph."""
    model, criterion = nn.Linear(4, 1), nn.MSELoss()

    def compute(x):
        return criterion(model(x), x[:, :1]) + sum(p.norm() for p in model.parameters())

    x = torch.randn(8, 4)
    whole = torch.compile(compute, backend="eager", fullgraph=True)
    assert torch.allclose(whole(x), compute(x))


def test_symbolic_tracing_still_sees_losses(on):
    """torch.fx finds a loss module as the leaf that it is."""

    class Whole(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner, self.criterion = nn.Linear(2, 1), nn.MSELoss()

        def forward(self, x, y):
            return self.criterion(self.inner(x), y)

    graph = torch.fx.symbolic_trace(Whole()).graph
    assert "criterion" in [node.target for node in graph.nodes if node.op == "call_module"]


def test_objects_hold_nothing_of_ours(on, kit):
    """Model, optimizer, scheduler, loader and loss pickle and copy without a mention of us."""
    model, criterion, loader = kit.model(), nn.MSELoss(), kit.loader()
    optimizer = torch.optim.Adam(model.parameters())
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    with epochlog_torch.watch(model, optimizer, histograms_every=1):
        kit.epoch(model, optimizer, loader, criterion)
        scheduler.step()
        for each in (model, optimizer, loader, criterion):
            assert b"epochlog" not in pickle.dumps(each)
            copy.deepcopy(each)
        buffer = io.BytesIO()
        torch.save(model, buffer)
        assert b"epochlog" not in buffer.getvalue()
    hooks = [name for name in vars(model[0]) if "hooks" in name]
    assert not any(getattr(model[0], name) for name in hooks)


def test_everything_is_taken_off(on):
    """Afterwards classes and functions are the ones that they were, hooks are gone."""
    from torch.optim import optimizer as module

    epochlog.uninstrument()

    def picture():
        return [
            torch.save, torch.autograd.backward, vars(nn.Module)["named_parameters"],
            "__call__" in vars(nn.modules.loss._Loss),
            vars(torch.utils.data.DataLoader)["__iter__"],
            vars(torch.optim.Optimizer)["zero_grad"], vars(torch.amp.GradScaler)["scale"],
            len(module._global_optimizer_post_hooks), len(module._global_optimizer_pre_hooks),
        ]  # fmt: skip

    before = picture()
    epochlog.autolog("torch", hardware=False)
    assert picture() != before
    epochlog.uninstrument()
    assert picture() == before


def test_broken_recording_does_not_touch_training(monkeypatch):
    """Whatever fails on our side, the training ends with the same weights."""
    make = KINDS["sgd"]["make"]
    plain = trained(make)
    monkeypatch.setenv("EPOCHLOG_RAISE", "0")
    epochlog.autolog("torch", hardware=False)
    from epochlog_torch.engine import engine

    monkeypatch.setattr(engine, "_begin", lambda *_: 1 / 0)
    monkeypatch.setattr("epochlog_torch.roots.held", lambda _: 1 / 0)
    assert trained(make) == plain


INTERRUPTED = """
import epochlog; epochlog.autolog("torch", hardware=False)
import os, signal, torch
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(100):
    optimizer.zero_grad()
    model(torch.ones(3, 2)).mean().backward()
    optimizer.step()
    if step == 6:
        os.kill(os.getpid(), signal.SIGINT)
        signal.sigtimedwait([], 5)
"""


@pytest.mark.slow
def test_interrupt(stored):
    """Ctrl-C leaves a canceled run with every step up to it, and Python's own exit."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "KeyboardInterrupt" in done.stderr
    assert done.returncode in (-2, 130)
    (run,) = stored()
    assert run.status == "canceled"
    assert run.series("train/loss").steps.tolist() == list(range(7))
    assert run.models
