"""Optimizers, their parameter groups and schedulers as plain parameters and learning rates."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

GROUPS_MAX = 50
_NOT_SETTINGS = {"params", "param_names"}
_STATE = {"last_epoch", "best", "num_bad_epochs", "cooldown_counter", "T_cur", "total_iters_done"}
"""What a scheduler counts while it runs; the rest of its public attributes are its settings."""


def optimizer_params(optimizer: Any, prefix: str = "optimizer") -> dict[str, Any]:
    """Return class and settings of an optimizer, of every parameter group.

    Settings that all groups share are ``<prefix>.<name>``; those that differ are
    ``<prefix>.group_<k>.<name>``. Settings that are None (``foreach``, ``fused``) are left out.

    Args:
        optimizer: a torch optimizer, or a wrapper that has its ``param_groups``.
        prefix: put before every name.
    """
    groups = list(optimizer.param_groups)
    params: dict[str, Any] = {f"{prefix}.class": type(optimizer).__name__}
    settings = [_settings(group) for group in groups]
    names = list(dict.fromkeys(name for each in settings for name in each))
    for name in names:
        values = [each.get(name) for each in settings]
        if all(value == values[0] for value in values):
            if values[0] is not None:
                params[f"{prefix}.{name}"] = values[0]
            continue
        for k, value in enumerate(values[:GROUPS_MAX]):
            params[f"{prefix}.group_{k}.{name}"] = value
    if len(groups) > 1:
        params[f"{prefix}.groups"] = len(groups)
        for k, group in enumerate(groups[:GROUPS_MAX]):
            params[f"{prefix}.group_{k}.n_tensors"] = len(group["params"])
    return params


def _settings(group: Mapping[str, Any]) -> dict[str, Any]:
    return {
        str(name): _plain_setting(value)
        for name, value in group.items()
        if name not in _NOT_SETTINGS
    }


def _plain_setting(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_plain_setting(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    number = host_number(value)
    if number is not None:
        return number
    name = getattr(value, "__qualname__", "")
    return name or type(value).__name__


def scheduler_params(scheduler: Any, prefix: str = "scheduler") -> dict[str, Any]:
    """Return class and settings of a learning rate scheduler; of those inside it, numbered.

    Args:
        scheduler: of ``torch.optim.lr_scheduler`` or of the user's.
        prefix: put before every name.
    """
    params: dict[str, Any] = {f"{prefix}.class": type(scheduler).__name__}
    for name, value in vars(scheduler).items():
        if name == "_schedulers" and isinstance(value, (list, tuple)):
            for k, inner in enumerate(value[:GROUPS_MAX]):
                params |= scheduler_params(inner, f"{prefix}.{k}")
        elif not name.startswith("_") and name not in _STATE and _is_setting(value):
            params[f"{prefix}.{name}"] = _scheduler_setting(value)
    return params


def _is_setting(value: Any) -> bool:
    if isinstance(value, (bool, int, float, str, Counter)):
        return True
    if isinstance(value, (list, tuple)):
        return len(value) <= GROUPS_MAX and all(
            isinstance(item, (bool, int, float, str)) or callable(item) for item in value
        )
    return False


def _scheduler_setting(value: Any) -> Any:
    if isinstance(value, Counter):  # the milestones of MultiStepLR
        return sorted(value.elements())
    if isinstance(value, (list, tuple)):
        return [_function_name(item) if callable(item) else item for item in value]
    return value


def _function_name(function: Any) -> str:
    inner = getattr(function, "func", function)  # functools.partial, as transformers makes them
    return getattr(inner, "__qualname__", "") or type(inner).__name__


def learning_rates(optimizers: Any) -> dict[str, float]:
    """Return the present learning rates by name of the curve.

    ``learning_rate`` for one optimizer of one group, ``learning_rate/group_<k>`` for several
    groups, ``learning_rate/<i>`` (``learning_rate/<i>/group_<k>``) for several optimizers. A rate
    that lies on a device is read, which waits for it; not while a CUDA graph is captured.

    Args:
        optimizers: one optimizer or several.
    """
    several = list(optimizers) if isinstance(optimizers, Iterable) else [optimizers]
    rates: dict[str, float] = {}
    for i, optimizer in enumerate(several):
        stem = f"learning_rate/{i}" if len(several) > 1 else "learning_rate"
        groups = optimizer.param_groups
        for k, group in enumerate(groups[:GROUPS_MAX]):
            rate = host_number(group.get("lr"))
            if rate is not None:
                rates[f"{stem}/group_{k}" if len(groups) > 1 else stem] = rate
    return rates


def host_number(value: Any) -> float | None:
    """Return a number or a scalar tensor as a float; None if it is none, or can't be read now."""
    if isinstance(value, (int, float)):
        return float(value)
    item, device = getattr(value, "item", None), getattr(value, "device", None)
    if not callable(item) or (device is not None and not may_read(device)):
        return None
    try:
        return float(item())
    except (RuntimeError, TypeError, ValueError):  # meta tensors, more than one element
        return None


def may_read(device: Any) -> bool:
    """Return whether a value there may be read now: not while a CUDA graph is being captured."""
    if getattr(device, "type", "cpu") != "cuda":
        return True
    torch = sys.modules.get("torch")
    return torch is None or not torch.cuda.is_current_stream_capturing()
