"""Facts about a module: class, sizes, dtypes, devices, and a summary for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

SUMMARY_ROWS_MAX = 500


def unwrapped(module: Any) -> Any:
    """Return the user's own module inside ``torch.compile`` and data-parallel wrappers."""
    for _ in range(10):
        inner = getattr(module, "_orig_mod", None)
        if inner is None and type(module).__name__ in ("DataParallel", "DistributedDataParallel"):
            inner = module.module
        if inner is None:
            return module
        module = inner
    return module


def module_facts(module: Any) -> dict[str, Any]:
    """Return ``model_class`` and ``model.*``: sizes, dtype, device.

    ``parameters``, ``trainable_parameters`` and ``buffers`` are numbers of elements; shared ones
    count once, those that are not initialised yet (lazy modules) not at all. Several dtypes or
    devices are named with a comma between them.
    """
    inner = unwrapped(module)
    parameters, buffers = list(inner.parameters()), list(inner.buffers())
    return {
        "model_class": type(inner).__name__,
        "model.parameters": sum(map(numel, parameters)),
        "model.trainable_parameters": sum(numel(p) for p in parameters if p.requires_grad),
        "model.buffers": sum(map(numel, buffers)),
        "model.dtype": _named(str(p.dtype).removeprefix("torch.") for p in parameters),
        "model.device": _named(str(p.device) for p in parameters),
    }


def numel(tensor: Any) -> int:
    """Return how many elements a tensor has; 0 while it is not initialised."""
    try:
        return int(tensor.numel())
    except (RuntimeError, ValueError):
        return 0


def _named(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def module_summary(module: Any) -> str:
    """Return a table of a module and all modules in it: name, class, parameters, shapes.

    A parameter counts for the module that holds it and all around it; at most 500 rows are listed.
    """
    inner = unwrapped(module)
    named = list(inner.named_modules())
    rows = [("name", "class", "parameters", "own shapes")]
    for name, each in named[:SUMMARY_ROWS_MAX]:
        count = sum(map(numel, each.parameters()))
        shapes = ", ".join(
            f"{key} {_shape(value)}" for key, value in each.named_parameters(recurse=False)
        )
        rows.append((name or "(model)", type(each).__name__, f"{count:,}", shapes))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = [
        f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]}".rstrip()
        for row in rows
    ]
    if len(named) > SUMMARY_ROWS_MAX:
        lines.append(f"… and {len(named) - SUMMARY_ROWS_MAX} more")
    facts = module_facts(inner)
    total = (
        f"{facts['model.parameters']:,} parameters, "
        f"{facts['model.trainable_parameters']:,} of them trainable; "
        f"{facts['model.buffers']:,} elements in buffers; "
        f"{facts['model.dtype'] or 'no dtype'} on {facts['model.device'] or 'no device'}"
    )
    return "\n".join([*lines, "", total])


def _shape(tensor: Any) -> str:
    try:
        return "×".join(str(size) for size in tensor.shape) or "scalar"
    except RuntimeError:
        return "?"
