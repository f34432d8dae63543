"""Record what a training ended with: best values, early stopping, weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from epochlog.plugins.api import Budget, Run, guard, log_torch_weights
from epochlog_lightning.curves import Curves
from epochlog_lightning.extract import scalar

WEIGHTS_BYTES_PER_S = 3e8


def log_outcome(run: Run, trainer: Any, curves: Curves) -> None:
    """Record best epoch and values, early stopping, checkpoints."""
    log_best(run, trainer, curves)
    with guard("lightning early stopping"):
        log_early_stopping(run, trainer)


def log_best(run: Run, trainer: Any, curves: Curves) -> None:
    """Record where the monitored metrics were best, and which checkpoint is."""
    with guard("lightning best values"):
        for i, best in enumerate(curves.best.values()):
            point = {f"best/{best.key}": best.value}
            if i == 0:  # what early stopping watches, else the first checkpoint callback
                point["best_epoch"] = float(best.epoch)
            run.log_metrics(point, best.step, epoch=best.epoch)
    with guard("lightning best checkpoint"):
        for i, callback in enumerate(trainer.checkpoint_callbacks):
            stem = "checkpoint" if len(trainer.checkpoint_callbacks) == 1 else f"checkpoint.{i}"
            path, score = callback_best(callback)
            if path:
                run.log_params({f"{stem}.best_model_path": path})
            if score is not None:
                run.log_metrics({f"{stem}.best_model_score": score}, trainer.global_step)


def callback_best(callback: Any) -> tuple[str, float | None]:
    """Return (path, score) of a ModelCheckpoint's best checkpoint; empty where it has none."""
    path, score = getattr(callback, "best_model_path", ""), None
    found = getattr(callback, "best_model_score", None)
    if found is not None:
        score = scalar(found)
    return str(path or ""), score


def log_early_stopping(run: Run, trainer: Any) -> None:
    """Record whether early stopping ended the training, in which epoch, and its best score."""
    callbacks = trainer.early_stopping_callbacks
    if not callbacks:
        return
    last_epoch = max(trainer.current_epoch - 1, 0)  # epochs are counted up before training ends
    stopped = [callback for callback in callbacks if _stopped(callback)]
    run.log_params({"stopped_early": bool(stopped)})
    if stopped:
        # 0 is also what the callback has when it never stopped.
        epoch = int(stopped[0].stopped_epoch) or last_epoch
        run.log_metrics({"stopped_epoch": epoch}, trainer.global_step, epoch=epoch)
    for i, callback in enumerate(callbacks):
        stem = "early_stopping" if len(callbacks) == 1 else f"early_stopping.{i}"
        score = scalar(callback.best_score)
        if score is not None:
            run.log_metrics({f"{stem}.best_score": score}, trainer.global_step)


def _stopped(callback: Any) -> bool:
    return bool(callback.stopped_epoch > 0 or callback.wait_count >= callback.patience)


def log_weights(
    run: Run,
    trainer: Any,
    module: Any,
    budget: Budget,
    schema: Mapping[str, Any] | None = None,
) -> None:
    """Record the final weights, if that fits into the budget; ``schema``: the batches it saw."""
    if module is None or trainer.fast_dev_run:
        return
    size = sum(p.numel() * p.element_size() for p in module.parameters())
    estimated_s = budget.estimate_s("torch weights", size, WEIGHTS_BYTES_PER_S)
    if not budget.allows(estimated_s):
        run.log_notice(budget.skipped("the final weights", estimated_s))
        return
    with budget.spend("torch weights", size):
        log_torch_weights(run, module, schema=schema)
