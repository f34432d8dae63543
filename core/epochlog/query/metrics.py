"""Values of metrics as floats that know their step."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from epochlog.base.clock import to_datetime
from epochlog.store.summary import stat_value

STATS = ("first", "last", "min", "max", "best")
"""Statistics of a metric that have a step."""


class Stat(float):
    """A float with the step at which it was reached."""

    __slots__ = ("step",)
    step: float | int | None

    def __new__(cls, value: float, step: float | None = None) -> Self:
        """Return ``value`` with ``step`` (whole steps become int)."""
        self = super().__new__(cls, value)
        whole = step is not None and math.isfinite(step) and step == int(step)
        self.step = int(step) if whole and step is not None else step
        return self

    def __reduce__(self) -> tuple[type[Stat], tuple[float, float | None]]:
        return Stat, (float(self), self.step)


@dataclass(frozen=True, slots=True)
class MetricSummary:
    """What is known of one curve without reading its points.

    ``first`` and ``last`` are by step; ``min``, ``max`` and ``best`` skip NaN, each carries ``.step``.
    ``best`` is None unless it is known whether more or less is better. ``float(summary)`` is ``last``.
    """

    key: str
    context: str
    count: int
    nan_count: int
    direction: int
    first: Stat
    last: Stat
    min: Stat
    max: Stat
    best: Stat | None
    sum: float
    first_at: datetime | None
    last_at: datetime | None

    @property
    def mean(self) -> float:
        """Mean of the points that are not NaN (NaN if there are none)."""
        points = self.count - self.nan_count
        return self.sum / points if points else math.nan

    def __float__(self) -> float:
        return float(self.last)

    def __repr__(self) -> str:
        name = f"{self.key} [{self.context}]" if self.context else self.key
        return (
            f"<{name}: last {self.last:.6g}, min {self.min:.6g}, max {self.max:.6g}, "
            f"{self.count} points>"
        )


def summary_from_row(row: Any) -> MetricSummary:
    """Return the summary for a row of ``series`` joined with its key's ``name``."""
    fields = row._mapping

    def stat(name: str) -> Stat:
        value = stat_value(fields, name)
        return Stat(math.nan if value is None else value, fields[f"{name}_step"])

    total = stat_value(fields, "sum")
    return MetricSummary(
        key=row.name,
        context=row.long_context or row.context,
        count=row.count,
        nan_count=row.nan_count,
        direction=row.direction,
        first=stat("first"),
        last=stat("last"),
        min=stat("min"),
        max=stat("max"),
        best=stat("best") if row.direction else None,
        sum=math.nan if total is None else total,
        first_at=to_datetime(row.first_at),
        last_at=to_datetime(row.last_at),
    )


class Metrics(Mapping[str, MetricSummary]):
    """Metric name -> `MetricSummary`, of the curves without context.

    ``metrics["loss", "rank=1"]`` gives the curve of another context; ``all()`` gives every curve.
    """

    def __init__(self, summaries: list[MetricSummary]) -> None:
        self._all = {(each.key, each.context): each for each in summaries}

    def __getitem__(self, key: str | tuple[str, str]) -> MetricSummary:
        name, context = key if isinstance(key, tuple) else (key, "")
        try:
            return self._all[name, context]
        except KeyError:
            contexts = self.contexts(name)
            known = f"it has the contexts {contexts}" if contexts else f"there are {sorted(self)}"
            raise KeyError(f"no metric {key!r}; {known}") from None

    def __iter__(self) -> Iterator[str]:
        return (key for key, context in self._all if not context)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def contexts(self, key: str) -> list[str]:
        """Return the contexts in which ``key`` was logged ("" is the usual one)."""
        return [context for name, context in self._all if name == key]

    def all(self) -> list[MetricSummary]:
        """Return every summary, of all contexts."""
        return list(self._all.values())

    def __repr__(self) -> str:
        return f"Metrics({', '.join(map(repr, self._all.values()))})"
