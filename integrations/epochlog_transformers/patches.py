"""Where we enter Transformers. Every patch is undone by ``undo("transformers")``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from epochlog.plugins.api import IntegrationOptions, patch_method
from epochlog_transformers.active import forget_all
from epochlog_transformers.search import record_search
from epochlog_transformers.training import record_evaluation, record_train

OWNER = "transformers"


def instrument(options: IntegrationOptions) -> None:
    """Wrap what trains, evaluates and searches: all subclasses come through these methods.

    The Trainer's own list of default callbacks is left alone: it is read when a Trainer is made,
    so a Trainer made before ``autolog()`` would not have our callback, and one that outlives
    ``uninstrument()`` would keep it. Our callback is in a Trainer's handler only during a call.
    """
    from transformers.trainer import Trainer
    from transformers.trainer_callback import CallbackHandler

    if not hasattr(CallbackHandler, "call_event"):
        raise AttributeError("transformers.trainer_callback.CallbackHandler has changed")
    recorders = {
        "train": record_train,
        "evaluate": record_evaluation,
        "predict": record_evaluation,
        "hyperparameter_search": record_search,
    }
    for name, record in recorders.items():
        patch_method(Trainer, name, functools.partial(_recorded, record, options), owner=OWNER)


def uninstrument() -> None:
    """Forget finished trainings; patches are taken off by the caller."""
    forget_all()


def _recorded(
    record: Callable[..., Any], options: IntegrationOptions, original: Callable[..., Any]
) -> Callable[..., Any]:
    @functools.wraps(original)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return record(original, options, self, args, kwargs)

    return call
