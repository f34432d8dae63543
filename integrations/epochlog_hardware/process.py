"""Sample this process together with all of its descendants (data loader workers, joblib, …)."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Mapping

from epochlog_hardware.processes import Facts, Reader, reader_for
from epochlog_hardware.rates import SHORTEST_S

ENUMERATE_EVERY = 4
"""Readings: looking for children, and counting files, costs as much as all the rest together."""
LOOK_REST, PSS_REST = 500.0, 2000.0
"""Rests, in units of what it took: looking for children may mean looking at all processes of the
machine, telling shared memory apart walks page tables."""
PSS_LONGEST_S = 0.2
"""A tree that takes longer is not asked again."""

_RATES = {
    "process/cpu_percent": ("cpu_s", 100.0),
    "process/read_bytes_per_s": ("read_bytes", 1.0),
    "process/write_bytes_per_s": ("write_bytes", 1.0),
    "process/page_faults_per_s": ("minor_faults", 1.0),
    "process/major_page_faults_per_s": ("major_faults", 1.0),
}


class ProcessTree:
    """``process/…``: sums over the tree.

    ``memory_bytes`` adds up resident memory, in which memory shared by several processes counts in
    each; ``memory_pss_bytes``, of trees of several processes, divides it among those that share it.

    Args:
        clock: seconds, monotonic.
        reader: of processes; that of this system by default.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, reader: Reader | None = None
    ) -> None:
        self._clock = clock
        self._reader = reader or reader_for(sys.platform)
        self._children: list[int] = []
        self._count = 0
        self._look_at = 0.0
        self._before: dict[int, Facts] = {}
        self._at = 0.0
        self._open_files: float | None = None
        self._pss_at = 0.0
        self._pss_given_up = False

    def sample(self) -> dict[str, float]:
        """Return processor use (percent of one core), bytes, threads, files, traffic, faults."""
        reader, own = self._reader, self._reader.own
        rare = self._count % ENUMERATE_EVERY == 0
        self._count += 1
        if rare and (began := time.monotonic()) >= self._look_at:
            self._children = reader.descendants()
            self._look_at = time.monotonic() + (time.monotonic() - began) * LOOK_REST
        found = {pid: facts for pid in (own, *self._children) if (facts := reader.read(pid))}
        self._children = [pid for pid in self._children if pid in found]
        values = _sums(found.values())
        values["process/children"] = len(self._children)
        if own in found:
            values["process/main_memory_bytes"] = found[own]["memory_bytes"]
        if (peak := reader.peak_bytes()) is not None:
            values["process/main_memory_peak_bytes"] = peak
        if rare:
            self._open_files = _total(map(reader.open_files, found))
            _put(values, "process/memory_pss_bytes", self._pss(found))
        _put(values, "process/open_files", self._open_files)
        return values | self._rates(found)

    def _pss(self, found: Iterable[int]) -> float | None:
        """Return the tree's proportional memory, if there is a tree and it is time."""
        began = time.monotonic()
        if not self._children or self._pss_given_up or began < self._pss_at:
            return None
        total = _total(map(self._reader.pss_bytes, found))
        took_s = time.monotonic() - began
        self._pss_at = began + took_s * PSS_REST
        self._pss_given_up = total is None or took_s > PSS_LONGEST_S
        return total

    def _rates(self, found: dict[int, Facts]) -> dict[str, float]:
        """Add up what each process used since the last sample, or since its own start."""
        now, before = self._clock(), self._before
        elapsed_s = now - self._at
        if before and elapsed_s < SHORTEST_S:
            return {}
        self._at, self._before = now, found
        if not before:
            return {}
        return {
            key: factor * grown / elapsed_s
            for key, (name, factor) in _RATES.items()
            if (grown := _growth(name, found, before)) is not None
        }


def _sums(processes: Iterable[Facts]) -> dict[str, float]:
    """Return the sums over processes of what is simply added."""
    found = list(processes)
    return {
        "process/memory_bytes": sum(facts["memory_bytes"] for facts in found),
        "process/threads": sum(facts["threads"] for facts in found),
        # Those of children that ended are in the accounts of who waited for them.
        "process/cpu_seconds": sum(facts["cpu_s"] + facts["reaped_cpu_s"] for facts in found),
    }


def _growth(name: str, now: Mapping[int, Facts], before: Mapping[int, Facts]) -> float | None:
    """Return by how much a counter grew in all processes; None if no process has it."""
    grown = [
        max(0.0, facts[name] - before.get(pid, {}).get(name, 0.0))
        for pid, facts in now.items()
        if name in facts
    ]
    return sum(grown) if grown else None


def _total(values: Iterable[float | None]) -> float | None:
    """Return the sum of what could be read; None if nothing could."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _put(values: dict[str, float], key: str, value: float | None) -> None:
    if value is not None:
        values[key] = value
