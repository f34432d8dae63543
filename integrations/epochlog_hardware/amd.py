"""Read AMD's GPUs through ``amdsmi``, which comes with ROCm; without it there are none."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from epochlog_hardware.ownership import OwnProcesses, in_use
from epochlog_hardware.visible import visible_tokens

DRIVER = Path("/sys/module/amdgpu")
MIB = 2**20
VARIABLES = ("HIP_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES")
"""Of the devices that ROCR_VISIBLE_DEVICES leaves; HIP heeds CUDA's variable, too."""

Read = Callable[[Any, Any], dict[str, float]]


class Amd:
    """The GPUs that HIP would see, by their place in amdsmi's list.

    amdsmi says "N/A" for what a GPU doesn't have, and names its fields differently from release to
    release: each quantity is looked for under all the names it had.
    """

    def __init__(self) -> None:
        self._smi = _load()
        self._ours = OwnProcesses()
        self._failed: dict[str, set[Read]] = {}
        self._handles = {} if self._smi is None else _visible_handles(self._smi)
        self.present = bool(self._handles)

    def sample(self, rare: bool) -> dict[str, dict[str, float]]:
        """Return index -> quantity -> value."""
        reads = (*READS, *RARE_READS) if rare else READS
        return {index: self._read(index, handle, reads) for index, handle in self._handles.items()}

    def facts(self) -> dict[str, Any]:
        """Return the driver's version and what each GPU is."""
        smi = self._smi
        first = next(iter(self._handles.values()))
        driver = _try(lambda: smi.amdsmi_get_gpu_driver_info(first)["driver_version"])
        devices = {index: _describe(smi, handle) for index, handle in self._handles.items()}
        return {"driver": driver, "devices": devices}

    def _read(self, index: str, handle: Any, reads: tuple[Read, ...]) -> dict[str, float]:
        values: dict[str, float] = {}
        failed = self._failed.setdefault(index, set())
        for read in reads:
            if read in failed:
                continue
            try:
                values |= read(self._smi, handle)
            except Exception as error:
                if _for_good(self._smi, error):
                    failed.add(read)
        return values | self._own(handle, values)

    def _own(self, handle: Any, found: Mapping[str, float]) -> dict[str, float]:
        processes = _try(lambda: self._smi.amdsmi_get_gpu_process_list(handle))
        told = [each for each in processes or () if isinstance(each, Mapping) and "pid" in each]
        pids = [int(each["pid"]) for each in told]
        values = {"in_use": in_use(found, pids, self._ours)}
        used = [
            number
            for each in told
            if self._ours(int(each["pid"])) and (number := _process_bytes(each)) is not None
        ]
        return values | ({"process_memory_bytes": sum(used)} if used else {})


def _load() -> Any:
    """Return the initialised module ``amdsmi``, or None without GPU, driver or library."""
    try:
        if "amdsmi" not in sys.modules and not DRIVER.exists():
            return None  # far cheaper than importing it in vain
        amdsmi = importlib.import_module("amdsmi")
        amdsmi.amdsmi_init()
    except Exception:  # whatever goes wrong there: no GPUs to sample
        return None
    return amdsmi


def _visible_handles(smi: Any) -> dict[str, Any]:
    handles = _try(smi.amdsmi_get_processor_handles) or []
    found = {str(number): handle for number, handle in enumerate(handles)}
    found = _chosen(smi, found, os.environ.get("ROCR_VISIBLE_DEVICES"))
    named = next((os.environ[name] for name in VARIABLES if name in os.environ), None)
    return _chosen(smi, found, named)


def _chosen(smi: Any, handles: dict[str, Any], visible: str | None) -> dict[str, Any]:
    """Return the devices that a variable names: by place among those that are left, or UUID."""
    if visible is None:
        return handles
    left = list(handles)
    chosen: dict[str, Any] = {}
    for token in visible_tokens(visible):
        if token.isdigit():
            index = left[int(token)] if int(token) < len(left) else ""
        else:
            index = next((i for i in left if _uuid_is(smi, handles[i], token)), "")
        if not index or index in chosen:
            break
        chosen[index] = handles[index]
    return chosen


def _uuid_is(smi: Any, handle: Any, token: str) -> bool:
    uuid = str(_try(lambda: smi.amdsmi_get_gpu_device_uuid(handle)) or "")
    return uuid.replace("-", "").endswith(token.removeprefix("GPU-").replace("-", ""))


def _try(function: Callable[[], Any]) -> Any:
    try:
        return function()
    except Exception:  # its exceptions have no base in common over the releases
        return None


def _for_good(smi: Any, error: Exception) -> bool:
    """Whether a reading that failed once will always fail: all but "busy" and "timed out"."""
    passing = tuple(
        kind
        for name in ("AmdSmiRetryException", "AmdSmiTimeoutException")
        if isinstance(kind := getattr(smi, name, None), type)
    )
    return not isinstance(error, passing)


def _number(found: Any, *names: str) -> float | None:
    """Return the first of the fields that is a number; 0xFFFF and its like mean none."""
    for name in names:
        value = found.get(name) if isinstance(found, Mapping) else None
        if isinstance(value, (int, float)) and value not in (0xFFFF, 0xFFFFFFFF, 2**64 - 1):
            return float(value)
    return None


def _put(values: dict[str, float], key: str, value: float | None, factor: float = 1.0) -> None:
    if value is not None:
        values[key] = value * factor


def _process_bytes(process: Mapping[str, Any]) -> float | None:
    return _number(process.get("memory_usage"), "vram_mem") or _number(process, "mem")


def _describe(smi: Any, handle: Any) -> dict[str, Any]:
    vram = _memory(smi, handle)
    cap = _try(lambda: _power_limit(smi, handle)) or {}
    facts = {
        "name": _try(lambda: smi.amdsmi_get_gpu_asic_info(handle)["market_name"]),
        "uuid": _try(lambda: smi.amdsmi_get_gpu_device_uuid(handle)),
        "memory_total_bytes": int(vram["total"]) if "total" in vram else None,
        "power_limit_watts": cap.get("power_limit_watts"),
    }
    return {key: value for key, value in facts.items() if value is not None}


def _memory(smi: Any, handle: Any) -> dict[str, float]:
    """Return bytes ``used`` and in ``total``; older releases tell them in MiB only."""
    found: dict[str, float] = {}
    kind = _try(lambda: smi.AmdSmiMemoryType.VRAM)
    _put(found, "total", _try(lambda: float(smi.amdsmi_get_gpu_memory_total(handle, kind))))
    _put(found, "used", _try(lambda: float(smi.amdsmi_get_gpu_memory_usage(handle, kind))))
    if len(found) < 2:
        usage = smi.amdsmi_get_gpu_vram_usage(handle)
        _put(found, "total", _number(usage, "vram_total"), MIB)
        _put(found, "used", _number(usage, "vram_used"), MIB)
    return found


def _activity(smi: Any, handle: Any) -> dict[str, float]:
    found = smi.amdsmi_get_gpu_activity(handle)
    values: dict[str, float] = {}
    _put(values, "utilization_percent", _number(found, "gfx_activity"))
    _put(values, "memory_activity_percent", _number(found, "umc_activity"))
    return values


def _memory_use(smi: Any, handle: Any) -> dict[str, float]:
    found = _memory(smi, handle)
    values: dict[str, float] = {}
    _put(values, "memory_used_bytes", found.get("used"))
    if found.get("total") and "used" in found:
        values["memory_percent"] = 100.0 * found["used"] / found["total"]
    return values


def _power(smi: Any, handle: Any) -> dict[str, float]:
    values: dict[str, float] = {}
    names = ("socket_power", "current_socket_power", "average_socket_power")
    _put(values, "power_watts", _number(smi.amdsmi_get_power_info(handle), *names))
    return values


def _power_limit(smi: Any, handle: Any) -> dict[str, float]:
    """Read the cap, in microwatts (before ROCm 6 in watts, which no GPU could mean by 10,000)."""
    cap = _number(smi.amdsmi_get_power_cap_info(handle), "power_cap")
    values: dict[str, float] = {}
    _put(values, "power_limit_watts", cap, 1e-6 if cap is not None and cap > 10_000 else 1.0)
    return values


def _energy(smi: Any, handle: Any) -> dict[str, float]:
    found = smi.amdsmi_get_energy_count(handle)
    values: dict[str, float] = {}
    count = _number(found, "energy_accumulator", "power")
    _put(values, "energy_joules", count, (_number(found, "counter_resolution") or 0.0) * 1e-6)
    return values if values.get("energy_joules") else {}


def _temperature(smi: Any, handle: Any) -> dict[str, float]:
    """Read the hottest place on the chip, or its edge."""
    metric = smi.AmdSmiTemperatureMetric.CURRENT
    for name in ("HOTSPOT", "JUNCTION", "EDGE"):
        if (kind := getattr(smi.AmdSmiTemperatureType, name, None)) is None:
            continue
        degrees = _try(partial(smi.amdsmi_get_temp_metric, handle, kind, metric))
        if isinstance(degrees, (int, float)):
            return {"temperature_celsius": float(degrees)}
    return {}


def _clocks(smi: Any, handle: Any) -> dict[str, float]:
    values: dict[str, float] = {}
    for key, name in (("sm_clock_hz", "GFX"), ("memory_clock_hz", "MEM")):
        if (kind := getattr(smi.AmdSmiClkType, name, None)) is not None:
            found = _try(partial(smi.amdsmi_get_clock_info, handle, kind))
            _put(values, key, _number(found, "clk", "cur_clk"), 1e6)
    return values


def _ecc(smi: Any, handle: Any) -> dict[str, float]:
    found = smi.amdsmi_get_gpu_total_ecc_count(handle)
    values: dict[str, float] = {}
    _put(values, "ecc_corrected_errors", _number(found, "correctable_count"))
    _put(values, "ecc_uncorrected_errors", _number(found, "uncorrectable_count"))
    return values


READS: tuple[Read, ...] = (_activity, _memory_use, _power, _energy, _temperature, _clocks)
RARE_READS: tuple[Read, ...] = (_power_limit, _ecc)
