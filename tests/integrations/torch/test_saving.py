"""What ``torch.save`` writes of the model in training is a checkpoint; nothing else is."""

from __future__ import annotations

import copy
import io

import pytest
import torch

import epochlog

pytestmark = pytest.mark.usefixtures("on")


@pytest.fixture
def training(kit):
    """Return a model and an optimizer that have been trained for three steps."""
    model = kit.model()
    optimizer = torch.optim.Adam(model.parameters())
    kit.epoch(model, optimizer, kit.loader())
    return model, optimizer


def test_forms_of_checkpoints(training, stored, tmp_path):
    """Module, state dict, copies of it, optimizer state, and dicts of these are checkpoints."""
    model, optimizer = training
    best = copy.deepcopy(model.state_dict())
    forms = (
        model,
        model.state_dict(),
        best,
        optimizer.state_dict(),
        {"epoch": 3, "model": model.state_dict(), "loss": 0.5},
        {f"module.{name}": value for name, value in model.state_dict().items()},
    )
    for k, form in enumerate(forms):
        torch.save(form, tmp_path / f"best_{k}.pt")
    epochlog.uninstrument()
    (run,) = stored()
    assert [each.meta["file"] for each in run.checkpoints] == [f"best_{k}.pt" for k in range(6)]
    assert run.checkpoints[4].meta["epoch"] == 3
    assert run.checkpoints[4].meta["loss"] == 0.5
    assert run.checkpoints[0].step == 2
    back = torch.load(io.BytesIO(run.checkpoints[1].read_bytes()), weights_only=True)
    assert torch.equal(back["0.weight"], model[0].weight)


def test_other_things_are_no_models(training, kit, stored, tmp_path):
    """A tensor or a batch saved per step, another model, a buffer: none is a checkpoint."""
    model, _ = training
    others = (
        torch.ones(3),
        {"x": torch.ones(3), "y": torch.ones(3)},
        list(model.parameters()),
        torch.nn.Linear(4, 3).state_dict(),
        {"losses": [1.0, 2.0]},
    )
    for k, other in enumerate(others):
        torch.save(other, tmp_path / f"{k}.pt")
    torch.save(model.state_dict(), io.BytesIO())
    epochlog.uninstrument()
    (run,) = stored()
    assert run.checkpoints == []


def test_overwritten_files_keep_their_versions(training, stored, tmp_path):
    """A file that is written again and again has a version for each time, each with its bytes."""
    model, _ = training
    contents = []
    for k in range(3):
        with torch.no_grad():
            model[0].weight.fill_(k)
        torch.save(model.state_dict(), tmp_path / "last.pt")
        contents.append((tmp_path / "last.pt").read_bytes())
    epochlog.uninstrument()
    (run,) = stored()
    assert [each.read_bytes() for each in run.checkpoints] == contents


def test_large_files_are_only_referred_to(kit, stored, tmp_path):
    """Beyond the limit, path and size are kept and no copy."""
    epochlog.uninstrument()
    epochlog.autolog("torch", hardware=False, options={"torch": {"checkpoint_max_mb": 0}})
    model = kit.model()
    kit.epoch(model, torch.optim.SGD(model.parameters(), lr=0.1), kit.loader())
    torch.save(model.state_dict(), tmp_path / "m.pt")
    epochlog.uninstrument()
    (run,) = stored()
    (found,) = [a for a in run.artifacts if a.name == "checkpoint"]
    assert found.path == tmp_path / "m.pt"
    assert found.digest == ""
