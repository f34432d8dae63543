"""Say what goes into a torch module and comes out, from its layers; the module is never called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from epochlog.plugins.signatures import signature, spec

STATE_MAX = 500
"""Tensors named in a signature."""

INFERRED = "first and last layer in order of definition"

_SPATIAL = {"1d": 1, "2d": 2, "3d": 3}


def module_signature(module: Any) -> dict[str, Any]:
    """Return the signature of a module whose weights are stored.

    ``state`` are the tensors of its state dict. Shapes of inputs and outputs come from the first
    and the last layer that have one, as ``inferred`` says: right for modules that run their layers
    in the order in which they define them, which nobody can know without running them.
    """
    layers = [layer for layer in module.modules() if not next(layer.children(), None)]
    dtypes = (str(p.dtype).removeprefix("torch.") for p in module.parameters())
    dtype = next(dtypes, "float32")
    inputs = next((each for layer in layers if (each := _taken_by(layer, dtype))), None)
    outputs = next((each for layer in reversed(layers) if (each := _given_by(layer, dtype))), None)
    found = signature([inputs] if inputs else [], [outputs] if outputs else [])
    return {**found, "inferred": INFERRED} if found else {}


def state_specs(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return names, dtypes and shapes of the tensors of a state dict."""
    tensors = [(name, value) for name, value in state.items() if hasattr(value, "dtype")]
    return [spec(name, value.dtype, list(value.shape)) for name, value in tensors[:STATE_MAX]]


def _taken_by(layer: Any, dtype: str) -> dict[str, Any] | None:
    if isinstance(getattr(layer, "num_embeddings", None), int):
        return spec("input", "int64")
    return _shaped(layer, "input", dtype, ("in_features", "in_channels", "input_size"))


def _given_by(layer: Any, dtype: str) -> dict[str, Any] | None:
    found = _shaped(layer, "output", dtype, ("out_features", "out_channels", "hidden_size"))
    width = getattr(layer, "embedding_dim", None)
    return spec("output", dtype, [None, None, width]) if not found and _is_size(width) else found


def _shaped(
    layer: Any, name: str, dtype: str, attributes: tuple[str, str, str]
) -> dict[str, Any] | None:
    """Return what a linear, a convolutional or a recurrent layer takes or gives."""
    features, channels, sequence = (getattr(layer, each, None) for each in attributes)
    if _is_size(features):
        return spec(name, dtype, [None, features])
    if _is_size(channels):
        axes = next((n for end, n in _SPATIAL.items() if type(layer).__name__.endswith(end)), None)
        return spec(name, dtype, None if axes is None else [None, channels, *[None] * axes])
    return spec(name, dtype, [None, None, sequence]) if _is_size(sequence) else None


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
