"""Find NVIDIA's GPUs and MIG slices that CUDA would see, and read each of them."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from typing import Any

from epochlog_hardware.nvidia_reads import RARE_READS, READS, Device, Read
from epochlog_hardware.ownership import OwnProcesses
from epochlog_hardware.visible import visible_tokens


class Nvidia:
    """The GPUs that CUDA_VISIBLE_DEVICES leaves visible.

    A GPU is called by the driver's own index, a MIG slice by its GPU's and its number in it:
    ``0.mig1``.
    """

    def __init__(self) -> None:
        self._nvml = _load()
        self.present = self._nvml is not None
        self._visible: str | None = ""
        self._devices: dict[str, Device] = {}
        self._reads: dict[str, list[Read]] = {}
        self._ours = OwnProcesses()
        if self._nvml is not None:
            self._find_devices()

    def sample(self, rare: bool) -> dict[str, dict[str, float]]:
        """Return index -> quantity -> value."""
        if os.environ.get("CUDA_VISIBLE_DEVICES") != self._visible:
            self._find_devices()  # set after the import, as many do
        return {index: self._read(index, rare) for index in self._devices}

    def facts(self) -> dict[str, Any]:
        """Return driver version, the CUDA that it speaks, and what each GPU is."""
        nvml = self._nvml
        if nvml is None or not self._devices:
            return {}
        gpus = {index: _describe(nvml, device) for index, device in self._devices.items()}
        driver = _try(nvml, lambda: _text(nvml.nvmlSystemGetDriverVersion()))
        cuda = _try(nvml, nvml.nvmlSystemGetCudaDriverVersion)
        return {"driver": driver, "cuda_driver": cuda, "devices": gpus}

    def _find_devices(self) -> None:
        self._visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        self._devices = _devices(self._nvml, self._visible, self._ours)
        self._reads = {index: [*READS, *RARE_READS] for index in self._devices}

    def _read(self, index: str, rare: bool) -> dict[str, float]:
        values: dict[str, float] = {}
        device = self._devices[index]
        for read in list(self._reads[index]):
            if read in RARE_READS and not rare:
                continue
            try:
                values |= read(device, values)
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


def _devices(nvml: Any, visible: str | None, ours: OwnProcesses) -> dict[str, Device]:
    handles = {
        str(i): _try(nvml, nvml.nvmlDeviceGetHandleByIndex, i)
        for i in range(nvml.nvmlDeviceGetCount())
    }
    gpus = {i: Device(nvml, handle, ours) for i, handle in handles.items() if handle is not None}
    slices = {i: _slices(nvml, gpu.handle, ours) for i, gpu in gpus.items()}
    chosen: dict[str, Device] = {}
    if visible is None:
        for i, gpu in gpus.items():
            chosen |= {i: gpu} | {f"{i}.{name}": each for name, each in slices[i].items()}
        return chosen
    for position, token in enumerate(visible_tokens(visible)):
        if token.startswith("MIG-"):
            index, found = _slice(nvml, token, position, slices, ours)
        else:
            uuids = {i: _uuid(nvml, gpu.handle) for i, gpu in gpus.items()}
            index = next((i for i, uuid in uuids.items() if token == i or _names(token, uuid)), "")
            found = gpus.get(index)
        if found is None or index in chosen:  # CUDA stops at the first one that it does not know
            break
        chosen[index] = found
        chosen |= {f"{index}.{name}": each for name, each in slices.get(index, {}).items()}
    return chosen


def _slices(nvml: Any, handle: Any, ours: OwnProcesses) -> dict[str, Device]:
    """Return the MIG slices of a GPU, none where MIG is off or unknown."""
    mode = _try(nvml, nvml.nvmlDeviceGetMigMode, handle)
    if not mode or mode[0] != nvml.NVML_DEVICE_MIG_ENABLE:
        return {}
    count = _try(nvml, nvml.nvmlDeviceGetMaxMigDeviceCount, handle) or 0
    found: dict[str, Device] = {}
    for number in range(count):
        part = _try(nvml, nvml.nvmlDeviceGetMigDeviceHandleByIndex, handle, number)
        if part is not None:
            found[f"mig{number}"] = Device(nvml, part, ours, share=_share(nvml, part, count))
    return found


def _slice(
    nvml: Any, token: str, position: int, slices: dict[str, dict[str, Device]], ours: OwnProcesses
) -> tuple[str, Device | None]:
    """Return the MIG slice of a UUID with its name."""
    for index, parts in slices.items():
        for name, part in parts.items():
            if _uuid(nvml, part.handle) == token:
                return f"{index}.{name}", part
    handle = _try(nvml, nvml.nvmlDeviceGetHandleByUUID, token.encode())
    return f"mig{position}", None if handle is None else Device(nvml, handle, ours)


def _share(nvml: Any, part: Any, count: int) -> float:
    """Return which part of its GPU a slice is."""
    attributes = _try(nvml, nvml.nvmlDeviceGetAttributes, part)
    return attributes.gpuInstanceSliceCount / count if attributes and count else 1.0


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


def _uuid(nvml: Any, handle: Any) -> str:
    return _try(nvml, lambda: _text(nvml.nvmlDeviceGetUUID(handle))) or ""


def _try(nvml: Any, function: Callable[..., Any], *args: Any) -> Any:
    try:
        return function(*args)
    except (nvml.NVMLError, nvml.NVMLLibraryMismatchError):
        return None


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _describe(nvml: Any, device: Device) -> dict[str, Any]:
    handle = device.handle
    capability = _try(nvml, nvml.nvmlDeviceGetCudaComputeCapability, handle)
    limit = _try(nvml, nvml.nvmlDeviceGetEnforcedPowerLimit, handle)
    facts = {
        "name": _try(nvml, lambda: _text(nvml.nvmlDeviceGetName(handle))),
        "uuid": _uuid(nvml, handle) or None,
        "memory_total_bytes": _try(nvml, lambda: int(nvml.nvmlDeviceGetMemoryInfo(handle).total)),
        "power_limit_watts": None if limit is None else limit / 1000,
        "compute_capability": None if capability is None else "{}.{}".format(*capability),
        "share": None if device.share == 1.0 else device.share,
    }
    return {key: value for key, value in facts.items() if value is not None}
