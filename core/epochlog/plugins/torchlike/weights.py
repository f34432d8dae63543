"""Store a module's weights in a format that holds data only."""

from __future__ import annotations

import importlib.util
import io
import sys
from collections.abc import Mapping
from typing import Any

from epochlog.base.values import type_name
from epochlog.plugins.torchlike.modules import module_facts, unwrapped
from epochlog.plugins.torchlike.signatures import module_signature, state_specs
from epochlog.recording.run import Run

SIZE_MAX_BYTES = 2 * 2**30
_SPREAD = ("DTensor", "ShardedTensor")


def log_torch_weights(
    run: Run,
    module: Any,
    name: str = "model",
    *,
    size_max_bytes: int = SIZE_MAX_BYTES,
    schema: Mapping[str, Any] | None = None,
) -> bool:
    """Log the weights of a module: as safetensors, else as a state dict for ``weights_only=True``.

    safetensors is taken if it is installed and the module has no tied weights, which it can't say.
    Larger modules, and modules that are spread over processes (to gather them all processes would
    have to take part), are left out with a notice.

    Args:
        run: where to record.
        module: a torch module; ``torch.compile`` and data-parallel wrappers are looked through.
        name: of the model.
        size_max_bytes: larger state dicts are not stored.
        schema: what is known of inputs and outputs; the rest is inferred from the layers.

    Returns:
        Whether they were stored.
    """
    inner = unwrapped(module)
    reason = _obstacle(inner)
    state = {} if reason else inner.state_dict()
    tensors = [value for value in state.values() if hasattr(value, "element_size")]
    size = sum(value.numel() * value.element_size() for value in tensors)
    if not reason and size > size_max_bytes:
        reason = f"{size:,} bytes are more than {size_max_bytes:,}"
    if reason:
        run.log_notice(f"the model's weights were not stored: {reason}", source="torch")
        return False
    data, kind, serializer = _serialized(state, len(tensors) == len(state))
    facts = {key.removeprefix("model."): value for key, value in module_facts(inner).items()}
    run.log_model(
        data,
        name,
        format=kind,
        serializer=serializer,
        schema={**module_signature(inner), **(schema or {}), "state": state_specs(state)},
        meta={"class": type_name(inner), "content": "state_dict", **facts},
    )
    return True


def _obstacle(module: Any) -> str:
    for each in module.modules():
        if type(each).__name__ == "FullyShardedDataParallel":
            return "the model is spread over processes"
    for parameter in module.parameters():
        if type(parameter).__name__ in _SPREAD or hasattr(parameter, "device_mesh"):
            return "the model is spread over processes"
        if getattr(getattr(parameter, "device", None), "type", "") == "meta":
            return "its tensors have no content (device meta)"
        if type(parameter).__name__.startswith("Uninitialized"):
            return "it is not initialised yet"
    return ""


def _serialized(state: dict[str, Any], only_tensors: bool) -> tuple[bytes, str, str]:
    if only_tensors and importlib.util.find_spec("safetensors") is not None:
        import safetensors
        import safetensors.torch

        try:
            # safetensors refuses tensors with strides; a contiguous one is passed as it is.
            dense = {key: value.detach().contiguous() for key, value in state.items()}
            data = safetensors.torch.save(dense)
            return data, "safetensors", f"safetensors {safetensors.__version__}"
        except (RuntimeError, ValueError, TypeError, KeyError):  # tied weights, odd dtypes
            pass
    torch = sys.modules["torch"]
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue(), "torch", f"torch {torch.__version__}"
