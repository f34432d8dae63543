"""Open the run that a fit records into, the user's own or a new one, by one rule for all."""

from __future__ import annotations

import tempfile
import threading
import time
from contextvars import ContextVar, Token
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from epochlog.base import owntime
from epochlog.base.guard import guard, guarded
from epochlog.base.ids import new_id, say_id
from epochlog.base.settings import Settings
from epochlog.contract.events import AnyEvent
from epochlog.recording import exits
from epochlog.recording.active import current_run, enter_run, leave_run
from epochlog.recording.context import ensure_recorder
from epochlog.recording.recorder import Recorder
from epochlog.recording.run import Run
from epochlog.recording.stopping import Stops

_scope: ContextVar[FitScope | None] = ContextVar("epochlog_fit", default=None)


class FitScope:
    """One fit while it runs; use it as a context manager around the framework's own call.

    Attributes:
        run: where to record.
        owned: the scope opened the run and ends it.
        joined: the scope shares the run of the fit around it (see ``join`` in `open_fit`).
        started: monotonic time of entry in seconds.
    """

    def __init__(self, name: str, source: str, kind: str, index: int | None, *, join: bool) -> None:
        self.name = name
        self.source = source
        self.kind = kind
        self.index = index
        self.owned = False
        self.joined = False
        self._join = join
        self._thread = threading.get_ident()
        self._run_token: Token[Run | None] | None = None
        self._scope_token: Token[FitScope | None] | None = None
        run = guarded("opening a run", self._opened)
        self.run: Run = run or _unrecorded_run(name)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the scope was entered."""
        return time.perf_counter() - self.started

    def _opened(self) -> Run:
        run = self._choose()
        owntime.claim(run.own_time)
        if self.owned:  # also where the scope is never entered: loops that are no call
            owntime.enter(run.own_time)
        return run

    def _choose(self) -> Run:
        outer = _scope.get()
        if self._join and outer is not None and outer.run.active and outer._thread == self._thread:
            self.joined = True
            return outer.run
        parent = current_run()
        if parent is None:
            self.owned = True
            return start_root(self.name, self.kind, self.source)
        if _takes_a_fit(parent) and self.kind != "fold":
            parent.fit_recorded = True
            return parent
        self.owned = True
        return parent.start_child(self.name, kind=self.kind, index=self.index, source=self.source)

    def __enter__(self) -> Self:
        self.started = time.perf_counter()
        self._scope_token = _scope.set(self)
        self.run.fits_open += 1
        if not self.joined:
            self._run_token = enter_run(self.run, by_user=False)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        with guard("ending a fit"):
            self.run.fits_open -= 1
            if self._scope_token is not None:
                _scope.reset(self._scope_token)
            if self._run_token is not None:
                leave_run(self.run, self._run_token)
            if self.owned:
                self.run.end(*exits.outcome_of(error))


def open_fit(
    name: str, *, source: str, kind: str = "fit", index: int | None = None, join: bool = False
) -> FitScope:
    """Return the scope of one fit.

    - No current run: a new root run with a sayable name, which the scope ends.
    - The current run was opened by the user, or is a trial of a search, and has no fit yet: that
      run itself.
    - Otherwise: a child of the current run, which the scope ends.

    Where nothing is configured yet, settings of files and the environment are used.

    Args:
        name: of a child run, usually the model's class; "" if that is not known.
        source: the integration's name.
        kind: of a new run: fit, search, candidate, fold, trial …
        index: place among siblings.
        join: if a fit of this thread is already being recorded around this call
            (``LGBMClassifier.fit`` around ``lightgbm.train``), record into the same run.
    """
    return FitScope(name, source, kind, index, join=join)


def _takes_a_fit(run: Run) -> bool:
    """Whether the next fit is recorded into ``run`` itself, not into a child."""
    return not run.fit_recorded and (not run.source or run.kind == "trial")


def current_fit() -> FitScope | None:
    """Return the innermost open fit of this context, or None."""
    return _scope.get()


def start_root(name: str, kind: str, source: str) -> Run:
    """Open a run without parent for an integration, named so that people can say it.

    Callbacks of those who like to be explicit need no ``autolog()`` before.
    """
    recorder = ensure_recorder()
    run_id = new_id()
    run = Run(
        recorder,
        run_id=run_id,
        name=say_id(run_id),
        kind=kind,
        source=source,
        experiment=recorder.settings.experiment,
    )
    run.announce_start()
    with guard("naming a run"):
        if name:
            run.log_params({"model_class": name})
    return run


class _Nowhere:
    """Stands in for the recorder when a run can't be opened: training must not notice."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.open_runs: dict[str, Run] = {}
        self.undescribed: list[Run] = []
        self.stops = Stops(cast(Recorder, self))
        self.root = Path(tempfile.gettempdir(), "epochlog-nowhere")

    def append(self, payload: bytes) -> None:
        """Drop it."""

    def emit(self, event: AnyEvent) -> None:
        """Drop it."""

    def flush(self) -> None:
        """Nothing waits."""


def _unrecorded_run(name: str) -> Run:
    """Return a run with all its verbs that records nothing."""
    return Run(cast(Recorder, _Nowhere()), run_id=new_id(), name=name)
