"""Where we enter CatBoost. Every patch is undone by ``undo("catboost")``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from epochlog.plugins.api import IntegrationOptions, guard, patch_functions, patch_method
from epochlog_catboost.engine import innermost
from epochlog_catboost.searches import record_search
from epochlog_catboost.training import record_fit
from epochlog_catboost.validation import record_cv

OWNER = "catboost"
Function = Callable[..., Any]


def instrument(options: IntegrationOptions) -> None:
    """Wrap what trains."""
    from catboost import core

    # fit of all four classes, catboost.train and the final fit of CatBoost's own searches.
    patch_method(core.CatBoost, "_fit", _recorded(record_fit, options), owner=OWNER)
    # Inside of it: parameters are complete, pools are built.
    patch_method(core._CatBoostBase, "_train", _telling_begin, owner=OWNER)
    # Inside of grid_search and randomized_search.
    patch_method(core.CatBoost, "_tune_hyperparams", _recorded(record_search, options), owner=OWNER)
    # A function: catboost.cv and the user's from-imports are the same one and get rebound.
    patch_functions(core, {"cv": _recorded(record_cv, options)}, owner=OWNER)


def _recorded(record: Function, options: IntegrationOptions) -> Callable[[Function], Function]:
    return functools.partial(_recording, record, options)


def _recording(record: Function, options: IntegrationOptions, original: Function) -> Function:
    def call(*args: Any, **kwargs: Any) -> Any:
        return record(original, options, args, kwargs)

    return call


def _telling_begin(original: Function) -> Function:
    def train(
        self: Any, train_pool: Any, test_pool: Any, params: Any, *args: Any, **kwargs: Any
    ) -> Any:
        with guard("catboost begin"):
            if (session := innermost()) is not None:
                session.begins(train_pool, list(test_pool or ()), params)
        return original(self, train_pool, test_pool, params, *args, **kwargs)

    return train
