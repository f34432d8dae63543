"""Record ``Study.optimize``: the objective runs in the trial's run, callbacks get company."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

from epochlog.plugins.api import Run, current_run, guard, type_name
from epochlog_optuna import loops
from epochlog_optuna.record import OpenTrial, StudyRecord, current, outcome_of
from epochlog_optuna.registry import record_of

Function = Callable[..., Any]

_sessions: dict[int, list[Session]] = {}
"""Calls of ``optimize`` that go on, by the id of their ``Study`` object."""


def recorded_optimize(original: Function, study: Any, args: Any, kwargs: Any) -> Any:
    """Call ``original`` with an objective and callbacks that record; arguments stay as given."""
    session: Session | None = None
    with guard("optuna optimize"):
        bound = _bound(original, study, args, kwargs)
        if bound is not None:
            session = Session(study, bound.arguments)
            args, kwargs = session.replaced(bound)
    if session is None:
        return original(study, *args, **kwargs)
    with session:
        return original(*args, **kwargs)


def recorded_by_us(study: Any) -> bool:
    """Return whether a call of ``optimize`` on this object is being recorded."""
    return id(study) in _sessions


def recorded_ask(original: Function, study: Any, args: Any, kwargs: Any) -> Any:
    """Call ``original``; the trial belongs to ``optimize`` if that asked, else to a loop."""
    trial = original(study, *args, **kwargs)
    with guard("optuna ask"):
        if sessions := _sessions.get(id(study)):
            sessions[-1].asked(trial)
        else:
            loops.asked(study, trial)
    return trial


def _bound(original: Function, study: Any, args: Any, kwargs: Any) -> inspect.BoundArguments | None:
    try:
        return inspect.signature(original).bind(study, *args, **kwargs)
    except TypeError:
        return None  # Optuna says it better


class Callbacks:
    """Ours, then the user's own iterable, iterated over anew for each trial as Optuna does."""

    def __init__(self, ours: Function, theirs: Any) -> None:
        self._ours = ours
        self._theirs = theirs

    def __iter__(self) -> Iterator[Function]:
        yield self._ours
        if self._theirs is not None:
            yield from self._theirs


class Session:
    """One call of ``optimize``, in all its threads."""

    def __init__(self, study: Any, given: dict[str, Any]) -> None:
        self._study = study
        self._func: Function = given["func"]
        self._given = {k: v for k, v in given.items() if k not in ("self", "func", "callbacks")}
        self._theirs = given.get("callbacks")
        self._outer: Run | None = current_run()
        self._record: StudyRecord | None = None
        self._asked: dict[int, Any] = {}  # by number: trials that no objective has got yet
        self._open: dict[int, tuple[Any, OpenTrial]] = {}
        self._lock = threading.Lock()
        self._thread = threading.get_ident()
        self._current: current | None = None

    def replaced(self, bound: inspect.BoundArguments) -> tuple[Any, Any]:
        """Return what the original is to be called with."""
        bound.arguments["func"] = self.objective
        bound.arguments["callbacks"] = Callbacks(self.finished, self._theirs)
        return bound.args, bound.kwargs

    def asked(self, trial: Any) -> None:
        """A trial of this study was asked for, by ``optimize`` itself or inside the objective."""
        self._asked[trial.number] = trial

    def objective(self, trial: Any) -> Any:
        """Call the user's objective with the trial's run current in this thread."""
        found: OpenTrial | None = None
        with guard("optuna trial"):
            found = self._begin(trial)
        if found is None:
            return self._func(trial)
        with current(found.run):
            try:
                value = self._func(trial)
            except BaseException as error:
                with guard("optuna trial"):
                    found.outcome = outcome_of(error)
                raise
        if type(value) is not float or value != value:
            found.returned = value if isinstance(value, (int, float)) else _said(value)
        return value

    def _begin(self, trial: Any) -> OpenTrial:
        number = trial.number
        self._asked.pop(number, None)
        record = self._joined()
        found = record.begin(self._study, number, self._outer)
        if self._current is None and threading.get_ident() == self._thread:
            self._current = current(record.run)  # what the user's callbacks train is the study's
            self._current.__enter__()
        self._open[number] = trial, found
        return found

    def _joined(self) -> StudyRecord:
        with self._lock:
            if self._record is None:
                record = record_of(self._study)
                record.use()
                self._record = record
                run = record.opened(self._study, self._outer)
                run.offer_stop()
                run.log_params({f"optimize.{name}": v for name, v in self._given.items()})
            return self._record

    def finished(self, study: Any, frozen: Any) -> None:
        """Record a trial that Optuna has finished: its callback protocol."""
        with guard("optuna callback"):
            self._open.pop(frozen.number, None)
            record = self._joined()
            record.finish(study, frozen)
            if record.run is not None and record.run.accepts_stop and record.run.stop_requested:
                study.stop()

    def __enter__(self) -> Self:
        _sessions.setdefault(id(self._study), []).append(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        with guard("optuna optimize"):
            self._forget()
            if self._current is not None:
                self._current.__exit__()
            if self._record is None:
                return
            for number, trial in self._asked.items():  # by the user, inside the objective
                if number not in self._record.done:
                    loops.asked(self._study, trial)
            outcome = outcome_of(error)
            self._finish_rest(self._record, outcome)
            self._record.leave(self._study, outcome)

    def _forget(self) -> None:
        rest = [each for each in _sessions.get(id(self._study), []) if each is not self]
        if rest:
            _sessions[id(self._study)] = rest
        else:
            _sessions.pop(id(self._study), None)

    def _finish_rest(self, record: StudyRecord, outcome: tuple[str, str, str]) -> None:
        """Finish trials that no callback was called for: those whose error ended ``optimize``."""
        for trial, found in list(self._open.values()):
            found.outcome = found.outcome or outcome
            with guard("optuna trial"):
                record.finish(self._study, self._study._storage.get_trial(trial._trial_id))
        self._open.clear()


def _said(value: Any) -> str:
    return "None" if value is None else type_name(value)
