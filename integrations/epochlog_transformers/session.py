"""Turn what a Trainer announces during one call into records of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from epochlog.plugins.api import IntegrationOptions, Run, guard, log_histograms, module_summary
from epochlog_transformers import facts
from epochlog_transformers.best import BestTracker
from epochlog_transformers.checkpoints import Checkpoints
from epochlog_transformers.datasets import log_data
from epochlog_transformers.names import PREFIXES, read_logs, split_of

AFTER = "after training"
"""Context of evaluations after a training whose curve they don't continue."""


class Session:
    """One training (with the evaluations inside it and after it), or one evaluation alone.

    Attributes:
        run: where to record.
        trainer: the Trainer while its call runs; None for the explicit callback, and afterwards.
        began: whether the facts of a training were recorded.
    """

    def __init__(self, run: Run, options: IntegrationOptions, trainer: Any = None) -> None:
        self.run, self.options, self.trainer = run, options, trainer
        self.trial: Any = None
        self.began = self.training = self.stoppable = False
        self.best = BestTracker()
        self.checkpoints = Checkpoints(run, options)
        self._prefixes: dict[str, str] = {}
        self._active: list[str] = []
        self._curves: set[str] = set()
        self._aliases: dict[str, str] = {}
        self._last: tuple[Any, Mapping[str, Any]] = (None, {})

    # -- what happens ----------------------------------------------------------------------------

    def begin(self, args: Any, state: Any, objects: Mapping[str, Any]) -> None:
        """Record what is known when the training loop starts.

        Args:
            args, state: the Trainer's.
            objects: model, processing_class, optimizer, lr_scheduler, train_dataloader; what is
                missing is left out.
        """
        self.began = self.training = True
        # Several processes have to agree on when to stop, or those that go on wait for ever.
        self.stoppable = getattr(args, "world_size", 1) == 1 and self.run.offer_stop()
        self.best.begin(args, state)
        processor = objects.get("processing_class") or objects.get("tokenizer")
        with guard("transformers params"):
            params = facts.args_params(args) | facts.model_params(objects.get("model"))
            params |= facts.tokenizer_params(processor)
            params |= facts.optimizing_params(objects.get("optimizer"), objects.get("lr_scheduler"))
            if state is not None:
                params |= facts.schedule_params(args, state, objects.get("train_dataloader"))
            if self.trainer is not None:
                params |= facts.trainer_params(self.trainer)
            self.run.log_params(params)
        with guard("transformers summary"):
            if objects.get("model") is not None:
                self.run.log_text("model/summary", module_summary(objects["model"]))
        with guard("transformers data"):
            self._log_training_data(objects)

    def _log_training_data(self, objects: Mapping[str, Any]) -> None:
        if not self.options.get("datasets", True):
            return
        if self.trainer is not None:
            log_data(self.run, self.trainer.train_dataset, "train", "train")
            log_data(self.run, self.trainer.eval_dataset, "validation", "val")
        else:
            loader = objects.get("train_dataloader")
            log_data(self.run, getattr(loader, "dataset", None), "train", "train")

    def logged(self, state: Any, logs: Mapping[str, Any]) -> None:
        """Record one call of ``Trainer.log``."""
        prefixes = {p: self._prefixes[p] for p in self._active} or PREFIXES
        self._last = (state.global_step, dict(logs))
        self._record(state, logs, prefixes)

    def measured(self, state: Any, metrics: Mapping[str, Any] | None) -> None:
        """Record what an evaluation or prediction gave, unless ``Trainer.log`` has said it."""
        step, said = self._last
        known = said if step == state.global_step else {}
        fresh = {key: value for key, value in (metrics or {}).items() if key not in known}
        if fresh:
            self._record(state, fresh, {p: self._prefixes[p] for p in self._active} or PREFIXES)
        if self.training and not (self._active and self._active[-1] == "test"):
            self.best.saw(state, metrics or {})

    def _record(self, state: Any, logs: Mapping[str, Any], prefixes: Mapping[str, str]) -> None:
        point = read_logs(logs, prefixes)
        context = ""
        if self.training:
            self._curves |= point.values.keys()
        elif self._curves & point.values.keys():
            context = AFTER
        fresh = {k: own for k, own in point.aliases.items() if self._aliases.get(k) != own}
        if fresh:
            self._aliases |= fresh
            self.run.log_metric_aliases(fresh)
        if point.values:
            self.run.log_metrics(
                point.values, state.global_step, epoch=state.epoch, context=context
            )
        for own, value in point.others.items():
            self.run.log_text(own, repr(value), state.global_step)

    def stepping(self, state: Any, model: Any) -> None:
        """Look at gradients just before the optimizer uses them, if that was asked for."""
        every = int(self.options.get("histograms_every", 0) or 0)
        step = state.global_step + 1  # as the Trainer will number it
        if every > 0 and step % every == 0:
            log_histograms(self.run, model, step)

    def saved(self, args: Any, state: Any) -> None:
        """Record the checkpoint that the Trainer has just written."""
        folder = args.output_dir
        if self.trainer is not None and hasattr(self.trainer, "_get_output_dir"):
            folder = self.trainer._get_output_dir(trial=self.trial)
        self.checkpoints.saved(folder, state)

    def ended(self, args: Any, state: Any) -> None:
        """Record how the training went; the loop is over, or a pruner stops it."""
        del args
        self.training = False
        self.checkpoints.forget_removed()
        self.run.log_metrics(
            {"stopped_iteration": state.global_step}, state.global_step, epoch=state.epoch
        )
        values, params = self.best.outcome(state, self._key_of)
        if values:
            self.run.log_metrics(values, self.best.step, epoch=self.best.epoch)
        self.run.log_params(params)

    def _key_of(self, own: str) -> str:
        found = [key for key, known in self._aliases.items() if known == own]
        return found[0] if found else own

    # -- evaluations -----------------------------------------------------------------------------

    @contextmanager
    def evaluating(self, prefix: str) -> Iterator[None]:
        """Read names of metrics by this prefix inside the block."""
        if prefix not in self._prefixes:
            self._prefixes[prefix] = split_of(prefix, self._prefixes)
        self._active.append(prefix)
        try:
            yield
        finally:
            self._active.pop()

    def split(self, prefix: str) -> str:
        """Return the split of a prefix that is being evaluated."""
        return self._prefixes.get(prefix, prefix)
