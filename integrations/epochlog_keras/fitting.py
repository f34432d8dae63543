"""Record one call of ``fit`` from its arguments to its result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from epochlog.plugins.api import Budget, IntegrationOptions, guard, open_fit, silencing
from epochlog_keras import loops
from epochlog_keras.engine import arguments_of, entered, remember
from epochlog_keras.session import FitSession

WRAPPED = ("torch",)  # its training loop is Keras's own here


def record_fit(
    original: Callable[..., Any],
    options: IntegrationOptions,
    model: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Call ``fit`` and record it; result and exceptions are the original's."""
    arguments = arguments_of(original, (model, *args), kwargs)
    if arguments is None:
        return original(model, *args, **kwargs)
    with guard("keras loop before fit"):
        loops.close(model)
    with open_fit(type(model).__name__, source="keras") as fit, silencing(WRAPPED):
        session = FitSession(fit.run, options, model)
        remember(model, session.fitted)
        with guard("keras before fit"):
            session.begin({k: v for k, v in arguments.items() if k != "self"})
        theirs = arguments.get("callbacks")
        with guard("keras callbacks"):
            if hasattr(theirs, "callbacks") and hasattr(theirs, "_model"):
                session.attach(theirs)  # a CallbackList of the user's own, made long ago
        try:
            with entered(session):
                history = original(model, *args, **kwargs)
        except BaseException:
            session.finish(None)
            raise
        session.finish(Budget(fit.elapsed_s))
        return history
