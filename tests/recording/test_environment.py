"""Facts about ``recording/environment.py``: what is captured, and that no secret is."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from epochlog.recording import environment
from epochlog.recording.environment import capture_environment, find_packages, select_variables


def test_the_environment_is_plain_data_and_repeatable() -> None:
    """Equal environments are stored once, so nothing in it changes from call to call."""
    first = capture_environment()

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(first)) == first
    assert capture_environment() == first


def test_interpreter_and_machine_are_named() -> None:
    """Python, platform, processor and memory are there."""
    found = capture_environment()

    assert found["python"]["version"] == platform.python_version()
    assert found["platform"]["system"] == platform.system()
    assert found["machine"]["cpu_count"] == os.cpu_count()
    assert found["machine"]["memory_bytes"] > 2**28
    assert found["timezone"]["utc_offset"]


def test_packages_are_those_that_importlib_knows() -> None:
    """Names and versions from folder names are what the metadata files say."""

    def normalized(name: str) -> str:
        return re.sub(r"[-_.]+", "-", name).lower()

    expected = {
        normalized(one.metadata["Name"]): one.version
        for one in reversed(list(importlib.metadata.distributions()))
    }

    assert find_packages() == expected


def test_the_first_package_on_the_path_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for imports; old egg-info names are read, too, and a path that is gone is no problem."""
    for folder, name in (
        ("a", "My_Pkg-2.0.dist-info"),
        ("b", "my.pkg-1.0.dist-info"),
        ("b", "other-0.1-py3.11.egg-info"),
    ):
        (tmp_path / folder / name).mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [str(tmp_path / p) for p in ("gone", "a", "b")])

    assert find_packages() == {"my-pkg": "2.0", "other": "0.1"}


def test_variables_are_an_allow_list_without_secrets() -> None:
    """What matters to a training is kept, everything else isn't, and secrets are taken out."""
    found = select_variables(
        {
            "CUDA_VISIBLE_DEVICES": "0,1",
            "SLURM_JOB_ID": "7",
            "OMP_NUM_THREADS": "4",
            "RANK": "0",
            "HOME": "/home/me",
            "HF_TOKEN": "x",
            "RAY_AUTH_TOKEN": "x",
            "EPOCHLOG_STORE": "postgresql://me:pw@host/db",
            "OMP_LONG": "x" * 5000,
        }
    )

    assert found.pop("OMP_LONG") == "x" * 2000
    assert found == {
        "CUDA_VISIBLE_DEVICES": "0,1",
        "EPOCHLOG_STORE": "postgresql://me:***@host/db",
        "OMP_NUM_THREADS": "4",
        "RANK": "0",
        "RAY_AUTH_TOKEN": "***",
        "SLURM_JOB_ID": "7",
    }


def test_a_virtual_environment_is_seen() -> None:
    """Where packages come from is part of the environment."""
    isolation = capture_environment().get("isolation", {})

    assert ("virtual_environment" in isolation) == (sys.prefix != sys.base_prefix)


def test_a_part_that_fails_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """On an odd machine the rest is still captured."""
    monkeypatch.setenv("EPOCHLOG_RAISE", "0")
    monkeypatch.setattr(environment, "_machine", lambda: 1 / 0)
    found = capture_environment()

    assert "machine" not in found
    assert found["python"]


def test_capturing_starts_no_process_and_imports_no_package() -> None:
    """Neither a framework nor a process (but git for editable installs) is needed: it is cheap."""
    script = (
        "import sys, subprocess\n"
        "from epochlog.recording.environment import capture_environment\n"
        "sys.addaudithook(lambda e, a: sys.exit(e) if e.startswith('subprocess') and a[0] != 'git' else None)\n"
        "capture_environment()\n"
        "heavy = {'numpy', 'pandas', 'sklearn', 'psutil', 'importlib.metadata'}\n"
        "print(sorted(heavy & {*sys.modules}))"
    )
    path = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
