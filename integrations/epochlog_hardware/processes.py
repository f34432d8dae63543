"""Read what the system knows of one process: Linux from /proc at a few microseconds a process."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Protocol

import psutil

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

Facts = dict[str, float]
"""cpu_s, reaped_cpu_s, memory_bytes, threads; where known minor_faults, major_faults, read_bytes,
write_bytes: all but memory and threads only grow."""


class Reader(Protocol):
    """Reads this process and its descendants; what can't be read is None."""

    own: int

    def descendants(self) -> list[int]:
        """Return the process ids of all descendants."""
        ...

    def read(self, pid: int) -> Facts | None:
        """Return what is known of a process; None if it is gone."""
        ...

    def open_files(self, pid: int) -> float | None:
        """Return the number of its open descriptors."""
        ...

    def pss_bytes(self, pid: int) -> float | None:
        """Return its memory, of shared pages its share."""
        ...

    def peak_bytes(self) -> float | None:
        """Return the most memory that this very process ever held at once."""
        ...


class LinuxReader:
    """Reads /proc.

    Args:
        proc: where it is mounted.
        own: this process.
    """

    def __init__(self, proc: Path = Path("/proc"), own: int = 0) -> None:
        self._proc = str(proc)
        self.own = own or os.getpid()
        self._tick_s = 1.0 / os.sysconf("SC_CLK_TCK")
        self._page_bytes = os.sysconf("SC_PAGE_SIZE")
        self._lists_children = os.path.exists(  # noqa: PTH110 - by far the cheapest
            f"{self._proc}/{self.own}/task/{self.own}/children"
        )

    def descendants(self) -> list[int]:
        """Return the process ids of all descendants, at the cost of our tree, not the machine's."""
        if not self._lists_children:
            return _descendants(self.own)
        found: list[int] = []
        waiting = [self.own]
        while waiting:
            children = self._children(waiting.pop())
            found += children
            waiting += children
        return found

    def read(self, pid: int) -> Facts | None:
        """Return what is known of a process; None if it is gone or only waited for."""
        try:
            stat = self._bytes(f"{pid}/stat")
        except OSError:
            return None
        # The name in parentheses may hold anything, further parentheses and spaces included.
        fields = stat[stat.rfind(b")") + 2 :].split()
        if len(fields) < 22:
            return None
        minor, _, major, _, user, system, reaped_user, reaped_system = map(int, fields[7:15])
        facts: Facts = {
            "cpu_s": (user + system) * self._tick_s,
            "reaped_cpu_s": (reaped_user + reaped_system) * self._tick_s,
            "memory_bytes": int(fields[21]) * self._page_bytes,
            "threads": int(fields[17]),
            "minor_faults": minor,
            "major_faults": major,
        }
        return facts | self._traffic(pid)

    def open_files(self, pid: int) -> float | None:
        """Return the number of its open descriptors."""
        try:
            return float(len(os.listdir(f"{self._proc}/{pid}/fd")))
        except OSError:
            return None

    def pss_bytes(self, pid: int) -> float | None:
        """Return its memory, of shared pages its share (Linux 4.14 and later)."""
        try:
            text = self._bytes(f"{pid}/smaps_rollup")
        except OSError:
            return None
        _, found, rest = text.partition(b"\nPss:")
        return float(rest.split(maxsplit=1)[0]) * 1024 if found else None

    def peak_bytes(self) -> float | None:
        """Return the most memory that this very process ever held at once."""
        return peak_of_this_process()

    def _children(self, pid: int) -> list[int]:
        found: list[int] = []
        try:
            for thread in os.listdir(f"{self._proc}/{pid}/task"):
                found += map(int, self._bytes(f"{pid}/task/{thread}/children").split())
        except OSError:  # it ended meanwhile
            pass
        return found

    def _traffic(self, pid: int) -> Facts:
        try:
            lines = self._bytes(f"{pid}/io").splitlines()
        except OSError:  # another user's process, or a kernel that doesn't count
            return {}
        pairs = dict(line.split(b": ") for line in lines)
        return {
            "read_bytes": float(pairs.get(b"read_bytes", 0)),
            "write_bytes": float(pairs.get(b"write_bytes", 0)),
        }

    def _bytes(self, name: str) -> bytes:
        descriptor = os.open(f"{self._proc}/{name}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.read(descriptor, 65536)
        finally:
            os.close(descriptor)


class PsutilReader:
    """Reads through psutil, on systems without Linux's /proc."""

    def __init__(self) -> None:
        self.own = os.getpid()
        self._known: dict[int, Any] = {}

    def descendants(self) -> list[int]:
        """Return the process ids of all descendants."""
        return _descendants(self.own)

    def read(self, pid: int) -> Facts | None:
        """Return what is known of a process; None if it is gone."""
        try:
            process = self._process(pid)
            with process.oneshot():
                times = process.cpu_times()
                return {
                    "cpu_s": times.user + times.system,
                    "reaped_cpu_s": getattr(times, "children_user", 0.0)
                    + getattr(times, "children_system", 0.0),
                    "memory_bytes": process.memory_info().rss,
                    "threads": process.num_threads(),
                }
        except psutil.Error:
            self._known.pop(pid, None)
            return None

    def open_files(self, pid: int) -> float | None:
        """Return the number of its open descriptors (on Windows: handles)."""
        process = self._process(pid)
        count = getattr(process, "num_fds", None) or getattr(process, "num_handles", None)
        try:
            return float(count()) if count else None
        except psutil.Error:
            return None

    def pss_bytes(self, pid: int) -> float | None:
        """Return None: no other system tells."""
        del pid
        return None

    def peak_bytes(self) -> float | None:
        """Return the most memory that this very process ever held at once."""
        return peak_of_this_process()

    def _process(self, pid: int) -> Any:
        known = self._known.get(pid)
        if known is None:
            known = self._known[pid] = psutil.Process(pid)
        return known


def peak_of_this_process() -> float | None:
    """Return the kernel's high-water mark of resident memory in bytes; None on Windows."""
    if resource is None:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak if sys.platform == "darwin" else peak * 1024)


def _descendants(own: int) -> list[int]:
    try:
        return [process.pid for process in psutil.Process(own).children(recursive=True)]
    except psutil.Error:
        return []


def reader_for(platform: str) -> Reader:
    """Return the reader for ``sys.platform``."""
    return LinuxReader() if platform.startswith("linux") else PsutilReader()
