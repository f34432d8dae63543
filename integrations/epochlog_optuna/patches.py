"""Where we enter Optuna. Every patch is undone by ``undo("optuna")``; all of it is public."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Callable
from typing import Any

from epochlog.plugins.api import IntegrationOptions, guard, patch_method
from epochlog_optuna.adding import OWNER, recorded_add
from epochlog_optuna.loops import recorded_tell, touched
from epochlog_optuna.optimizing import recorded_ask, recorded_optimize
from epochlog_optuna.record import OpenTrial
from epochlog_optuna.registry import all_records, known

Function = Callable[..., Any]


def instrument(options: IntegrationOptions) -> None:
    """Wrap the ways into a study, and what a trial is told while it runs.

    ``Study.optimize`` itself calls ``Study.ask``, but tells by a private function: how its trials
    end comes from a callback. ``best_trial`` and the like are never called, they read all trials.
    """
    from optuna import Study, Trial

    ways: dict[str, Function] = {
        "optimize": recorded_optimize,
        "ask": recorded_ask,
        "tell": recorded_tell,
        "add_trial": recorded_add,
    }
    for name, record in ways.items():
        patch_method(Study, name, _through(record), owner=OWNER)
    if options.get("intermediate_values", True):
        patch_method(Trial, "report", _reporting, owner=OWNER)
    for name in ("suggest_float", "suggest_int", "suggest_categorical"):
        patch_method(Trial, name, _suggesting, owner=OWNER)
    atexit.register(_at_exit)  # after the recorder's own, hence called before it


def uninstrument() -> None:
    """Forget the way out; what is wrapped is undone by its owner's name."""
    atexit.unregister(_at_exit)


def _through(record: Function) -> Callable[[Function], Function]:
    def make(original: Function) -> Function:
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            return record(original, self, args, kwargs)

        return method

    return make


def _open_trial(trial: Any) -> OpenTrial | None:
    """Return what is recorded of a trial of this process, made the one worked on if it was asked.

    ``optimize`` knows by itself which one that is.
    """
    record = known(trial.study)
    found = None if record is None else record.open.get(trial.number)
    if found is not None and found.asked:
        touched(found)
    return found


def _reporting(original: Function) -> Function:
    def report(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        with guard("optuna report"):
            if (trial := _open_trial(self)) is not None:
                given = dict(zip(("value", "step"), args, strict=False)) | kwargs
                trial.report(float(given["value"]), int(given["step"]))

    return report


def _suggesting(original: Function) -> Function:
    def suggest(self: Any, *args: Any, **kwargs: Any) -> Any:
        value = original(self, *args, **kwargs)
        with guard("optuna suggest"):
            if (trial := _open_trial(self)) is not None:
                trial.suggested(args[0] if args else kwargs["name"], value)
        return value

    return suggest


def _at_exit() -> None:
    """Say of trials that were never told that they weren't; an error says more, and comes later."""
    with guard("optuna at exit"):
        if getattr(sys, "last_value", None) is None:
            for record in all_records():
                record.let_go()
