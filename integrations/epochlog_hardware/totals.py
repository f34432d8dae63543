"""Add up what one run has used so far: peak memory, processor and GPU hours, energy."""

from __future__ import annotations

from collections.abc import Mapping

HOUR_S = 3600.0


class Totals:
    """``total/…`` of one run, from the readings taken while it is open.

    They stand in the store window by window and only grow: the last value is the run's total, also
    that of a run that was killed.
    """

    def __init__(self) -> None:
        self._first: dict[str, float] = {}
        self._before: Mapping[str, float] = {}
        self._at = 0.0
        self._sums: dict[str, float] = {}

    def add(self, reading: Mapping[str, float], at: float) -> None:
        """Take one reading of the time ``at`` (monotonic seconds)."""
        elapsed_s = at - self._at if self._before else 0.0
        self._add_processor(reading)
        self._add_memory(reading)
        for key in reading:
            if key.startswith("gpu/") and key.endswith("/in_use"):
                self._add_gpu(key.removesuffix("in_use"), reading, elapsed_s)
        self._before, self._at = reading, at

    def values(self) -> dict[str, float]:
        """Return the totals until now."""
        return dict(self._sums)

    def _add_processor(self, reading: Mapping[str, float]) -> None:
        used_s = reading.get("process/cpu_seconds")
        if used_s is not None:
            first = self._first.setdefault("process/cpu_seconds", used_s)
            # A child that is gone and that nobody waited for takes its seconds with it.
            self._raise("total/cpu_hours", (used_s - first) / HOUR_S)

    def _add_memory(self, reading: Mapping[str, float]) -> None:
        if (used := reading.get("process/memory_bytes")) is not None:
            self._raise("total/memory_peak_bytes", used)
        # The kernel remembers a peak between readings; only one of this run's own time counts.
        peak = reading.get("process/main_memory_peak_bytes", 0.0)
        if peak > self._first.setdefault("process/main_memory_peak_bytes", peak):
            self._raise("total/memory_peak_bytes", peak)

    def _add_gpu(self, gpu: str, reading: Mapping[str, float], elapsed_s: float) -> None:
        """Count one GPU while it works for us; ``gpu`` is ``gpu/<index>/``."""
        before, share = self._before, reading[f"{gpu}in_use"]
        held = before.get(f"{gpu}in_use", share)
        self._grow("total/gpu_hours", held * elapsed_s / HOUR_S)
        if share:
            self._raise("total/gpu_memory_peak_bytes", _own_memory(reading))
        if not held:
            return
        energy, energy_before = (
            reading.get(f"{gpu}energy_joules"),
            before.get(f"{gpu}energy_joules"),
        )
        if energy is not None and energy_before is not None:
            self._grow("total/gpu_energy_joules", max(0.0, energy - energy_before))
        elif (watts := reading.get(f"{gpu}power_watts")) is not None:
            self._grow("total/gpu_energy_joules", watts * elapsed_s)

    def _grow(self, key: str, amount: float) -> None:
        self._sums[key] = self._sums.get(key, 0.0) + amount

    def _raise(self, key: str, value: float) -> None:
        self._sums[key] = max(self._sums.get(key, 0.0), value)


def _own_memory(reading: Mapping[str, float]) -> float:
    """Return the bytes that we hold on all GPUs; where nobody can tell, all that is used there."""
    total = 0.0
    for key, share in reading.items():
        if key.startswith("gpu/") and key.endswith("/in_use") and share:
            gpu = key.removesuffix("in_use")
            total += reading.get(
                f"{gpu}process_memory_bytes", reading.get(f"{gpu}memory_used_bytes", 0.0)
            )
    return total
