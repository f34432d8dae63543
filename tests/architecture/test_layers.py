"""The import contracts hold, and each of them is able to break."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).parent / "lint-imports"
needs_linter = pytest.mark.skipif(not LINT.exists(), reason="import-linter is in the extra 'dev'")

LAYERS = "core is built in layers, every import points down"
PLANTED = {
    "upwards": ("core/epochlog/base/clock.py", "import epochlog.contract.events", LAYERS),
    "sideways": ("core/epochlog/recording/frames.py", "import epochlog.store.schema", LAYERS),
    "new layer": ("core/epochlog/surprise.py", '"""Belongs nowhere."""', LAYERS),
    "core to integration": (
        "core/epochlog/session.py",
        "import epochlog_sklearn.plugin",
        "core imports no integration",
    ),
    "integration to integration": (
        "integrations/epochlog_lightgbm/plugin.py",
        "import epochlog_sklearn.plugin",
        "integrations are independent of one another",
    ),
    "past the door": (
        "integrations/epochlog_sklearn/plugin.py",
        "from epochlog.recording.run import Run",
        "integrations reach only the door epochlog.plugins.api",
    ),
    "past the door, in plugins": (
        "integrations/epochlog_sklearn/plugin.py",
        "from epochlog.plugins.patching import undo",
        "integrations reach only the door epochlog.plugins.api",
    ),
    "cycle": (
        "core/epochlog/plugins/versions.py",
        "import epochlog.plugins.activation",
        "no cycles inside core",
    ),
    "front door": (
        "core/epochlog/plugins/budget.py",
        "from epochlog import autolog",
        "nobody inside core imports the front door",
    ),
}


def lint(folder):
    """Run the linter in a folder; return exit code and output without colours."""
    path = os.pathsep.join([str(folder / "core"), str(folder / "integrations")])
    done = subprocess.run(
        [str(LINT), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=200,
    )
    return done.returncode, done.stdout + done.stderr


@needs_linter
@pytest.mark.slow
def test_contracts_hold():
    """All import contracts are kept."""
    code, output = lint(ROOT)

    assert code == 0, output
    assert "0 broken" in output


@needs_linter
@pytest.mark.slow
@pytest.mark.parametrize("case", PLANTED)
def test_planted_violation_is_found(tmp_path, case):
    """A planted import breaks exactly the contract that forbids it."""
    file, line, contract = PLANTED[case]
    skip = shutil.ignore_patterns("__pycache__", "web", "*.md")
    for folder in ("core", "integrations"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=skip)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / file).open("a", encoding="utf-8") as target:
        target.write(f"\n{line}\n")

    code, output = lint(tmp_path)

    assert code != 0
    assert f"{contract} BROKEN" in output, output


def test_door_contract_names_every_other_module():
    """Every module of ``plugins`` but the door itself is forbidden to integrations."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    door = next(c for c in config["contracts"] if "door epochlog.plugins.api" in c["name"])
    plugins = ROOT / "core" / "epochlog" / "plugins"
    modules = {
        f"epochlog.plugins.{p.stem}" for p in plugins.iterdir() if not p.name.startswith("__")
    }
    layers = {
        f"epochlog.{p.stem}"
        for p in plugins.parent.iterdir()
        if not p.name.startswith("__") and p.suffix in ("", ".py")
    }

    assert set(door["forbidden_modules"]) == (modules | layers) - {
        "epochlog.plugins.api",
        "epochlog.plugins",
    }


def test_every_package_is_linted():
    """Every integration folder is named in the linter's and in coverage's configuration."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    packages = {p.name for p in (ROOT / "integrations").iterdir() if (p / "__init__.py").exists()}

    assert set(config["importlinter"]["root_packages"]) == packages | {"epochlog"}
    assert set(config["coverage"]["run"]["source"]) == packages | {"epochlog"}
