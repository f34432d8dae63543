"""Facts about ``window.py`` and ``totals.py``: what stands for many readings."""

from __future__ import annotations

import pytest

from epochlog_hardware.totals import Totals
from epochlog_hardware.window import Window


def test_mean_least_and_greatest() -> None:
    """A window keeps the mean under the quantity's name, and its extremes beside it."""
    window = Window()
    for value in (10.0, 40.0, 10.0):
        window.add({"machine/cpu_percent": value})

    assert window.take() == {
        "machine/cpu_percent": 20.0,
        "machine/cpu_percent.min": 10.0,
        "machine/cpu_percent.max": 40.0,
    }
    assert window.take() == {}


def test_what_does_not_change_is_one_number() -> None:
    """Equal readings, or only one, have no extremes; a missing reading is no zero."""
    window = Window()
    window.add({"process/threads": 3, "process/open_files": 7})
    window.add({"process/threads": 3})

    assert window.take() == {"process/threads": 3, "process/open_files": 7}


def test_of_counters_and_limits_the_latest_counts() -> None:
    """A mean of a counter, or of a limit that was raised meanwhile, would be no such number."""
    window = Window()
    window.add({"gpu/0/energy_joules": 100, "container/memory_limit_bytes": 8})
    window.add({"gpu/0/energy_joules": 150, "container/memory_limit_bytes": 16})

    assert window.take() == {"gpu/0/energy_joules": 150, "container/memory_limit_bytes": 16}


def totals(*readings: dict[str, float], every_s: float = 1800.0) -> dict[str, float]:
    """Return the totals of readings half an hour apart."""
    found = Totals()
    for number, reading in enumerate(readings):
        found.add(reading, 100.0 + number * every_s)
    return found.values()


def test_processor_hours_are_those_of_the_run() -> None:
    """What the process used before the run is not the run's; a lost child takes nothing back."""
    used = totals(*({"process/cpu_seconds": seconds} for seconds in (1000, 4600, 4500)))

    assert used == {"total/cpu_hours": 1.0}


def test_peak_memory_between_two_readings() -> None:
    """The kernel's own high-water mark counts if it rose while the run was open."""
    key, peak = "process/memory_bytes", "process/main_memory_peak_bytes"

    assert totals({key: 5, peak: 90}, {key: 7, peak: 90}) == {"total/memory_peak_bytes": 7}
    assert totals({key: 5, peak: 90}, {key: 7, peak: 95}) == {"total/memory_peak_bytes": 95}


def gpu(index: str, use: float, **quantities: float) -> dict[str, float]:
    """Return a reading of one GPU."""
    return {f"gpu/{index}/in_use": use} | {f"gpu/{index}/{k}": v for k, v in quantities.items()}


def test_gpu_hours_count_gpus_that_work_for_us() -> None:
    """Two GPUs for half an hour are one hour; a GPU of somebody else is none."""
    both = gpu("0", 1.0) | gpu("1", 1.0) | gpu("2", 0.0)

    assert totals(both, both)["total/gpu_hours"] == 1.0
    assert totals(gpu("0.mig0", 0.5), gpu("0.mig0", 0.0))["total/gpu_hours"] == 0.25
    assert totals(gpu("0", 0.0), gpu("0", 1.0))["total/gpu_hours"] == 0.0


def test_energy_from_the_counter_or_from_the_power() -> None:
    """The counter of the GPU if it has one, otherwise power times time."""
    counted = totals(gpu("0", 1, energy_joules=10, power_watts=99), gpu("0", 1, energy_joules=35))
    estimated = totals(gpu("0", 1, power_watts=200), gpu("0", 1, power_watts=200))

    assert counted["total/gpu_energy_joules"] == 25
    assert estimated["total/gpu_energy_joules"] == pytest.approx(200 * 1800)


def test_gpu_memory_peak_is_the_sum_over_gpus() -> None:
    """Ours where the driver tells, all that is used where it doesn't."""
    reading = gpu("0", 1, process_memory_bytes=5, memory_used_bytes=50) | gpu(
        "1", 1, memory_used_bytes=7
    )

    assert totals(reading)["total/gpu_memory_peak_bytes"] == 12
