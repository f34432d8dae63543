"""What one call of fit, validate, test or predict tells: facts at its start, points on its way."""

from __future__ import annotations

import time
from typing import Any

from epochlog.plugins.api import (
    Budget,
    IntegrationOptions,
    Run,
    guard,
    learning_rates,
    log_histograms,
    log_loader_dataset,
    module_summary,
    specs_of,
)
from epochlog_lightning import extract
from epochlog_lightning.curves import Curves, last_values
from epochlog_lightning.scopes import remember

ROLES = {"train": "train", "val": "validation", "test": "test", "predict": "predict"}
SPLITS = {"fit": "train", "validate": "val", "test": "test", "predict": "predict"}


class Watch:
    """Records one call of a Trainer's method into a run, in the process of rank 0.

    Args:
        run: where to record.
        options: of the integration.
        stage: fit, validate, test or predict.
    """

    def __init__(self, run: Run, options: IntegrationOptions, stage: str) -> None:
        self.run, self.options, self.stage = run, options, stage
        self.curves = Curves(run)
        self.tested: Run | None = None  # the run of the fit, which gets test metrics, too
        self._loaders_told: set[str] = set()
        self.due: dict[str, float] | None = None  # this step is recorded; what is known of it
        self.stoppable = False
        self._step: tuple[int, int, dict[str, float]] | None = None  # to be read at the next hook
        self._epoch: tuple[int, int] | None = None
        self._step_before = -1
        self._batches = 0
        self._every = options.get("every_n_steps")
        self._norms = bool(options.get("gradient_norm", True))
        self.signature: dict[str, Any] = {}  # what the first batch of a fit was made of
        self._began = time.perf_counter()

    def budget(self) -> Budget:
        """Return what may be spent on optional work after the call."""
        return Budget(time.perf_counter() - self._began)

    # -- facts -----------------------------------------------------------------------------------

    def tell_configuration(self, trainer: Any, module: Any, datamodule: Any) -> None:
        """Record what is known before anything runs."""
        params = extract.trainer_params(trainer)
        if self.stage == "fit":
            params |= extract.callback_params(trainer)
        if datamodule is not None:
            params["datamodule_class"] = type(datamodule).__name__
        params |= extract.hyperparameters(module, datamodule)
        params["model_class"] = type(extract.unwrapped(module)).__name__
        self.run.log_params(params)

    def train_start(self, trainer: Any, module: Any) -> None:
        """Record what is known once Lightning has set everything up."""
        remember(module, self.run)
        # Several ranks have to agree on when to stop: see agreement.py.
        self.stoppable = trainer.world_size == 1 and self.run.offer_stop()
        self.curves = Curves(self.run, extract.monitored(trainer))
        with guard("lightning params"):
            self.tell_configuration(trainer, module, trainer.datamodule)
            self.run.log_params(extract.optimization_params(trainer) | extract.model_params(module))
            if trainer.global_step:
                epoch = trainer.current_epoch
                self.run.log_params({"resumed_step": trainer.global_step, "resumed_epoch": epoch})
        with guard("lightning summary"):
            self.run.log_text("model/summary", module_summary(module))
        self.tell_loaders("train", trainer.train_dataloader)
        self.tell_loaders("val", trainer.val_dataloaders)

    def evaluation_start(self, trainer: Any, module: Any) -> None:
        """Record the model and the data of validate, test or predict."""
        with guard("lightning params"):
            self.run.log_params(extract.model_params(module))
        split = SPLITS[self.stage]
        self.tell_loaders(split, getattr(trainer, f"{split}_dataloaders", None))

    def tell_loaders(self, split: str, given: Any) -> None:
        """Record settings and data sets of the loaders of one split, once."""
        found = list(extract.loaders(given))
        if not found or split in self._loaders_told:
            return
        self._loaders_told.add(split)
        with guard("lightning loaders"):
            self.run.log_params(extract.loader_params(found, split))
        if not self.options.get("datasets", True):
            return
        role = ROLES[split]
        for i, loader in enumerate(found):
            with guard("lightning datasets"):
                log_loader_dataset(self.run, loader, role, name=f"{role}_{i}" if i else role)

    # -- training --------------------------------------------------------------------------------

    def batch_start(self, trainer: Any, batch: Any) -> None:
        """Record the step before, and note the rates of this one before schedulers change them."""
        if not self._batches:
            with guard("lightning signature"):
                self.signature = {"batch": specs_of(batch, "batch")}
        if self._step is not None:
            self.flush_step(trainer)
        self._batches += 1
        self.due = None
        if self._is_due(trainer):
            self._step_before = trainer.global_step
            self.due = learning_rates(trainer.optimizers)

    def _is_due(self, trainer: Any) -> bool:
        # The last batch of an epoch always is: short epochs would have no point else.
        if trainer.is_last_batch or trainer.fast_dev_run:
            return True
        if self._every is not None:
            return bool(self._every) and self._batches % self._every == 0
        return bool(trainer._logger_connector.should_update_logs)

    def before_step(self, trainer: Any, module: Any, optimizer: Any) -> None:
        """Read gradients, which exist only now."""
        due = self.due
        if due is None:
            return
        if self._norms:
            with guard("lightning gradient norm"):
                due |= extract.gradient_norms(optimizer, list(trainer.optimizers))
        if trainer.is_last_batch and self.options.get("histograms", False):
            with guard("lightning histograms"):
                log_histograms(self.run, module, trainer.global_step)

    def batch_end(self, trainer: Any, module: Any) -> None:
        """Note that this step is to be recorded, as soon as Lightning has its values together."""
        due = self.due
        if due is None:
            return
        step = trainer.global_step
        if step > self._step_before or not module.automatic_optimization:
            self._step = (step, trainer.current_epoch, due)
            self.due = None

    def flush_step(self, trainer: Any) -> None:
        """Record the step that was noted last."""
        noted, self._step = self._step, None
        if noted is not None:
            self.curves.log_step(last_values(trainer), *noted)

    def epoch_end(self, trainer: Any) -> None:
        """Note where the epoch ended: its means are ready a moment later."""
        self.flush_step(trainer)
        self.curves.mark(last_values(trainer))
        self._epoch = (trainer.global_step, trainer.current_epoch)

    def flush_epoch(self, trainer: Any) -> None:
        """Record the means of the epoch that ended."""
        noted, self._epoch = self._epoch, None
        if noted is not None:
            self.curves.log_epoch(last_values(trainer), "train", *noted)

    # -- evaluation ------------------------------------------------------------------------------

    def validation_start(self, trainer: Any) -> None:
        """Get ready to see what validation changes."""
        self.flush_step(trainer)
        self.curves.mark(last_values(trainer))

    def evaluation_end(self, trainer: Any) -> None:
        """Record what validation or test changed."""
        within_fit = self.stage == "fit"
        stage = "test" if self.stage == "test" else "val"
        epoch = trainer.current_epoch if within_fit else None
        raw, step = last_values(trainer), trainer.global_step
        if self.tested is not None and stage == "test":
            also = Curves(self.tested)
            also.mark(self.curves._before)
            also.log_epoch(raw, stage, step, epoch)
        self.curves.log_epoch(raw, stage, step, epoch)
        if within_fit:
            self.tell_loaders("val", trainer.val_dataloaders)

    def interrupted(self, trainer: Any, module: Any) -> None:
        """Record what is known of the step in which an exception was raised, if it was taken."""
        with guard("lightning points"):
            if self.due is not None:
                self.batch_end(trainer, module)
            # Inside a step this only collects what was logged; after one it would compute means.
            if self._step is not None and trainer._logger_connector._first_loop_iter is not None:
                trainer.callback_metrics  # noqa: B018 - a property that collects
        self.flush(trainer)

    def flush(self, trainer: Any) -> None:
        """Record what is waiting."""
        with guard("lightning points"):
            self.flush_step(trainer)
        with guard("lightning points"):
            self.flush_epoch(trainer)
