"""GPUs of AMD and Apple are read through stand-ins for ``amdsmi`` and ``ioreg``."""

from __future__ import annotations

import plistlib
import sys
import types
from collections.abc import Callable
from typing import Any

import pytest

from epochlog_hardware import apple, gpu
from epochlog_hardware.amd import Amd

GIB = 2**30


class Busy(Exception):
    """amdsmi's AmdSmiRetryException."""


def amdsmi(release: int, processes: list[dict[str, Any]] | None = None) -> Any:
    """Return a module with the functions and field names of ROCm 5.7, 6.3 or 7.0."""
    smi = types.ModuleType("amdsmi")
    names: dict[str, Any] = {
        "AmdSmiRetryException": Busy,
        "AmdSmiMemoryType": types.SimpleNamespace(VRAM=0),
        "AmdSmiTemperatureMetric": types.SimpleNamespace(CURRENT=0),
        "AmdSmiTemperatureType": types.SimpleNamespace(EDGE=0, JUNCTION=1, HOTSPOT=1),
        "AmdSmiClkType": types.SimpleNamespace(GFX=0, MEM=4),
        "amdsmi_init": lambda: None,
        "amdsmi_get_processor_handles": lambda: ["a", "b"],
        "amdsmi_get_gpu_device_uuid": lambda handle: f"{handle * 8}-0000-1000",
        "amdsmi_get_gpu_asic_info": lambda handle: {"market_name": "MI300X"},
        "amdsmi_get_gpu_driver_info": lambda handle: {"driver_version": "6.10.5"},
        "amdsmi_get_gpu_activity": lambda handle: {
            "gfx_activity": 91, "umc_activity": "N/A" if release > 5 else 0xFFFF, "mm_activity": []
        },
        "amdsmi_get_gpu_vram_usage": lambda handle: {
            "vram_used": 32 * 1024, "vram_total": 128 * 1024
        },
        "amdsmi_get_power_info": lambda handle: {
            5: {"current_socket_power": 0xFFFF, "average_socket_power": 420},
            6: {"current_socket_power": 420, "average_socket_power": "N/A"},
            7: {"socket_power": 420, "current_socket_power": "N/A", "average_socket_power": "N/A"},
        }[release],
        "amdsmi_get_power_cap_info": lambda handle: {"power_cap": 750 if release == 5 else 750e6},
        "amdsmi_get_energy_count": lambda handle: {
            "power" if release == 5 else "energy_accumulator": 1_000_000,
            "counter_resolution": 15.3, "timestamp": 1,
        },
        "amdsmi_get_temp_metric": lambda handle, kind, metric: {0: 40, 1: 52}[kind],
        "amdsmi_get_clock_info": lambda handle, kind: {
            "cur_clk" if release == 5 else "clk": {0: 1700, 4: 1200}[kind]
        },
        "amdsmi_get_gpu_total_ecc_count": lambda handle: {
            "correctable_count": 2, "uncorrectable_count": 0
        },
        "amdsmi_get_gpu_process_list": lambda handle: processes or [],
    }  # fmt: skip
    if release > 5:
        names["amdsmi_get_gpu_memory_total"] = lambda handle, kind: 128 * GIB
        names["amdsmi_get_gpu_memory_usage"] = lambda handle, kind: 32 * GIB
    vars(smi).update(names)
    return smi


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Put a stand-in in the library's place."""
    for name in ("HIP_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"):
        monkeypatch.delenv(name, raising=False)
    return lambda smi: monkeypatch.setitem(sys.modules, "amdsmi", smi)


@pytest.mark.parametrize("release", [5, 6, 7])
def test_amd_quantities_whatever_their_names_are(release: int, use) -> None:
    """Three releases of ROCm that name fields differently give the same numbers."""
    use(amdsmi(release))
    reader = Amd()
    sample = reader.sample(rare=True)

    assert set(sample) == {"0", "1"}
    assert sample["0"] == {
        "utilization_percent": 91,
        "memory_used_bytes": 32 * GIB,
        "memory_percent": 25.0,
        "power_watts": 420,
        "power_limit_watts": 750,
        "energy_joules": pytest.approx(15.3),
        "temperature_celsius": 52,
        "sm_clock_hz": 1.7e9,
        "memory_clock_hz": 1.2e9,
        "ecc_corrected_errors": 2,
        "ecc_uncorrected_errors": 0,
        "in_use": 1.0,
    }
    facts = reader.facts()
    assert facts["driver"] == "6.10.5"
    assert facts["devices"]["1"] == {
        "name": "MI300X",
        "uuid": "bbbbbbbb-0000-1000",
        "memory_total_bytes": 128 * GIB,
        "power_limit_watts": 750,
    }


def test_amd_visible_devices(use, monkeypatch: pytest.MonkeyPatch) -> None:
    """HIP counts within what ROCR leaves; keys keep the driver's own index."""
    use(amdsmi(7))
    monkeypatch.setenv("ROCR_VISIBLE_DEVICES", "1,0")
    monkeypatch.setenv("HIP_VISIBLE_DEVICES", "0")
    assert set(Amd().sample(rare=False)) == {"1"}

    monkeypatch.setenv("ROCR_VISIBLE_DEVICES", "GPU-aaaaaaaa-0000-1000")
    assert set(Amd().sample(rare=False)) == {"0"}


def test_amd_own_memory(use) -> None:
    """Of the processes on a GPU ours count, in old releases and in new ones."""
    import os

    strangers = {"pid": os.getppid(), "memory_usage": {"vram_mem": 900}}
    use(amdsmi(7, [{"pid": os.getpid(), "memory_usage": {"vram_mem": 7}}, strangers]))
    assert Amd().sample(rare=False)["0"]["process_memory_bytes"] == 7

    use(amdsmi(6, [strangers]))
    found = Amd().sample(rare=False)["0"]
    assert "process_memory_bytes" not in found
    assert found["in_use"] == 0.0


def test_amd_failures_take_only_themselves_away(use) -> None:
    """A quantity that is not supported is not asked for again, a busy driver is."""
    smi = amdsmi(7)
    asked: list[str] = []

    def fail(name: str, error: Exception) -> Callable[..., Any]:
        def function(*arguments: Any) -> Any:
            asked.append(name)
            raise error

        return function

    smi.amdsmi_get_power_info = fail("power", RuntimeError("not supported"))
    smi.amdsmi_get_gpu_activity = fail("activity", Busy())
    use(smi)
    reader = Amd()
    for _ in range(2):
        sample = reader.sample(rare=False)["0"]

    assert sample["memory_used_bytes"] == 32 * GIB
    assert asked.count("power") == 2  # once a GPU
    assert asked.count("activity") == 4


def test_no_amd_driver_imports_nothing() -> None:
    """Without the kernel's driver the library is not even imported."""
    from epochlog_hardware.amd import DRIVER

    if DRIVER.exists():
        pytest.skip("this machine has an AMD GPU")

    assert not Amd().present
    assert "amdsmi" not in sys.modules


REGISTRY = [
    {
        "model": b"Apple M3 Max\0",
        "gpu-core-count": 40,
        "PerformanceStatistics": {
            "Device Utilization %": 63,
            "Renderer Utilization %": 60,
            "In use system memory": 5 * GIB,
        },
    }
]


def test_apple_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry's property list gives use and memory; torch, if imported, what is ours."""
    done = types.SimpleNamespace(stdout=plistlib.dumps(REGISTRY))
    monkeypatch.setattr(apple.subprocess, "run", lambda *a, **k: done)
    monkeypatch.setattr(sys, "platform", "darwin")
    mps = types.SimpleNamespace(driver_allocated_memory=lambda: 3 * GIB)
    monkeypatch.setitem(sys.modules, "torch", types.SimpleNamespace(mps=mps))
    monkeypatch.setattr(gpu, "MAKERS", (apple.Apple,))
    probe = gpu.GpuProbe()

    assert probe.sample() == {
        "gpu/0/utilization_percent": 63,
        "gpu/0/memory_used_bytes": 5 * GIB,
        "gpu/0/process_memory_bytes": 3 * GIB,
        "gpu/0/in_use": 1.0,
    }
    assert probe.sample() == {}  # asking starts a program: not at every reading
    assert probe.facts() == {"gpu": {"devices": {"0": {"name": "Apple M3 Max", "cores": 40}}}}


def test_apple_without_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is missing, or says something odd, means no GPU."""
    monkeypatch.setattr(sys, "platform", "darwin")
    if not apple.Apple().present:
        done = types.SimpleNamespace(stdout=b"no property list")
        monkeypatch.setattr(apple.subprocess, "run", lambda *a, **k: done)

        assert not apple.Apple().present
    else:
        pytest.skip("this is a Mac")


def test_two_makers_are_told_apart(use, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a machine with GPUs of two makers both are sampled, the second's under the maker's name."""

    class First:
        present = True

        def sample(self, rare: bool) -> dict[str, dict[str, float]]:
            return {"0": {"utilization_percent": 1.0}}

        def facts(self) -> dict[str, Any]:
            return {"driver": "first", "devices": {"0": {"name": "One"}}}

    use(amdsmi(7))
    monkeypatch.setattr(gpu, "MAKERS", (First, Amd))
    probe = gpu.GpuProbe()
    sample = probe.sample()

    assert sample["gpu/0/utilization_percent"] == 1.0
    assert sample["gpu/amd1/utilization_percent"] == 91
    assert set(probe.facts()["gpu"]["devices"]) == {"0", "amd0", "amd1"}
    assert probe.facts()["gpu"]["driver"] == "first"
