"""Record what a training ended with: where it stopped, its best epoch, the model."""

from __future__ import annotations

from typing import Any

from epochlog.plugins.api import Budget, guard
from epochlog_keras.model import log_model


def log_outcome(session: Any, budget: Budget | None) -> None:
    """Record the end of ``session``; without a budget only what costs nothing."""
    stopper = next((c for c in session.callbacks() if _stops_early(c)), None)
    if session.point:
        with guard("keras best epoch"):
            log_end(session, stopper)
    if budget is not None and session.options.get("models", True):
        with guard("keras model"):
            meta: dict[str, Any] = {"epochs": session.epoch + 1}
            if getattr(stopper, "restore_best_weights", False):
                meta["weights_of_epoch"] = getattr(stopper, "best_epoch", None)
            log_model(session.run, session.model, budget, meta)


def _stops_early(callback: Any) -> bool:
    return all(hasattr(callback, name) for name in ("stopped_epoch", "best_epoch", "monitor"))


def log_end(session: Any, stopper: Any) -> None:
    """Record the last epoch, the best one if somebody looked for it, and whether it ended early."""
    run, step, epoch = session.run, session.progress.step, session.epoch
    run.log_metrics({"stopped_epoch": epoch}, step, epoch=epoch)
    early = session.epochs is not None and epoch + 1 < session.epochs
    early = early and bool(getattr(session.model, "stop_training", False))
    run.log_params({"stopped_early": early})
    if stopper is None:
        found = session.checkpoints.best
    else:
        at = session.best.get(id(stopper))
        found = None if at is None or stopper.best is None else (at[0], stopper.best_epoch, at[1])
    if found is not None:
        best_step, best_epoch, point = found
        scores = {f"best/{k}": v for k, v in point.items() if k.partition("/")[0] in _SPLITS}
        run.log_metrics({"best_epoch": best_epoch} | scores, best_step, epoch=best_epoch)


_SPLITS = ("train", "val")
