"""Give what a Trainer logs the names that curves of all frameworks share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from epochlog.plugins.api import metric_key

PREFIXES = {"eval": "val", "test": "test"}
"""What a Trainer puts before the names of metrics, unless it is told otherwise."""

_FLAT = {"learning_rate", "total_flos", "num_input_tokens_seen"}
_NOT_METRICS = {"epoch", "step"}
_OWN = {"grad_norm": "gradient_norm", "train_loss": "train/loss.mean"}
"""``train_loss`` is the mean over the whole training: no point of the curve ``train/loss``."""


@dataclass(slots=True)
class Point:
    """What one call of ``Trainer.log`` says.

    Attributes:
        values: curve -> number.
        aliases: curve -> the Trainer's own name.
        others: own name -> what is no number (a list, a text).
    """

    values: dict[str, float] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    others: dict[str, Any] = field(default_factory=dict)


def split_of(prefix: str, taken: Mapping[str, str]) -> str:
    """Return the split for a prefix of metric names.

    ``eval`` is val, ``test`` is test. For several evaluation sets the prefix is
    ``eval_<their name>``; their names are taken as the user's own names of splits.

    Args:
        prefix: ``metric_key_prefix`` of `evaluate` or `predict`.
        taken: prefix -> split of those seen before; no two of them get the same split.
    """
    if prefix in taken:
        return taken[prefix]
    name = prefix.removeprefix("eval_") or prefix
    split = metric_key(name, "x").rpartition("/")[0]
    if split == "train":  # an evaluation on training data is not the training's own curve
        split = "train_eval"
    return name if split in taken.values() else split


def read_logs(logs: Mapping[str, Any], prefixes: Mapping[str, str]) -> Point:
    """Return the point that ``logs`` describe.

    Args:
        logs: what ``Trainer.log`` was given.
        prefixes: prefix -> split of the evaluations that may be meant.
    """
    point = Point()
    longest_first = sorted(prefixes, key=len, reverse=True)
    for key_given, value in logs.items():
        own = str(key_given)
        if own in _NOT_METRICS:
            continue
        number = as_number(value)
        if number is None:
            point.others[own] = value
            continue
        prefix = next((p for p in longest_first if own.startswith(f"{p}_")), None)
        key = _train_key(own) if prefix is None else _eval_key(own, prefix, prefixes[prefix])
        point.values[key] = number
        if key != own:
            point.aliases[key] = own
    return point


def _eval_key(own: str, prefix: str, split: str) -> str:
    metric = own[len(prefix) + 1 :]
    return metric_key(split, metric, loss=metric == "loss")


def _train_key(own: str) -> str:
    if own in _OWN:
        return _OWN[own]
    if own in _FLAT or own.startswith("init_mem_") or "/" in own:
        return own
    metric = own.removeprefix("train_")
    return metric_key("train", metric, loss=metric == "loss")


def as_number(value: Any) -> float | None:
    """Return a scalar as a number, whatever it is packed in; None if it is none."""
    if isinstance(value, (bool, int, float)):
        return float(value) if isinstance(value, bool) else value
    item = getattr(value, "item", None)
    if item is None or getattr(value, "size", None) is None or _length(value) != 1:
        return None
    try:
        found = item()
    except (RuntimeError, TypeError, ValueError):
        return None
    return found if isinstance(found, (int, float)) else None


def _length(value: Any) -> int:
    shape = getattr(value, "shape", None)
    return -1 if shape is None else math.prod(shape)
