"""Find how the user calls an object: the variable that holds it in their frame."""

from __future__ import annotations

import inspect
import sys
from typing import Any

_OURS = ("epochlog", "epochlog_sklearn", "sklearn", "joblib", "contextlib", "functools")
_COPIES_LOCALS = sys.version_info < (3, 13)
_VALIDATION = ("val", "valid", "validation", "dev")


def name_in_caller(value: Any) -> str:
    """Return the name of the variable that is ``value`` in the innermost frame of user code, or "".

    Before Python 3.13, names in functions stay unknown: asking a function's frame for its variables
    makes a copy there that would keep the user's objects alive until the function returns.
    """
    frame = sys._getframe(1)
    while frame is not None:
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package not in _OURS:
            break
        frame = frame.f_back  # type: ignore[assignment]
    if frame is None or (frame.f_code.co_flags & inspect.CO_OPTIMIZED and _COPIES_LOCALS):
        return ""
    for name, held in list(frame.f_locals.items()):
        if held is value and not name.startswith("_"):
            return name
    return ""


def split_of(name: str) -> str:
    """Return the split that a variable's name speaks of: ``val`` for ``X_val``, else ``test``."""
    words = name.lower().split("_")
    return "val" if any(word in _VALIDATION for word in words) else "test"
