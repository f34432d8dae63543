"""Watchdogs over what surrounds a training: its pace, GPUs, data loading, disks."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from fnmatch import fnmatchcase

from epochlog.contract.watchdog import Check, Watched
from epochlog.monitoring.values import say_duration, say_size

LOADERS = (
    "torch.utils.data",
    "keras.src.trainers.data_adapters",
    "datasets",
    "grain",
    "webdataset",
)
"""Modules in which a thread is busy with, or waits for, the next batch."""

GAPS_MIN = 5
DISK_EVERY_S = 30.0
TREND_S = 600.0
TREND_MIN_S = 60.0
TREND_SHARE = 0.1
GLANCES_MIN = 20

Clock = Callable[[], float]


def stalled(after: float = 600, factor: float = 10, runs: str = "fits") -> Check:
    """Return a check: no point for ``after`` s, and ``factor`` times the longest gap so far.

    Args:
        runs: "fits": only while a fit goes on, as far as integrations know; "all": also loops of
            the user's own, where nobody can tell a stall from the work after the last step.
    """
    _one_of("runs", runs, ("fits", "all"))
    last_at, longest_us, gaps = 0, 0, 0

    def check(run: Watched) -> str | None:
        nonlocal last_at, longest_us, gaps
        for event in run.points:
            if last_at and event.at > last_at:
                longest_us, gaps = max(longest_us, event.at - last_at), gaps + 1
            last_at = max(last_at, event.at)
        if run.ended or gaps < GAPS_MIN or not (runs == "all" or run.training):
            return None
        if run.quiet_s < max(after, factor * longest_us / 1e6):
            return None
        quiet, longest = say_duration(run.quiet_s), say_duration(longest_us / 1e6)
        return f"no step for {quiet}; the longest pause before was {longest}"

    return check


def gpu_idle(
    below: float = 0.1,
    during: float = 600,
    metric: str = "gpu/*/utilization_percent",
) -> Check:
    """Return a check: every GPU that was sampled was busy less than ``below`` of the time."""
    since = 0

    def check(run: Watched) -> str | None:
        nonlocal since
        found: str | None = None
        for event in run.system:
            busy = [v for k, v in event.metrics.items() if fnmatchcase(k, metric)]
            if not busy:
                continue
            if max(busy) >= below * 100:
                since = 0
            elif not since:
                since = event.at
            if since and event.at - since >= during * 1e6:
                idle = say_duration((event.at - since) / 1e6)
                found = f"no GPU was busier than {below:.0%} for {idle} (now {max(busy):.0f} %)"
        return found if since else None

    return _holding(check)


def data_bound(above: float = 0.5, during: float = 120, clock: Clock = time.monotonic) -> Check:
    """Return a check: the main thread spent more than ``above`` of the time getting batches.

    Each time we look, we look where the main thread stands: in a data loader or elsewhere. That
    costs the training nothing, and sees loops that no integration knows.
    """
    seen: deque[tuple[float, bool]] = deque()

    def check(run: Watched) -> str | None:
        now = clock()
        if run.ended:
            return None
        seen.append((now, _is_loading()))
        while seen and now - seen[0][0] > during:
            seen.popleft()
        if len(seen) < GLANCES_MIN or now - seen[0][0] < during * 0.8:
            return None
        share = sum(loading for _, loading in seen) / len(seen)
        if share <= above:
            return None
        return (
            f"the training waits for data: in {share:.0%} of {len(seen)} looks within "
            f"{say_duration(during)} its main thread was loading"
        )

    return check


def disk_full(
    free: float = 2.0**30, share: float = 0.05, within: float = 900, clock: Clock = time.monotonic
) -> Check:
    """Return a check: a disk that we write to has little space left, or soon will.

    Args:
        free, share: bytes and part of the disk; it is nearly full where both are fallen below.
        within: seconds; at the speed of the last minutes the disk is full before that, and less
            than a tenth of it is free.
    """
    seen: dict[str, deque[tuple[float, int]]] = {}
    looked_at = -DISK_EVERY_S
    said: str | None = None

    def check(run: Watched) -> str | None:
        nonlocal looked_at, said
        now = clock()
        if now - looked_at >= DISK_EVERY_S:
            looked_at = now
            texts = [_disk(folder, now, seen) for folder in dict.fromkeys(run.folders)]
            said = next((text for text in texts if text), None)
        return said

    def _disk(folder: str, now: float, seen: dict[str, deque[tuple[float, int]]]) -> str | None:
        try:
            usage = shutil.disk_usage(folder)
        except OSError:
            return None
        past = seen.setdefault(folder, deque())
        past.append((now, usage.free))
        while now - past[0][0] > TREND_S:
            past.popleft()
        left = usage.free / max(usage.total, 1)
        if usage.free < free and left < share:
            return f"the disk of {folder} is nearly full: {say_size(usage.free)} free ({left:.1%})"
        lasts_s = _lasts_s(past)
        if lasts_s is not None and lasts_s < within and left < TREND_SHARE:
            soon = say_duration(lasts_s)
            return f"the disk of {folder} will be full in {soon}: {say_size(usage.free)} free"
        return None

    return check


def _lasts_s(past: deque[tuple[float, int]]) -> float | None:
    """Return how long the free space lasts at the speed of late; None if it does not shrink."""
    (began, before), (now, free) = past[0], past[-1]
    if now - began < TREND_MIN_S or before <= free:
        return None
    return free / ((before - free) / (now - began))


def _is_loading() -> bool:
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith(LOADERS):
            return True
        frame = frame.f_back
    return False


def _holding(check: Check) -> Check:
    """Return a check that goes on saying what it said until there is something new to look at."""
    said = None

    def holding(run: Watched) -> object:
        nonlocal said
        if run.system or run.ended:
            said = check(run)
        return said

    return holding  # type: ignore[return-value]


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}, not {value!r}")
