"""Record trials that are added as they are: ``Study.add_trial``, and through it ``add_trials``."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from epochlog.plugins.api import guard, patch_method
from epochlog_optuna.registry import record_of

OWNER = "optuna"

Function = Callable[..., Any]


class _Noted(threading.local):
    """Ids of trials that a storage made while this thread adds one; None at other times."""

    ids: list[int] | None = None


_noted = _Noted()


def recorded_add(original: Function, study: Any, args: Any, kwargs: Any) -> Any:
    """Call ``original`` and record the trial; one that waits is recorded when its turn comes."""
    with guard("optuna add_trial"):
        # ``add_trial`` doesn't say which number it gave, and looking for it would read all trials.
        patch_method(type(study._storage), "create_new_trial", _noting, owner=OWNER)
    _noted.ids = []
    try:
        result = original(study, *args, **kwargs)
        made = _noted.ids
    finally:
        _noted.ids = None
    with guard("optuna add_trial"):
        for trial_id in made:
            frozen = study._storage.get_trial(trial_id)
            if frozen.state.is_finished():
                record_of(study).finish(study, frozen)
    return result


def _noting(original: Function) -> Function:
    def create_new_trial(*args: Any, **kwargs: Any) -> Any:
        trial_id = original(*args, **kwargs)
        if _noted.ids is not None:
            _noted.ids.append(trial_id)
        return trial_id

    return create_new_trial
