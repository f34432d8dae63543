"""Put wrappers on methods that users compile, and take them off again.

The usual wrapper asks context variables whether recording is paused, which ``torch.compile`` can't
trace: a graph would break, or with ``fullgraph=True`` fail. What is put on here must be a plain
function that begins with ``if is_compiling(): return original(…)``, so nothing of it is compiled.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

Function = Callable[..., Any]

_slots: list[tuple[Any, str, bool, Any, Function]] = []


def put(holder: Any, name: str, make: Callable[[Function], Function]) -> None:
    """Replace ``holder.name`` (a class's method, a module's function) by ``make(original)``."""
    if any(slot[0] is holder and slot[1] == name for slot in _slots):
        return
    own = name in vars(holder)
    original = getattr(holder, name)
    wrapper = functools.wraps(original)(make(original))
    if not own:  # pickling by reference has to find this very function
        wrapper.__module__ = holder.__module__
        wrapper.__name__, wrapper.__qualname__ = name, f"{holder.__qualname__}.{name}"
    setattr(holder, name, wrapper)
    _slots.append((holder, name, own, original, wrapper))


def take_off() -> None:
    """Put the originals back; what somebody else changed meanwhile is left alone."""
    while _slots:
        holder, name, own, original, wrapper = _slots.pop()
        if vars(holder).get(name) is not wrapper:
            continue
        if own:
            setattr(holder, name, original)
        else:
            delattr(holder, name)
