"""Run Python code in a process of its own, as a user's script would."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

_scripts = tempfile.TemporaryDirectory(prefix="epochlog-test-scripts-")
_started: list[subprocess.Popen[str]] = []

SOURCES = [
    str(Path(__file__).parents[2] / name) for name in ("core", "integrations", "tests/helpers")
]


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment with our sources importable, and ``more`` on top."""
    path = os.pathsep.join([*SOURCES, os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    return {**os.environ, "PYTHONPATH": path, **more}


def start_python(
    code: str, *args: str, cwd: Path | None = None, **env: str
) -> subprocess.Popen[str]:
    """Start a script in a new interpreter, from a file, as users do."""
    script = Path(_scripts.name) / f"script_{uuid.uuid4().hex[:8]}.py"
    script.write_text(code, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(script), *args],
        env=environment(**env),
        cwd=cwd,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    _started.append(process)
    return process


def kill_leftovers() -> None:
    """End what a failed test left running: it would slow down all that come after it."""
    while _started:
        process = _started.pop()
        if process.poll() is None:
            process.kill()
            process.communicate()


def run_python(
    code: str, *args: str, cwd: Path | None = None, timeout: float = 120, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run a script to its end and return its output and exit code (which may be non-zero)."""
    process = start_python(code, *args, cwd=cwd, **env)
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"script hung for {timeout} s\n{out}\n{err}") from None
    return subprocess.CompletedProcess([], process.returncode, out, err)
