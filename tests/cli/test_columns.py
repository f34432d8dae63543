"""Columns by name."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from epochlog.base.errors import EpochlogError
from epochlog.cli.columns import Spec, parse_columns

RUNS: Any = [
    SimpleNamespace(
        params={"lr": 1, "opt.name": "sgd"},
        metrics={"val/loss": 1, "loss.min": 2},
        system_metrics={},
    )
]


@pytest.mark.parametrize(
    ("text", "specs"),
    [
        ("name, status", [Spec("", "name"), Spec("", "status")]),
        ("framework,took", [Spec("", "source"), Spec("", "duration")]),
        ("params.opt.name", [Spec("params", "opt.name", title="opt.name")]),
        ("metrics.val/loss", [Spec("metrics", "val/loss", title="val/loss")]),
        ("metrics.val/loss.min", [Spec("metrics", "val/loss", "min", title="val/loss.min")]),
        ("metrics['val/loss'].best.step", [Spec("metrics", "val/loss", "best", True, "val/loss.best.step")]),
        ("metrics.loss.min", [Spec("metrics", "loss.min", title="loss.min")]),
        ("params.*", [Spec("params", "lr", title="lr"), Spec("params", "opt.name", title="opt.name")]),
        ("metrics.val/*.max", [Spec("metrics", "val/loss", "max", title="val/loss.max")]),
        ("params['a,b']", [Spec("params", "a,b", title="a,b")]),
    ],
)  # fmt: skip
def test_names_of_columns(text: str, specs: list[Spec]) -> None:
    """Fields, aliases, params, statistics, steps, globs and quoted names are understood."""
    assert parse_columns(text, RUNS) == specs


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("nmae", "'name'"),
        ("lr", "'params.lr'"),
        ("metrics.", "no column"),
        ("zzz", "there are status"),
    ],
)
def test_unknown_columns_are_told(text: str, hint: str) -> None:
    """What is no column is told with near names, or with all there are."""
    with pytest.raises(EpochlogError, match="no column") as told:
        parse_columns(text, RUNS)
    assert hint in str(told.value)
