"""The calls that all loggers are measured with: ten metrics of full-entropy floats a step."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping
from pathlib import Path

METRICS_A_CALL = 10
KEYS = [f"train/metric_{place}" for place in range(METRICS_A_CALL)]
Log = Callable[[Mapping[str, float], int], object]


def prepared(calls: int, seed: int = 7) -> list[dict[str, float]]:
    """Return the metrics of ``calls`` calls, made beforehand so that making them isn't measured."""
    draw = random.Random(seed).random
    return [{key: draw() for key in KEYS} for _ in range(calls)]


def disk_bytes(folder: str) -> int:
    """Return the bytes of all files below ``folder``, journals and write-ahead logs included."""
    return sum(
        path.stat().st_size
        for root, _, files in os.walk(folder)
        for path in (Path(root, name) for name in files)
        if not path.is_symlink()
    )
