"""Sample the whole machine: processors, memory, disks, network."""

from __future__ import annotations

import os
import platform
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from epochlog_hardware.rates import Rates


class Machine:
    """``machine/…``: what all processes of this machine use together."""

    def __init__(self) -> None:
        self._rates = Rates()

    def sample(self) -> dict[str, float]:
        """Return processor use (percent of all cores), memory and swap in bytes, load average."""
        memory, swap = psutil.virtual_memory(), psutil.swap_memory()
        values: dict[str, float] = {
            "machine/memory_used_bytes": memory.total - memory.available,
            "machine/memory_available_bytes": memory.available,
            "machine/memory_percent": memory.percent,
            "machine/swap_used_bytes": swap.used,
        }
        if hasattr(os, "getloadavg"):
            values["machine/load_1m"] = os.getloadavg()[0]
        return values | self._cpu()

    def _cpu(self) -> dict[str, float]:
        # From our own readings: psutil.cpu_percent keeps one state for the whole process.
        times = psutil.cpu_times()
        # Linux counts guest time in user time as well.
        total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
        idle = times.idle + getattr(times, "iowait", 0.0)
        rates = self._rates.of({"total": total, "busy": total - idle})
        if rates.get("total", 0.0) <= 0.0 or "busy" not in rates:
            return {}
        return {"machine/cpu_percent": min(100.0, 100.0 * rates["busy"] / rates["total"])}


class Disk:
    """``disk/…``: traffic of all disks, and room where the process works."""

    def __init__(self) -> None:
        self._rates = Rates()

    def sample(self) -> dict[str, float]:
        """Return bytes read and written per second, free bytes of the working directory's disk."""
        usage = psutil.disk_usage(os.curdir)
        values: dict[str, float] = {
            "disk/free_bytes": usage.free,
            "disk/used_percent": usage.percent,
        }
        if (io := psutil.disk_io_counters(nowrap=False)) is not None:
            counters = {
                "disk/read_bytes_per_s": io.read_bytes,
                "disk/write_bytes_per_s": io.write_bytes,
            }
            values |= self._rates.of(counters)
        return values


class Net:
    """``net/…``: traffic of all network interfaces, the loopback included."""

    def __init__(self) -> None:
        self._rates = Rates()

    def sample(self) -> dict[str, float]:
        """Return bytes per second received and sent."""
        io = psutil.net_io_counters(nowrap=False)
        if io is None:
            return {}
        counters = {
            "net/received_bytes_per_s": io.bytes_recv,
            "net/sent_bytes_per_s": io.bytes_sent,
        }
        return self._rates.of(counters)


@cache
def machine_facts() -> dict[str, Any]:
    """Return processor model, numbers of cores and bytes of memory."""
    facts = {
        "cpu_model": cpu_model(),
        "cpu_cores_logical": psutil.cpu_count(),
        "cpu_cores_physical": psutil.cpu_count(logical=False),
        "memory_total_bytes": psutil.virtual_memory().total,
    }
    if hasattr(os, "sched_getaffinity"):
        facts["cpu_cores_usable"] = len(os.sched_getaffinity(0))
    return {key: value for key, value in facts.items() if value}


def cpu_model(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the processor's name as its maker writes it."""
    try:
        for line in cpuinfo.read_text("utf-8", "replace").splitlines():
            if line.startswith(("model name", "Model", "cpu model")):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
