"""Sample this process together with all of its descendants (data loader workers, joblib, …)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psutil

from epochlog_hardware.rates import SHORTEST_S

ENUMERATE_EVERY = 4  # samples: looking for children costs as much as all the rest together


class ProcessTree:
    """``process/…``: sums over the tree; memory shared by several processes counts in each.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._self = psutil.Process()
        self._children: list[Any] = []
        self._count = 0
        self._cpu_s: dict[int, float] = {}
        self._at = 0.0

    def sample(self) -> dict[str, float]:
        """Return processor use (percent of one core), resident bytes, threads, child processes."""
        if self._count % ENUMERATE_EVERY == 0:
            self._children = self._self.children(recursive=True)
        self._count += 1
        readings = {
            process.pid: read for process in self._tree() if (read := _read(process)) is not None
        }
        self._children = [child for child in self._children if child.pid in readings]
        own = readings.get(self._self.pid)
        values: dict[str, float] = {
            "process/memory_bytes": sum(memory for _, memory, _ in readings.values()),
            "process/threads": sum(threads for _, _, threads in readings.values()),
            "process/children": len(self._children),
        }
        if own is not None:
            values["process/main_memory_bytes"] = own[1]
        return values | self._cpu({pid: cpu for pid, (cpu, _, _) in readings.items()})

    def _tree(self) -> list[Any]:
        return [self._self, *self._children]

    def _cpu(self, cpu_s: dict[int, float]) -> dict[str, float]:
        """Add up what each process used since the last sample, or since its own start."""
        now, before = self._clock(), self._cpu_s
        elapsed_s = now - self._at
        if before and elapsed_s < SHORTEST_S:
            return {}
        self._at, self._cpu_s = now, cpu_s
        if not before:
            return {}
        used_s = sum(max(0.0, total - before.get(pid, 0.0)) for pid, total in cpu_s.items())
        return {"process/cpu_percent": 100.0 * used_s / elapsed_s}


def _read(process: Any) -> tuple[float, int, int] | None:
    """Return processor seconds, resident bytes and threads; None if the process is gone."""
    try:
        with process.oneshot():
            times = process.cpu_times()
            return times.user + times.system, process.memory_info().rss, process.num_threads()
    except psutil.Error:
        return None
