"""Sample GPUs of all makers under one roof; a quantity that can't be read is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from epochlog_hardware.amd import Amd
from epochlog_hardware.apple import Apple
from epochlog_hardware.nvidia import Nvidia

RARE_EVERY = 5
"""Readings between those of slow quantities: PCIe traffic, errors, NVLink."""


class GpuReader(Protocol):
    """One maker's GPUs, read through the maker's library.

    Attributes:
        present: False if there is no such GPU, driver or library.
    """

    present: bool

    def sample(self, rare: bool) -> Mapping[str, Mapping[str, float]]:
        """Return index -> quantity -> value; ``rare`` asks for slow quantities, too."""
        ...

    def facts(self) -> dict[str, Any]:
        """Return driver versions and, under ``devices``, what each GPU is."""
        ...


MAKERS: tuple[Callable[[], GpuReader], ...] = (Nvidia, Amd, Apple)


class GpuProbe:
    """``gpu/<index>/…`` of the GPUs that this process may use.

    The index is the driver's own. Without a GPU every sample is empty.
    """

    def __init__(self) -> None:
        self._readers = [reader for make in MAKERS if (reader := make()).present]
        self.present = bool(self._readers)
        self._count = 0

    def sample(self, hurried: bool = False) -> dict[str, float]:
        """Return one reading of all visible GPUs; in a hurry without slow quantities."""
        rare = not hurried and self._count % RARE_EVERY == 0
        self._count += 1
        values: dict[str, float] = {}
        for number, reader in enumerate(self._readers):
            for index, found in reader.sample(rare).items():
                gpu = f"gpu/{_name(reader, number, index)}"
                values |= {f"{gpu}/{quantity}": value for quantity, value in found.items()}
        return values

    def facts(self) -> dict[str, Any]:
        """Return driver versions and, for each GPU, name, memory, UUID and power limit."""
        found: dict[str, Any] = {}
        for number, reader in enumerate(self._readers):
            facts = reader.facts()
            devices = facts.pop("devices", {})
            if devices:
                gpus = {_name(reader, number, index): each for index, each in devices.items()}
                found = {**facts, **found, "devices": {**found.get("devices", {}), **gpus}}
        return {"gpu": found} if found else {}


def _name(reader: GpuReader, number: int, index: str) -> str:
    """Return what a GPU is called; a second maker's are told apart by the maker."""
    return f"{type(reader).__name__.lower()}{index}" if number else index
