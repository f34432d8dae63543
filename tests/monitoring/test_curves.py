"""Watchdogs over curves speak when they should, and are silent when they should."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from epochlog.contract.events import MetricPoints, Params
from epochlog.contract.watchdog import Check, Finding
from epochlog.monitoring.curves import diverged, nan, plateau
from epochlog.monitoring.watch import WatchedRun

INF = math.inf


def said(
    check: Check, values: Sequence[float], key: str = "train/loss", **params: str
) -> list[str]:
    """Return what the check says of one value after another, as the recording thread asks it."""
    run = WatchedRun("id", (), lambda run: True)
    run.params = [Params("id", 0, dict(params))] if params else []
    texts = []
    for step, value in enumerate(values):
        run.points = [MetricPoints("id", step, step, {key: value, "other": 1.0})]
        if found := check(run):
            texts.append(found.text if isinstance(found, Finding) else found)
    return texts


def test_nan_and_infinity_are_told_once() -> None:
    """The first of a row is told, with its step, not each one after it; a new row is told again."""
    values = [1, math.nan, math.nan, 1, -INF]

    assert said(nan(), values) == ["train/loss is nan at step 1", "train/loss is -inf at step 4"]


def test_nan_asks_for_the_curves_that_were_meant() -> None:
    """Other curves may be NaN; large finite values whose sum overflows are no infinity."""
    assert said(nan("*loss*"), [math.nan], "val/f1") == []
    assert said(nan(), [1.7e308] * 3) == []
    assert said(nan(patience=3), [math.nan, math.nan, 1, math.nan]) == []
    assert len(said(nan(patience=3), [math.nan] * 5)) == 1


@pytest.mark.parametrize(
    "values",
    [
        [2.3, 1.0, 0.5, 0.4, 0.45],  # learns
        [2.3, 1e-6, 1e-4, 2e-5],  # noise near zero, far below the beginning
        [2.3, 0.3, 2.2],  # back, but no worse than at the beginning
        [1, 5, 9],  # rises, by less than the factor
        [math.nan, INF, 1],  # not its business
        [-5, -6, -5.5],
    ],
)
def test_no_divergence(values: list[float]) -> None:
    """Curves that go well, or only less well, are left alone."""
    assert said(diverged("train/loss", factor=10), values) == []


def test_divergence() -> None:
    """Ten times the best and worse than at the beginning, once, with the numbers."""
    values = [2.3, 0.3, 50, 60]

    assert said(diverged("train/*", factor=10), values) == [
        "train/loss diverged: 50 at step 2, it began at 2.3 and its best was 0.3"
    ]
    assert said(diverged("train/*", factor=10, patience=2), [2.3, 0.3, 50, 0.3, 50]) == []


def test_divergence_of_what_should_be_large() -> None:
    """An accuracy diverges downwards: by its name, by the framework's word, or by mode."""
    values = [0.5, 0.9, 0.05]

    assert len(said(diverged("*"), values, "val/accuracy")) == 1
    assert said(diverged("*"), values, "val/loss") == []
    assert len(said(diverged("*", mode="max"), values, "val/x")) == 1
    assert len(said(diverged("*"), values, "val/x", **{"goal.val/x": "maximize"})) == 1


def test_plateau() -> None:
    """No better for so many points is told once, and again after it got better in between."""
    values = [1, 0.9, 0.9, 0.95, 0.9, 0.9, 0.8, 0.8, 0.8, 0.8]

    assert said(plateau("*loss", patience=3), values) == [
        "train/loss has not got better for 3 points at step 4; its best is 0.9",
        "train/loss has not got better for 3 points at step 9; its best is 0.8",
    ]
    assert said(plateau("*loss", patience=3), [3, 2, 1, 0.5, 0.2]) == []
    assert len(said(plateau("*loss", patience=3, min_delta=0.1), [1, 0.99, 0.98, 0.97])) == 1
    assert len(said(plateau("*", patience=2), [0.9, 0.8, 0.7], "val/accuracy")) == 1
