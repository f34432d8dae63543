"""Fingerprints of PyTorch tensors: by content, in place, whatever dtype and layout they have."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from epochlog.recording.datasets import describe

torch = pytest.importorskip("torch")


def digest(data: Any) -> str:
    """Return the digest of ``data``."""
    return describe(data).digest


def test_a_tensor_equals_the_array_over_the_same_memory() -> None:
    """A tensor and its NumPy array are the same data set, in every dtype that both know."""
    for dtype in (
        torch.float32,
        torch.float64,
        torch.float16,
        torch.int64,
        torch.uint8,
        torch.bool,
    ):
        tensor = torch.arange(12).reshape(3, 4).to(dtype)
        assert digest(tensor) == digest(tensor.numpy()) != ""


def test_strides_do_not_count() -> None:
    """Views, transposed and expanded tensors have the digest of their elements."""
    base = torch.arange(24.0).reshape(4, 6)
    for view in (base.t(), base[:, ::2], base[1:3], base[:1].expand(3, 6), base[2]):
        assert digest(view) == digest(view.contiguous().clone())


def test_gradients_do_not_count() -> None:
    """A tensor that requires gradients, and one that has some, is its values."""
    plain = torch.arange(4.0)
    leaf = plain.clone().requires_grad_()
    (leaf * 2).sum().backward()
    assert digest(leaf) == digest(plain) == digest(torch.nn.Parameter(plain.clone()))
    assert digest(leaf * 2) == digest(plain * 2)


def test_bfloat16() -> None:
    """A dtype that NumPy lacks has a digest by content, its own shape, and statistics of values."""
    tensor = torch.tensor([[1.0, 2.0], [3.0, math.nan], [5.0, 6.0]]).to(torch.bfloat16)
    facts = describe(tensor)
    assert facts.digest == digest(tensor.t().contiguous().t()) == digest(tensor.clone())
    assert facts.digest != digest(tensor.view(torch.uint8))
    assert facts.digest != digest(tensor.reshape(2, 3))
    assert facts.schema["shape"] == [3, 2]
    assert facts.schema["dtype"] == "bfloat16"
    assert facts.stats["data"] == {
        "nulls": [0, 1], "min": [1.0, 2.0], "max": [5.0, 6.0], "mean": [3.0, 4.0],
        "quantiles": [[1.0, 1.0, 3.0, 5.0, 5.0], [2.0, 2.0, 6.0, 6.0, 6.0]],
    }  # fmt: skip
    assert digest(torch.tensor(1.5, dtype=torch.bfloat16)) != ""


def test_bfloat16_beyond_the_budget_is_sampled() -> None:
    """Rows of a tensor of an odd dtype are sampled like those of any other."""
    tensor = torch.zeros(3_000_000, 2, dtype=torch.bfloat16)
    tensor[:, 0] = torch.arange(3_000_000) % 7
    facts = describe(tensor, budget_s=0.0)
    assert facts.digest_algo == "sha256-sample"
    assert not facts.complete
    assert facts.digest == describe(tensor.clone(), budget_s=0.0).digest


def test_float8_and_conjugates() -> None:
    """Eight-bit floats and lazily conjugated tensors are hashed by value."""
    eight = torch.tensor([1.0, 2.0]).to(torch.float8_e4m3fn)
    assert digest(eight) == digest(eight.clone()) != digest(eight.to(torch.float8_e5m2))
    complex_ = torch.tensor([1 + 2j, 3 - 1j])
    assert digest(complex_.conj()) == digest(complex_.conj().resolve_conj()) != digest(complex_)


def test_tensors_without_readable_memory_have_no_digest() -> None:
    """Sparse, meta, nested and fake tensors are described without a digest and without an error."""
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode():
        fake = torch.ones(3)
    nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=torch.jagged)
    for odd in (torch.eye(3).to_sparse(), torch.empty(3, device="meta"), nested, fake):
        assert describe(odd).digest == ""


def test_a_tensor_dataset_is_its_tensors() -> None:
    """The data set of tensors has the digest of the tensors together."""
    x, y = torch.arange(6.0).reshape(3, 2), torch.arange(3)
    assert digest(torch.utils.data.TensorDataset(x, y)) == digest((x, y)) == digest((x.numpy(), y))
    assert describe(x, target=y).digest == describe(x.numpy(), target=np.arange(3)).digest
