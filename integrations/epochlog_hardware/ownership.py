"""Tell which processes on a GPU are ours, as far as anybody can."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import psutil


def in_use(
    found: Mapping[str, float], pids: list[int] | None, ours: Callable[[int], bool | None]
) -> float:
    """Return 1.0 if this process and its children work on a GPU, 0.0 if not.

    Args:
        found: what was read of it.
        pids: processes that have a context there; None if the driver doesn't tell.
        ours: whether a process is of our tree, None if there is no such process here: in a
            container the driver may know us by another number, or hide all processes.
    """
    told = [ours(pid) for pid in pids or ()]
    if True in told:
        return 1.0
    if False in told:
        return 0.0
    return 1.0 if found.get("utilization_percent", 0.0) > 0.0 else 0.0


class OwnProcesses:
    """Tells whether a process is this one or one of its descendants.

    Args:
        parent_of: returns the parent of a process, 0 if there is none, None if it doesn't exist.
    """

    def __init__(self, parent_of: Callable[[int], int | None] | None = None) -> None:
        self._parent_of = parent_of or _parent_of
        self._own = os.getpid()

    def __call__(self, pid: int) -> bool | None:
        """Return True or False, or None if there is no such process."""
        found: bool | None = None
        for _ in range(64):
            if pid == self._own:
                return True
            parent = self._parent_of(pid)
            if parent is None:
                return found
            if parent <= 1:
                return False
            found, pid = False, parent
        return found


def _parent_of(pid: int) -> int | None:
    try:
        return int(psutil.Process(pid).ppid())
    except psutil.Error:
        return None
