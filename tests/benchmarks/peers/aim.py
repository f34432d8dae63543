"""Log with Aim into a local repository."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import_name = "aim"
CALLS_MAX = 5_000
ENVIRONMENT = {"AIM_ANALYTICS": "off"}
_run: Any = None


def open_run(folder: str) -> Callable[[Mapping[str, float], int], object]:
    """Start a run in a new repository in ``folder``; return what logs metrics at a step."""
    global _run
    import aim

    aim.Repo.from_path(folder, init=True)
    _run = aim.Run(repo=folder)

    def log(metrics: Mapping[str, float], step: int) -> object:
        return _run.track(dict(metrics), step=step)

    return log


def close_run() -> None:
    """Return when everything is written."""
    _run.close()
