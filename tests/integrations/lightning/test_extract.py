"""Lightning's objects become plain data without being touched."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch

from epochlog_lightning import extract


def test_nested_hyperparameters_become_names_with_dots() -> None:
    """Mappings are opened, empty ones and lists stay values, networks are named only."""
    given = {"a": {"b": 1, "c": {}}, "layers": [1, 2], "net": torch.nn.Linear(1, 1)}

    found = dict(extract.flat(given, "hparams"))

    assert found == {
        "hparams.a.b": 1,
        "hparams.a.c": {},
        "hparams.layers": [1, 2],
        "hparams.net": "<Linear>",
    }


def test_data_module_and_module_may_disagree() -> None:
    """Equal values are told once; different ones under a name of their own."""
    module = SimpleNamespace(_hparams={"lr": 1, "size": 2})
    data = SimpleNamespace(_hparams={"size": 3, "root": "x"})

    assert extract.hyperparameters(module, data) == {
        "hparams.lr": 1,
        "hparams.size": 2,
        "hparams.datamodule.size": 3,
        "hparams.root": "x",
    }


def test_asking_for_hyperparameters_creates_none() -> None:
    """A module that never saved any has no attribute for them afterwards."""
    import lightning.pytorch as pl

    module = pl.LightningModule()
    before = dict(vars(module))

    assert extract.hyperparameters(module, None) == {}
    assert vars(module).keys() == before.keys()


def test_loaders_in_any_nesting() -> None:
    """Lists, mappings and combined loaders are opened, everything else is a loader."""
    a, b, c = object(), object(), object()
    combined = SimpleNamespace(iterables=[c])

    assert list(extract.loaders({"x": [a, b], "y": combined})) == [a, b, c]
    assert list(extract.loaders(None)) == []


def test_only_single_numbers_are_points() -> None:
    """Tensors of one element are; vectors, texts and None are not."""
    values: list[Any] = [torch.tensor(1.5), torch.tensor([2.0]), 3, True]

    assert [extract.scalar(v) for v in values] == [1.5, 2.0, 3.0, 1.0]
    assert [extract.scalar(v) for v in (torch.zeros(2), "a", None, [1])] == [None] * 4


def test_gradient_norms_of_several_optimizers() -> None:
    """Each optimizer's norm is that of its own parameters."""
    one, two = torch.nn.Parameter(torch.ones(1)), torch.nn.Parameter(torch.ones(1))
    one.grad, two.grad = torch.tensor([3.0]), torch.tensor([4.0])
    several = [torch.optim.SGD([one]), torch.optim.SGD([two])]

    assert extract.gradient_norms(several[1], several) == {"gradient_norm/1": 4.0}
    assert extract.gradient_norms(several[0], several[:1]) == {"gradient_norm": 3.0}
