"""Keep what callbacks save during a fit, following files that are written again and again."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from epochlog.plugins.api import Run, plain

FRAMES_MAX = 25
_TEMPORARY = ("BackupAndRestore",)  # its file goes when the fit succeeds


class Checkpoints:
    """The checkpoints of one run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._paths: set[str] = set()
        self._states: dict[str, tuple[int, ...]] = {}
        self._best_epoch = -1
        self.best: tuple[int, int, dict[str, float]] | None = None
        """Step, epoch and point of the best checkpoint, if a callback keeps only the best."""

    def saved(self, path: Any, step: int, epoch: int, by: Any = None) -> None:
        """Record a file that a callback has just written.

        Copied, never linked: Keras writes in place, also in the next training of the same script.
        A file written over earlier content takes its place in the record, too.
        """
        by = _saving_callback() if by is None else by
        if by is None or type(by).__name__ in _TEMPORARY or not _is_local_file(path):
            return
        where = str(Path(os.fspath(path)).absolute())
        if where in self._paths:
            self._run.remove_checkpoint(where)
        self._paths.add(where)
        best = bool(getattr(by, "save_best_only", False))
        meta = {
            "epoch": epoch,
            "callback": type(by).__name__,
            "weights_only": bool(getattr(by, "save_weights_only", where.endswith(".weights.h5"))),
        }
        if best:
            self._best_epoch = epoch
            meta |= {"monitor": getattr(by, "monitor", ""), "value": plain(_number(by))}
        self._run.log_checkpoint(where, step=step, aliases=("best",) if best else (), meta=meta)

    def epoch_ended(self, epoch: int, step: int, point: dict[str, float]) -> None:
        """Remember the values of an epoch in which the best checkpoint was written."""
        if self._best_epoch == epoch:
            self.best = (step, epoch, point)

    def look(self, callbacks: list[Any], logs: Mapping[str, Any], step: int, epoch: int) -> None:
        """Find what ``ModelCheckpoint`` callbacks wrote, where nobody tells us of the writing."""
        for callback in callbacks:
            if not all(hasattr(callback, name) for name in ("filepath", "save_best_only")):
                continue
            try:
                path = callback.filepath.format(epoch=epoch + 1, **logs)
                stat = Path(path).stat()
            except (KeyError, IndexError, ValueError, OSError):
                continue
            state = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if self._states.get(path) != state:
                self._states[path] = state
                self.saved(path, step, epoch, callback)


def _number(callback: Any) -> float | None:
    best = getattr(callback, "best", None)
    return None if best is None else float(best)


def _is_local_file(path: Any) -> bool:
    try:
        return Path(os.fspath(path)).is_file()
    except (TypeError, ValueError, OSError):
        return False


def _saving_callback() -> Any:
    """Return the callback that called ``save`` on the model, None if something else did."""
    import keras

    frame: Any = sys._getframe(2)
    for _ in range(FRAMES_MAX):
        if frame is None:
            return None
        owner = frame.f_locals.get("self")
        if isinstance(owner, keras.callbacks.Callback) and not hasattr(owner, "callbacks"):
            return owner
        frame = frame.f_back
    return None
