"""The Trainer's own callback protocol: forward each event to the session of a run."""

# ruff: noqa: ARG002 - every method has the signature that the protocol gives it

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from transformers.trainer_callback import TrainerCallback

from epochlog.plugins.api import FitScope, IntegrationOptions, Run, guard, open_fit
from epochlog_transformers.active import innermost
from epochlog_transformers.session import Session

SOURCE = "transformers"


class SessionCallback(TrainerCallback):  # type: ignore[misc]
    """Forwards to one session; it is in the Trainer's handler only while a recorded call runs."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Record facts."""
        with guard("transformers on_train_begin"):
            self.session.begin(args, state, kwargs)

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Record histograms, if they were asked for."""
        with guard("transformers on_pre_optimizer_step"):
            self.session.stepping(state, kwargs.get("model"))

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Stop, if somebody asked for it."""
        if self.session.stoppable and self.session.run.stop_requested:
            control.should_training_stop = True

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """Record points of curves."""
        with guard("transformers on_log"):
            self.session.logged(state, logs or {})

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Any = None, **kwargs: Any
    ) -> None:
        """Record what `on_log` did not say."""
        with guard("transformers on_evaluate"):
            self.session.measured(state, metrics)

    def on_predict(
        self, args: Any, state: Any, control: Any, metrics: Any = None, **kwargs: Any
    ) -> None:
        """Record test metrics: `predict` does not log them."""
        with guard("transformers on_predict"):
            self.session.measured(state, metrics)

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Record the new checkpoint."""
        with guard("transformers on_save"):
            self.session.saved(args, state)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Record best values and how training stopped."""
        with guard("transformers on_train_end"):
            self.session.ended(args, state)


class EpochlogCallback(TrainerCallback):  # type: ignore[misc]
    """For those who like to be explicit: ``Trainer(…, callbacks=[EpochlogCallback()])``.

    Records parameters, curves and checkpoints. It goes into ``run``; without one into the current
    run, or a new run that ends with the training. A Trainer tells its callbacks nothing about
    exceptions: use it as a context manager, and a run of its own ends by them. With ``autolog()``
    on, the training is being recorded already and this callback does nothing.

    Args:
        run: the run to record into.
        options: the integration's options, by name.
    """

    def __init__(self, run: Run | None = None, **options: Any) -> None:
        self._run = run
        self._options = IntegrationOptions(options)
        self._scope: FitScope | None = None
        self._inner: SessionCallback | None = None
        self._finished: Session | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Open a run, if none was given, and record facts."""
        if innermost() is not None or not state.is_world_process_zero:
            return
        with guard("transformers EpochlogCallback"):
            self.finish()
            self._inner = SessionCallback(Session(self._open(kwargs.get("model")), self._options))
            self._inner.on_train_begin(args, state, control, **kwargs)

    def _open(self, model: Any) -> Run:
        if self._run is not None:
            return self._run
        self._scope = open_fit(type(model).__name__, source=SOURCE).__enter__()
        return self._scope.run

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Record how it ended, and end the run if it is our own."""
        if self._inner is not None:
            self._inner.on_train_end(args, state, control, **kwargs)
            self._finished = self._inner.session
            self.finish()

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Forward."""
        if self._inner is not None:
            self._inner.on_pre_optimizer_step(args, state, control, **kwargs)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Forward."""
        if self._inner is not None:
            self._inner.on_step_end(args, state, control, **kwargs)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """Forward; what is logged after the training still belongs to it."""
        if innermost() is None and (session := self._session()) is not None:
            SessionCallback(session).on_log(args, state, control, logs)

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Any = None, **kwargs: Any
    ) -> None:
        """Forward."""
        if innermost() is None and (session := self._session()) is not None:
            SessionCallback(session).on_evaluate(args, state, control, metrics)

    def on_predict(
        self, args: Any, state: Any, control: Any, metrics: Any = None, **kwargs: Any
    ) -> None:
        """Forward."""
        if innermost() is None and (session := self._session()) is not None:
            SessionCallback(session).on_predict(args, state, control, metrics)

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Forward."""
        if self._inner is not None:
            self._inner.on_save(args, state, control, **kwargs)

    def _session(self) -> Session | None:
        return self._finished if self._inner is None else self._inner.session

    def finish(self, error: BaseException | None = None) -> None:
        """End the run if it is our own.

        Args:
            error: what ended the training, if it failed.
        """
        scope, self._scope, self._inner = self._scope, None, None
        if scope is not None:
            scope.__exit__(None if error is None else type(error), error, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.finish(error)
