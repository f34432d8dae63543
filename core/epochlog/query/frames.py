"""Runs as columns for pandas, polars and pyarrow: one row a run."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from epochlog.base.errors import EpochlogError
from epochlog.query.filters.fields import NUMBERS, STATS
from epochlog.query.metrics import MetricSummary
from epochlog.query.run_view import RunView
from epochlog.query.suggest import did_you_mean

OWN = ("id", "name", "status", "kind", "source", "experiment", "started", "ended")


class Columns:
    """Collects runs as columns.

    Args:
        statistics: which numbers of each metric; "last" comes without suffix.
    """

    def __init__(self, statistics: Sequence[str] = ("last",)) -> None:
        known = (*STATS, *NUMBERS)
        for each in statistics:
            if each not in known:
                near = did_you_mean(each, known)
                raise EpochlogError(f"no statistic {each!r}{near}; there are {', '.join(known)}")
        self.statistics = statistics
        self.height = 0
        self._columns: dict[str, list[Any]] = {name: [] for name in (*OWN, "duration_s", "tags")}
        self._columns["parent_id"] = []

    def add(self, run_view: RunView) -> None:
        """Append one run."""
        duration = run_view.duration
        row: dict[str, Any] = {name: getattr(run_view, name) for name in OWN}
        row["duration_s"] = None if duration is None else duration.total_seconds()
        row["tags"] = run_view.tags
        row["parent_id"] = run_view.parent_id
        for name, value in run_view.params.items():
            row[f"params.{name}"] = value
        for name, summary in run_view.metrics.items():
            for each in self.statistics:
                row[f"metrics.{name}" + ("" if each == "last" else f".{each}")] = number(
                    summary, each
                )
        for name, value in row.items():
            column = self._columns.setdefault(name, [])
            column.extend([None] * (self.height - len(column)))
            column.append(value)
        self.height += 1

    def filled(self) -> dict[str, list[Any]]:
        """Return the columns, all of one length, own columns first, then params, then metrics."""
        order = sorted(self._columns, key=_rank)
        for column in self._columns.values():
            column.extend([None] * (self.height - len(column)))
        return {name: self._columns[name] for name in order}


def number(summary: MetricSummary, statistic: str) -> float | int:
    """Return one number of a metric as a plain float or int; NaN if it is not known."""
    value = getattr(summary, statistic)
    if isinstance(value, int):
        return value
    return math.nan if value is None else float(value)


def frame(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return columns of one type each, for libraries that insist; mixed ones become text."""
    return {name: _uniform(values) for name, values in columns.items()}


def _rank(name: str) -> tuple[int, str]:
    for place, prefix in enumerate(("params.", "metrics."), start=1):
        if name.startswith(prefix):
            return place, name
    return 0, ""


def _uniform(values: list[Any]) -> list[Any]:
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float} and kinds:
        if kinds == {int} and all(abs(v) < 2**63 for v in values if v is not None):
            return values
        return [None if value is None else float(value) for value in values]
    if len(kinds) <= 1 and not kinds & {dict}:
        return values
    return [None if value is None else _as_text(value) for value in values]


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
