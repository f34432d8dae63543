"""Read the GPU of an Apple chip: what macOS tells every user, and what torch holds there."""

from __future__ import annotations

import plistlib
import subprocess
import sys
from typing import Any

COMMAND = ("/usr/sbin/ioreg", "-r", "-d", "1", "-w", "0", "-a", "-c", "IOAccelerator")
TIMEOUT_S = 2.0


class Apple:
    """The one GPU of the machine, under "0": asked rarely, since asking starts a program."""

    def __init__(self) -> None:
        self.present = sys.platform == "darwin" and bool(read_registry())
        self._facts: dict[str, Any] = {}

    def sample(self, rare: bool) -> dict[str, dict[str, float]]:
        """Return index -> quantity -> value."""
        if not rare:
            return {}
        found = read_registry()
        statistics = found.get("PerformanceStatistics", {})
        values: dict[str, float] = {}
        names = {
            "utilization_percent": "Device Utilization %",
            "memory_used_bytes": "In use system memory",
        }
        for key, name in names.items():
            if isinstance(number := statistics.get(name), (int, float)):
                values[key] = float(number)
        if (own := _own_bytes()) is not None:
            values["process_memory_bytes"] = own
            values["in_use"] = 1.0 if own else 0.0
        return {"0": values} if values else {}

    def facts(self) -> dict[str, Any]:
        """Return what the GPU is."""
        found = read_registry()
        facts = {"name": found.get("model"), "cores": found.get("gpu-core-count")}
        return {"devices": {"0": {key: each for key, each in facts.items() if each}}}


def read_registry() -> dict[str, Any]:
    """Return the accelerator's entry in the registry of devices, {} if there is none."""
    try:
        done = subprocess.run(
            COMMAND, capture_output=True, timeout=TIMEOUT_S, check=True, close_fds=False
        )
        entries = plistlib.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError, plistlib.InvalidFileException):
        return {}
    entry = entries[0] if isinstance(entries, list) and entries else {}
    if not isinstance(entry, dict):
        return {}
    model = entry.get("model")
    if isinstance(model, bytes):
        entry["model"] = model.rstrip(b"\0").decode("utf-8", "replace")
    return entry


def _own_bytes() -> float | None:
    """Return what torch holds on the GPU, if it is imported and uses it at all."""
    torch = sys.modules.get("torch")
    mps = getattr(torch, "mps", None)
    try:
        return float(mps.driver_allocated_memory()) if mps is not None else None
    except Exception:  # a torch without that, or without that device
        return None
