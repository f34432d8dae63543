"""Read plain data from Keras's objects without running code of theirs: no config, no warning."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

ITEMS_MAX = 50  # longer lists are no settings
DEPTH_MAX = 4
_NOT_SETTINGS = frozenset(("self", "args", "kwargs", "name"))  # names are numbered by Keras


def init_names(cls: type) -> tuple[str, ...]:
    """Return the names of a class's constructor arguments, those of its bases included."""
    names: dict[str, None] = {}
    for base in cls.__mro__[:-1]:
        if "__init__" in vars(base):
            try:
                parameters = inspect.signature(base.__init__).parameters  # type: ignore[misc]
            except (TypeError, ValueError):
                continue
            names |= dict.fromkeys(n for n in parameters if n not in _NOT_SETTINGS)
    return tuple(names)


def settings(thing: Any, prefix: str, depth: int = 0) -> dict[str, Any]:
    """Return what an optimizer, schedule, loss, metric or callback was told, by argument name.

    Looks at plain attributes only. Objects inside (a schedule, an inner optimizer) are one level
    deeper, with their class under their own name.
    """
    found: dict[str, Any] = {}
    attributes = getattr(thing, "__dict__", {})
    inside = attributes.get("_fn_kwargs") or {}
    for name in init_names(type(thing)):
        value = attributes.get(name, attributes.get(f"_{name}", inside.get(name, ...)))
        if value is ...:
            continue
        found |= _setting(f"{prefix}.{name}", value, depth)
    return found


def _setting(key: str, value: Any, depth: int) -> dict[str, Any]:
    if value is None or isinstance(value, (bool, int, float, str)):
        return {key: value}
    if isinstance(value, (list, tuple)) and len(value) <= ITEMS_MAX:
        plain = all(v is None or isinstance(v, (bool, int, float, str)) for v in value)
        return {key: list(value)} if plain else {}
    if inspect.isroutine(value):
        return {key: name_of(value)}
    if (short := short_number(value)) is not None:
        return {key: short}
    if depth < DEPTH_MAX and "keras" in {
        c.__module__.partition(".")[0] for c in type(value).__mro__
    }:
        if getattr(value, "shape", None) is not None or hasattr(value, "compute_dtype"):
            return {}  # variables, layers, dtype policies: not settings
        return {f"{key}.class": type(value).__name__} | settings(value, key, depth + 1)
    return {}


def number(thing: Any) -> Any:
    """Return the number in a scalar variable or tensor of any backend.

    Not by ``convert_to_numpy``: with PyTorch each call of it makes NumPy warn.
    """
    value = getattr(thing, "value", thing)
    value = thing if callable(value) else value
    item = getattr(value, "item", None)
    return item() if item is not None else value.numpy().item()


def short_number(thing: Any) -> float | None:
    """Return a variable's number as short as its precision allows: 0.001, not 0.0010000000475."""
    if getattr(thing, "shape", None) != () or not hasattr(thing, "dtype"):
        return None
    found = number(thing)
    if "float32" in str(thing.dtype):
        import numpy as np

        return float(str(np.float32(found)))
    return float(found)


def name_of(thing: Any) -> str:
    """Return the name of a loss or metric as a person would write it."""
    if isinstance(thing, str):
        return thing
    own = getattr(thing, "__name__", None) or getattr(thing, "name", None)
    return own if isinstance(own, str) else type(thing).__name__


def optimizer_settings(optimizer: Any, prefix: str = "optimizer") -> dict[str, Any]:
    """Return an optimizer's class and effective settings, schedule included."""
    return {f"{prefix}.class": type(optimizer).__name__} | settings(optimizer, prefix)


def callback_settings(callbacks: Iterable[Any]) -> dict[str, Any]:
    """Return what each callback was told, under ``callbacks.<class>``; twins are numbered."""
    found: dict[str, Any] = {}
    seen: dict[str, int] = {}
    for callback in callbacks:
        name = type(callback).__name__
        count = seen[name] = seen.get(name, -1) + 1
        found |= settings(callback, f"callbacks.{name}_{count}" if count else f"callbacks.{name}")
    return found


def compile_settings(model: Any) -> dict[str, Any]:
    """Return loss, metrics and switches that ``compile`` was called with."""
    config = getattr(getattr(model, "_compile_config", None), "config", None) or {}
    found: dict[str, Any] = {}
    loss = config.get("loss", getattr(model, "loss", None))
    if loss is not None:
        found |= {"compile.loss": _names(loss)}
        if not isinstance(loss, (str, list, tuple, Mapping)):
            found |= {"loss.class": type(loss).__name__} | settings(loss, "loss")
    for name in ("metrics", "weighted_metrics", "loss_weights"):
        if config.get(name) is not None:
            found[f"compile.{name}"] = _names(config[name])
    for name in ("run_eagerly", "steps_per_execution", "jit_compile"):
        value = getattr(model, name, config.get(name))
        if isinstance(value, (bool, int, str)):
            found[f"compile.{name}"] = value
    return found


def _names(things: Any) -> Any:
    if isinstance(things, Mapping):
        return {str(key): _names(value) for key, value in things.items()}
    if isinstance(things, (list, tuple)):
        return [_names(thing) for thing in things]
    return things if things is None or isinstance(things, (int, float)) else name_of(things)
