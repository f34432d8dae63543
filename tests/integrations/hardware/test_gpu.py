"""GPUs are read through the real pynvml on a stand-in for NVIDIA's driver library, written in C."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from processes import run_python

from epochlog_hardware.visible import visible_tokens

CODE = """
import json
from epochlog_hardware.gpu import GpuProbe
probe = GpuProbe()
probe.sample()
print(json.dumps([probe.sample(), probe.facts()]))
"""


def build(folder: Path, *options: str) -> Path:
    """Compile the stand-in and return its folder."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    source = Path(__file__).with_name("fake_nvml.c")
    soname = "libnvidia-ml.so.1"
    command = [compiler, "-shared", "-fPIC", *options, f"-Wl,-soname,{soname}"]
    subprocess.run([*command, "-o", str(folder / soname), str(source)], check=True)
    return folder


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A driver of today."""
    return build(tmp_path_factory.mktemp("nvml"))


@pytest.fixture(scope="session")
def old_driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A driver that lacks half of the functions."""
    return build(tmp_path_factory.mktemp("old_nvml"), "-DOLD")


def probe(driver: Path | None, **env: str) -> tuple[dict[str, float], dict[str, Any]]:
    """Return sample and facts of a fresh process."""
    if driver is not None:
        env["LD_LIBRARY_PATH"] = str(driver)
    env.setdefault("CUDA_VISIBLE_DEVICES", "0,1")
    done = run_python(CODE, **env)
    assert done.returncode == 0, done.stderr
    sample, facts = json.loads(done.stdout)
    return sample, facts


OLD = {
    "utilization_percent": 40,
    "memory_activity_percent": 5,
    "memory_used_bytes": 250,
    "memory_percent": 25,
    "power_watts": 123.5,
    "power_limit_watts": 300,
    "temperature_celsius": 61,
}


def test_an_old_driver_gives_what_it_has(old_driver: Path) -> None:
    """Functions that are missing in the driver's library end nothing."""
    sample, facts = probe(old_driver)

    assert sample == {
        f"gpu/{i}/{key}": value + {"utilization_percent": i, "memory_used_bytes": i}.get(key, 0)
        + (i / 10 if key == "memory_percent" else 0)
        for i in (0, 1)
        for key, value in OLD.items()
    }  # fmt: skip
    assert facts["gpu"]["driver"] == "999.1"
    assert facts["gpu"]["devices"]["1"] == {
        "name": "Fake 1",
        "uuid": "GPU-1cafe",
        "memory_total_bytes": 1000,
        "power_limit_watts": 300.0,
    }


ALL = """
import json, os, time
from epochlog_hardware import gpu
gpu.RARE_EVERY = 1
probe = gpu.GpuProbe()
probe.sample()
time.sleep(0.1)
print(json.dumps([probe.sample(), probe.facts()]))
"""


def test_all_quantities(driver: Path) -> None:
    """Every quantity that the driver offers is sampled for every GPU, in base units."""
    done = run_python(ALL, LD_LIBRARY_PATH=str(driver), CUDA_VISIBLE_DEVICES="0,1")
    sample, facts = json.loads(done.stdout)
    first = {key[6:]: value for key, value in sample.items() if key.startswith("gpu/0/")}

    assert first.pop("nvlink_sent_bytes_per_s") > 0
    assert first.pop("nvlink_received_bytes_per_s") > 0
    assert first == OLD | {
        "in_use": 1.0,  # the driver names no process, and somebody works
        "energy_joules": 3.0,
        "sm_clock_hz": 1.5e9,
        "memory_clock_hz": 2.6e9,
        "throttled_by_power_percent": 100,
        "throttled_by_heat_percent": 0,
        "throttled_by_hardware_percent": 0,
        "ecc_corrected_errors": 3,
        "ecc_uncorrected_errors": 0,
        "pcie_sent_bytes_per_s": 7000,
        "pcie_received_bytes_per_s": 9000,
    }
    missing = {key for key in first if f"gpu/1/{key}" not in sample}
    assert missing == {"ecc_corrected_errors", "ecc_uncorrected_errors"}
    assert not [key for key in sample if key.startswith("gpu/1/nvlink")]
    assert facts["gpu"]["devices"]["0"]["compute_capability"] == "9.0"


def test_our_share_of_a_gpu(driver: Path) -> None:
    """Memory and multiprocessors of this process and its children are ours; a stranger's are not."""
    code = """
import json, os, subprocess, sys
from epochlog_hardware.gpu import GpuProbe
child = subprocess.Popen(["sleep", "60"])
os.environ["FAKE_PIDS"] = f"{os.getpid()} {child.pid} {os.getppid()} 1"
probe = GpuProbe()
found = [probe.sample(), probe.sample()]
os.environ["FAKE_PIDS"] = str(os.getppid())
found.append(probe.sample())
os.environ["FAKE_PIDS"] = "4123456789"
found.append(probe.sample())
child.kill()
print(json.dumps(found))
"""
    done = run_python(code, LD_LIBRARY_PATH=str(driver), CUDA_VISIBLE_DEVICES="0,1")
    both, again, strangers, unknown = json.loads(done.stdout)

    for sample in (both, again):
        assert sample["gpu/0/process_memory_bytes"] == 200
        assert sample["gpu/0/process_sm_percent"] == 40
        assert sample["gpu/0/in_use"] == 1.0
        assert "gpu/1/process_memory_bytes" not in sample
    assert "gpu/0/process_memory_bytes" not in strangers
    assert strangers["gpu/0/in_use"] == 0.0
    assert unknown["gpu/0/in_use"] == 1.0  # of another namespace: who works here must be us


def test_mig_slices_are_told_apart(driver: Path) -> None:
    """A GPU that is cut into slices is sampled with each of them, and each knows its share."""
    sample, facts = probe(driver, FAKE_MIG="1")

    assert {key.split("/")[1] for key in sample} == {"0", "0.mig0", "0.mig1", "1"}
    assert sample["gpu/0.mig1/memory_used_bytes"] == 257
    assert facts["gpu"]["devices"]["0.mig0"]["share"] == pytest.approx(3 / 7)
    only, _ = probe(driver, FAKE_MIG="1", CUDA_VISIBLE_DEVICES="MIG-6cafe")
    assert {key.split("/")[1] for key in only} == {"0.mig0"}


@pytest.mark.parametrize(
    ("visible", "indices"),
    [
        ("1", {"1"}),
        ("1,0", {"0", "1"}),
        ("GPU-1c", {"1"}),
        ("0,-1,1", {"0"}),
        ("", set()),
        ("-1", set()),
        ("0,7,1", {"0"}),
        ("MIG-slice", {"mig0"}),  # of a GPU that we may not see
    ],
)
def test_visible_devices(driver: Path, visible: str, indices: set[str]) -> None:
    """CUDA_VISIBLE_DEVICES counts as it does for CUDA: by number, UUID, prefix of a UUID, or MIG slice."""
    sample, _ = probe(driver, CUDA_VISIBLE_DEVICES=visible)

    assert {key.split("/")[1] for key in sample} == indices


def test_mig_slice_has_no_utilization(driver: Path) -> None:
    """A quantity that a device does not support is missing; it is no zero, and the rest is there."""
    sample, _ = probe(driver, CUDA_VISIBLE_DEVICES="MIG-slice")

    assert "gpu/mig0/utilization_percent" not in sample
    assert sample["gpu/mig0/memory_used_bytes"] == 257


def test_lost_memory_reading(driver: Path) -> None:
    """A reading that fails takes only itself away."""
    sample, _ = probe(driver, FAKE_LOST="1")

    assert "gpu/0/memory_used_bytes" not in sample
    assert sample["gpu/0/power_watts"] == 123.5


@pytest.mark.parametrize("env", [{"FAKE_NO_DRIVER": "1"}, {"FAKE_GPUS": "0"}])
def test_no_gpu(driver: Path, env: dict[str, str]) -> None:
    """A driver that is not loaded, or finds no GPU, makes samples empty and breaks nothing."""
    assert probe(driver, **env) == ({}, {})


def test_no_library_imports_nothing() -> None:
    """Without NVIDIA's library, pynvml is not even imported."""
    code = CODE + "import sys; assert 'pynvml' not in sys.modules"
    if Path("/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1").exists():
        pytest.skip("this machine has NVIDIA's library")
    done = run_python(code)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [{}, {}]


def test_visible_devices_set_late(driver: Path) -> None:
    """A script that sets CUDA_VISIBLE_DEVICES after the first sample is followed."""
    code = """
import os
from epochlog_hardware.gpu import GpuProbe
probe = GpuProbe()
before = set(key.split("/")[1] for key in probe.sample())
os.environ["CUDA_VISIBLE_DEVICES"] = "1"
print(sorted(before), sorted(set(key.split("/")[1] for key in probe.sample())))
"""
    done = run_python(code, LD_LIBRARY_PATH=str(driver), CUDA_VISIBLE_DEVICES="0,1")

    assert done.stdout.strip() == "['0', '1'] ['1']", done.stderr


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("0,1", ["0", "1"]),
        (" 2 , 3", ["2", "3"]),
        ("01", ["1"]),
        ("0,x,1", ["0"]),
        ("none", []),
        ("", []),
    ],
)
def test_visible_tokens(text: str, tokens: list[str]) -> None:
    """Reading stops at the first thing that is no device."""
    assert visible_tokens(text) == tokens
