"""Sample NVIDIA GPUs through the driver's library; a quantity that can't be read is left out."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from typing import Any

from epochlog_hardware.visible import visible_tokens

Read = Callable[[Any, Any], dict[str, float]]


class GpuProbe:
    """``gpu/<index>/…`` of the GPUs that CUDA_VISIBLE_DEVICES leaves visible.

    The index is the driver's own; MIG slices are ``mig0`` and so on, in the order of that variable.
    Without an NVIDIA driver every sample is empty.
    """

    def __init__(self) -> None:
        self._nvml = _load()
        self.present = self._nvml is not None
        self._visible: str | None = ""
        self._devices: dict[str, Any] = {}
        self._reads: dict[str, list[Read]] = {}
        if self._nvml is not None:
            self._find_devices()

    def sample(self) -> dict[str, float]:
        """Return one sample of all visible GPUs."""
        if self._nvml is None:
            return {}
        if (
            os.environ.get("CUDA_VISIBLE_DEVICES") != self._visible
        ):  # set after the import, as many do
            self._find_devices()
        values: dict[str, float] = {}
        for index, handle in self._devices.items():
            for key, value in self._read(index, handle).items():
                values[f"gpu/{index}/{key}"] = value
        return values

    def facts(self) -> dict[str, Any]:
        """Return driver version and, for each GPU, name, memory, UUID and power limit."""
        nvml = self._nvml
        if nvml is None or not self._devices:
            return {}
        gpus = {index: _describe(nvml, handle) for index, handle in self._devices.items()}
        driver = _try(nvml, lambda: _text(nvml.nvmlSystemGetDriverVersion()))
        cuda = _try(nvml, nvml.nvmlSystemGetCudaDriverVersion)
        return {"gpu": {"driver": driver, "cuda_driver": cuda, "devices": gpus}}

    def _find_devices(self) -> None:
        self._visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        self._devices = _devices(self._nvml, self._visible)
        self._reads = {index: list(READS) for index in self._devices}

    def _read(self, index: str, handle: Any) -> dict[str, float]:
        values: dict[str, float] = {}
        for read in list(self._reads[index]):
            try:
                values |= read(self._nvml, handle)
            except Exception as error:
                if _for_good(self._nvml, error):
                    self._reads[index].remove(read)
        return values


def _load() -> Any:
    """Return the initialised module ``pynvml``, or None without a working driver."""
    try:
        if sys.platform.startswith("linux"):
            ctypes.CDLL("libnvidia-ml.so.1")  # far cheaper to ask than importing pynvml in vain
        import pynvml

        pynvml.nvmlInit()
    except Exception:  # no library, no driver, no permission: no GPUs to sample
        return None
    return pynvml


def _devices(nvml: Any, visible: str | None) -> dict[str, Any]:
    handles = {
        str(i): _try(nvml, nvml.nvmlDeviceGetHandleByIndex, i)
        for i in range(nvml.nvmlDeviceGetCount())
    }
    handles = {index: handle for index, handle in handles.items() if handle is not None}
    if visible is None:
        return handles
    uuids = {
        i: _try(nvml, lambda h=h: _text(nvml.nvmlDeviceGetUUID(h))) or ""
        for i, h in handles.items()
    }
    chosen: dict[str, Any] = {}
    for position, token in enumerate(visible_tokens(visible)):
        if token.startswith("MIG-"):
            found, index = (
                _try(nvml, nvml.nvmlDeviceGetHandleByUUID, token.encode()),
                f"mig{position}",
            )
        else:
            index = next((i for i, uuid in uuids.items() if token == i or _names(token, uuid)), "")
            found = handles.get(index)
        if found is None or index in chosen:  # CUDA stops at the first one that it does not know
            break
        chosen[index] = found
    return chosen


def _for_good(nvml: Any, error: Exception) -> bool:
    """Whether a reading that failed once will always fail.

    pynvml also raises an error of its own kind when the driver is older than it expects.
    """
    lasting = (
        nvml.NVML_ERROR_NOT_SUPPORTED,
        nvml.NVML_ERROR_FUNCTION_NOT_FOUND,
        nvml.NVML_ERROR_NO_PERMISSION,
    )
    return not isinstance(error, nvml.NVMLError) or error.value in lasting


def _names(token: str, uuid: str) -> bool:
    return token.startswith("GPU-") and uuid.startswith(token)


def _try(nvml: Any, function: Callable[..., Any], *args: Any) -> Any:
    try:
        return function(*args)
    except (nvml.NVMLError, nvml.NVMLLibraryMismatchError):
        return None


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _describe(nvml: Any, handle: Any) -> dict[str, Any]:
    facts = {
        "name": _try(nvml, lambda: _text(nvml.nvmlDeviceGetName(handle))),
        "uuid": _try(nvml, lambda: _text(nvml.nvmlDeviceGetUUID(handle))),
        "memory_total_bytes": _try(nvml, lambda: int(nvml.nvmlDeviceGetMemoryInfo(handle).total)),
        "power_limit_watts": _try(
            nvml, lambda: nvml.nvmlDeviceGetEnforcedPowerLimit(handle) / 1000
        ),
    }
    return {key: value for key, value in facts.items() if value is not None}


def _utilization(nvml: Any, handle: Any) -> dict[str, float]:
    rates = nvml.nvmlDeviceGetUtilizationRates(handle)
    return {"utilization_percent": rates.gpu, "memory_activity_percent": rates.memory}


def _memory(nvml: Any, handle: Any) -> dict[str, float]:
    info = nvml.nvmlDeviceGetMemoryInfo(handle)
    return {
        "memory_used_bytes": info.used,
        "memory_percent": 100.0 * info.used / max(1, info.total),
    }


def _own_memory(nvml: Any, handle: Any) -> dict[str, float]:
    used = [
        process.usedGpuMemory
        for process in nvml.nvmlDeviceGetComputeRunningProcesses(handle)
        if process.pid == os.getpid() and process.usedGpuMemory is not None
    ]
    return {"process_memory_bytes": sum(used)} if used else {}


def _power(nvml: Any, handle: Any) -> dict[str, float]:
    return {"power_watts": nvml.nvmlDeviceGetPowerUsage(handle) / 1000}


def _energy(nvml: Any, handle: Any) -> dict[str, float]:
    return {"energy_joules": nvml.nvmlDeviceGetTotalEnergyConsumption(handle) / 1000}


def _temperature(nvml: Any, handle: Any) -> dict[str, float]:
    return {"temperature_celsius": nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU)}


def _clocks(nvml: Any, handle: Any) -> dict[str, float]:
    return {"sm_clock_hz": nvml.nvmlDeviceGetClockInfo(handle, nvml.NVML_CLOCK_SM) * 1e6}


def _fan(nvml: Any, handle: Any) -> dict[str, float]:
    return {"fan_percent": nvml.nvmlDeviceGetFanSpeed(handle)}


READS: tuple[Read, ...] = (
    _utilization,
    _memory,
    _own_memory,
    _power,
    _energy,
    _temperature,
    _clocks,
    _fan,
)
