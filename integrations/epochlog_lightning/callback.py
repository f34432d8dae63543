"""Lightning's own callback protocol: forward what each hook gives to the watch of this call."""

from __future__ import annotations

from typing import Any

from epochlog.plugins.api import (
    FitScope,
    IntegrationOptions,
    Run,
    guard,
)
from epochlog_lightning import outcome, ranks
from epochlog_lightning.checkpoints import Follower
from epochlog_lightning.plugin import OPTIONS
from epochlog_lightning.scopes import scope_for
from epochlog_lightning.watch import Watch

SOURCE = "lightning"
UNUSED = (
    "on_before_backward",
    "on_after_backward",
    "on_before_zero_grad",
    *(
        f"on_{stage}_batch_{end}"
        for stage in ("validation", "test", "predict")
        for end in ("start", "end")
    ),
)
"""Hooks of every batch in which nothing happens here."""
STEP_HOOKS = ("on_before_optimizer_step", "on_train_batch_end")
"""Hooks of every batch which most batches have no use for."""


class EpochlogCallbackMethods:
    """For those who like to be explicit: ``Trainer(callbacks=[EpochlogCallback()])``.

    Records fits, validations, tests and predictions of that Trainer: parameters, curves, learning
    rates, data sets, early stopping, checkpoints. It records into ``run``; without one into the
    current run, or a new run. With ``autolog()`` on, the Trainer is being recorded already, and
    nothing is recorded twice.

    Args:
        run: the run to record into; it is not ended.
        options: as for ``autolog(options={"lightning": …})``, e.g. ``histograms=True``.
    """

    def __init__(self, run: Run | None = None, **options: Any) -> None:
        if unknown := sorted(set(options) - set(OPTIONS)):
            raise TypeError(f"EpochlogCallback has no option {unknown[0]!r}; it has: {[*OPTIONS]}")
        super().__init__()
        self._skip_unused_hooks()
        self._run = run
        self._options = IntegrationOptions({**OPTIONS, **options})
        self._scope: FitScope | Run | None = None
        self._follower: Follower | None = None  # while nothing else tells us of checkpoints
        self._watch: Watch | None = None
        self._member = ranks.Membership()

    def _skip_unused_hooks(self) -> None:
        """Lightning enters its profiler for each hook of each callback, unless it is no function.

        What somebody's subclass has in a hook stays.
        """
        for name in UNUSED:
            if self._owner(name).startswith(("lightning.", "pytorch_lightning.")):
                setattr(self, name, None)
        self._step_hooks = [name for name in STEP_HOOKS if self._owner(name) == __name__]
        self._attending = True

    def _owner(self, hook: str) -> str:
        """Return the module of the class that a hook is from."""
        return next((cls.__module__ for cls in type(self).__mro__ if hook in vars(cls)), "")

    def _attend(self, wanted: bool) -> None:
        """Have Lightning call the hooks of the step, or not."""
        if wanted == self._attending:
            return
        self._attending = wanted
        for name in self._step_hooks:
            if wanted:
                delattr(self, name)
            else:
                setattr(self, name, None)

    def __reduce__(self) -> Any:
        return ranks.revive, (ranks.carried(self._watch, dict(self._options.values)),)

    @property
    def watch(self) -> Watch | None:
        """What records at the moment; None in between, and in processes of other ranks."""
        return self._watch

    @property
    def run(self) -> Run | None:
        """The run that the user gave."""
        return self._run

    def bind(self, watch: Watch | None, *, follows: bool = False) -> None:
        """Record into this from now on; with None no more.

        Args:
            watch: what records.
            follows: this process is another rank of a training that is recorded elsewhere.
        """
        self._watch = watch
        self._member.following = follows

    # -- life ------------------------------------------------------------------------------------

    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """In every process: find out which part of a distributed training we are."""
        del pl_module
        with guard("lightning setup"):
            if not trainer.is_global_zero:
                self._watch = None
            self._member.enter(trainer, self._watch.run if self._watch else None, stage)

    def teardown(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """After the work is done."""
        del pl_module, stage
        self._close(trainer, None)

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Keep what is known so far."""
        with guard("lightning exception"):
            if self._watch is not None:
                self._watch.interrupted(trainer, pl_module)
                outcome.log_best(self._watch.run, trainer, self._watch.curves)
        self._close(trainer, exception)

    def _open(self, trainer: Any, pl_module: Any, stage: str) -> Watch | None:
        """Return the watch; open a run if we are on our own, now that work really begins."""
        self._member.join(trainer)
        if self._watch is None and trainer.is_global_zero and not self._member.following:
            with guard("lightning EpochlogCallback"):
                run, fitted = self._run, None
                if run is None:
                    self._scope, run, fitted = scope_for(pl_module, stage, SOURCE)
                    self._scope.__enter__()
                self._watch, self._follower = Watch(run, self._options, stage), Follower()
                self._watch.tested = fitted
                self._watch.tell_configuration(trainer, pl_module, trainer.datamodule)
                self._member.publish(trainer, run)
        return self._watch

    def _close(self, trainer: Any, error: BaseException | None) -> None:
        with guard("lightning teardown"):
            self._member.leave()
            self._finish(trainer, error)
            scope, self._scope = self._scope, None
            if scope is not None:
                self._watch = None
                scope.__exit__(None if error is None else type(error), error, None)
            elif self._run is not None:
                self._watch = None

    def _finish(self, trainer: Any, error: BaseException | None) -> None:
        """Record what autolog would record after the call, if it is off."""
        watch = self._watch
        if self._follower is not None and watch is not None and watch.stage == "fit":
            self._follow(trainer)
            if error is None and watch.options.get("models", True):
                module = trainer.lightning_module
                outcome.log_weights(
                    watch.run, trainer, module, watch.budget(), schema=watch.signature
                )
        self._follower = None

    def _follow(self, trainer: Any) -> None:
        watch, follower = self._watch, self._follower
        if watch is None or follower is None or trainer.fast_dev_run:
            return
        if watch.options.get("checkpoints", True):
            follower.follow(watch.run, list(trainer.checkpoint_callbacks))

    # -- training --------------------------------------------------------------------------------

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Training begins: the first moment at which a search for a learning rate has gone."""
        watch = self._open(trainer, pl_module, "fit")
        self._attend(True)
        self._member.follow_stops(trainer)
        if watch is not None:
            with guard("lightning on_train_start"):
                watch.train_start(trainer, pl_module)

    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
        """The means of the epoch before are complete."""
        del pl_module
        if self._watch is not None:
            with guard("lightning on_train_epoch_start"):
                self._watch.flush_epoch(trainer)
                self._follow(trainer)

    def on_train_batch_start(
        self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int
    ) -> None:
        """The values of the step before are complete."""
        del pl_module, batch_idx
        watch = self._watch
        if watch is not None:
            with guard("lightning on_train_batch_start"):
                watch.batch_start(trainer, batch)
                stops = watch.stoppable or self._member.agreement is not None
                self._attend(stops or watch.due is not None)

    def on_before_optimizer_step(self, trainer: Any, pl_module: Any, optimizer: Any) -> None:
        """Gradients are there."""
        watch = self._watch
        if watch is not None and watch.due is not None:
            with guard("lightning on_before_optimizer_step"):
                watch.before_step(trainer, pl_module, optimizer)

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """A step is done."""
        del outputs, batch, batch_idx
        watch, member = self._watch, self._member
        if member.agreement is not None and member.is_last(None if watch is None else watch.run):
            trainer.should_stop = True
        if watch is None:
            return
        if watch.due is not None:
            with guard("lightning on_train_batch_end"):
                watch.batch_end(trainer, pl_module)
        if watch.stoppable and watch.run.stop_requested:
            trainer.should_stop = True

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """An epoch is done; its means are computed right after this."""
        del pl_module
        if self._watch is not None:
            with guard("lightning on_train_epoch_end"):
                self._watch.epoch_end(trainer)

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """Training is over."""
        del pl_module
        if self._watch is not None:
            with guard("lightning on_train_end"):
                self._watch.flush(trainer)
                outcome.log_outcome(self._watch.run, trainer, self._watch.curves)

    # -- evaluation ------------------------------------------------------------------------------

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:
        """Validation begins, of a fit or on its own."""
        if trainer.sanity_checking:
            return
        if getattr(trainer.state.fn, "value", "") != "fit":
            self._evaluation_start(trainer, pl_module, "validate")
        elif self._watch is not None:
            with guard("lightning on_validation_start"):
                self._watch.validation_start(trainer)

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Validation is over, its metrics are there."""
        del pl_module
        if self._watch is not None and not trainer.sanity_checking:
            with guard("lightning on_validation_end"):
                self._watch.evaluation_end(trainer)

    def on_test_start(self, trainer: Any, pl_module: Any) -> None:
        """A test begins."""
        self._evaluation_start(trainer, pl_module, "test")

    def on_test_end(self, trainer: Any, pl_module: Any) -> None:
        """A test is over, its metrics are there."""
        self.on_validation_end(trainer, pl_module)

    def on_predict_start(self, trainer: Any, pl_module: Any) -> None:
        """Prediction begins."""
        self._evaluation_start(trainer, pl_module, "predict")

    def _evaluation_start(self, trainer: Any, pl_module: Any, stage: str) -> None:
        if (watch := self._open(trainer, pl_module, stage)) is not None:
            with guard(f"lightning {stage} start"):
                watch.evaluation_start(trainer, pl_module)
                watch.validation_start(trainer)
