"""Read one quantity after the other of an NVIDIA GPU, in base units; each may raise."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from epochlog_hardware.ownership import OwnProcesses, in_use
from epochlog_hardware.rates import Rates

ALL_LINKS = 0xFFFFFFFF
LOOK_BACK_US = 5_000_000


@dataclass(slots=True)
class Device:
    """One GPU or MIG slice.

    Attributes:
        share: which part of a GPU it is.
        seen_us: time of the latest sample of processes' use.
    """

    nvml: Any
    handle: Any
    ours: OwnProcesses
    share: float = 1.0
    seen_us: int = 0
    nvlink: Rates = field(default_factory=Rates)


Read = Callable[[Device, Mapping[str, float]], dict[str, float]]
"""Takes the device and what was read of it before."""


def _utilization(device: Device, _: Mapping[str, float]) -> dict[str, float]:
    rates = device.nvml.nvmlDeviceGetUtilizationRates(device.handle)
    return {"utilization_percent": rates.gpu, "memory_activity_percent": rates.memory}


def _memory(device: Device, _: Mapping[str, float]) -> dict[str, float]:
    info = device.nvml.nvmlDeviceGetMemoryInfo(device.handle)
    return {
        "memory_used_bytes": info.used,
        "memory_percent": 100.0 * info.used / max(1, info.total),
    }


def _own_memory(device: Device, found: Mapping[str, float]) -> dict[str, float]:
    processes = device.nvml.nvmlDeviceGetComputeRunningProcesses(device.handle)
    working = in_use(found, [process.pid for process in processes], device.ours)
    values = {"in_use": working * device.share}
    used = [
        p.usedGpuMemory for p in processes if p.usedGpuMemory is not None and device.ours(p.pid)
    ]
    return values | ({"process_memory_bytes": sum(used)} if used else {})


def _own_sm(device: Device, found: Mapping[str, float]) -> dict[str, float]:
    """Read our processes' share of the multiprocessors since the last time."""
    if not found.get("process_memory_bytes"):
        return {}
    nvml = device.nvml
    since_us = device.seen_us or int(time.time() * 1e6) - LOOK_BACK_US
    try:
        samples = nvml.nvmlDeviceGetProcessUtilization(device.handle, since_us)
    except nvml.NVMLError as error:
        if error.value == nvml.NVML_ERROR_NOT_FOUND:  # nobody did anything since
            return {"process_sm_percent": 0.0}
        raise
    latest: dict[int, tuple[int, float]] = {}
    for sample in samples:
        if device.ours(sample.pid):
            at = (int(sample.timeStamp), float(sample.smUtil))
            latest[sample.pid] = max(latest.get(sample.pid, at), at)
        device.seen_us = max(device.seen_us, int(sample.timeStamp))
    return {"process_sm_percent": min(100.0, sum(percent for _, percent in latest.values()))}


def _power(device: Device, _: Mapping[str, float]) -> dict[str, float]:
    return {"power_watts": device.nvml.nvmlDeviceGetPowerUsage(device.handle) / 1000}


def _power_limit(device: Device, _: Mapping[str, float]) -> dict[str, float]:
    limit = device.nvml.nvmlDeviceGetEnforcedPowerLimit(device.handle)
    return {"power_limit_watts": limit / 1000}


def _energy(device: Device, _: Mapping[str, float]) -> dict[str, float]:
    used = device.nvml.nvmlDeviceGetTotalEnergyConsumption(device.handle)
    return {"energy_joules": used / 1000}


def _temperature(device: Device, _: Mapping[str, float]) -> dict[str, float]:
    nvml = device.nvml
    degrees = nvml.nvmlDeviceGetTemperature(device.handle, nvml.NVML_TEMPERATURE_GPU)
    return {"temperature_celsius": degrees}


def _sm_clock(device: Device, _: Mapping[str, float]) -> dict[str, float]:
    nvml = device.nvml
    return {"sm_clock_hz": nvml.nvmlDeviceGetClockInfo(device.handle, nvml.NVML_CLOCK_SM) * 1e6}


def _memory_clock(device: Device, _: Mapping[str, float]) -> dict[str, float]:
    nvml = device.nvml
    clock = nvml.nvmlDeviceGetClockInfo(device.handle, nvml.NVML_CLOCK_MEM)
    return {"memory_clock_hz": clock * 1e6}


def _fan(device: Device, _: Mapping[str, float]) -> dict[str, float]:
    return {"fan_percent": device.nvml.nvmlDeviceGetFanSpeed(device.handle)}


def _throttling(device: Device, _: Mapping[str, float]) -> dict[str, float]:
    """Read why clocks are held down: 100 or 0, so that a window's mean is a share of its time."""
    nvml = device.nvml
    reasons = nvml.nvmlDeviceGetCurrentClocksThrottleReasons(device.handle)
    causes = {
        "power": nvml.nvmlClocksThrottleReasonSwPowerCap
        | nvml.nvmlClocksThrottleReasonHwPowerBrakeSlowdown,
        "heat": nvml.nvmlClocksThrottleReasonSwThermalSlowdown
        | nvml.nvmlClocksThrottleReasonHwThermalSlowdown,
        "hardware": nvml.nvmlClocksThrottleReasonHwSlowdown,
    }
    return {
        f"throttled_by_{cause}_percent": 100.0 if reasons & mask else 0.0
        for cause, mask in causes.items()
    }


def _ecc(device: Device, _: Mapping[str, float]) -> dict[str, float]:
    """Read the memory errors since the driver was loaded."""
    nvml = device.nvml
    kinds = {
        "ecc_corrected_errors": nvml.NVML_MEMORY_ERROR_TYPE_CORRECTED,
        "ecc_uncorrected_errors": nvml.NVML_MEMORY_ERROR_TYPE_UNCORRECTED,
    }
    return {
        key: nvml.nvmlDeviceGetTotalEccErrors(device.handle, kind, nvml.NVML_VOLATILE_ECC)
        for key, kind in kinds.items()
    }


def _pcie(device: Device, _: Mapping[str, float]) -> dict[str, float]:
    """Read the traffic over PCIe, which the driver measures for 20 ms."""
    nvml, read = device.nvml, device.nvml.nvmlDeviceGetPcieThroughput
    return {
        "pcie_sent_bytes_per_s": read(device.handle, nvml.NVML_PCIE_UTIL_TX_BYTES) * 1e3,
        "pcie_received_bytes_per_s": read(device.handle, nvml.NVML_PCIE_UTIL_RX_BYTES) * 1e3,
    }


def _nvlink(device: Device, _: Mapping[str, float]) -> dict[str, float]:
    """Read the traffic over all NVLinks from counters of KiB."""
    nvml = device.nvml
    fields = {
        "nvlink_sent_bytes_per_s": nvml.NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_TX,
        "nvlink_received_bytes_per_s": nvml.NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_RX,
    }
    wanted = [(each, ALL_LINKS) for each in fields.values()]
    counters: dict[str, float] = {}
    for key, found in zip(
        fields, nvml.nvmlDeviceGetFieldValues(device.handle, wanted), strict=True
    ):
        if found.nvmlReturn != nvml.NVML_SUCCESS:
            raise nvml.NVMLError(found.nvmlReturn)
        counters[key] = found.value.ullVal * 1024
    return device.nvlink.of(counters)


READS: tuple[Read, ...] = (
    _utilization,
    _memory,
    _own_memory,
    _own_sm,
    _power,
    _power_limit,
    _energy,
    _temperature,
    _sm_clock,
    _memory_clock,
    _fan,
    _throttling,
)
RARE_READS: tuple[Read, ...] = (_ecc, _pcie, _nvlink)
