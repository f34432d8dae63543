"""An optimizer inside a training loop: its steps, its learning rates, its schedulers."""

from __future__ import annotations

import sys
import weakref
from typing import Any

from epochlog.plugins.api import Run, learning_rates

DEVICE_RATE_EVERY = 100

_schedulers: weakref.WeakKeyDictionary[Any, list[weakref.ref[Any]]] = weakref.WeakKeyDictionary()


def remember_scheduler(scheduler: Any) -> None:
    """A scheduler was made."""
    optimizer = getattr(scheduler, "optimizer", None)
    if optimizer is None:  # ChainedScheduler
        inner = getattr(scheduler, "_schedulers", None) or [None]
        optimizer = getattr(inner[0], "optimizer", None)
    if optimizer is not None:
        _schedulers.setdefault(optimizer, []).append(weakref.ref(scheduler))


class Member:
    """One optimizer of a loop.

    Attributes:
        optimizer: weak reference to it.
        index: place among the loop's optimizers.
        steps: how many steps it has made since the loop knows it.
        place: up to which scalar its last step counted, see `roots.Thread.take_loss`.
    """

    def __init__(self, optimizer: Any, died: Any) -> None:
        self.optimizer = weakref.ref(optimizer, died)
        self.loop: Any = None
        self.index = self.steps = self.place = 0
        self.loss_key = self.rate_key = ""
        self._rates: list[Any] = []
        self._logged: tuple[int, dict[str, float]] = (-1, {})
        self._epoch: int | None = None
        groups = optimizer.param_groups
        tensors = [g["lr"] for g in groups if hasattr(g.get("lr"), "item")]
        self._rate_tensors = bool(tensors)
        self._device_rates = any(t.device.type != "cpu" for t in tensors)
        first = next((p for g in groups for p in g["params"]), None)
        self.on_cuda = bool(getattr(first, "is_cuda", False))
        self.parameter_ids = {id(p) for g in groups for p in g["params"]}

    def capturing(self) -> bool:
        """Whether a CUDA graph is being captured, in which nothing may be read."""
        return self.on_cuda and sys.modules["torch"].cuda.is_current_stream_capturing() is True

    def schedulers(self) -> list[Any]:
        """Return the schedulers of this optimizer, outermost only."""
        optimizer = self.optimizer()
        refs = _schedulers.get(optimizer, []) if optimizer is not None else []
        alive = [each for ref in refs if (each := ref()) is not None]
        inner = {id(s) for each in alive for s in getattr(each, "_schedulers", ())}
        return [each for each in alive if id(each) not in inner]

    def take_rates(
        self, optimizer: Any, point: dict[str, float], run: Run, epoch: int | None
    ) -> None:
        """Add learning rates to a point of the curve, if they changed since the step before."""
        step = self.steps - 1
        before_epoch, self._epoch = self._epoch, epoch
        if self._rate_tensors:
            if self._device_rates and step % DEVICE_RATE_EVERY:
                return
        else:
            rates = [group.get("lr") for group in optimizer.param_groups]
            if rates == self._rates:
                return
            self._rates = rates
        found = {
            key.replace("learning_rate", self.rate_key, 1): rate
            for key, rate in learning_rates(optimizer).items()
        }
        last, before = self._logged
        if found == before:
            return
        if before and last < step - 1:  # the rate stayed until the step before this one
            run.log_metrics(before, step - 1, epoch=before_epoch)
        self._logged = (step, found)
        point |= found
