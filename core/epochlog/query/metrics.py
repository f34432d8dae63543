"""Values of metrics as floats that know their step."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from epochlog.base.clock import to_datetime
from epochlog.store.schema import FLAG_STATS, series
from epochlog.store.typed import decode_number

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


SERIES_COLUMNS = tuple(column for column in series.c)
"""Columns that a `MetricSummary` is made from, in the order in which it expects them."""

_AT = {column.name: place for place, column in enumerate(SERIES_COLUMNS)}
_FLAGS = _AT["flags"]


class MetricSummary:
    """What is known of one curve without reading its points.

    ``first`` and ``last`` are by step; ``min``, ``max`` and ``best`` skip NaN; each is a float
    that carries ``.step``. ``float(summary)`` is ``last``.
    """

    # Pages hold thousands of these and look at few numbers of each, so nothing is worked out early.
    __slots__ = ("_row", "key")

    def __init__(self, key: str, row: Sequence[Any]) -> None:
        self.key = key
        self._row = row

    def _stat(self, name: str) -> Stat:
        value = self._value(name, f"{name}_value")
        return Stat(math.nan if value is None else value, self._row[_AT[f"{name}_step"]])

    def _value(self, name: str, column: str) -> float | None:
        flags = self._row[_FLAGS]
        value: float | None = self._row[_AT[column]]
        code = flags >> (2 * FLAG_STATS.index(name)) & 3 if flags else 0
        return decode_number(value, code) if code else value

    @property
    def context(self) -> str:
        """What separates several curves of one name; "" usually."""
        return str(self._row[_AT["long_context"]] or self._row[_AT["context"]])

    @property
    def is_system(self) -> bool:
        """Whether it is a hardware metric."""
        return bool(self._row[_AT["kind"]])

    @property
    def count(self) -> int:
        """Number of points."""
        return int(self._row[_AT["count"]])

    @property
    def nan_count(self) -> int:
        """How many of the points are NaN."""
        return int(self._row[_AT["nan_count"]])

    @property
    def direction(self) -> int:
        """-1: less is better; 1: more is better; 0: not known."""
        return int(self._row[_AT["direction"]])

    @property
    def first(self) -> Stat:
        """Value at the smallest step."""
        return self._stat("first")

    @property
    def last(self) -> Stat:
        """Value at the largest step."""
        return self._stat("last")

    @property
    def min(self) -> Stat:
        """Smallest value."""
        return self._stat("min")

    @property
    def max(self) -> Stat:
        """Largest value."""
        return self._stat("max")

    @property
    def best(self) -> Stat | None:
        """The smallest or the largest value, whichever is better; None if that is not known."""
        return self._stat("best") if self.direction else None

    @property
    def sum(self) -> float:
        """Sum of the points that are not NaN."""
        value = self._value("sum", "sum")
        return math.nan if value is None else value

    @property
    def mean(self) -> float:
        """Mean of the points that are not NaN (NaN if there are none)."""
        points = self.count - self.nan_count
        return self.sum / points if points else math.nan

    @property
    def first_at(self) -> datetime | None:
        """Time of the first point by step."""
        return to_datetime(self._row[_AT["first_at"]])

    @property
    def last_at(self) -> datetime | None:
        """Time of the last point by step."""
        return to_datetime(self._row[_AT["last_at"]])

    @property
    def series_pk(self) -> int:
        """Key of the curve's row, for reading its points."""
        return int(self._row[_AT["pk"]])

    def __float__(self) -> float:
        return float(self.last)

    def __repr__(self) -> str:
        name = f"{self.key} [{self.context}]" if self.context else self.key
        return (
            f"<{name}: last {self.last:.6g}, min {self.min:.6g}, max {self.max:.6g}, "
            f"{self.count} points>"
        )


class Metrics(Mapping[str, MetricSummary]):
    """Metric name -> `MetricSummary`, of the curves without context.

    ``metrics["loss", "rank=1"]`` gives the curve of another context; ``all()`` gives every curve.
    A curve is also found by the name that its framework has for it.
    """

    def __init__(
        self,
        summaries: list[MetricSummary],
        aliases: Callable[[], Mapping[str, str]] | None = None,
    ) -> None:
        self._all = {(each.key, each.context): each for each in summaries}
        self._aliases = aliases

    @property
    def aliases(self) -> Mapping[str, str]:
        """A framework's own name of a curve -> the curve's name."""
        return {} if self._aliases is None else self._aliases()

    def resolve(self, name: str) -> str:
        """Return the name under which a curve stands; names that are no alias are returned."""
        if any(key == name for key, _ in self._all):
            return name
        return self.aliases.get(name, name)

    def __getitem__(self, key: str | tuple[str, str]) -> MetricSummary:
        name, context = key if isinstance(key, tuple) else (key, "")
        try:
            return self._all[name, context]
        except KeyError:
            if (real := self.resolve(name)) != name:
                return self[real, context]
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
