"""Encode events for the journal, taking numbers of any library without importing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from epochlog.contract.events import METRIC_TAG


def _foreign(value: Any) -> Any:
    """Turn a foreign scalar (numpy, torch, jax, tensorflow, Decimal) or mapping into plain data."""
    item = getattr(value, "item", None)
    if callable(item):
        return item()  # raises for more than one element, which is no metric
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "__float__"):
        return float(value)
    if hasattr(value, "numpy"):
        return value.numpy().item()
    raise TypeError(f"{type(value).__name__} is no number")


encode = msgspec.msgpack.Encoder(enc_hook=_foreign).encode
"""Encode anything an event may hold."""


def encode_metrics_one_by_one(
    run_id: str, metrics: Any, *, step: Any, epoch: Any, at: int, context: Any
) -> tuple[bytes | None, dict[str, str]]:
    """Encode the good values of a ``log_metrics`` call; return (payload, {key: why refused})."""
    refused: dict[str, str] = {}
    if not isinstance(metrics, Mapping):
        return None, {
            "metrics": f"a mapping of names to numbers is needed, not {type(metrics).__name__}"
        }
    good: dict[str, Any] = {}
    for key, value in metrics.items():
        try:
            good[str(key)] = msgspec.msgpack.decode(encode(_bounded(value)))
        except Exception as error:
            refused[str(key)] = f"{type(error).__name__}: {error}"[:500]
    x = {}
    for name, value in (("step", step), ("epoch", epoch)):
        try:
            x[name] = msgspec.msgpack.decode(encode(_bounded(value)))
        except Exception as error:
            x[name] = None
            refused[name] = f"{type(error).__name__}: {error}"[:500]
    if not good:
        return None, refused
    return encode((METRIC_TAG, run_id, at, x["step"], good, x["epoch"], str(context))), refused


def _bounded(value: Any) -> Any:
    """Integers beyond 64 bits become floats (±Inf beyond the largest double)."""
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        try:
            return float(value)
        except OverflowError:
            return float("inf") if value > 0 else float("-inf")
    return value
