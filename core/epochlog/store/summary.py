"""Summarize curves (first, last, min, max, best, sum, count) so that summaries merge."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from epochlog.store.codec import Points
from epochlog.store.schema import FLAG_STATS
from epochlog.store.typed import MAX_FLOAT, decode_number, encode_number

_MIN_WORDS = """
loss losses error err errors mse rmse mae mape smape msle rmsle logloss deviance perplexity ppl nll
bce crossentropy entropy wer cer mer brier hinge l1 l2 huber kldiv kl divergence fid regret cost
rmspe mpe medae pinball eer distance violation violations risk rank
"""
_MAX_WORDS = """
acc accuracy auc auroc auprc aucpr roc f1 f2 fbeta r2 score scores precision recall sensitivity
specificity ndcg map mrr iou miou dice bleu rouge meteor psnr ssim kappa mcc matthews jaccard reward
rewards return returns variance hit hits topk top1 top5 likelihood elbo average tpr tnr
"""
_SMALLER_IS_BETTER = frozenset(_MIN_WORDS.split())
_LARGER_IS_BETTER = frozenset(_MAX_WORDS.split())
_WORD = re.compile(r"[a-z]+\d*|\d+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@lru_cache(maxsize=4096)
def infer_direction(name: str) -> int:
    """Return -1 if smaller values of metric ``name`` are better, +1 if larger, 0 if unknown."""
    spaced = _CAMEL.sub(" ", name.rpartition("/")[2]).lower()
    words = _WORD.findall(spaced.replace("cross_entropy", "crossentropy"))
    if not {"neg", "negative", "d2"}.isdisjoint(words):  # scores made of errors
        return 1
    if _SMALLER_IS_BETTER.intersection(words):
        return -1
    return 1 if _LARGER_IS_BETTER.intersection(words) else 0


@dataclass(slots=True)
class Summary:
    """What a series' row says of its points; a pair is (value, step).

    ``first`` and ``last`` go by (step, time), ``low`` and ``high`` skip NaN and prefer the smaller
    step among equal values; they are None if every value is NaN. ``total`` skips NaN.
    """

    count: int
    nan_count: int
    first: tuple[float, float]
    last: tuple[float, float]
    low: tuple[float, float] | None
    high: tuple[float, float] | None
    total: float
    first_at: int
    last_at: int

    def merge(self, later: Summary) -> Summary:
        """Return the summary of both sets of points; ``later`` wins equal (step, time)."""
        mine_first = (self.first[1], self.first_at) <= (later.first[1], later.first_at)
        mine_last = (self.last[1], self.last_at) > (later.last[1], later.last_at)
        first, last = (self if mine_first else later), (self if mine_last else later)
        return Summary(
            count=self.count + later.count,
            nan_count=self.nan_count + later.nan_count,
            first=first.first,
            last=last.last,
            low=_pick(self.low, later.low, -1),
            high=_pick(self.high, later.high, 1),
            total=self.total + later.total,
            first_at=first.first_at,
            last_at=last.last_at,
        )

    def to_row(self, direction: int) -> dict[str, Any]:
        """Return the columns of table ``series`` (without its key columns)."""
        best = self.low if direction < 0 else self.high if direction > 0 else None
        pairs = {
            "first": self.first,
            "last": self.last,
            "min": self.low,
            "max": self.high,
            "best": best,
            "sum": (self.total, 0.0),
        }
        row: dict[str, Any] = {
            "direction": direction,
            "count": self.count,
            "nan_count": self.nan_count,
            "first_at": self.first_at,
            "last_at": self.last_at,
        }
        flags = 0
        for place, stat in enumerate(FLAG_STATS):
            pair = pairs[stat]
            value, code = (None, 0) if pair is None else encode_number(pair[0])
            flags |= code << (2 * place)
            if stat == "sum":
                row["sum"] = value
            else:
                row[f"{stat}_value"] = value
                row[f"{stat}_step"] = None if pair is None else pair[1]
        row["flags"] = flags
        return row


def from_row(row: Mapping[str, Any]) -> Summary:
    """Return the summary that a row of table ``series`` holds."""

    def pair(stat: str) -> tuple[float, float] | None:
        value = stat_value(row, stat)
        return None if value is None else (value, row[f"{stat}_step"])

    return Summary(
        count=row["count"],
        nan_count=row["nan_count"],
        first=pair("first") or (math.nan, 0.0),
        last=pair("last") or (math.nan, 0.0),
        low=pair("min"),
        high=pair("max"),
        total=stat_value(row, "sum") or 0.0,
        first_at=row["first_at"],
        last_at=row["last_at"],
    )


def stat_value(row: Mapping[str, Any], stat: str) -> float | None:
    """Return the true value of ``first last min max best sum`` in a row, NaN and ±Inf restored."""
    column = "sum" if stat == "sum" else f"{stat}_value"
    return decode_number(row[column], row["flags"] >> (2 * FLAG_STATS.index(stat)) & 3)


def summarize(points: Points) -> Summary:
    """Return the summary of one or more points."""
    if len(points) == 1:
        return _summarize_one(points)
    steps = np.clip(points.steps.astype(np.float64), -MAX_FLOAT, MAX_FLOAT)
    values, times = points.values, points.times
    nan = np.isnan(values)
    nan_count = int(np.count_nonzero(nan))
    first, last = _ends(steps, times)
    low = high = None
    total = 0.0
    if nan_count < len(values):
        kept, kept_steps = (values, steps) if nan_count == 0 else (values[~nan], steps[~nan])
        low = _extreme(kept, kept_steps, float(kept.min()))
        high = _extreme(kept, kept_steps, float(kept.max()))
        with np.errstate(invalid="ignore", over="ignore"):  # Inf − Inf is NaN, and that is right
            total = float(kept.sum())
    return Summary(
        count=len(values),
        nan_count=nan_count,
        first=(float(values[first]), float(steps[first])),
        last=(float(values[last]), float(steps[last])),
        low=low,
        high=high,
        total=total,
        first_at=int(times[first]),
        last_at=int(times[last]),
    )


def _summarize_one(points: Points) -> Summary:
    value, at = float(points.values[0]), int(points.times[0])
    step = min(max(float(points.steps[0]), -MAX_FLOAT), MAX_FLOAT)
    pair, nan = (value, step), math.isnan(value)
    return Summary(
        count=1,
        nan_count=int(nan),
        first=pair,
        last=pair,
        low=None if nan else pair,
        high=None if nan else pair,
        total=0.0 if nan else value,
        first_at=at,
        last_at=at,
    )


def _ends(steps: Any, times: Any) -> tuple[int, int]:
    """Return where the first and the last point by (step, time, arrival) are."""
    lows = np.flatnonzero(steps == steps.min())
    highs = np.flatnonzero(steps == steps.max())[::-1]
    return int(lows[times[lows].argmin()]), int(highs[times[highs].argmax()])


def _extreme(values: Any, steps: Any, value: float) -> tuple[float, float]:
    return value, float(steps[values == value].min())


def _pick(
    one: tuple[float, float] | None, two: tuple[float, float] | None, sign: int
) -> tuple[float, float] | None:
    if one is None or two is None:
        return one or two
    if one[0] == two[0]:
        return one if one[1] <= two[1] else two
    return one if (one[0] > two[0]) == (sign > 0) else two
