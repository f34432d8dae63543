"""Describe the machine, so that a number can be compared with another."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

OURS = ("epochlog", "msgspec", "numpy", "SQLAlchemy", "zstandard", "scikit-learn", "lightgbm")


def describe() -> dict[str, str]:
    """Return facts about processor, memory, software and the load of this moment."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{_processor()}, {os.cpu_count()} logical cores",
        "memory": _memory(),
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {sys.version.split()[0]}",
        "sqlite": sqlite3.sqlite_version,
        "packages": versions(OURS),
        "load": f"{load():.1f} (processes that wanted a core during the last minute)",
    }


def load() -> float:
    """Return the load average of the last minute (0 where there is none)."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def versions(distributions: tuple[str, ...]) -> str:
    """Return "name version, …" of those that are installed."""
    found = []
    for name in distributions:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return ", ".join(found)


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _memory() -> str:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return "unknown"
    return f"{size / 2**30:.0f} GiB"
