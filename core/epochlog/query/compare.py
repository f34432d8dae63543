"""Set runs side by side: what differs between them, and by how much."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import chain
from typing import Any

from epochlog.base.errors import EpochlogError
from epochlog.query.optional import require
from epochlog.query.run_view import RunView

SECTIONS = ("run", "params", "metrics", "tags", "datasets", "environment", "code")
STATISTICS = ("last", "min", "max", "best")


class _Missing:
    def __repr__(self) -> str:
        return "–"


MISSING: Any = _Missing()
"""Stands where a run has no such param, metric …; None is a value."""


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One line of a comparison.

    Attributes:
        section: run, params, metrics, tags, datasets, environment or code.
        name: what is compared; a metric's statistic is part of it ("val/loss.min").
        values: one for each run, `MISSING` where it has none.
        differs: whether any two values differ (a missing one differs from all others).
        deltas: value minus that of the baseline, None where either is no finite number.
    """

    section: str
    name: str
    values: tuple[Any, ...]
    differs: bool
    deltas: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Several runs side by side.

    Attributes:
        runs: the runs, in the order given.
        rows: by section, then by name.
        baseline: place of the run to which deltas are taken.
    """

    runs: tuple[RunView, ...]
    rows: tuple[ComparedRow, ...]
    baseline: int

    def differences(self) -> Comparison:
        """Return only the rows in which runs differ."""
        rows = tuple(row for row in self.rows if row.differs)
        return Comparison(self.runs, rows, self.baseline)

    def section(self, name: str) -> list[ComparedRow]:
        """Return the rows of one section."""
        return [row for row in self.rows if row.section == name]

    def __iter__(self) -> Iterator[ComparedRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def to_pandas(self) -> Any:
        """Return a pandas DataFrame: rows by (section, name), one column a run, and ``differs``."""
        pandas = require("pandas")
        index = pandas.MultiIndex.from_tuples(
            [(row.section, row.name) for row in self.rows], names=["section", "name"]
        )
        columns = _unique([run.name for run in self.runs])
        values = [[None if v is MISSING else v for v in row.values] for row in self.rows]
        table = pandas.DataFrame(values, index=index, columns=columns, dtype=object)
        table["differs"] = [row.differs for row in self.rows]
        return table

    def __repr__(self) -> str:
        lines = [["", *(run.name for run in self.runs)]]
        lines += [[f"{r.section}.{r.name}", *map(_shown, r.values)] for r in self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(run.name)}</th>" for run in self.runs)
        body = "".join(
            f"<tr><td>{escape(row.section)}.{escape(row.name)}</td>"
            + "".join(f"<td>{escape(_shown(value))}</td>" for value in row.values)
            + "</tr>"
            for row in self.rows
        )
        return f"<table><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table>"


def compare(
    runs: Iterable[RunView],
    *,
    baseline: int = 0,
    sections: Sequence[str] = SECTIONS,
    statistics: Sequence[str] = STATISTICS,
) -> Comparison:
    """Set runs side by side.

    Args:
        runs: two or more runs.
        baseline: place of the run that numbers are compared with.
        sections: which parts, out of `SECTIONS`.
        statistics: which numbers of each metric.

    Raises:
        EpochlogError: fewer than two runs, or no such baseline or section.
    """
    given = tuple(runs)
    if len(given) < 2:
        raise EpochlogError(f"a comparison needs at least two runs, not {len(given)}")
    if not -len(given) <= baseline < len(given):
        raise EpochlogError(f"there is no run number {baseline} to compare with")
    if unknown := [name for name in sections if name not in SECTIONS]:
        raise EpochlogError(f"no section {unknown[0]!r}; there are {', '.join(SECTIONS)}")
    readers = {
        **_READERS,
        "metrics": lambda run: _metrics(run, statistics),
        "environment": _once(lambda run: flat(run.environment), "environment"),
        "code": _once(code_facts, "code"),
    }
    rows = [row for name in sections for row in _section(name, given, readers[name], baseline)]
    return Comparison(given, tuple(rows), baseline)


def _section(
    name: str,
    runs: Sequence[RunView],
    read: Callable[[RunView], Mapping[str, Any]],
    baseline: int,
) -> Iterator[ComparedRow]:
    columns = [read(run) for run in runs]
    for key in dict.fromkeys(chain.from_iterable(columns)):
        values = tuple([column.get(key, MISSING) for column in columns])
        differs = _differ(values)
        yield ComparedRow(name, key, values, differs, _deltas(values, values[baseline], differs))


def _own(run: RunView) -> dict[str, Any]:
    duration = run.duration
    return {
        "status": run.status,
        "kind": run.kind,
        "source": run.source,
        "experiment": run.experiment,
        "duration_s": MISSING if duration is None else duration.total_seconds(),
        "user": run.user,
        "host": run.host,
    }


def _metrics(run: RunView, statistics: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for summary in run.metrics.all():
        name = f"{summary.key} [{summary.context}]" if summary.context else summary.key
        for each in statistics:
            value = getattr(summary, each)
            # One point: all statistics are the same number, one line is enough.
            if value is not None and (summary.count > 1 or each == statistics[0]):
                found[f"{name}.{each}"] = float(value)
    return found


def _datasets(run: RunView) -> dict[str, Any]:
    return {
        f"{each.role or 'data'}.{each.name}": each.digest[:12] or each.version
        for each in run.datasets
    }


def flat(data: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested mappings as one, with dotted names."""
    found: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, Mapping) and value:
            found.update(flat(value, f"{prefix}{key}."))
        else:
            found[f"{prefix}{key}"] = value
    return found


def code_facts(run: RunView) -> dict[str, Any]:
    """Return the facts about the code; of kept files, which they were and what was in them."""
    facts = dict(run.code)
    kept = facts.pop("files", None) or {}
    git = {k: v for k, v in (facts.pop("git", None) or {}).items() if k not in ("diff", "deleted")}
    files = {f"file.{name}": each["sha256"][:12] for name, each in kept.get("files", {}).items()}
    return {**flat({**facts, "git": git}), **files}


def _once(read: Callable[[RunView], dict[str, Any]], of: str) -> Any:
    """Return a reader that works a document out once for all runs that share it."""
    done: dict[int, dict[str, Any]] = {}
    kept: list[Any] = []  # what has gone might lend its identity to another

    def reader(run: RunView) -> dict[str, Any]:
        document = getattr(run, of)
        if id(document) not in done:
            kept.append(document)
            done[id(document)] = read(run)
        return done[id(document)]

    return reader


_READERS: dict[str, Callable[[RunView], Mapping[str, Any]]] = {
    "run": _own,
    "params": lambda run: run.params,
    "tags": lambda run: dict.fromkeys(run.tags, True),
    "datasets": _datasets,
}


def _differ(values: Sequence[Any]) -> bool:
    first = values[0]
    if values.count(first) == len(values) and len(set(map(type, values))) == 1:
        return False  # most rows of most comparisons
    return any(not _same(first, value) for value in values[1:])


def _same(one: Any, two: Any) -> bool:
    if one is two:
        return True
    if isinstance(one, float) and isinstance(two, float) and math.isnan(one) and math.isnan(two):
        return True
    return type(one) is type(two) and bool(one == two) if _mixed(one, two) else bool(one == two)


def _mixed(one: Any, two: Any) -> bool:
    # True is no 1 here: a flag that became a number is a difference.
    return isinstance(one, bool) or isinstance(two, bool)


def _deltas(values: Sequence[Any], base: Any, differ: bool) -> tuple[float | None, ...]:
    zero = _finite(base)
    if zero is None:
        return (None,) * len(values)
    if not differ:
        return (0.0,) * len(values)
    return tuple([None if (own := _finite(value)) is None else own - zero for value in values])


def _finite(value: Any) -> float | None:
    """Return a number as a float; None for all else and for what no float can hold."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _shown(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _unique(names: Sequence[str]) -> list[str]:
    return [n if names.count(n) == 1 else f"{n} ({place})" for place, n in enumerate(names, 1)]
