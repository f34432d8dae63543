"""Record one call of a Trainer's method: open the run, attach the callback, take it off again."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from epochlog.plugins.api import (
    IntegrationOptions,
    Run,
    enter_run,
    guard,
    leave_run,
    pausing,
    silencing,
)
from epochlog_lightning import flavors, outcome, ranks
from epochlog_lightning.callback import EpochlogCallbackMethods
from epochlog_lightning.logger import EpochlogLoggerMethods
from epochlog_lightning.scopes import remember, scope_for
from epochlog_lightning.watch import Watch

Source = tuple[str, IntegrationOptions]
WRAPPED = ("torch",)


def record(
    original: Callable[..., Any],
    stage: str,
    source: Source,
    trainer: Any,
    args: tuple[Any, ...],
    *,
    kwargs: dict[str, Any],
) -> Any:
    """Call ``Trainer.fit`` (validate, test, predict) and record it.

    Result and exceptions are the original's, and the trainer's callbacks are as before afterwards.
    """
    if _is_search(trainer) or _is_recorded(trainer):
        return original(trainer, *args, **kwargs)
    if ranks.is_follower(trainer):
        return _follow(original, source, trainer, args, kwargs)
    call = Call(original, stage, source, trainer, args, kwargs=kwargs)
    with call.opened() as run, silencing(WRAPPED), ranks.children_join(trainer, run):
        watch = Watch(run, source[1], stage)
        watch.tested = call.fitted
        with guard("lightning before the call"):
            call.begin(watch)
        with attached(trainer, watch, source[1]), bound_loggers(trainer, run):
            result = original(trainer, *args, **kwargs)
        with guard("lightning after the call"):
            call.finish(watch)
        return result


def _is_search(trainer: Any) -> bool:
    """Whether this is the Tuner at work: it calls ``fit`` to try batch sizes or learning rates."""
    return any(getattr(callback, "_early_exit", False) for callback in trainer.callbacks)


def _is_recorded(trainer: Any) -> bool:
    """Whether the call comes from inside another one, or the user said where to record it."""
    callback = our_callback(trainer)
    return callback is not None and (callback.watch is not None or callback.run is not None)


def our_callback(trainer: Any) -> EpochlogCallbackMethods | None:
    """Return our callback in a trainer's list, ours or one that the user put there."""
    for callback in getattr(trainer, "callbacks", ()):
        if isinstance(callback, EpochlogCallbackMethods):
            return callback
    return None


def _follow(
    original: Callable[..., Any],
    source: Source,
    trainer: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Be another rank of a training that the process of rank 0 records."""
    with attached(trainer, None, source[1]), pausing():
        return original(trainer, *args, **kwargs)


@contextmanager
def attached(trainer: Any, watch: Watch | None, options: IntegrationOptions) -> Iterator[None]:
    """Have a callback of ours in the trainer's list, before checkpoint callbacks."""
    theirs = trainer.callbacks
    callback, ours = our_callback(trainer), None
    with guard("lightning attaching"):
        if callback is None:
            callback = flavors.class_named("EpochlogCallback")(**options.values)
            ours = [*theirs]
            ours.insert(_place(theirs), callback)
            trainer.callbacks = ours
        callback.bind(watch, follows=watch is None)
    try:
        yield
    finally:
        with guard("lightning detaching"):
            if callback is not None:
                callback.bind(None)
            if ours is not None:
                # Lightning makes a new list when the module brings callbacks of its own.
                same = trainer.callbacks is ours
                rest = [each for each in trainer.callbacks if each is not callback]
                trainer.callbacks = theirs if same and rest == theirs else rest


def our_loggers(trainer: Any) -> list[EpochlogLoggerMethods]:
    """Return the loggers of ours that the user gave to a trainer."""
    return [each for each in trainer.loggers if isinstance(each, EpochlogLoggerMethods)]


@contextmanager
def bound_loggers(trainer: Any, run: Run) -> Iterator[None]:
    """Let loggers of ours, which the user put there, stand for this run inside the block."""
    ours = our_loggers(trainer)
    for logger in ours:
        logger.bind(run)
    try:
        yield
    finally:
        for logger in ours:
            logger.bind(None)


def _place(callbacks: list[Any]) -> int:
    """Return the place before the first callback that saves checkpoints."""
    for i, callback in enumerate(callbacks):
        if any(cls.__name__ == "Checkpoint" for cls in type(callback).__mro__):
            return i
    return len(callbacks)


class Call:
    """One call of a Trainer's method, with its arguments by name."""

    def __init__(
        self,
        original: Callable[..., Any],
        stage: str,
        source: Source,
        trainer: Any,
        args: tuple[Any, ...],
        *,
        kwargs: dict[str, Any],
    ) -> None:
        self.stage, self.trainer = stage, trainer
        self.name, self.options = source
        self.arguments: dict[str, Any] = {}
        self.fitted: Run | None = None
        with guard("lightning arguments"):
            try:
                call = inspect.signature(original).bind(trainer, *args, **kwargs)
            except TypeError:
                return  # Lightning will say so itself
            call.apply_defaults()
            self.arguments = dict(call.arguments)

    @property
    def module(self) -> Any:
        """The user's module: the argument, or what the trainer had from the call before."""
        given = self.arguments.get("model")
        return given if given is not None else getattr(self.trainer, "lightning_module", None)

    @property
    def datamodule(self) -> Any:
        """The data module, also when it was passed in the place of loaders."""
        for name in ("datamodule", "train_dataloaders", "dataloaders"):
            found = self.arguments.get(name)
            if found is not None and hasattr(found, "prepare_data"):
                return found
        return None

    @contextmanager
    def opened(self) -> Iterator[Run]:
        """Make this call's run current, and end it with what the block raises if it is ours."""
        given = next((each.own_run for each in our_loggers(self.trainer) if each.own_run), None)
        if given is not None:  # the logger ends it
            token = enter_run(given, by_user=False)
            try:
                yield given
            finally:
                leave_run(given, token)
            return
        scope, run, self.fitted = scope_for(self.module, self.stage, self.name)
        with scope:
            yield run

    def begin(self, watch: Watch) -> None:
        """Record the arguments and what else is known before the call."""
        params = {"stage": self.stage} if self.stage != "fit" else {}
        path = self.arguments.get("ckpt_path")
        if path is not None:
            params[f"{self.stage}.ckpt_path"] = str(path)
        watch.run.log_params(params)
        watch.tell_configuration(self.trainer, self.module, self.datamodule)

    def finish(self, watch: Watch) -> None:
        """Record what belongs after a fit."""
        if self.stage != "fit":
            return
        module = self.trainer.lightning_module
        remember(module, watch.run)  # another process may have been the one that trained
        if self.options.get("models", True):
            outcome.log_weights(
                watch.run, self.trainer, module, watch.budget(), schema=watch.signature
            )
