"""Watchdogs over curves: values that are no numbers, divergence, plateaus."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fnmatch import fnmatchcase

from epochlog.contract.events import MetricPoints
from epochlog.contract.watchdog import Check, Finding, Watched

LARGER_IS_BETTER = (
    "acc", "auc", "f1", "r2", "precision", "recall", "score", "ndcg", "map", "iou", "dice", "bleu",
    "rouge", "reward", "kappa", "mcc", "correlation",
)  # fmt: skip
FINDINGS_MAX = 3
"""Curves of one run that the same rule speaks of."""


def nan(metric: str = "*", patience: float = 1) -> Check:
    """Return a check: values of ``metric`` are NaN or infinite, ``patience`` times in a row."""
    in_row: dict[str, int] = {}
    told = 0

    def check(run: Watched) -> Finding | None:
        nonlocal told
        found: list[str] = []
        for event in run.points:
            values = event.metrics
            if math.isfinite(sum(values.values())) and not in_row:
                continue  # the usual case: one sum for all values of a call
            for key, value in values.items():
                if math.isfinite(value):
                    in_row.pop(key, None)
                elif fnmatchcase(key, metric):
                    in_row[key] = in_row.get(key, 0) + 1
                    if in_row[key] == int(patience) and told < FINDINGS_MAX:
                        told += 1
                        found.append(f"{key} is {value}{_where(event)}")
        return Finding("; ".join(found), "error") if found else None

    return check


def diverged(metric: str, factor: float = 10, patience: float = 1, mode: str = "auto") -> Check:
    """Return a check: a curve is ``factor`` times worse than its best, and than its beginning."""
    first: dict[str, float] = {}
    best: dict[str, float] = {}
    in_row: dict[str, int] = {}
    goals = _Goals(mode)

    def check(run: Watched) -> Finding | None:
        goals.learn(run)
        text = ""
        for event, key, raw in _finite(run, metric):
            sign = goals.sign(key)
            value = raw * sign  # smaller is better from here on
            if key not in first:
                first[key] = best[key] = value
                continue
            worse = value > first[key] and value - best[key] > (factor - 1) * abs(best[key])
            if sign < 0:  # an accuracy that falls to a tenth of its best
                worse = value > first[key] and -value * factor < -best[key]
            best[key] = min(best[key], value)
            in_row[key] = in_row.get(key, 0) + 1 if worse else 0
            if in_row[key] == int(patience):
                text = (
                    f"{key} diverged: {raw:.6g}{_where(event)}, it began at "
                    f"{first[key] * sign:.6g} and its best was {best[key] * sign:.6g}"
                )
        return Finding(text, "error") if text else None

    return check


def plateau(metric: str, patience: float = 10, min_delta: float = 0, mode: str = "auto") -> Check:
    """Return a check: no point of a curve is better than its best for ``patience`` points."""
    best: dict[str, float] = {}
    waited: dict[str, int] = {}
    goals = _Goals(mode)

    def check(run: Watched) -> str | None:
        goals.learn(run)
        text = ""
        for event, key, raw in _finite(run, metric):
            sign = goals.sign(key)
            if key not in best or raw * sign < best[key] - min_delta:
                best[key], waited[key] = raw * sign, 0
                continue
            waited[key] += 1
            if waited[key] == int(patience):
                text = (
                    f"{key} has not got better for {int(patience)} points{_where(event)}; its "
                    f"best is {best[key] * sign:.6g}"
                )
        return text or None

    return check


class _Goals:
    """Which way curves get better: as the framework says, else by their names."""

    def __init__(self, mode: str) -> None:
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"mode must be auto, min or max, not {mode!r}")
        self._mode = mode
        self._said: dict[str, int] = {}

    def learn(self, run: Watched) -> None:
        """Read the goals that integrations log with the parameters."""
        for event in run.params:
            for name, value in event.params.items():
                if name.startswith("goal.") and value in ("maximize", "minimize"):
                    self._said[name[5:]] = -1 if value == "maximize" else 1

    def sign(self, key: str) -> int:
        """Return 1 if smaller is better, -1 if larger is."""
        if self._mode != "auto":
            return 1 if self._mode == "min" else -1
        if key in self._said:
            return self._said[key]
        name = key.rpartition("/")[2].lower()
        larger = any(part in name for part in LARGER_IS_BETTER) and "loss" not in name
        return -1 if larger else 1


def _finite(run: Watched, metric: str) -> Iterator[tuple[MetricPoints, str, float]]:
    """Yield the finite values of matching curves; those of ranks and folds are their own."""
    for event in run.points:
        for key, value in event.metrics.items():
            if (key == metric or fnmatchcase(key, metric)) and math.isfinite(value):
                yield event, f"{key} [{event.context}]" if event.context else key, value


def _where(event: MetricPoints) -> str:
    if event.step is not None:
        return f" at step {event.step:g}"
    return "" if event.epoch is None else f" in epoch {event.epoch:g}"
