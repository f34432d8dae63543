"""Fixtures: scikit-learn recorded into this test's store, and its runs read back through the front door."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import epochlog

pytest.importorskip("sklearn")


@pytest.fixture
def autolog(store: Path) -> Callable[..., Any]:
    """Return a function that switches recording on, with options for the integration."""

    def switch_on(**options: Any) -> Any:
        return epochlog.autolog(store=store, disable=["hardware"], options={"sklearn": options})

    return switch_on


@pytest.fixture
def runs(store: Path, autolog: Callable[..., Any]) -> Callable[..., list[Any]]:
    """Switch recording on and return a function that reads all runs so far, oldest first."""
    autolog()

    def read(where: str = "", **more: Any) -> list[Any]:
        epochlog.flush()
        if not (store / "epochlog.db").exists():  # nothing was ever recorded
            return []
        return list(epochlog.runs(where, order_by="started", store=store, **more))

    return read


@pytest.fixture
def only_run(runs: Callable[..., list[Any]]) -> Callable[[], Any]:
    """Return a function that reads the one top-level run there must be."""

    def read() -> Any:
        (run,) = runs(nested=False)
        return run

    return read


@pytest.fixture(scope="session")
def cancer() -> tuple[Any, Any]:
    """Return X (569 x 30) and y of a binary classification."""
    from sklearn.datasets import load_breast_cancer

    return load_breast_cancer(return_X_y=True)


@pytest.fixture(scope="session")
def diabetes() -> tuple[Any, Any]:
    """Return X (442 x 10) and y of a regression."""
    from sklearn.datasets import load_diabetes

    return load_diabetes(return_X_y=True)


@pytest.fixture
def split(cancer):
    """Return X and y to train on, X and y to test on."""
    X, y = cancer
    return X[:400], y[:400], X[400:], y[400:]
