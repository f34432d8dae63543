"""Small real data, and LightGBM with epochlog on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

import epochlog


@pytest.fixture(scope="session")
def arrays() -> tuple[np.ndarray, np.ndarray]:
    """Return 600 rows of 6 features and a noisy binary target."""
    rng = np.random.default_rng(7)
    X = rng.normal(size=(600, 6))
    return X, (X[:, 0] + X[:, 1] ** 2 + rng.normal(size=600) > 1).astype(int)


@pytest.fixture
def sets(arrays: tuple[np.ndarray, np.ndarray]) -> tuple[lgb.Dataset, lgb.Dataset]:
    """Return fresh training and validation sets."""
    X, y = arrays
    train = lgb.Dataset(X[:400], y[:400])
    return train, lgb.Dataset(X[400:], y[400:], reference=train)


@pytest.fixture
def on() -> None:
    """Record LightGBM alone, as if scikit-learn's integration did not exist."""
    epochlog.autolog("lightgbm", hardware=False)


@pytest.fixture
def stored() -> Callable[..., list[Any]]:
    """Return a function that reads the store: all runs, oldest first."""

    def read(**filters: Any) -> list[Any]:
        epochlog.flush()
        return list(epochlog.runs(order_by="started", **filters))

    return read
