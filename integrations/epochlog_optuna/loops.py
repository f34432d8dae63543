"""Record loops of ``Study.ask`` and ``Study.tell``: trials that are open until they are told."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import Any

from epochlog.plugins.api import Run, current_run, enter_run, guard, leave_run
from epochlog_optuna.record import OpenTrial, StudyRecord
from epochlog_optuna.registry import record_of

Function = Callable[..., Any]

_entered: ContextVar[tuple[Run, Token[Run | None]] | None] = ContextVar(
    "epochlog_optuna_entered", default=None
)
"""The run of ours that is current in this context because of a trial that was asked for."""

_LATE_S = 1.0


def asked(study: Any, trial: Any) -> None:
    """The user asked for a trial: what trains in this thread until it is told belongs to it.

    If others are open as well, nobody can tell whose it is before one of them is touched: until
    then it belongs to the study.
    """
    _leave()
    record = record_of(study)
    found = record.begin(study, trial.number, current_run(), asked=True)
    for name, value in trial.params.items():  # ``ask`` with fixed distributions has them already
        found.suggested(name, value)
    _enter(found.run if _alone(record, found) else record.run)


def touched(found: OpenTrial) -> None:
    """A trial that was asked for got a suggestion or reported: it is the one worked on now."""
    entered = _entered.get()
    if entered is None or entered[0] is not found.run:
        _leave()
        _enter(found.run)


def recorded_tell(original: Function, study: Any, args: Any, kwargs: Any) -> Any:
    """Call ``original`` and record what was told, whoever asked for the trial."""
    called_at = time.time()
    frozen = original(study, *args, **kwargs)
    with guard("optuna tell"):
        record = record_of(study)
        found = record.open.get(frozen.number)
        if found is None and _finished_before(frozen, called_at):
            return frozen  # ``skip_if_finished``: others have told it, and recorded it
        record.finish(study, frozen)
        entered = _entered.get()
        if entered is not None and (not entered[0].active or not record.asked):
            _leave()
    return frozen


def _finished_before(frozen: Any, called_at: float) -> bool:
    end = frozen.datetime_complete
    return end is not None and end.timestamp() < called_at - _LATE_S


def _alone(record: StudyRecord, found: OpenTrial) -> bool:
    return record.asked == 1 and found.asked


def _enter(run: Run | None) -> None:
    if run is not None:
        _entered.set((run, enter_run(run, by_user=False)))


def _leave() -> None:
    if (entered := _entered.get()) is not None:
        _entered.set(None)
        leave_run(*entered)
