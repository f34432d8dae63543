"""Sample everything of the host but its GPUs."""

from __future__ import annotations

from typing import Any, Protocol

from epochlog_hardware.container import Container
from epochlog_hardware.machine import Disk, Machine, Net, machine_facts
from epochlog_hardware.process import ProcessTree


class Part(Protocol):
    """Some of what a host has."""

    def sample(self) -> dict[str, float]:
        """Return ``scope/quantity_unit`` -> value; what can't be read is left out."""
        ...


class HostProbe:
    """Machine, container, process tree, disk and network; a part that fails is left out."""

    present = True

    def __init__(self) -> None:
        self._parts: list[Part] = [Machine(), Container(), ProcessTree(), Disk(), Net()]

    def sample(self, hurried: bool = False) -> dict[str, float]:
        """Return one sample of all parts, all of them fast."""
        del hurried
        values: dict[str, float] = {}
        for part in self._parts:
            try:
                values |= part.sample()
            except Exception:
                continue
        return values

    def facts(self) -> dict[str, Any]:
        """Return what does not change while the process lives."""
        return {"hardware": machine_facts()}
