"""Sample the container: what the kernel's control group (cgroup v1 or v2) uses and may use.

The limits of a container are those of the narrowest group among its own and all that contain it.
psutil knows nothing of them: it tells the memory of the whole machine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from epochlog_hardware.rates import Rates

NO_LIMIT_BYTES = 2**60  # v1 writes about 2**63 for "none"
MOUNT = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")


class Container:
    """``container/…``: memory and processor of this process's control group.

    Args:
        mount: where control groups are mounted.
        membership: the file that says in which groups this process is.
        machine_bytes: memory of the machine; a limit beyond it is none.
    """

    def __init__(
        self,
        mount: Path = MOUNT,
        membership: Path = MEMBERSHIP,
        machine_bytes: Callable[[], int] | None = None,
    ) -> None:
        paths = _memberships(membership)
        if (mount / "cgroup.controllers").is_file():
            self._memory = self._cpu = self._usage = _groups(mount, paths.get("", "/"))
            self._sample: Callable[[], dict[str, float]] = self._sample_v2
        else:
            self._memory = _groups(mount / "memory", paths.get("memory", "/"))
            self._cpu = _groups(_first_folder(mount, "cpu", "cpu,cpuacct"), paths.get("cpu", "/"))
            folder = _first_folder(mount, "cpuacct", "cpu,cpuacct")
            self._usage = _groups(folder, paths.get("cpuacct", "/"))
            self._sample = self._sample_v1
        self._rates = Rates()
        self._machine_bytes = machine_bytes or (
            lambda: os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        )

    def sample(self) -> dict[str, float]:
        """Return memory (bytes, percent of limit), cores, throttling; nothing without a cgroup."""
        values = self._sample()
        limit, used = (
            values.get("container/memory_limit_bytes"),
            values.get("container/memory_bytes"),
        )
        if limit and used is not None:
            values["container/memory_percent"] = 100.0 * used / limit
        return values

    def _sample_v2(self) -> dict[str, float]:
        values: dict[str, float] = {}
        _put(values, "container/memory_bytes", _number(self._memory, "memory.current"))
        _put(values, "container/memory_limit_bytes", self._memory_limit("memory.max"))
        quotas = (_quota_v2(group) for group in self._cpu)
        _put(
            values,
            "container/cpu_limit_cores",
            min((q for q in quotas if q is not None), default=None),
        )
        events = _table(self._memory, "memory.events")
        _put(values, "container/oom_kills", events.get("oom_kill"))
        stat = _table(self._cpu, "cpu.stat")
        return values | self._cpu_rates(
            _scaled(stat.get("usage_usec"), 1e-6), stat, _scaled(stat.get("throttled_usec"), 1e-6)
        )

    def _sample_v1(self) -> dict[str, float]:
        values: dict[str, float] = {}
        _put(values, "container/memory_bytes", _number(self._memory, "memory.usage_in_bytes"))
        _put(values, "container/memory_limit_bytes", self._memory_limit("memory.limit_in_bytes"))
        quotas = (_quota_v1(group) for group in self._cpu)
        _put(
            values,
            "container/cpu_limit_cores",
            min((q for q in quotas if q is not None), default=None),
        )
        _put(
            values,
            "container/oom_kills",
            _table(self._memory, "memory.oom_control").get("oom_kill"),
        )
        stat = _table(self._cpu, "cpu.stat")
        usage = _scaled(_number(self._usage, "cpuacct.usage"), 1e-9)
        return values | self._cpu_rates(usage, stat, _scaled(stat.get("throttled_time"), 1e-9))

    def _memory_limit(self, name: str) -> float | None:
        ceiling = min(NO_LIMIT_BYTES, self._machine_bytes())
        limits = (_number([group], name) for group in self._memory)
        return min(
            (limit for limit in limits if limit is not None and limit < ceiling), default=None
        )

    def _cpu_rates(
        self, used_s: float | None, stat: dict[str, float], throttled_s: float | None
    ) -> dict[str, float]:
        counters: dict[str, float] = {}
        _put(counters, "container/cpu_percent", _scaled(used_s, 100.0))
        _put(counters, "container/throttled_percent", _scaled(throttled_s, 100.0))
        values = self._rates.of(counters)
        _put(values, "container/throttled_periods", stat.get("nr_throttled"))
        return values


def _memberships(file: Path) -> dict[str, str]:
    """Return the group of each v1 controller, and of v2 under ""."""
    found: dict[str, str] = {}
    try:
        lines = file.read_text("utf-8").splitlines()
    except OSError:
        return found
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        for controller in controllers.split(","):
            found[controller] = path
    return found


def _groups(root: Path, path: str) -> list[Path]:
    """Return the folders of a group and all groups around it, innermost first.

    A container often sees its own group mounted as the root while the path is the host's.
    """
    own = PurePosixPath(path.lstrip("/"))
    candidates = [root / own, *(root / parent for parent in own.parents)]
    folders = list(dict.fromkeys(folder for folder in candidates if folder.is_dir()))
    return folders if (root / own).is_dir() else folders[-1:]


def _first_folder(mount: Path, *names: str) -> Path:
    return next((mount / name for name in names if (mount / name).is_dir()), mount / names[0])


def _texts(groups: list[Path], name: str) -> Iterator[str]:
    for group in groups:
        try:
            yield (group / name).read_text("ascii").strip()
        except OSError:
            continue


def _number(groups: list[Path], name: str) -> float | None:
    """Return the number in the innermost group's file; "max" is none."""
    text = next(_texts(groups, name), "")
    return float(text) if text.lstrip("-").isdigit() else None


def _table(groups: list[Path], name: str) -> dict[str, float]:
    """Return the numbers of a file with one ``key value`` a line."""
    pairs = (line.split() for line in next(_texts(groups, name), "").splitlines())
    return {pair[0]: float(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}


def _quota_v2(group: Path) -> float | None:
    quota, _, period = next(_texts([group], "cpu.max"), "max 0").partition(" ")
    return (
        float(quota) / float(period)
        if quota.isdigit() and period.isdigit() and float(period)
        else None
    )


def _quota_v1(group: Path) -> float | None:
    quota, period = _number([group], "cpu.cfs_quota_us"), _number([group], "cpu.cfs_period_us")
    return quota / period if quota is not None and period and quota > 0 else None


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _put(values: dict[str, float], key: str, value: float | None) -> None:
    if value is not None:
        values[key] = value
