"""Record loops written by hand: ``for …: model.train_on_batch(x, y)``.

One run per model. It opens at the first batch outside of ``fit`` and closes when the model is
deleted, is fitted, or the process ends. The run is not made current, since nobody can say which
code belongs to the loop.
"""

from __future__ import annotations

import contextvars
import weakref
from collections.abc import Callable
from typing import Any

from epochlog.plugins.api import Budget, IntegrationOptions, guard, open_fit, silencing
from epochlog_keras import engine
from epochlog_keras.endings import Endings
from epochlog_keras.extract import compile_settings, optimizer_settings
from epochlog_keras.optimizers import Progress, learning_rates

Function = Callable[..., Any]
WRAPPED = ("torch",)


class Loop:
    """The run of a model that is trained batch by batch."""

    def __init__(self, model: Any, options: IntegrationOptions) -> None:
        from epochlog_keras.curves import CurveNames

        self.model = weakref.ref(model)
        self._scope = open_fit(type(model).__name__, source="keras")
        # Entered in a context of its own, so that the user's code does not run inside the scope.
        self._context = contextvars.copy_context()
        self._context.run(self._scope.__enter__)
        self.run, self.options = self._scope.run, options
        self.fitted = engine.Fitted(self.run, options)
        self.batches = 0
        self._progress = Progress(model)
        self._first = max(0, self._progress.step - 1)  # the first batch has been trained already
        self._order: list[str] = []
        self._names = CurveNames(validates=False, model=model)
        self._val = CurveNames(validates=False, model=model)
        self._sums: dict[str, float] = {}
        self._rows = 0

    def begin(self, model: Any, arguments: dict[str, Any]) -> None:
        """Record what is known once the first batch has built the model."""
        from epochlog_keras.datasets import rows_of
        from epochlog_keras.model import log_structure, model_facts

        params: dict[str, Any] = model_facts(model) | compile_settings(model)
        for name, optimizer in self._progress.optimizers.items():
            params |= optimizer_settings(optimizer, name)
        params["fit.batch_size"] = rows_of(arguments.get("x"))
        if (weights := arguments.get("class_weight")) is not None:
            params["fit.class_weight"] = weights
        self.run.log_params({k: v for k, v in params.items() if v is not None})
        if self.options.get("summary", True):
            log_structure(self.run, model)

    def trained(self, model: Any, result: Any) -> None:
        """Record a batch; steps are counted, since asking the optimizer would wait for a device."""
        self._flush_validation()
        self.batches += 1
        self.fitted.step = self._first + self.batches
        points = self._names.points(self._by_name(model, result))
        points |= learning_rates(self._progress.optimizers)
        self.run.log_metrics(points, self.fitted.step)
        if self.batches == 1:
            self.run.log_metric_aliases(self._names.take_new())

    def tested(self, model: Any, result: Any, rows: int) -> None:
        """Add a batch to the mean of all that are tested at this step."""
        for key, value in self._val.points(self._by_name(model, result), "val").items():
            self._sums[key] = self._sums.get(key, 0.0) + value * rows
        self._rows += rows

    def _flush_validation(self) -> None:
        if self._rows:
            means = {key: total / self._rows for key, total in self._sums.items()}
            self._sums, self._rows = {}, 0
            self.run.log_metrics(means, self.fitted.step)

    def _by_name(self, model: Any, result: Any) -> dict[str, Any]:
        """Return the results of a batch by name: Keras returns bare numbers unless asked."""
        if isinstance(result, dict):
            return result
        values = list(result) if isinstance(result, (list, tuple)) else [result]
        if len(self._order) != len(values):
            self._order = _order(model, len(values))
        return dict(zip(self._order, values, strict=True))

    def close(self, *, end: bool = True) -> None:
        """Record the model if it is still there, and end the run.

        At the end of the process others do that, who know how it ended (``end=False``).
        """
        from epochlog_keras.model import log_model

        with guard("keras end of a loop"):
            self._flush_validation()
            model = self.model()
            if model is not None and self.options.get("models", True):
                log_model(self.run, model, Budget(self._scope.elapsed_s), {"batches": self.batches})
        if not end:
            return
        with guard("keras run of a loop"):
            self._context.run(self._scope.__exit__, None, None, None)


def _order(model: Any, length: int) -> list[str]:
    """Return the names of what ``train_on_batch`` returns, in its own order."""
    names = list(model.get_metrics_result())
    flatten = getattr(model, "_flatten_metrics_in_order", None)
    if flatten is not None and len(names) > 1:
        names = list(flatten({name: name for name in names}))
    if len(names) == length:
        return names
    return ["loss", *(f"output_{i}" for i in range(1, length))]


_endings = Endings()


def record_train(
    original: Function,
    options: IntegrationOptions,
    model: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Call ``train_on_batch`` and record its results as a step of the model's loop."""
    if engine.session_of(model) is not None:
        return original(model, *args, **kwargs)
    with silencing(WRAPPED):
        result = original(model, *args, **kwargs)
    with guard("keras train_on_batch"):
        loop = loop_of(model)
        if loop is None:
            loop = Loop(model, options)
            _endings.add(model, loop)
            engine.remember(model, loop.fitted)
            loop.begin(model, engine.arguments_of(original, (model, *args), kwargs) or {})
        loop.trained(model, result)
    return result


def record_test(
    original: Function,
    options: IntegrationOptions,
    model: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Call ``test_on_batch``; inside a loop its results are validation."""
    del options
    with silencing(WRAPPED):
        result = original(model, *args, **kwargs)
    if engine.session_of(model) is None and (loop := loop_of(model)) is not None:
        with guard("keras test_on_batch"):
            from epochlog_keras.datasets import rows_of

            loop.tested(model, result, rows_of(args[0] if args else kwargs.get("x")) or 1)
    return result


def loop_of(model: Any) -> Loop | None:
    """Return the loop that ``model`` is in."""
    loop: Loop | None = _endings.loops.get(id(model))
    return loop if loop is not None and loop.model() is model else None


def close(model: Any) -> None:
    """End the loop of ``model``, if there is one."""
    if (loop := loop_of(model)) is not None:
        _endings.loops.pop(id(model), None)
        loop.close()


def close_all() -> None:
    """End the runs of all loops: the integration is switched off."""
    _endings.close_all()
