"""The watchdogs that rules can name: our own, and those of plugins."""

from __future__ import annotations

from epochlog.contract.watchdog import Check, Watchdog, Watched
from epochlog.plugins.manager import get_plugins

_CURVES = "epochlog.monitoring.curves"
_SURROUNDINGS = "epochlog.monitoring.surroundings"


def lost() -> Check:
    """Return a check that finds nothing: a process can't say of itself that it is gone."""

    def check(run: Watched) -> None:
        del run

    return check


BUILTIN = (
    Watchdog(
        "nan",
        f"{_CURVES}:nan",
        {"metric": "*", "patience": 1},
        "values are NaN or infinite, patience times in a row",
    ),
    Watchdog(
        "diverged",
        f"{_CURVES}:diverged",
        {"metric": None, "factor": 10, "patience": 1, "mode": "auto"},
        "a curve is factor times worse than its best, and worse than where it began",
    ),
    Watchdog(
        "plateau",
        f"{_CURVES}:plateau",
        {"metric": None, "patience": 10, "min_delta": 0, "mode": "auto"},
        "no point of a curve is better than its best for patience points",
    ),
    Watchdog(
        "stalled",
        f"{_SURROUNDINGS}:stalled",
        {"after": "10m", "factor": 10, "runs": "fits"},
        "no step for so long, and factor times the longest pause so far",
    ),
    Watchdog(
        "gpu_idle",
        f"{_SURROUNDINGS}:gpu_idle",
        {"below": "10%", "during": "10m", "metric": "gpu/*/utilization_percent"},
        "every sampled GPU was busy for less than this part of the time",
        roots=True,
    ),
    Watchdog(
        "data_bound",
        f"{_SURROUNDINGS}:data_bound",
        {"above": "50%", "during": "2m"},
        "the main thread spends more than this part of the time in a data loader",
        roots=True,
    ),
    Watchdog(
        "disk_full",
        f"{_SURROUNDINGS}:disk_full",
        {"free": "1GiB", "share": "5%", "within": "15m"},
        "less than free and share are left on a disk, or it will be full within that time",
        roots=True,
    ),
    Watchdog(
        "lost",
        lost,
        {},
        "the process of a run is gone without a word; seen by epochlog watch",
        reader=True,
    ),
)


def all_watchdogs() -> dict[str, Watchdog]:
    """Return all watchdogs by name; ours come first, then the first plugin of a name."""
    found = {watchdog.name: watchdog for watchdog in BUILTIN}
    for watchdog in get_plugins().watchdogs():
        found.setdefault(watchdog.name, watchdog)
    return found
