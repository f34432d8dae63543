"""Which run a call of a Trainer's method belongs to."""

from __future__ import annotations

import weakref
from typing import Any

from epochlog.plugins.api import FitScope, Run, current_run, open_fit

_fitted: weakref.WeakKeyDictionary[Any, Run] = weakref.WeakKeyDictionary()
"""The run that each module was trained in: tests of it belong there."""


def remember(module: Any, run: Run) -> None:
    """Note that a module is trained in this run, for as long as the module lives."""
    if module is not None:
        _fitted[module] = run


def fitted_run(module: Any) -> Run | None:
    """Return the run that a module was trained in, by this process."""
    return _fitted.get(module) if module is not None else None


def scope_for(module: Any, stage: str, source: str) -> tuple[FitScope | Run, Run, Run | None]:
    """Return what to enter for a call, the run inside it, and the run of the fit it belongs to.

    A test, validation or prediction is a child of the run that its module was trained in, unless
    the user has opened another run since.
    """
    name = type(getattr(module, "_orig_mod", module)).__name__
    if stage == "fit":
        scope = open_fit(name, source=source)
        return scope, scope.run, None
    fitted, around = fitted_run(module), current_run()
    if fitted is not None and (around is None or around.id in (fitted.id, fitted.parent_id)):
        child = fitted.start_child(stage, kind="eval", source=source)
        return child, child, fitted
    scope = open_fit(name, source=source, kind="eval")
    return scope, scope.run, None
