"""Names: what a Trainer logs becomes curves that all frameworks share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from epochlog_transformers.names import PREFIXES, as_number, read_logs, split_of


def test_training_logs() -> None:
    """Loss, gradient norm and learning rate have the shared names, and their own as aliases."""
    logs = {"loss": 0.5, "grad_norm": 2.0, "learning_rate": 1e-3, "epoch": 0.5, "step": 3}
    point = read_logs(logs, PREFIXES)

    assert point.values == {"train/loss": 0.5, "gradient_norm": 2.0, "learning_rate": 1e-3}
    assert point.aliases == {"train/loss": "loss", "gradient_norm": "grad_norm"}


def test_final_logs() -> None:
    """The mean loss of the whole training is no point of the loss curve."""
    logs = {"train_loss": 0.4, "train_runtime": 3.0, "total_flos": 1e9, "init_mem_cpu_alloc": 5}
    point = read_logs(logs, PREFIXES)

    assert point.values == {
        "train/loss.mean": 0.4,
        "train/runtime": 3.0,
        "total_flos": 1e9,
        "init_mem_cpu_alloc": 5,
    }


def test_evaluation_logs() -> None:
    """Evaluations are val, predictions test; metrics of equal definition have one name."""
    logs = {"eval_loss": 1.0, "eval_acc": 0.5, "eval_my score": 2, "test_f1": 0.25}

    assert set(read_logs(logs, PREFIXES).values) == {
        "val/loss",
        "val/accuracy",
        "val/my score",
        "test/f1",
    }


def test_longest_prefix_wins() -> None:
    """The name of a set is not taken for a part of the metric's name."""
    prefixes = {"eval": "val", "eval_news": "news"}
    point = read_logs({"eval_news_loss": 1.0, "eval_loss": 2.0}, prefixes)

    assert point.values == {"news/loss": 1.0, "val/loss": 2.0}


@pytest.mark.parametrize(
    ("prefix", "taken", "split"),
    [
        ("eval", {}, "val"),
        ("test", {}, "test"),
        ("dev", {}, "val"),
        ("eval_news", {}, "news"),
        ("eval_validation", {}, "val"),
        ("eval_validation", {"eval": "val"}, "validation"),
        ("eval_train", {}, "train_eval"),
        ("train", {}, "train_eval"),
        ("held_out", {}, "held_out"),
    ],
)
def test_splits(prefix: str, taken: dict[str, str], split: str) -> None:
    """Prefixes become splits; training's own curves and each other's are never mixed in."""
    assert split_of(prefix, taken) == split


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1, 1),
        (True, 1.0),
        (np.float32(0.5), 0.5),
        (torch.tensor(2), 2),
        (torch.tensor([3.0]), 3.0),
        (torch.tensor([1, 2]), None),
        ("x", None),
        ([1], None),
        (None, None),
        (float("inf"), float("inf")),
    ],
)
def test_numbers(value: Any, number: Any) -> None:
    """Scalars count in whatever they are packed; everything else is no number."""
    assert as_number(value) == number
