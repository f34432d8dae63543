"""Where we enter Keras. Every patch is undone by ``undo("keras")``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from epochlog.plugins.api import IntegrationOptions, guard, patch_method
from epochlog_keras import engine, loops

Function = Callable[..., Any]
OWNER = "keras"


def instrument(options: IntegrationOptions) -> None:
    """Wrap what trains and evaluates, on the backend that the user has chosen.

    Called after Keras was imported, so the backend is settled already and not our doing.
    """
    import keras
    from keras.src.callbacks.callback_list import CallbackList
    from keras.src.models.model import Trainer  # of the backend in use

    from epochlog_keras.evaluation import record_evaluate, record_predict
    from epochlog_keras.fitting import record_fit

    for name, record in (
        ("fit", record_fit), ("evaluate", record_evaluate), ("predict", record_predict),
        ("train_on_batch", loops.record_train), ("test_on_batch", loops.record_test),
    ):  # fmt: skip
        patch_method(Trainer, name, functools.partial(_recorded, record, options), owner=OWNER)
    # Whatever makes the list of callbacks, our own comes last in it and sees what others did.
    patch_method(CallbackList, "__init__", _attaching, owner=OWNER)
    for name in ("save", "save_weights"):
        patch_method(keras.Model, name, _telling_files, owner=OWNER)


def uninstrument() -> None:
    """End the runs of loops: nobody will tell us of their next batch."""
    loops.close_all()


def _recorded(record: Function, options: IntegrationOptions, original: Function) -> Function:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return record(original, options, self, args, kwargs)

    return call


def _attaching(original: Function) -> Function:
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if (session := engine.innermost()) is not None:
            with guard("keras callbacks"):
                session.attach(self)

    return init


def _telling_files(original: Function) -> Function:
    def save(self: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, filepath, *args, **kwargs)
        if (session := engine.innermost()) is not None:
            with guard("keras checkpoint"):
                session.saw_file(self, filepath)
        return result

    return save
