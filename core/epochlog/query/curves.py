"""Read the points of a curve, whole or down-sampled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochlog.base.errors import EpochlogError
from epochlog.query.downsample import downsample, within
from epochlog.query.metrics import MetricSummary
from epochlog.query.opening import Reader
from epochlog.query.optional import require
from epochlog.store.series import read_series


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Points of one curve, sorted by step.

    Attributes:
        key, context: which curve.
        steps: int64, or float64 if any step was no integer, shape (n,).
        values: float64, shape (n,); NaN and ±Inf as logged.
        times: microseconds since 1970-01-01 UTC, int64, shape (n,).
        epochs: float64, shape (n,), NaN where none was given; None if none was ever given.
        total: points in the store (more than ``len`` when down-sampled or cut).
    """

    key: str
    context: str
    steps: NDArray[Any]
    values: NDArray[Any]
    times: NDArray[Any]
    epochs: NDArray[Any] | None
    total: int

    def __len__(self) -> int:
        return len(self.values)

    def to_pandas(self) -> Any:
        """Return a pandas DataFrame with the columns step, value, time and, if any, epoch."""
        pandas = require("pandas")
        columns = {
            "step": self.steps,
            "value": self.values,
            "time": pandas.to_datetime(self.times, unit="us", utc=True),
        }
        if self.epochs is not None:
            columns["epoch"] = self.epochs
        return pandas.DataFrame(columns)

    def __repr__(self) -> str:
        name = f"{self.key} [{self.context}]" if self.context else self.key
        return f"<Series {name}: {len(self)} of {self.total} points>"


def load_series(
    reader: Reader,
    summary: MetricSummary,
    *,
    max_points: int | None = None,
    start: float | None = None,
    end: float | None = None,
    axis: str = "step",
) -> Series:
    """Read the points of a curve; see `RunView.series` for the arguments."""
    if axis not in ("step", "time", "epoch"):
        raise EpochlogError(f"no axis {axis!r}; there are step, time and epoch")
    with reader.connect() as connection:
        found = read_series(connection, summary.series_pk)
    steps, values, times, epochs = found.steps, found.values, found.times, found.epochs
    total = len(values)
    x = {"step": steps, "time": times, "epoch": epochs}[axis]
    if x is None:
        raise EpochlogError(f"{summary.key!r} was logged without epochs; use axis='step'")
    chosen: Any = slice(None)
    if start is not None or end is not None:
        chosen = within(x, start, end)
        x, values = x[chosen], values[chosen]
    if max_points is not None:
        kept = downsample(x, values, max_points=max_points)
        chosen = np.arange(total)[chosen][kept]
        values = values[kept]
    return Series(
        summary.key,
        summary.context,
        steps[chosen],
        values,
        times[chosen],
        None if epochs is None else epochs[chosen],
        total,
    )
