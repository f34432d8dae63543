"""Compare the runs of a reproduction with the ones that were to be reproduced."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from epochlog.query.run_view import RunView

_TIMING = re.compile(
    r"(?:^|[/_.\- ])(?:time|runtime|duration|seconds|elapsed|latency|throughput|fps|"
    r"(?:samples|steps|tokens|iterations|it|rows)_per_(?:second|s))(?:$|[/_.\- ])|_(?:s|ms|us)$",
    re.IGNORECASE,
)
"""Metrics that tell how long something took: never equal twice, and not compared."""

SAME_PROCESS = timedelta(days=2)
_STATISTICS = ("last", "min", "max", "first", "mean")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was compared.

    Attributes:
        run: name of the original run, and its place below it.
        name: metric ("val/loss", "val/loss.min") or data set.
        then, now: values; None where there is none.
        verdict: identical, close (within the tolerance), differs or missing.
    """

    run: str
    name: str
    then: Any
    now: Any
    verdict: str

    @property
    def good(self) -> bool:
        """Whether this was reproduced."""
        return self.verdict in ("identical", "close")


def runs_of_process(run: RunView, candidates: Iterable[RunView]) -> list[RunView]:
    """Return the runs at the top that the process of ``run`` recorded, oldest first.

    Args:
        run: one of them.
        candidates: runs at the top of the same store.
    """
    same = {
        each.id: each
        for each in candidates
        if each.pid == run.pid and each.host == run.host and _argv(each) == _argv(run)
    }
    return sorted({**same, run.id: run}.values(), key=lambda each: each.id)


def near(run: RunView) -> str:
    """Return a filter for runs at the top that may be of the same process."""
    started = run.started or run.created
    if started is None:
        return f"host == {run.host!r}"
    first, last = started - SAME_PROCESS, started + SAME_PROCESS
    return (
        f"host == {run.host!r} and started >= {first.isoformat()!r} "
        f"and started <= {last.isoformat()!r}"
    )


def _argv(run: RunView) -> Any:
    return run.code.get("argv")


def check_runs(
    then: Sequence[RunView], now: Sequence[RunView], tolerance: float, prefix: str = ""
) -> list[Check]:
    """Compare runs and all runs below them: metrics, data sets, and whether they completed.

    Args:
        then: original runs, in order.
        now: runs of the reproduction, in order.
        tolerance: relative difference at which a number is still "close".
        prefix: name of the original run above.
    """
    found: list[Check] = []
    others = _by_likeness(now)
    for like, runs in _by_likeness(then).items():
        for number, run in enumerate(runs):
            name = prefix + (run.name if not prefix else _place(run, number))
            other = others[like][number] if number < len(others.get(like, ())) else None
            if other is None:
                found.append(Check(name, "run", run.status, None, "missing"))
                continue
            found += _check_run(name, run, other, tolerance)
            children = run.children()
            if children:
                found += check_runs(children, other.children(), tolerance, f"{name} › ")
    return found


def _by_likeness(runs: Iterable[RunView]) -> dict[tuple[Any, ...], list[RunView]]:
    """Group runs that may stand for one another: same kind, framework and place."""
    groups: dict[tuple[Any, ...], list[RunView]] = defaultdict(list)
    for run in runs:
        groups[run.kind, run.source, run.position].append(run)
    return groups


def _place(run: RunView, number: int) -> str:
    return f"{run.kind} {number if run.position is None else run.position}"


def _check_run(name: str, run: RunView, other: RunView, tolerance: float) -> list[Check]:
    found: list[Check] = []
    if run.status != other.status:
        found.append(Check(name, "status", run.status, other.status, "differs"))
    digests = {(each.role, each.name): each.digest for each in other.datasets}
    for data in run.datasets:
        if data.digest:
            now = digests.get((data.role, data.name))
            verdict = "identical" if now == data.digest else "differs" if now else "missing"
            found.append(
                Check(name, f"data {data.role or data.name}", data.digest[:12], _cut(now), verdict)
            )
    for summary in run.metrics.all():
        if not _TIMING.search(summary.key):
            found += _check_metric(name, run, other, summary, tolerance)
    return found


def _cut(digest: str | None) -> str | None:
    return None if digest is None else digest[:12]


def _check_metric(
    name: str, run: RunView, other: RunView, summary: Any, tolerance: float
) -> list[Check]:
    """Compare a curve point by point; say how it differs by its statistics."""
    label = f"{summary.key} [{summary.context}]" if summary.context else summary.key
    then = _number(summary.last)
    if summary.context not in other.metrics.contexts(summary.key):
        return [Check(name, label, then, None, "missing")]
    twin = other.metrics[summary.key, summary.context]
    now = _number(twin.last)
    if _points(run, summary) == _points(other, twin):
        return [Check(name, label, then, now, "identical")]
    rows = [Check(name, f"{label}.count", summary.count, twin.count, "differs")]
    rows = rows if summary.count != twin.count else []
    for statistic in _STATISTICS[: None if summary.count > 1 else 1]:
        one, two = _number(getattr(summary, statistic)), _number(getattr(twin, statistic))
        if one != two or statistic == "last":
            shown = label if statistic == "last" else f"{label}.{statistic}"
            rows.append(Check(name, shown, one, two, _verdict(one, two, tolerance)))
    if all(row.verdict == "identical" for row in rows):  # the points between differ
        rows = [Check(name, f"{label} (points)", then, now, "close" if tolerance else "differs")]
    return rows


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _verdict(one: float | None, two: float | None, tolerance: float) -> str:
    if one is None or two is None:
        return "identical" if one is two else "missing"
    if one == two or (math.isnan(one) and math.isnan(two)):
        return "identical"
    return "close" if math.isclose(one, two, rel_tol=tolerance, abs_tol=0.0) else "differs"


def _points(run: RunView, summary: Any) -> tuple[bytes, bytes]:
    series = run.series(summary.key, summary.context)
    return series.steps.tobytes(), series.values.tobytes()


def package_changes(then: RunView, now: RunView) -> list[str]:
    """Return what is installed in other versions than it was: "numpy 2.1.0 → 2.3.1"."""
    old, new = (run.environment.get("packages") or {} for run in (then.root, now.root))
    return [
        f"{name} {version} → {new.get(name, 'not installed')}"
        for name, version in old.items()
        if new.get(name) != version
    ]


def by_verdict(checks: Sequence[Check]) -> Callable[[str], int]:
    """Return a function that counts the checks with a verdict."""
    return lambda verdict: sum(check.verdict == verdict for check in checks)
