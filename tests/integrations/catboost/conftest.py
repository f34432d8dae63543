"""Small data, a folder of its own for CatBoost's files, and CatBoost with epochlog on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import epochlog


@pytest.fixture(scope="session")
def arrays() -> tuple[np.ndarray, np.ndarray]:
    """Return 300 rows of 5 features and a noisy binary target."""
    rng = np.random.default_rng(7)
    X = rng.normal(size=(300, 5))
    return X, (X[:, 0] + X[:, 1] ** 2 + rng.normal(size=300) > 1).astype(int)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Train in an empty folder: CatBoost writes into the current one."""
    place = tmp_path / "work"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def on() -> None:
    """Record CatBoost alone, as if scikit-learn's integration did not exist."""
    epochlog.autolog("catboost", hardware=False)


@pytest.fixture
def stored() -> Callable[..., list[Any]]:
    """Return a function that reads the store: all runs, oldest first."""

    def read(**filters: Any) -> list[Any]:
        epochlog.flush()
        return list(epochlog.runs(order_by="started", **filters))

    return read
