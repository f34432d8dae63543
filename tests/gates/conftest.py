"""Fixtures: everything switched on as users do it, real data, and the store read back."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

import epochlog

os.environ.setdefault("KERAS_BACKEND", "torch")


@pytest.fixture
def on() -> Any:
    """Record every framework, without samples of the hardware."""
    return epochlog.autolog(hardware=False)


@pytest.fixture
def stored(on: Any) -> Callable[..., list[Any]]:
    """Switch recording on and return a function that reads all runs so far, oldest first."""
    del on

    def read(where: str = "", **more: Any) -> list[Any]:
        epochlog.flush()
        return list(epochlog.runs(where, order_by="started", **more))

    return read


@pytest.fixture
def only(stored: Callable[..., list[Any]]) -> Callable[[], Any]:
    """Return a function that reads the one top-level run there must be."""

    def read() -> Any:
        (run,) = stored(nested=False)
        return run

    return read


@pytest.fixture(scope="session")
def cancer() -> tuple[Any, Any]:
    """Return X (569 x 30, scaled) and y of a binary classification."""
    from sklearn.datasets import load_breast_cancer

    X, y = load_breast_cancer(return_X_y=True)
    return ((X - X.mean(0)) / X.std(0)).astype("float32"), y
