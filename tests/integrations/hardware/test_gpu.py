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


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the stand-in and return its folder."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    folder = tmp_path_factory.mktemp("nvml")
    source = Path(__file__).with_name("fake_nvml.c")
    soname = "libnvidia-ml.so.1"
    command = [
        compiler,
        "-shared",
        "-fPIC",
        f"-Wl,-soname,{soname}",
        "-o",
        str(folder / soname),
        str(source),
    ]
    subprocess.run(command, check=True)
    return folder


def probe(driver: Path | None, **env: str) -> tuple[dict[str, float], dict[str, Any]]:
    """Return sample and facts of a fresh process."""
    if driver is not None:
        env["LD_LIBRARY_PATH"] = str(driver)
    env.setdefault("CUDA_VISIBLE_DEVICES", "0,1")
    done = run_python(CODE, **env)
    assert done.returncode == 0, done.stderr
    sample, facts = json.loads(done.stdout)
    return sample, facts


def test_all_quantities(driver: Path) -> None:
    """Every quantity that the driver offers is sampled for every GPU, in base units."""
    sample, facts = probe(driver)

    assert sample == {
        key: value
        for i in (0, 1)
        for key, value in {
            f"gpu/{i}/utilization_percent": 40 + i,
            f"gpu/{i}/memory_activity_percent": 5,
            f"gpu/{i}/memory_used_bytes": 250 + i,
            f"gpu/{i}/memory_percent": (250 + i) / 10,
            f"gpu/{i}/power_watts": 123.5,
            f"gpu/{i}/temperature_celsius": 61,
        }.items()
    }
    assert facts["gpu"]["driver"] == "999.1"
    assert facts["gpu"]["devices"]["1"] == {
        "name": "Fake 1",
        "uuid": "GPU-1cafe",
        "memory_total_bytes": 1000,
        "power_limit_watts": 300.0,
    }


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
        ("MIG-slice", {"mig0"}),
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
