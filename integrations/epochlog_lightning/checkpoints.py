"""Keep checkpoints as artifacts for as long as Lightning keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from epochlog.plugins.api import Run, guard
from epochlog_lightning.extract import scalar
from epochlog_lightning.scopes import fitted_run

Arguments = tuple[Any, ...]


def _path(args: Arguments, kwargs: Mapping[str, Any]) -> str:
    found = args[0] if args else kwargs.get("filepath", "")
    return str(found or "")


def exists(args: Arguments, kwargs: Mapping[str, Any]) -> bool:
    """Whether the file that is about to be written is there already."""
    with guard("lightning checkpoint"):
        path = _path(args, kwargs)
        return "://" not in path and Path(path).exists()
    return True


def saved(trainer: Any, args: Arguments, kwargs: Mapping[str, Any], *, existed: bool) -> None:
    """Record the checkpoint that was just written."""
    with guard("lightning checkpoint saved"):
        path = _path(args, kwargs)
        found = _run_and_options(trainer)
        if found is None or "://" in path or not trainer.is_global_zero or trainer.fast_dev_run:
            return
        run, wanted = found
        if not wanted or not Path(path).exists():
            return
        index, callback = _written_by(trainer, path)
        if existed:  # last.ckpt: what was there before is gone
            run.remove_checkpoint(path, _name(trainer, index))
        run.log_checkpoint(
            path,
            _name(trainer, index),
            step=trainer.global_step,
            aliases=_aliases(callback, path),
            meta=_meta(trainer, callback, path),
            link=not existed and _is_final(callback, path),
        )


def removed(strategy: Any, args: Arguments, kwargs: Mapping[str, Any]) -> None:
    """Record that Lightning removed a checkpoint."""
    with guard("lightning checkpoint removed"):
        path = _path(args, kwargs)
        module = getattr(strategy, "lightning_module", None)
        trainer = getattr(module, "_trainer", None)
        if trainer is None or "://" in path or not trainer.is_global_zero:
            return
        found = _run_and_options(trainer)
        if found is None:
            return
        for name in {_name(trainer, i) for i in range(-1, len(trainer.checkpoint_callbacks))}:
            found[0].remove_checkpoint(path, name)


def _run_and_options(trainer: Any) -> tuple[Run, bool] | None:
    """Return the run that a checkpoint of this trainer belongs to, and whether it is wanted."""
    from epochlog_lightning.record import our_callback

    callback = our_callback(trainer)
    watch = callback.watch if callback is not None else None
    if watch is not None:
        return watch.run, bool(watch.options.get("checkpoints", True))
    run = fitted_run(getattr(trainer, "lightning_module", None))  # saved by hand after the fit
    return (run, True) if run is not None else None


def callback_files(callback: Any) -> dict[str, dict[str, Any]]:
    """Return the files that a ModelCheckpoint keeps now, with what is to be said of each."""
    scores = dict(getattr(callback, "best_k_models", {}))
    paths = [*scores, getattr(callback, "best_model_path", "")]
    paths.append(getattr(callback, "last_model_path", ""))
    found: dict[str, dict[str, Any]] = {}
    for path in filter(None, paths):
        meta: dict[str, Any] = {}
        if path in scores:
            meta = {"monitor": callback.monitor, "score": scalar(scores[path])}
        found[str(path)] = {"aliases": _aliases(callback, path), "meta": meta}
    return found


class Follower:
    """Keeps a run's checkpoints like ModelCheckpoint's files, where no patch tells of each."""

    def __init__(self) -> None:
        self._files: dict[str, float] = {}

    def follow(self, run: Run, callbacks: list[Any]) -> None:
        """Record which files are new or written again, and which are gone, since the last look."""
        kept: dict[str, dict[str, Any]] = {}
        for callback in callbacks:
            kept |= callback_files(callback)
        now = {path: Path(path).stat().st_mtime for path in kept if Path(path).exists()}
        for path, time in self._files.items():
            if now.get(path) != time:
                run.remove_checkpoint(path)
        for path, time in now.items():
            if self._files.get(path) != time:
                run.log_checkpoint(path, **kept[path])
        self._files = now


def _written_by(trainer: Any, path: str) -> tuple[int, Any]:
    """Return the ModelCheckpoint that wrote a path and its number; (-1, None) if nobody did."""
    for i, callback in enumerate(trainer.checkpoint_callbacks):
        own = (getattr(callback, "best_model_path", ""), getattr(callback, "last_model_path", ""))
        if path in own or path in getattr(callback, "best_k_models", {}):
            return i, callback
    return -1, None


def _name(trainer: Any, index: int) -> str:
    several = len(trainer.checkpoint_callbacks) > 1
    return f"checkpoint_{index}" if several and index > 0 else "checkpoint"


def _aliases(callback: Any, path: str) -> list[str]:
    """Return best and last: best only where a metric says so, Lightning also calls others that."""
    if callback is None:
        return []
    best = callback.monitor is not None and path == callback.best_model_path
    is_last = path == getattr(callback, "last_model_path", "")
    latest = callback.monitor is None and path == callback.best_model_path
    return ["best"] * best + ["last"] * (is_last or latest)


def _meta(trainer: Any, callback: Any, path: str) -> dict[str, Any]:
    meta: dict[str, Any] = {"epoch": trainer.current_epoch, "global_step": trainer.global_step}
    score = getattr(callback, "best_k_models", {}).get(path)
    if score is not None:
        meta |= {"monitor": callback.monitor, "mode": callback.mode, "score": scalar(score)}
    return meta


def _is_final(callback: Any, path: str) -> bool:
    """Whether nothing is written to this path again: it is named after its epoch or step.

    ``last.ckpt`` is written over and over, and so is any fixed name; without the version counter
    also the next run of the same script writes over them.
    """
    if callback is None or path == getattr(callback, "last_model_path", ""):
        return False
    name = getattr(callback, "filename", None)
    named = name is None or "{epoch" in name or "{step" in name
    return named and bool(getattr(callback, "_enable_version_counter", False))
