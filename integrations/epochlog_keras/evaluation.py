"""Record ``evaluate`` on the run of the model that was fitted, and what ``predict`` was given."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Mapping
from typing import Any

from epochlog.plugins.api import (
    IntegrationOptions,
    current_run,
    guard,
    open_fit,
    silencing,
)
from epochlog_keras import loops
from epochlog_keras.callback import LogsOfTest
from epochlog_keras.curves import CurveNames
from epochlog_keras.datasets import log_data, unpacked
from epochlog_keras.engine import Fitted, arguments_of, entered, recall, remember, session_of
from epochlog_keras.extract import compile_settings
from epochlog_keras.model import model_facts
from epochlog_keras.optimizers import Progress

Function = Callable[..., Any]
BUDGET_S = 0.1
WRAPPED = ("torch",)
_INSIDE_FIT = "_use_cached_eval_dataset"


class Evaluation:
    """One call of ``evaluate`` by the user."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.catcher = LogsOfTest()
        self._list: Any = None

    def attach(self, callbacks: Any) -> None:
        """Join the list of callbacks."""
        if self._list is None and callbacks._model is self.model:
            self._list = callbacks
            callbacks.callbacks.append(self.catcher)

    def detach(self) -> None:
        """Leave the list: it may be the user's own."""
        if self._list is not None:
            self._list.callbacks[:] = [c for c in self._list.callbacks if c is not self.catcher]

    def saw_file(self, model: Any, path: Any) -> None:
        """Do nothing: no checkpoint of a training."""


def record_evaluate(
    original: Function,
    options: IntegrationOptions,
    model: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Call ``evaluate`` and record its results; the validation inside of ``fit`` is not ours."""
    if kwargs.get(_INSIDE_FIT):
        return original(model, *args, **kwargs)
    arguments = arguments_of(original, (model, *args), kwargs)
    if arguments is None:
        return original(model, *args, **kwargs)
    evaluation = Evaluation(model)
    theirs = arguments.get("callbacks")
    with guard("keras callbacks of evaluate"):
        if hasattr(theirs, "callbacks") and hasattr(theirs, "_model"):
            evaluation.attach(theirs)
    try:
        with entered(evaluation), silencing(WRAPPED):
            result = original(model, *args, **kwargs)
    finally:
        evaluation.detach()
    with guard("keras evaluate"):
        if evaluation.catcher.logs:
            log_evaluation(model, options, arguments, evaluation.catcher.logs)
    return result


def log_evaluation(
    model: Any, options: IntegrationOptions, arguments: Mapping[str, Any], logs: Mapping[str, Any]
) -> None:
    """Record the results of ``evaluate`` as ``test/…`` of the run in which ``model`` was fitted.

    Data that the training used keep their own split, apart from the training's curve by a context.
    Further sets of test data are kept apart likewise.
    """
    training: Any = session_of(model)
    loop = loops.loop_of(model)
    end: Callable[[], None] | None = None
    fitted: Fitted | None = getattr(training, "fitted", None) or (loop.fitted if loop else None)
    fitted = fitted or recall(model)
    if fitted is None:
        fitted, end = _unfitted(model, options)
    split, context = _place(fitted, options, arguments)
    points = CurveNames(validates=False, model=model).points(logs, split)
    if training is not None:  # a callback of the user's evaluates while the model is being trained
        fitted.step, fitted.epoch = training.progress.step, training.epoch
    fitted.run.log_metrics(points, fitted.step, epoch=fitted.epoch, context=context)
    if end is not None:
        end()


def _place(
    fitted: Fitted, options: IntegrationOptions, arguments: Mapping[str, Any]
) -> tuple[str, str]:
    """Return split and context of the data that were evaluated; new data are a test set."""
    x = arguments.get("x")
    known = fitted.split_of(x)
    if known in ("train", "val"):
        return known, "evaluate"
    if known is None:
        known = f"test_{fitted.tests}" if fitted.tests else "test"
        fitted.tests += 1
        fitted.saw(x, known)
        if options.get("datasets", True):
            data = (x, arguments.get("y"), arguments.get("sample_weight"))
            log_data(fitted.run, known, "test", data, budget_s=BUDGET_S)
    return "test", "" if known == "test" else f"set={known}"


def _unfitted(model: Any, options: IntegrationOptions) -> tuple[Fitted, Callable[[], None] | None]:
    """Return where to record a model that nobody trained here: the current run, or a new one."""
    if (run := current_run()) is not None:
        fitted, end = Fitted(run, options), None
    else:
        scope = open_fit(type(model).__name__, source="keras", kind="eval")
        context = contextvars.copy_context()
        context.run(scope.__enter__)
        fitted = Fitted(scope.run, options)

        def end() -> None:
            context.run(scope.__exit__, None, None, None)

    fitted.step = Progress(model).step
    facts = model_facts(model) | compile_settings(model)
    fitted.run.log_params({k: v for k, v in facts.items() if v is not None})
    remember(model, fitted)
    return fitted, end


def record_predict(
    original: Function,
    options: IntegrationOptions,
    model: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Call ``predict``; note once per training which data the model was used on."""
    with silencing(WRAPPED):
        result = original(model, *args, **kwargs)
    fitted = recall(model)
    if fitted is not None and not fitted.predicted and session_of(model) is None:
        with guard("keras predict"):
            fitted.predicted = True
            x = args[0] if args else kwargs.get("x")
            if options.get("datasets", True) and fitted.split_of(x) is None:
                log_data(fitted.run, "predict", "predict", unpacked((x,)), budget_s=BUDGET_S)
    return result
