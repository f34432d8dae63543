"""``epochlog plugins``."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from processes import SOURCES, environment, run_python

Call = Callable[..., Result]
Shell = Callable[..., subprocess.CompletedProcess[str]]


def test_integrations_and_stores(call: Call) -> None:
    """Each integration has its state, version, range and origin; stores have their URLs."""
    output = call("plugins").output
    [line] = [line for line in output.splitlines() if line.startswith("sklearn ")]
    assert line.split()[1] == "ready"
    assert "scikit-learn>=1.6" in line
    assert "epochlog " in line
    assert "sqlite://" in output


def test_disabled_by_settings(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the settings switch off is said to be so."""
    monkeypatch.setenv("EPOCHLOG_DISABLE", "sklearn")
    monkeypatch.setenv("EPOCHLOG_HARDWARE", "0")
    states = {
        each["name"]: each["state"]
        for each in json.loads(call("plugins", "--json").output)["integrations"]
    }
    assert states["sklearn"] == "disabled"
    assert states["hardware"] == "disabled"


def test_no_framework_is_imported() -> None:
    """Listing integrations imports none of the frameworks."""
    code = "import sys\nfrom epochlog.cli.main import cli\ntry:\n    cli.main(['plugins'], prog_name='epochlog')\nexcept SystemExit: pass\nprint(sorted({'sklearn', 'lightgbm', 'pynvml'} & set(sys.modules)))"
    assert run_python(code).stdout.splitlines()[-1] == "[]"


@pytest.fixture
def broken_plugin(tmp_path: Path) -> str:
    """Install a distribution with one plugin that fails to import and one that is too demanding."""
    (tmp_path / "odd_plugin.py").write_text("raise RuntimeError('half \\x1b[1minstalled')\n")
    (tmp_path / "future_plugin.py").write_text(
        "from epochlog.plugins.api import Integration, hookimpl\n"
        "@hookimpl\n"
        "def register_integrations():\n"
        "    return [Integration('future', 'click', 'click>=999', 'future_plugin:nothing'),\n"
        "            Integration('absent', 'no_such_framework', 'no-such-framework>=1', 'x:y')]\n"
    )
    info = tmp_path / "odd-1.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1.5\n")
    (info / "entry_points.txt").write_text("[epochlog]\nodd = odd_plugin\nfuture = future_plugin\n")
    return str(tmp_path)


def test_broken_and_unsupported_are_told(broken_plugin: str) -> None:
    """A plugin that fails to import is listed with its reason; an unsupported version with its range."""
    env = environment(PYTHONPATH=":".join([*SOURCES, broken_plugin]))
    command = [sys.executable, "-c", "from epochlog.cli.main import main; main()"]
    done = subprocess.run(
        [*command, "plugins", "--json"], env=env, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0
    found = json.loads(done.stdout)
    states = {each["name"]: each for each in found["integrations"]}
    assert states["future"]["state"] == "unsupported"
    assert "needs click>=999" in states["future"]["reason"]
    assert states["future"]["distribution"] == "odd 1.5"
    assert states["absent"]["state"] == "not installed"
    assert states["sklearn"]["state"] == "ready"
    [problem] = found["problems"]
    assert problem["plugin"] == "odd"
    assert "RuntimeError" in problem["reason"]
    text = subprocess.run(
        [*command, "plugins"], env=env, capture_output=True, text=True, timeout=60
    ).stdout
    assert "out of service" in text
    assert "\x1b" not in text
    doctor = subprocess.run(
        [*command, "doctor"], env=env, capture_output=True, text=True, timeout=60
    )
    assert doctor.returncode == 1
    assert "odd: broken: RuntimeError" in doctor.stdout
