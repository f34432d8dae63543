"""Recognise what ``torch.save`` writes of a model in training, and keep it as a checkpoint."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from epochlog_torch.loop import Loop

NESTED_MAX = 50
COPY_BYTES_PER_S = 3e8
SHARE = 0.05
FREE_BYTES = 64 * 2**20
_PREFIXES = ("module.", "_orig_mod.")


def belongs(saved: Any, loop: Loop) -> bool:
    """Return whether an object that is being saved holds a loop's model or optimizer.

    It does if it is one of them, a state dict of one of them, or a dict that has such a thing among
    its values; no other tensor is ever taken for a model.
    """
    models = [model for ref in loop.models if (model := ref()) is not None]
    optimizers = [o for member in loop.members if (o := member.optimizer()) is not None]
    names = [{name: tuple(p.shape) for name, p in model.named_parameters()} for model in models]
    if _is_one(saved, models, optimizers, names):
        return True
    return type(saved) is dict and any(
        _is_one(value, models, optimizers, names) for value in list(saved.values())[:NESTED_MAX]
    )


def _is_one(
    saved: Any, models: list[Any], optimizers: list[Any], names: list[dict[str, Any]]
) -> bool:
    if any(saved is each for each in (*models, *optimizers)):
        return True
    if hasattr(saved, "named_parameters"):
        return any(_inner(saved) is model for model in models)
    if not isinstance(saved, Mapping):
        return False
    if set(saved) == {"state", "param_groups"}:
        return bool(optimizers)
    found = {_bare(str(name)): tuple(getattr(value, "shape", ())) for name, value in saved.items()}
    return any(
        wanted and all(found.get(name) == shape for name, shape in wanted.items())
        for wanted in names
    )


def _bare(name: str) -> str:
    for _ in range(3):
        for prefix in _PREFIXES:
            name = name.removeprefix(prefix)
    return name


def _inner(module: Any) -> Any:
    return getattr(module, "_orig_mod", None) or getattr(module, "module", None) or module


def facts_of(saved: Any) -> dict[str, Any]:
    """Return the plain values beside a state dict: epoch, best loss and so on."""
    if type(saved) is not dict:
        return {}
    return {
        str(key): value
        for key, value in list(saved.items())[:NESTED_MAX]
        if isinstance(value, (bool, int, float)) or (isinstance(value, str) and len(value) < 200)
    }


class Saver:
    """Keeps checkpoints of a loop, within limits."""

    def __init__(self) -> None:
        self._spent: dict[str, float] = {}
        self._kept: dict[str, int] = {}

    def saved(self, saved: Any, file: Any, loop: Loop) -> None:
        """``torch.save`` has written ``file``, and ``belongs`` was true."""
        path = Path(os.fspath(file))
        size = path.stat().st_size
        steps = loop.members[0].steps if loop.members else 0
        meta = {"file": path.name, "epoch": loop.epoch, **facts_of(saved)}
        alias = tuple(a for a in ("best", "last", "latest", "final") if a in path.stem.lower())
        key = loop.run.id
        cost, spent = size / COPY_BYTES_PER_S, self._spent.get(key, 0.0)
        elapsed = time.perf_counter() - loop.began
        kept = self._kept.get(key, 0) + size
        allowed = kept <= FREE_BYTES or spent + cost <= SHARE * elapsed
        if size > float(loop.options.get("checkpoint_max_mb", 1024)) * 2**20 or not allowed:
            loop.run.log_artifact(
                path, "checkpoint", type="checkpoint", role="checkpoint", copy=False,
                step=max(0, steps - 1), aliases=alias, meta=meta,
            )  # fmt: skip
            return
        begin = time.perf_counter()
        loop.run.log_checkpoint(path, step=max(0, steps - 1), aliases=alias, meta=meta)
        self._kept[key] = kept
        self._spent[key] = spent + time.perf_counter() - begin


saver = Saver()
