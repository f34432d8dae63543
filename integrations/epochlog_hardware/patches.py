"""Where we enter: nothing is patched, the samplers are woken when a root run opens or closes."""

from __future__ import annotations

import os
import threading
import time

from epochlog.plugins.api import IntegrationOptions, Run, add_run_listener
from epochlog_hardware.sampler import Sampler

OWNER = "hardware"
CLOSE_WAIT_S = 0.005  # the longest that the end of a run waits for its last sample
JOINED_WAIT_S = 0.5  # the same where the process ends with its part of another one's run
FORK_WAIT_S = 5.0  # the longest that a fork waits for imports of ours, which take 0.1 s
_forks_watched = False


class Monitor:
    """The samplers of one process: one for host values, one for GPUs, whose driver may be slow."""

    def __init__(self, options: IntegrationOptions) -> None:
        self.options = options
        self._lock = threading.Lock()
        self._samplers: list[Sampler] = []

    def opened(self, run: Run) -> None:
        """Sample for ``run`` from now on if it is a root; a child's samples would be its root's.

        Unless it is another process's run, which this one has joined to be sampled there.
        """
        if run.parent_id is not None and not run.sample_context:
            return
        for sampler in self._started():
            sampler.add(run)

    def closing(self, run: Run) -> None:
        """Take the last sample of ``run`` on the samplers' threads, and wait a few ms for it."""
        if run.parent_id is not None and not run.sample_context:
            return
        deadline = time.monotonic() + (JOINED_WAIT_S if run.sample_context else CLOSE_WAIT_S)
        taken = [sampler.remove(run) for sampler in self._samplers]
        for event in taken:
            event.wait(max(0.0, deadline - time.monotonic()))

    def _started(self) -> list[Sampler]:
        with self._lock:
            if not self._samplers:
                times = (
                    float(self.options.get("interval_s", 5.0)),
                    float(self.options.get("reading_s", 1.0)),
                )
                self._samplers = [Sampler("host", "epochlog_hardware.host:HostProbe", *times)]
                if self.options.get("gpu", True):
                    self._samplers.append(Sampler("gpu", "epochlog_hardware.gpu:GpuProbe", *times))
            return self._samplers

    def finish_imports(self) -> None:
        """Before a fork: a module that is being imported now could never be imported in the child.

        Its lock would stay with a thread that does not exist there.
        """
        for sampler in self._samplers:
            sampler.finish_imports(FORK_WAIT_S)

    def forget(self) -> None:
        """After a fork, in the child: threads and open runs are the parent's."""
        self._lock = threading.Lock()
        self._samplers = []


_monitor: Monitor | None = None


def instrument(options: IntegrationOptions) -> None:
    """Sample while root runs are open; takes microseconds until then."""
    global _monitor, _forks_watched
    if _monitor is None or _monitor.options != options:
        _monitor = Monitor(options)
    add_run_listener(_monitor.opened, _monitor.closing, owner=OWNER)
    if not _forks_watched and hasattr(os, "register_at_fork"):
        _forks_watched = True
        os.register_at_fork(before=_before_fork, after_in_child=_after_fork_in_child)


def _before_fork() -> None:
    if _monitor is not None:
        _monitor.finish_imports()


def _after_fork_in_child() -> None:
    if _monitor is not None:
        _monitor.forget()
