"""Run measurements in fresh processes with a clean environment, and hand back what they return."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from suite.child import MARK

BENCHMARKS = Path(__file__).resolve().parents[1]
REPOSITORY = BENCHMARKS.parents[1]
TIMEOUT_S = 900.0


class MeasurementFailed(Exception):
    """A child process ended without a result; the message holds the end of what it printed."""


def environment(folder: str, extra: dict[str, str] | None = None) -> dict[str, str]:
    """Return an environment in which nothing of the user's is read or written.

    Args:
        folder: temporary folder of this measurement: home, cache and store.
        extra: set on top.
    """
    # PYTHONDONTWRITEBYTECODE among others: our sources would be compiled anew in every process.
    ours = ("PYTHON", "EPOCHLOG_", "MLFLOW_", "WANDB_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    sources = [BENCHMARKS, REPOSITORY / "core", REPOSITORY / "integrations"]
    inherited = os.environ.get("PYTHONPATH", "")
    paths = [*map(str, sources), *([inherited] if inherited else [])]
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(paths),
        "HOME": folder,
        "XDG_CACHE_HOME": f"{folder}/cache",
        "EPOCHLOG_STORE": f"{folder}/store",
        # Whatever would go out although it should not, fails at once.
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "localhost,127.0.0.1",
        **(extra or {}),
    }


def measure(
    target: str,
    /,
    *,
    peer: str = "",
    timeout_s: float = TIMEOUT_S,
    left: Callable[[str], float] | None = None,
    **arguments: Any,
) -> Any:
    """Call ``"module:function"`` with ``arguments`` in a fresh interpreter; return its result.

    Args:
        target: function below tests/benchmarks; returns plain data.
        peer: name of the module in ``peers`` that it works with ("" = none).
        timeout_s: the child is killed after that.
        left: called with the temporary folder after the child has ended; its result is added as
            ``left``.
        **arguments: plain data; a ``folder`` for temporary files and the ``peer`` are added.

    Raises:
        MeasurementFailed: it raised, crashed, or took too long.
    """
    with tempfile.TemporaryDirectory(
        prefix="epochlog-bench-", ignore_cleanup_errors=True
    ) as folder:
        arguments = {**arguments, "folder": folder, **({"peer": peer} if peer else {})}
        extra = getattr(load_peer(peer), "ENVIRONMENT", {}) if peer else {}
        command = [sys.executable, "-m", "suite.child", target, json.dumps(arguments)]
        result = _result(command, folder, environment(folder, extra), timeout_s)
        return result if left is None else {**result, "left": left(folder)}


def _result(command: list[str], folder: str, env: dict[str, str], timeout_s: float) -> Any:
    try:
        done = subprocess.run(
            command, cwd=folder, env=env, capture_output=True, text=True, timeout=timeout_s
        )
    except subprocess.TimeoutExpired:
        raise MeasurementFailed(f"no result after {timeout_s:.0f} s") from None
    lines = [line for line in done.stdout.splitlines() if line.startswith(MARK)]
    if not lines:
        printed = (done.stderr or done.stdout).strip()
        raise MeasurementFailed(f"exit code {done.returncode}: {printed[-1500:]}")
    return json.loads(lines[-1][len(MARK) :])


def load_peer(name: str) -> Any:
    """Return the module ``peers.<name>``; imports nothing of the tracker itself."""
    return importlib.import_module(f"peers.{name}")


def timed_script(code: str) -> tuple[float, float]:
    """Run ``code`` in a fresh interpreter; return (wall, CPU) milliseconds, children included."""
    with tempfile.TemporaryDirectory(
        prefix="epochlog-bench-", ignore_cleanup_errors=True
    ) as folder:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=folder,
            env=environment(folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        printed = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise MeasurementFailed(printed.decode(errors="replace")[-1500:])
        return wall * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3


def alternate(repeats: int, *actions: Callable[[], Any]) -> list[list[Any]]:
    """Call the actions in turn, ``repeats`` times, so that a busy moment hits all alike.

    Every second round goes backwards. Returns one list of results per action.
    """
    found: list[list[Any]] = [[] for _ in actions]
    for turn in range(repeats):
        order = range(len(actions)) if turn % 2 == 0 else reversed(range(len(actions)))
        for place in order:
            found[place].append(actions[place]())
    return found
