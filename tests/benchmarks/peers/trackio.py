"""Log with trackio: a thread drains a queue in memory into SQLite."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import_name = "trackio"
ENVIRONMENT = {"TRACKIO_DIR": "trackio", "HF_HUB_OFFLINE": "1", "GRADIO_ANALYTICS_ENABLED": "False"}
CALLS_MAX = 20_000
_run: Any = None


def open_run(folder: str) -> Callable[[Mapping[str, float], int], object]:
    """Start a run in the folder of the environment; return what logs metrics at a step."""
    global _run
    del folder
    import trackio

    _run = trackio.init(project="bench", embed=False)

    def log(metrics: Mapping[str, float], step: int) -> object:
        return trackio.log(dict(metrics), step=step)

    return log


def close_run() -> None:
    """Return when the queue is empty."""
    import trackio

    trackio.finish()
