"""Read an estimator's effective parameters without drawing from its random generators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

DEPTH_MAX = 8
_GENERATORS = (np.random.RandomState, np.random.Generator)


def deep_params(estimator: Any) -> dict[str, Any]:
    """Return what ``get_params(deep=True)`` returns, with generators as they are; {} without it.

    XGBoost's ``get_params`` makes a number of a generator by drawing from it: asked by us, the
    user's next fit would be another one.
    """
    if not _is_estimator(estimator):
        return {}
    if any(_draws(inner) for inner in _inside(estimator, DEPTH_MAX)):
        return _params(estimator, DEPTH_MAX)
    found: dict[str, Any] = estimator.get_params(deep=True)
    return found


def is_generator(value: Any) -> bool:
    """Return whether this is a NumPy random generator, whose state drawing would change."""
    return isinstance(value, _GENERATORS)


def _inside(estimator: Any, depth: int) -> Iterator[Any]:
    """Yield an estimator and those in its attributes and in their lists of steps."""
    yield estimator
    fields = getattr(estimator, "__dict__", None)
    if not depth or not isinstance(fields, dict):
        return
    for value in list(fields.values()):
        if _is_estimator(value):
            yield from _inside(value, depth - 1)
        else:
            for _, inner in _steps_of(value):
                yield from _inside(inner, depth - 1)


def _draws(estimator: Any) -> bool:
    """Whether asking this one for its parameters may draw: it has a generator and its own way."""
    own = getattr(type(estimator), "get_params", None)  # of proxies and mocks only objects have it
    if own is None or own.__module__.partition(".")[0] == "sklearn":
        return False
    return any(is_generator(value) for value in getattr(estimator, "__dict__", {}).values())


def _params(estimator: Any, depth: int) -> dict[str, Any]:
    found = _shallow(estimator) if _draws(estimator) else estimator.get_params(deep=False)
    inner: list[tuple[str, Any]] = []
    for name, value in found.items():
        inner += [(name, value)] if _is_estimator(value) else _steps_of(value)
    for name, value in inner:
        found = {**found, name: value}
        if depth:
            nested = _params(value, depth - 1)
            found |= {f"{name}__{key}": each for key, each in nested.items()}
    return found


def _shallow(estimator: Any) -> dict[str, Any]:
    """Return the arguments of the constructors of all its classes, read from its attributes."""
    names: dict[str, None] = {}
    for cls in type(estimator).__mro__:
        listed = getattr(cls, "_get_param_names", None)
        names |= dict.fromkeys(listed() if listed is not None else ())
    fields = vars(estimator)
    found = {name: fields[name] for name in names if name in fields}
    more = fields.get("kwargs")
    return {**found, **more} if isinstance(more, dict) else found


def _steps_of(value: Any) -> list[tuple[str, Any]]:
    """Return the named estimators of a parameter like ``steps`` or ``transformers``."""
    if not isinstance(value, (list, tuple)):
        return []
    return [
        (item[0], item[1])
        for item in value
        if isinstance(item, tuple) and len(item) > 1 and isinstance(item[0], str)
        if _is_estimator(item[1])
    ]


def _is_estimator(value: Any) -> bool:
    return hasattr(value, "get_params") and not isinstance(value, type)
