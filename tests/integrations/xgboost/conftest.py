"""Small data, and XGBoost with epochlog on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

import epochlog


@pytest.fixture(scope="session")
def arrays() -> tuple[np.ndarray, np.ndarray]:
    """Return 600 rows of 6 features and a noisy binary target."""
    rng = np.random.default_rng(7)
    X = rng.normal(size=(600, 6))
    return X, (X[:, 0] + X[:, 1] ** 2 + rng.normal(size=600) > 1).astype(int)


@pytest.fixture
def sets(arrays: tuple[np.ndarray, np.ndarray]) -> tuple[xgb.DMatrix, xgb.DMatrix]:
    """Return fresh training and validation sets; asks for recording first, where it is wanted."""
    X, y = arrays
    return xgb.DMatrix(X[:400], label=y[:400]), xgb.DMatrix(X[400:], label=y[400:])


@pytest.fixture
def on() -> None:
    """Record XGBoost alone, as if scikit-learn's integration did not exist."""
    epochlog.autolog("xgboost", hardware=False)


@pytest.fixture
def stored() -> Callable[..., list[Any]]:
    """Return a function that reads the store: all runs, oldest first."""

    def read(**filters: Any) -> list[Any]:
        epochlog.flush()
        return list(epochlog.runs(order_by="started", **filters))

    return read
