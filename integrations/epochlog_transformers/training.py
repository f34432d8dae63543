"""Record one call of `Trainer.train`, `evaluate` or `predict` from its arguments to its result."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from epochlog.plugins.api import (
    Budget,
    FitScope,
    IntegrationOptions,
    current_run,
    guard,
    open_fit,
    silencing,
)
from epochlog_transformers import facts
from epochlog_transformers.active import entered, is_searching, latest_of, remember, session_of
from epochlog_transformers.datasets import log_data
from epochlog_transformers.models import log_final_model
from epochlog_transformers.session import Session

SOURCE = "transformers"
WRAPS = ("torch",)
Function = Callable[..., Any]


def record_train(
    original: Function,
    options: IntegrationOptions,
    trainer: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Call ``Trainer.train`` and record it; result and exceptions are the original's."""
    if session_of(trainer) is not None:
        return original(trainer, *args, **kwargs)
    given = arguments(original, trainer, args, kwargs)
    if given is None or not writes(trainer):
        with silencing(WRAPS):
            return original(trainer, *args, **kwargs)
    trial = given.get("trial")
    with ExitStack() as stack:
        scope = session = None
        with guard("transformers before train"):
            scope = stack.enter_context(_open(trainer, trial))
            session = Session(scope.run, options, trainer)
            session.trial = trial
            remember(trainer, session)
            scope.run.log_params(_call_params(given))
            stack.callback(_forget, session)
            stack.enter_context(listening(trainer, session))
        stack.enter_context(silencing(WRAPS))
        try:
            result = original(trainer, *args, **kwargs)
        except BaseException:
            with guard("transformers failed train"):
                if session is not None:
                    _note_failure(trainer, session)
            raise
        with guard("transformers after train"):
            if scope is not None and session is not None:
                _finish(trainer, scope, session)
        return result


def _open(trainer: Any, trial: Any) -> FitScope:
    """Open the run: a trial's own if a search of ours is around it."""
    if trial is not None and is_searching(trainer):
        number = getattr(trial, "number", None)
        name = f"trial {number}" if number is not None else "trial"
        return open_fit(name, source=SOURCE, kind="trial", index=number)
    return open_fit(model_name(trainer), source=SOURCE)


def model_name(trainer: Any) -> str:
    """Return the class of the Trainer's model, or of the Trainer while it has none."""
    model = getattr(trainer, "model", None)
    return type(trainer if model is None else model).__name__


def _call_params(given: dict[str, Any]) -> dict[str, Any]:
    named = {k: v for k, v in given.items() if v is not None and k != "trial"}
    return {f"fit.{name}": value for name, value in named.items()}


def _note_failure(trainer: Any, session: Session) -> None:
    """Record what is known of a training that failed, facts too if it never began."""
    session.checkpoints.forget_removed()
    if not session.began:
        session.run.log_params(facts.args_params(trainer.args))
        session.run.log_params(facts.model_params(trainer.model))


def _finish(trainer: Any, scope: FitScope, session: Session) -> None:
    objective = getattr(trainer, "objective", None)
    if session.trial is not None and isinstance(objective, (int, float)):
        session.run.log_metrics({"objective": objective}, trainer.state.global_step)
    if session.options.get("models", True) and trainer.model is not None:
        with guard("transformers final model"):
            budget = Budget(scope.elapsed_s)
            log_final_model(scope.run, trainer.model, processor_of(trainer), budget)


def processor_of(trainer: Any) -> Any:
    """Return the Trainer's tokenizer or image processor."""
    processor = getattr(trainer, "processing_class", None)
    if processor is None:
        processor = getattr(trainer.data_collator, "tokenizer", None)
    return processor


def _forget(session: Session) -> None:
    """Let go of what belongs to the user: the session itself is kept for later evaluations."""
    session.trainer = session.trial = None
    session.training = False


def record_evaluation(
    original: Function,
    options: IntegrationOptions,
    trainer: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Call ``Trainer.evaluate`` or ``predict`` and record it.

    Inside a training it belongs to it, and so it does after a training of the same Trainer. Alone
    it is a run of its own.
    """
    given = arguments(original, trainer, args, kwargs)
    if given is None or not writes(trainer):
        with silencing(WRAPS):
            return original(trainer, *args, **kwargs)
    usual = "test" if original.__name__ == "predict" else "eval"
    prefix = str(given.get("metric_key_prefix") or usual)
    with ExitStack() as stack:
        with guard("transformers before evaluation"):
            session = session_of(trainer)
            if session is None:
                session = _after_training(trainer) or _alone(trainer, options, stack)
                session.trainer = trainer
                stack.callback(_forget, session)
                stack.enter_context(listening(trainer, session))
            stack.enter_context(session.evaluating(prefix))
            _log_given_data(session, trainer, given, prefix)
        stack.enter_context(silencing(WRAPS))
        return original(trainer, *args, **kwargs)


def _after_training(trainer: Any) -> Session | None:
    """Return the Trainer's latest training, unless the user has opened another run since."""
    session = latest_of(trainer)
    if session is None:
        return None
    current = current_run()
    ours = current is None or current.id in (session.run.id, session.run.parent_id)
    return session if ours else None


def _alone(trainer: Any, options: IntegrationOptions, stack: ExitStack) -> Session:
    scope = stack.enter_context(open_fit(model_name(trainer), source=SOURCE, kind="eval"))
    session = Session(scope.run, options)
    with guard("transformers evaluation params"):
        params = facts.model_params(trainer.model) | facts.trainer_params(trainer)
        params |= facts.args_params(trainer.args) | facts.tokenizer_params(processor_of(trainer))
        scope.run.log_params(params)
    return session


def _log_given_data(session: Session, trainer: Any, given: dict[str, Any], prefix: str) -> None:
    """Record data that the training did not know of yet."""
    data = given.get("eval_dataset", given.get("test_dataset"))
    if data is None and not session.began:
        data = trainer.eval_dataset
    if data is None or session.training or not session.options.get("datasets", True):
        return
    if prefix.startswith("eval_") and prefix != "eval":  # one of several: known from the outer call
        return
    split = session.split(prefix)
    log_data(session.run, data, "validation" if split == "val" else split, split)


def arguments(
    original: Function, trainer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any] | None:
    """Return the call's arguments by name; None if the Trainer will refuse them."""
    try:
        call = inspect.signature(original).bind(trainer, *args, **kwargs)
    except TypeError:
        return None
    given = dict(call.arguments)
    given.pop("self", None)
    return {**given, **given.pop("kwargs", {}), **given.pop("gen_kwargs", {})}


def writes(trainer: Any) -> bool:
    """Return whether this process is the one that records: of many, only the first."""
    try:
        return bool(trainer.is_world_process_zero())
    except Exception:
        return False


@contextmanager
def listening(trainer: Any, session: Session) -> Iterator[None]:
    """Have our callback in the Trainer's handler, before all others, inside the block.

    Before all others: some of them take entries out of the logs, and those that raise must not
    keep the point at which they do from being recorded.
    """
    from epochlog_transformers.callback import SessionCallback

    callback = SessionCallback(session)
    handler = trainer.callback_handler
    handler.callbacks.insert(0, callback)
    try:
        with entered(session):
            yield
    finally:
        with guard("transformers callback list"):
            handler.callbacks[:] = [each for each in handler.callbacks if each is not callback]
