"""Log with tensorboardX: one scalar a call, a thread writes an event file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import_name = "tensorboardX"
CALLS_MAX = 20_000
_writer: Any = None


def open_run(folder: str) -> Callable[[Mapping[str, float], int], None]:
    """Open an event file below ``folder``; return what logs metrics at a step."""
    global _writer
    from tensorboardX import SummaryWriter

    writer = _writer = SummaryWriter(f"{folder}/tensorboard")

    def log(metrics: Mapping[str, float], step: int) -> None:
        for key, value in metrics.items():
            writer.add_scalar(key, value, step)

    return log


def close_run() -> None:
    """Return when everything is in the file."""
    _writer.close()
