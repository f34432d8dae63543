"""One training while it runs: what each epoch, each file and the end of it tell to the run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from epochlog.plugins.api import Budget, IntegrationOptions, Run, guard
from epochlog_keras import stopping
from epochlog_keras.checkpoints import Checkpoints
from epochlog_keras.curves import CurveNames
from epochlog_keras.datasets import batch_size_of, log_fit_data
from epochlog_keras.engine import Fitted
from epochlog_keras.extract import callback_settings, compile_settings, optimizer_settings
from epochlog_keras.model import log_structure, model_facts
from epochlog_keras.optimizers import Progress, learning_rates
from epochlog_keras.outcome import log_outcome
from epochlog_keras.tensors import log_gradient_norm, log_model_histograms

_BATCH = "batch"  # context of curves by batch: Keras's averages since the epoch began

# Arguments of ``fit`` that are data, or recorded in a better place.
_ELSEWHERE = frozenset(
    ("x", "y", "callbacks", "validation_data", "sample_weight", "epochs", "steps_per_epoch")
)


class FitSession:
    """Records one training of one model.

    Args:
        run: where to.
        options: of the integration.
        model: that is being trained.
    """

    def __init__(self, run: Run, options: IntegrationOptions, model: Any) -> None:
        self.run, self.options, self.model = run, options, model
        self.fitted = Fitted(run, options)
        self.list: Any = None  # Keras's CallbackList
        self.epoch = -1
        self.epochs: int | None = None
        # By id of the callback that says what is best: global step and point of that epoch.
        self.best: dict[int, tuple[int, dict[str, float]]] = {}
        self.point: dict[str, float] = {}
        self.names = CurveNames(validates=True)
        self.progress = Progress(())
        self.checkpoints = Checkpoints(run)
        self._given: Mapping[str, Any] = {}
        self._mine: list[Any] = []
        self._described = self._stoppable = False
        self._rates: dict[str, float] = {}
        self._began = self._opened = time.perf_counter()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the training began."""
        return time.perf_counter() - self._opened

    # -- before ----------------------------------------------------------------------------------

    def begin(self, arguments: Mapping[str, Any]) -> None:
        """Record arguments and data, before Keras looks at them."""
        self._given = arguments
        callbacks = list(_listed(arguments.get("callbacks")))
        params = {f"fit.{k}": v for k, v in arguments.items() if k not in _ELSEWHERE}
        params["fit.batch_size"] = batch_size_of(arguments.get("x"), arguments.get("batch_size"))
        params["fit.epochs"] = arguments.get("epochs")
        params["fit.steps_per_epoch"] = arguments.get("steps_per_epoch")
        params["fit.sample_weight"] = arguments.get("sample_weight") is not None
        params["fit.validation_data"] = arguments.get("validation_data") is not None
        params["fit.callbacks"] = [type(callback).__name__ for callback in callbacks]
        params |= compile_settings(self.model) | callback_settings(callbacks)
        self.run.log_params(_known(params))
        if self.options.get("datasets", True):
            with guard("keras datasets"):
                log_fit_data(self.fitted, arguments)

    def attach(self, callbacks: Any) -> None:
        """Join the list of callbacks of this training, at both of its ends."""
        if self.list is not None or callbacks._model is not self.model:
            return
        from epochlog_keras.callback import callbacks_for

        self.list = callbacks
        first, last = callbacks_for(self)
        self._mine = [first, last]
        for callback in self._mine:
            callback.set_model(self.model)
            callback.set_params(callbacks.params)
        callbacks.callbacks[:] = [first, *callbacks.callbacks, last]
        self._stoppable = stopping.listen(self.run, self.model)

    def overhear(self, callbacks: Any) -> None:
        """Know the list of callbacks without joining it: an explicit callback is in it already."""
        self.list = callbacks
        self._stoppable = stopping.listen(self.run, self.model)

    def detach(self) -> None:
        """Leave the list: it may be the user's own."""
        if self.list is not None and self._mine:
            mine = {id(callback) for callback in self._mine}
            self.list.callbacks[:] = [c for c in self.list.callbacks if id(c) not in mine]
        self.list, self._mine = None, []

    # -- during ----------------------------------------------------------------------------------

    def train_began(self, params: Mapping[str, Any]) -> None:
        """Record what only a built model, and Keras's own view of the data, can tell."""
        self.epochs = params.get("epochs")
        self.progress = Progress(self.model, params.get("steps"))
        given = self._given
        validates = not given or bool(given.get("validation_data") is not None)
        validates = validates or bool(given.get("validation_split"))
        self.names = CurveNames(validates=validates, model=self.model)
        self.run.log_params(
            _known({"fit.epochs": self.epochs, "fit.steps_per_epoch": params.get("steps")})
        )
        if self.model.built:
            self._describe()

    def _describe(self) -> None:
        """Record the model at the beginning, or after its first epoch if batches build it."""
        self._described = True
        facts: dict[str, Any] = model_facts(self.model)
        for name, optimizer in self.progress.optimizers.items():
            facts |= optimizer_settings(optimizer, name)
        self.run.log_params(_known(facts))
        if self.options.get("summary", True):
            log_structure(self.run, self.model)

    def epoch_began(self, epoch: int) -> None:
        """An epoch begins; ``epoch`` is Keras's own index, also in a resumed training."""
        self.epoch = epoch
        self._began = time.perf_counter()
        if self._stoppable and self.run.stop_requested:
            self.model.stop_training = True

    def epoch_trained(self) -> None:
        """An epoch ended, and no other callback has changed the learning rate for the next yet."""
        if not self._described:
            with guard("keras model facts"):
                self._describe()
        self.progress.advance()
        self._rates = learning_rates(self.progress.optimizers)

    def epoch_ended(self, epoch: int, logs: Mapping[str, Any]) -> None:
        """Record an epoch's point of every curve."""
        took = time.perf_counter() - self._began
        self.epoch, step = epoch, self.progress.step
        if self._stoppable and self.run.stop_requested:
            self.model.stop_training = True
        point = self._rates | self.names.points(logs) | {"epoch_s": took}
        self.run.log_metrics(point, step, epoch=epoch)
        self.run.log_metric_aliases(self.names.take_new())
        self.point = point
        self.fitted.step, self.fitted.epoch = step, epoch
        self._keep_best(epoch, point)
        if self.options.get("gradient_norm", False):
            log_gradient_norm(self.run, self.model, step, epoch)
        if self.options.get("histograms", False):
            log_model_histograms(self.run, self.model, step)

    def batch_ended(self, batch: int, logs: Mapping[str, Any]) -> None:
        """Record a batch, if asked to. May run on a thread of Keras's, in any order."""
        every = int(self.options.get("batch_curves", False))
        if (batch + 1) % every == 0:
            step = self.progress.step + batch + 1
            points = self.names.points(logs)
            self.run.log_metrics(points, step, epoch=self.epoch, context=_BATCH)

    def _keep_best(self, epoch: int, point: dict[str, float]) -> None:
        for callback in self.callbacks():
            if getattr(callback, "best_epoch", None) == epoch:
                self.best[id(callback)] = (self.progress.step, point)
        self.checkpoints.epoch_ended(epoch, self.progress.step, point)

    def callbacks(self) -> list[Any]:
        """Return the callbacks of this training without our own."""
        return [c for c in getattr(self.list, "callbacks", ()) if c not in self._mine]

    def saw_file(self, model: Any, path: Any) -> None:
        """A callback saved the model while it is being trained."""
        if model is self.model and self.options.get("checkpoints", True) and self.list is not None:
            self.checkpoints.saved(path, self.progress.step, self.epoch)

    def look_for_files(self, logs: Mapping[str, Any]) -> None:
        """Record checkpoints of this epoch where nothing of Keras is wrapped."""
        if self.options.get("checkpoints", True):
            self.checkpoints.look(self.callbacks(), logs, self.progress.step, self.epoch)
            self.checkpoints.epoch_ended(self.epoch, self.progress.step, self.point)

    # -- after -----------------------------------------------------------------------------------

    def finish(self, budget: Budget | None) -> None:
        """Record what the training ended with; without a budget (it failed) not the model."""
        with guard("keras outcome"):
            log_outcome(self, budget)
        self.detach()


def _known(params: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in params.items() if value is not None}


def _listed(callbacks: Any) -> list[Any]:
    """Return the callbacks that a user gave, in whatever container."""
    if callbacks is None:
        return []
    if hasattr(callbacks, "callbacks"):  # a CallbackList of the user's own
        return list(callbacks.callbacks)
    if isinstance(callbacks, (list, tuple)):
        return [inner for callback in callbacks for inner in _listed(callback)]
    if isinstance(callbacks, Mapping):
        return [inner for callback in callbacks.values() for inner in _listed(callback)]
    return [callbacks]
