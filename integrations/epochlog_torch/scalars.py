"""Hold scalars that a device is still computing, and read them later without waiting for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

READ_EVERY_S = 0.5
PENDING_MAX = 512


class Pending(NamedTuple):
    """A point of a curve whose value may not be known yet."""

    key: str
    value: Any
    step: int
    epoch: int | None
    at: int


Log = Callable[[Pending, float], None]


def held(tensor: Any) -> Any:
    """Return a float for a scalar in the processor's memory, else the scalar without its graph."""
    return tensor.item() if tensor.is_cpu else tensor.detach()


class Scalars:
    """Scalars on a device, copied in batches: a copy is started, and read when it has arrived.

    The training thread never waits for a CUDA device here, except when everything is read at the
    end. On other kinds of devices each batch costs one wait, twice a second at most.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._waiting: list[Pending] = []
        self._flying: tuple[list[Pending], Any, Any] | None = None
        self._last = time.monotonic()

    def add(self, point: Pending) -> None:
        """Take a point; start or finish a copy if it is time to."""
        self._waiting.append(point)
        if self._flying is not None:
            self._land(wait=False)
        now = time.monotonic()
        if len(self._waiting) >= PENDING_MAX or now - self._last >= READ_EVERY_S:
            self._last = now
            if self._flying is not None:  # only if the device is far behind
                self._land(wait=len(self._waiting) >= 8 * PENDING_MAX)
            if self._flying is None:
                self._start()

    def read_all(self) -> None:
        """Read and log everything; waits for the device."""
        if self._flying is not None:
            self._land(wait=True)
        self._start()
        if self._flying is not None:
            self._land(wait=True)

    def _start(self) -> None:
        import torch

        points, self._waiting = self._waiting, []
        if not points:
            return
        with torch.no_grad():
            stacked = torch.stack([point.value.reshape(()).double() for point in points])
            if stacked.device.type != "cuda":
                self._flying = (points, stacked.cpu(), None)
                return
            host = torch.empty(len(points), dtype=torch.float64, pin_memory=True)
            host.copy_(stacked, non_blocking=True)
            arrived = torch.cuda.Event()
            arrived.record(torch.cuda.current_stream(stacked.device))
        self._flying = (points, host, arrived)

    def _land(self, *, wait: bool) -> None:
        if self._flying is None:
            return
        points, host, arrived = self._flying
        if arrived is not None and not arrived.query():
            if not wait:
                return
            arrived.synchronize()
        self._flying = None
        for point, value in zip(points, host.tolist(), strict=True):
            self._log(point, value)


def read(values: list[Any]) -> list[float]:
    """Return floats of what `held` returned; waits for the device once."""
    import torch

    found = [value if isinstance(value, float) else None for value in values]
    places = [i for i, value in enumerate(found) if value is None]
    if places:
        tensors = [torch.as_tensor(values[i]).reshape(()).double() for i in places]
        for i, value in zip(places, torch.stack(tensors).tolist(), strict=True):
            found[i] = value
    return [float("nan") if value is None else value for value in found]
