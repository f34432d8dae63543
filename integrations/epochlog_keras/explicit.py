"""The callback for those who like to be explicit: ``fit(…, callbacks=[EpochlogCallback()])``."""

from __future__ import annotations

import contextvars
import inspect
import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

import keras

from epochlog.plugins.api import Budget, FitScope, IntegrationOptions, Run, guard, open_fit
from epochlog_keras import engine
from epochlog_keras.plugin import OPTIONS
from epochlog_keras.session import FitSession


class EpochlogCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """Record a training without ``autolog()``: curves, facts of the model, checkpoints, the model.

    It goes into ``run``; without one into the current run, or a new run that ends with the
    training. Keras does not tell a callback of an exception: as a context manager (or by `finish`)
    it ends the run as failed. With ``autolog()`` on, ``fit`` is being recorded already and this
    callback does nothing. Put it last, so that it sees what other callbacks found.

    Args:
        run: the run to record into.
        options: of the integration, by name (``models=False``).

    Raises:
        TypeError: there is no such option.
    """

    def __init__(self, run: Run | None = None, **options: Any) -> None:
        super().__init__()
        if unknown := sorted(set(options) - set(OPTIONS)):
            raise TypeError(f"no option {unknown[0]!r}; there are: {', '.join(sorted(OPTIONS))}")
        self._run = run
        self._options = IntegrationOptions({**OPTIONS, **options, "batch_curves": False})
        self._scope: FitScope | None = None
        self._context = contextvars.copy_context()
        self._session: FitSession | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Open a run if there is none, and record the model."""
        del logs
        with guard("keras EpochlogCallback"):
            if engine.session_of(self._model) is not None:
                return
            self.finish(RuntimeError("the training before did not reach its end"))
            frame = sys._getframe(1)
            self._open(frame.f_locals.get("self"), _arguments(frame.f_back))
            if self._session is not None:
                self._session.train_began(self.params or {})

    def _open(self, callbacks: Any, arguments: dict[str, Any]) -> None:
        run = self._run
        if run is None:
            # Not made current: Keras would not tell us of an exception, and it would stay so.
            self._context = contextvars.copy_context()
            self._scope = open_fit(type(self._model).__name__, source="keras")
            self._context.run(self._scope.__enter__)
            run = self._scope.run
        self._session = FitSession(run, self._options, self._model)
        if hasattr(callbacks, "callbacks"):
            self._session.overhear(callbacks)
        self._session.begin(arguments)
        engine.remember(self._model, self._session.fitted)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the clock."""
        del logs
        self._tell("on_epoch_begin", lambda session: session.epoch_began(epoch))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Record the epoch."""

        def record(session: FitSession) -> None:
            session.epoch_trained()
            session.epoch_ended(epoch, logs or {})
            session.look_for_files(logs or {})

        self._tell("on_epoch_end", record)

    def on_train_end(self, logs: Any = None) -> None:
        """Record the model, and end the run if it is our own."""
        del logs
        with guard("keras EpochlogCallback"):
            self.finish()

    def _tell(self, what: str, record: Callable[[FitSession], None]) -> None:
        if self._session is not None:
            with guard(f"keras EpochlogCallback {what}"):
                record(self._session)

    def finish(self, error: BaseException | None = None) -> None:
        """Record what the training ended with, and end the run if it is our own.

        Args:
            error: what ended the training, if it failed.
        """
        session, self._session = self._session, None
        scope, self._scope = self._scope, None
        if session is not None:
            elapsed_s = session.elapsed_s if scope is None else scope.elapsed_s
            session.finish(Budget(elapsed_s) if error is None else None)
        if scope is not None:
            kind = None if error is None else type(error)
            self._context.run(scope.__exit__, kind, error, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        with guard("keras EpochlogCallback"):
            self.finish(error)


def _arguments(frame: FrameType | None) -> dict[str, Any]:
    """Return the arguments of the ``fit`` that made the calls down to us; {} if it is none."""
    if frame is None or frame.f_code.co_name != "fit":
        return {}
    names = list(inspect.signature(keras.Model.fit).parameters)[1:]
    return {name: frame.f_locals[name] for name in names if name in frame.f_locals}
