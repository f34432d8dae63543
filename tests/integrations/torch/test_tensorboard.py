"""What a SummaryWriter is told is recorded: with PyTorch's writer, or tensorboardX's."""

from __future__ import annotations

import sys
import types

import pytest
import torch

import epochlog


class SummaryWriter:
    """The methods of a writer, in a module of the name that we wait for: neither is installed."""

    def __init__(self):
        self.told = []

    def add_scalar(self, tag, scalar_value, global_step=None, walltime=None, new_style=False):
        self.told.append((tag, global_step))

    def add_scalars(self, main_tag, tag_scalar_dict, global_step=None, walltime=None):
        self.told.append((main_tag, global_step))

    def add_hparams(self, hparam_dict, metric_dict, run_name=None):
        inner = type(self)()
        for key, value in metric_dict.items():
            inner.add_scalar(key, value)

    def add_histogram(self, tag, values, global_step=None, bins="tensorflow"):
        self.told.append((tag, global_step))

    def add_text(self, tag, text_string, global_step=None, walltime=None):
        self.told.append((tag, global_step))

    def close(self):
        self.told.append("closed")


@pytest.fixture
def writer(on, monkeypatch):
    """Return a new writer of a module that arrives after ``autolog()``."""
    from epochlog_torch import patches

    module = types.ModuleType("tensorboardX.writer")
    module.SummaryWriter = type("SummaryWriter", (SummaryWriter,), dict(vars(SummaryWriter)))
    monkeypatch.setitem(sys.modules, "tensorboardX.writer", module)
    patches._writer_arrived(module)
    return module.SummaryWriter()


def test_one_run_for_all_scalars(writer, stored):
    """Without a run, a writer has one; tags, values, steps and wall times are kept."""
    for k in range(5):
        writer.add_scalar("Loss/Train (%)", torch.tensor(k / 2), k * 10, walltime=1e9 + k)
    writer.close()
    (run,) = stored()
    curve = run.series("Loss/Train (%)")
    assert list(curve.values) == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert list(curve.steps) == [0, 10, 20, 30, 40]
    assert run.status == "completed"
    assert writer.told[:2] == [("Loss/Train (%)", 0), ("Loss/Train (%)", 10)]
    assert writer.told[-1] == "closed"


def test_everything_else(writer, stored):
    """Groups of scalars, hyperparameters, histograms and texts are recorded; hparams once."""
    writer.add_scalars("losses", {"a": 1.0, "b": 2.0}, 3)
    writer.add_hparams({"lr": 0.1, "name": "x"}, {"hparam/accuracy": 0.9})
    writer.add_histogram("weights", torch.arange(10.0), 1)
    writer.add_text("note", "hello", 2)
    writer.close()
    (run,) = stored()
    assert run.metrics["losses/b"].last == 2.0
    assert run.params["hparams.lr"] == 0.1
    assert run.metrics["hparam/accuracy"].count == 1
    assert run.plots[0].key == "weights"
    assert run.texts[0].text == "hello"


def test_writer_and_loop_share_a_run(writer, kit, stored):
    """A writer's scalars belong to the training's run, before its first step and after."""
    writer.add_scalar("before", 1.0)
    model = kit.model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    losses = kit.epoch(model, optimizer, kit.loader())
    for k, loss in enumerate(losses):
        writer.add_scalar("train/loss", loss + 1, k)
        writer.add_scalar("mine", loss, k)
    writer.close()
    epochlog.uninstrument()
    (run,) = stored()
    assert run.metrics["before"].count == 1
    assert list(run.series("mine").values) == losses
    assert list(run.series("train/loss", context="").values) == losses
    assert list(run.series("train/loss", context="tensorboard").values) == [v + 1 for v in losses]


def test_inside_the_users_run(writer, stored):
    """In the user's run the scalars are that run's."""
    with epochlog.start_run() as mine:
        writer.add_scalar("x", 1.0, 0)
        writer.close()
    (run,) = stored()
    assert (run.id, run.metrics["x"].last) == (mine.id, 1.0)
