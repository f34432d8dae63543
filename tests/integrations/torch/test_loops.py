"""Which run a plain PyTorch loop leaves, and what is in it."""

from __future__ import annotations

import gc
import time

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader

import epochlog
from epochlog.plugins.api import silencing

pytestmark = pytest.mark.usefixtures("on")


def test_losses_and_their_steps(kit, stored):
    """Every step's loss is recorded as the loop saw it, at 0-based steps, with its epoch."""
    model = kit.model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loader, losses = kit.loader(), []
    for _ in range(3):
        losses += kit.epoch(model, optimizer, loader)
    epochlog.uninstrument()
    (run,) = stored()
    curve = run.series("train/loss")
    assert list(curve.values) == losses
    assert list(curve.steps) == list(range(9))
    assert list(curve.epochs) == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert run.status == "completed"
    means = run.series("train/loss.epoch_mean")
    assert list(means.values) == pytest.approx(np.reshape(losses, (3, 3)).mean(1))
    assert list(means.steps) == [2, 5, 8]


def test_params(kit, stored):
    """Model, optimizer, loss, loader and totals are parameters."""
    model = kit.model()
    kit.epoch(model, torch.optim.SGD(model.parameters(), 0.1, 0.9), kit.loader(shuffle=True))
    epochlog.uninstrument()
    (run,) = stored()
    expected = {
        "model_class": "Sequential",
        "model.parameters": 19,
        "optimizer.class": "SGD",
        "optimizer.lr": 0.1,
        "optimizer.momentum": 0.9,
        "criterion": "MSELoss",
        "train_loader.batch_size": 8,
        "train_loader.n_batches": 3,
        "train_loader.shuffle": True,
        "steps": 3,
        "epochs": 1,
    }
    assert {key: run.params.get(key) for key in expected} == expected
    (summary,) = [text for text in run.texts if text.key == "model/summary"]
    assert "weight 3×4" in summary.text


def test_data_sets_and_roles(kit, stored):
    """What steps were made on is training data; evaluated between steps validation; after test."""
    model, criterion = kit.model(), nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    train, val = kit.loader(), DataLoader(kit.held_out, batch_size=4)
    test = DataLoader(kit.data, batch_size=24)
    values = []
    for _ in range(3):
        kit.epoch(model, optimizer, train, criterion)
        values.append(kit.evaluate(model, val, criterion))
    final = kit.evaluate(model, test, criterion)
    epochlog.uninstrument()
    (run,) = stored()
    assert {data.role: data.name for data in run.datasets} == {
        "train": "train",
        "validation": "val",
        "test": "test",
    }
    curve = run.series("val/loss")
    assert list(curve.values) == pytest.approx(values)
    assert list(curve.steps) == [2, 5, 8]
    assert list(curve.epochs) == [0, 1, 2]
    assert run.metrics["test/loss"].last == pytest.approx(final)


def test_validation_in_the_middle_of_an_epoch(kit, stored):
    """Validating every other step neither ends the epoch nor takes the training's place."""
    model, criterion = kit.model(), nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    val, count = DataLoader(kit.held_out, batch_size=5), [0]

    def after():
        count[0] += 1
        if count[0] % 2 == 0:
            kit.evaluate(model, val, criterion)
            model.train()

    for _ in range(2):
        kit.epoch(model, optimizer, kit_loader := kit.loader(), criterion, after)
    del kit_loader
    epochlog.uninstrument()
    (run,) = stored()
    assert list(run.series("train/loss").epochs) == [0, 0, 0, 1, 1, 1]
    assert list(run.series("val/loss").steps) == [1, 3, 5]


def test_a_look_at_a_batch_is_no_epoch(kit, stored):
    """``next(iter(loader))`` before the training makes its data neither validation nor an epoch."""
    model, loader = kit.model(), kit.loader()
    next(iter(loader))
    kit.epoch(model, torch.optim.SGD(model.parameters(), lr=0.1), loader)
    epochlog.uninstrument()
    (run,) = stored()
    assert [data.role for data in run.datasets] == ["train"]
    assert run.params["epochs"] == 1


def test_loops_without_loader(kit, stored):
    """A full-batch loop has steps and no epochs; its evaluations are validation, also the last."""
    model, criterion = kit.model(), nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x, y = kit.data.tensors
    for _ in range(4):
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()
        model.eval()
        with torch.no_grad():
            criterion(model(x), y)
        model.train()
    epochlog.uninstrument()
    (run,) = stored()
    assert list(run.series("train/loss").steps) == [0, 1, 2, 3]
    assert list(run.series("val/loss").steps) == [0, 1, 2, 3]
    assert "epochs" not in run.params


def test_learning_rate_when_it_changes(kit, stored):
    """The curve has the rate that each step used: points where it changes, and just before."""
    model = kit.model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.8)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2, gamma=0.5)
    loader = kit.loader()
    for _ in range(4):
        kit.epoch(model, optimizer, loader)
        scheduler.step()
    epochlog.uninstrument()
    (run,) = stored()
    curve = run.series("learning_rate")
    assert list(zip(curve.steps, curve.values, strict=True)) == [(0, 0.8), (5, 0.8), (6, 0.4)]
    assert list(curve.epochs) == [0, 1, 2]
    assert run.params["scheduler.class"] == "StepLR"
    assert run.params["scheduler.step_size"] == 2


def test_two_trainings_are_two_runs(kit, stored):
    """A new optimizer over a new model ends one run and begins the next."""
    loader = kit.loader()
    for rate in (0.1, 0.01):
        model = kit.model()
        optimizer = torch.optim.SGD(model.parameters(), lr=rate)
        for _ in range(4):
            kit.epoch(model, optimizer, loader)
    epochlog.uninstrument()
    runs = stored()
    assert [run.params["optimizer.lr"] for run in runs] == [0.1, 0.01]
    assert [run.metrics["train/loss"].count for run in runs] == [12, 12]


def test_two_networks_against_each_other_are_one_run(stored):
    """A GAN is one run: each network's loss, over its own steps."""
    one, two = nn.Linear(2, 2), nn.Linear(2, 1)
    first = torch.optim.SGD(two.parameters(), lr=0.1)
    second = torch.optim.SGD(one.parameters(), lr=0.2)
    expected = ([], [])
    for _ in range(5):
        two.zero_grad()
        real, fake = two(torch.ones(3, 2)).mean(), two(one(torch.ones(3, 2)).detach()).mean() ** 2
        real.backward()
        fake.backward()
        first.step()
        one.zero_grad()
        loss = two(one(torch.ones(3, 2))).mean()
        loss.backward()
        second.step()
        expected[0].append(real.item() + fake.item())
        expected[1].append(loss.item())
    epochlog.uninstrument()
    (run,) = stored()
    assert list(run.series("train/loss").values) == expected[0]
    assert list(run.series("train/loss/1").values) == expected[1]
    assert run.metrics["learning_rate/1"].last == 0.2


def test_inside_the_users_run(kit, stored):
    """The user's own run takes the first training; a second model's becomes its child."""
    loader = kit.loader()
    with epochlog.start_run(name="mine") as mine:
        for _ in range(2):
            model = kit.model()
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            for _ in range(4):
                kit.epoch(model, optimizer, loader)
        assert mine.active
    run = epochlog.get_run(mine.id)
    epochlog.flush()
    assert run.metrics["train/loss"].count == 12
    (child,) = run.children()
    assert child.metrics["train/loss"].count == 12
    assert child.status == "completed"


def test_a_run_that_the_user_opens_ends_the_automatic_one(kit, stored):
    """What is trained after ``start_run`` belongs to that run, by the same optimizer, too."""
    model, loader = kit.model(), kit.loader()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    kit.epoch(model, optimizer, loader)
    with epochlog.start_run(name="mine"):
        kit.epoch(model, optimizer, loader)
    first, mine = stored()
    assert first.status == "completed"
    assert mine.name == "mine"
    assert [run.metrics["train/loss"].count for run in (first, mine)] == [3, 3]


def test_the_run_ends_when_model_and_optimizer_are_gone(kit, stored):
    """A training inside a function is over when nothing is left of it."""

    def train():
        model = kit.model()
        kit.epoch(model, torch.optim.SGD(model.parameters(), lr=0.1), kit.loader())

    train()
    gc.collect()
    for _ in range(100):
        (run,) = stored()
        if run.status == "completed":
            break
        time.sleep(0.02)
    assert run.status == "completed"
    assert any("gone" in notice.text for notice in run.notices)


def test_final_weights(kit, stored):
    """The weights at the end are stored, and are those of the model."""
    safetensors = pytest.importorskip("safetensors.torch")
    model = kit.model()
    kit.epoch(model, torch.optim.SGD(model.parameters(), lr=0.1), kit.loader())
    epochlog.uninstrument()
    (run,) = stored()
    back = safetensors.load(run.models[0].read_bytes())
    assert all(torch.equal(back[name], value) for name, value in model.state_dict().items())


def test_paused_and_silenced(kit, stored):
    """Nothing is recorded while paused, nor inside another integration's training."""
    model = kit.model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with epochlog.paused():
        kit.epoch(model, optimizer, kit.loader())
    with silencing(("torch",)):
        kit.epoch(model, optimizer, kit.loader())
    assert stored() == []


def test_other_ranks_are_silent(kit, stored, monkeypatch):
    """A process of a distributed training that is not the first records nothing by itself."""
    monkeypatch.setenv("RANK", "1")
    model = kit.model()
    kit.epoch(model, torch.optim.SGD(model.parameters(), lr=0.1), kit.loader())
    assert stored() == []


def test_other_ranks_join_a_run(kit, stored, monkeypatch):
    """In a run that it was told to join, another rank's curves are kept apart, facts left out."""
    monkeypatch.setenv("RANK", "1")
    with epochlog.start_run() as mine:
        model = kit.model()
        kit.epoch(model, torch.optim.SGD(model.parameters(), lr=0.1), kit.loader())
    epochlog.flush()
    run = epochlog.get_run(mine.id)
    assert "optimizer.lr" not in run.params
    assert run.series("train/loss", context="rank=1").steps.tolist() == [0, 1, 2]


def test_models_are_found_through_wrappers_and_globals(kit, stored):
    """An optimizer's model is found behind lists, filters and groups, also inside a trainer."""

    class Trainer(nn.Module):
        def __init__(self, model):
            super().__init__()
            self.model, self.extra = model, nn.Linear(1, 1)

    model = kit.model()
    trainer = Trainer(model)
    list(trainer.parameters())
    groups = [{"params": list(filter(lambda p: p.ndim > 1, model.parameters())), "lr": 0.1}]
    kit.epoch(model, torch.optim.SGD(groups), kit.loader())
    epochlog.uninstrument()
    assert stored()[0].params["model_class"] == "Sequential"


def test_persistent_workers(kit, stored):
    """Loaders whose worker processes stay have epochs, too."""
    model = kit.model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loader = kit.loader(num_workers=1, persistent_workers=True)
    for _ in range(2):
        kit.epoch(model, optimizer, loader)
    epochlog.uninstrument()
    (run,) = stored()
    assert list(run.series("train/loss").epochs) == [0, 0, 0, 1, 1, 1]
    assert run.params["train_loader.num_workers"] == 1


def test_an_exception_keeps_everything_up_to_it(kit, stored):
    """The step in which a training fails is the last one recorded; the exception is theirs."""
    model, count = kit.model(), [0]

    def after():
        count[0] += 1
        if count[0] == 5:
            raise KeyError("theirs")

    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(KeyError, match="theirs"), epochlog.start_run():
        for _ in range(3):
            kit.epoch(model, optimizer, kit.loader(), after=after)
    (run,) = stored()
    assert run.status == "failed"
    assert run.metrics["train/loss"].count == 5
