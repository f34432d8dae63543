"""Histograms: every number is counted, whatever it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from epochlog.plugins.api import histogram


@given(arrays(np.float32, st.integers(0, 200), elements=st.floats(width=32)), st.integers(1, 100))
def test_no_number_is_lost(values: np.ndarray, bins: int) -> None:
    """Counts, NaN and infinite numbers add up to the size, whatever the numbers are."""
    found = histogram(values, bins)

    assert sum(found["counts"]) + found["nan"] + found["inf"] == found["count"] == values.size
    if found["counts"]:
        assert len(found["edges"]) == bins + 1
        assert found["edges"][0] <= found["min"] <= found["max"] <= found["edges"][-1]


def test_it_agrees_with_numpy() -> None:
    """Counts and edges are NumPy's, statistics those of the finite values."""
    values = np.random.default_rng(0).normal(size=1000)
    counts, edges = np.histogram(values, bins=10)
    found = histogram(np.append(values, [np.nan, np.inf]), bins=10)

    assert found["counts"] == counts.tolist()
    assert found["edges"] == edges.tolist()
    assert found["mean"] == pytest.approx(values.mean())
    assert found["norm"] == pytest.approx(np.linalg.norm(values))
    assert (found["nan"], found["inf"]) == (1, 1)


def test_tensors_stay_untouched() -> None:
    """A tensor that needs gradients and a type that NumPy lacks are read, not changed."""
    torch = pytest.importorskip("torch")
    tensor = torch.ones(8, dtype=torch.bfloat16, requires_grad=True)

    assert histogram(tensor, bins=2)["mean"] == 1.0
    assert tensor.requires_grad
    assert tensor.dtype == torch.bfloat16
