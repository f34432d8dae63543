"""Names given to ``self.log`` as canonical names of curves."""

from __future__ import annotations

import re
from collections.abc import Iterable

from epochlog.plugins.api import metric_key, split_name

SPLITS = ("train", "val", "test")
LOADER = "/dataloader_idx_"
_SEPARATORS = re.compile(r"[/_.\-: ]")
_UNSPLIT = re.compile(r"^(lr|learning_rate|epoch|step|global_step|momentum)([-_/].*)?$")
_MONITORED_RATE = re.compile(r"^lr-")


def own_curves(names: Iterable[str], *, per_epoch: bool) -> list[str]:
    """Return the names that are curves of their own, of those that changed at one moment.

    Of a value that is logged both per step and per epoch Lightning keeps two entries each time,
    ``x`` and ``x_step`` or ``x_epoch``; LearningRateMonitor notes rates, which we read ourselves.
    """
    all_names = set(names)
    suffix = "_epoch" if per_epoch else "_step"
    return [
        name
        for name in names
        if _with_suffix(name, suffix) not in all_names and not _MONITORED_RATE.match(name)
    ]


def _with_suffix(name: str, suffix: str) -> str:
    stem, loader = _without_loader(name)
    return f"{stem}{suffix}{loader}"


def _without_loader(name: str) -> tuple[str, str]:
    stem, found, index = name.partition(LOADER)
    return stem, f"{found}{index}"


def canonical(own: str, stage: str, *, per_epoch: bool = True) -> str:
    """Return ``<split>/<metric>`` for a name given to ``self.log``.

    Args:
        own: the name as it is in ``trainer.callback_metrics``.
        stage: train, val or test: where it was logged, for names that don't say it.
        per_epoch: whether the value is an epoch's; else a step's.

    Example:
        >>> canonical("valid_acc", "val"), canonical("loss_step", "train", per_epoch=False)
        ('val/accuracy', 'train/loss_step')
    """
    stem, loader = _without_loader(own)
    if _UNSPLIT.match(stem):
        return own
    if per_epoch and stem.endswith("_epoch"):
        stem = stem.removesuffix("_epoch")
    ending = "_step" if stem.endswith("_step") and not per_epoch else ""
    split, rest = _split_of(stem.removesuffix(ending) if ending else stem, stage)
    return f"{metric_key(split, rest, loss=rest.lower() == 'loss')}{ending}{loader}"


def _split_of(stem: str, stage: str) -> tuple[str, str]:
    """Return (split, metric): the name begins or ends with the split, or the stage tells."""
    parts = list(_SEPARATORS.finditer(stem))
    if parts:
        first, last = parts[0], parts[-1]
        head, tail = stem[: first.start()], stem[last.end() :]
        if split_name(head) in SPLITS and stem[first.end() :]:
            return split_name(head), stem[first.end() :]
        if split_name(tail) in SPLITS and stem[: last.start()]:
            return split_name(tail), stem[: last.start()]
    return stage, stem


class CurveNames:
    """The names of one run's curves: each own name keeps the curve it got first.

    Attributes:
        new_aliases: canonical -> own names that were not told yet; the caller empties it.
    """

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str, bool], str] = {}
        self._taken: set[str] = set()
        self.new_aliases: dict[str, str] = {}

    def key(self, own: str, stage: str, *, per_epoch: bool) -> str:
        """Return the curve for a name; two names never share one."""
        found = self._keys.get((own, stage, per_epoch))
        return found if found is not None else self._add(own, stage, per_epoch)

    def _add(self, own: str, stage: str, per_epoch: bool) -> str:
        key = canonical(own, stage, per_epoch=per_epoch)
        kind = "epoch" if per_epoch else "step"
        for candidate in (key, f"{stage}/{own}", own, f"{key}_{kind}", f"{stage}/{own} ({kind})"):
            if candidate not in self._taken:
                key = candidate
                break
        self._taken.add(key)
        self._keys[own, stage, per_epoch] = key
        if key != own:
            self.new_aliases[key] = own
        return key
