"""Where we enter LightGBM. Every patch is undone by ``undo("lightgbm")``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from epochlog.plugins.api import IntegrationOptions, guard, patch_functions, patch_method
from epochlog_lightgbm import loops
from epochlog_lightgbm.engine import innermost
from epochlog_lightgbm.loops import OWNER
from epochlog_lightgbm.training import record_cv, record_train

Function = Callable[..., Any]


def instrument(options: IntegrationOptions) -> None:
    """Wrap what trains: two functions for nearly everybody, methods for hand-written loops."""
    from lightgbm import engine
    from lightgbm.basic import Booster

    # lightgbm.train, lightgbm.sklearn.train and the user's from-imports are the same functions and
    # get rebound. The scikit-learn estimators go through train as well.
    functions: dict[str, Callable[[Function], Function]] = {
        "train": functools.partial(_recorded, record_train, options),
        "cv": functools.partial(_recorded, record_cv, options),
    }
    if hasattr(engine, "_agg_cv_result"):  # gives each fold's results, which cv throws away
        functions["_agg_cv_result"] = _telling_folds
    patch_functions(engine, functions, owner=OWNER)
    # train makes the final model's text itself: listening costs nothing, making it again does.
    patch_method(Booster, "model_to_string", _telling_text, owner=OWNER)
    # Loops written by hand never come through train. What evaluates is wrapped with the first loop.
    patch_method(Booster, "update", loops.counting, owner=OWNER, always=True)
    patch_method(Booster, "__del__", loops.closing, owner=OWNER, always=True)


def _recorded(record: Function, options: IntegrationOptions, original: Function) -> Function:
    def call(*args: Any, **kwargs: Any) -> Any:
        return record(original, options, args, kwargs)

    return call


def _telling_folds(original: Function) -> Function:
    def aggregate(raw_results: list[Any], *args: Any, **kwargs: Any) -> Any:
        with guard("lightgbm folds"):
            if (session := innermost()) is not None:
                session.saw_folds(raw_results)
        return original(raw_results, *args, **kwargs)

    return aggregate


def _telling_text(original: Function) -> Function:
    def model_to_string(self: Any, *args: Any, **kwargs: Any) -> str:
        text: str = original(self, *args, **kwargs)
        with guard("lightgbm model text"):
            if not args and not kwargs and (session := innermost()) is not None:
                session.saw_text(self, text)
        return text

    return model_to_string
