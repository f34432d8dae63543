"""Tell how far a run is and how long it will take, from its parameters and its newest points.

Nothing is guessed: without a parameter that says how much there is to do, there is a rate and no
end. Ends that early stopping may bring forward are marked as upper bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochlog.query.growing import Sketch

Array = NDArray[np.float64]
EPOCHS = ("epochs", "n_epochs", "num_epochs", "max_epochs", "total_epochs", "num_train_epochs")
STEPS = ("max_steps", "total_steps", "num_steps", "n_steps", "num_training_steps")
ITERATIONS = (
    *("num_boost_round", "n_estimators", "iterations", "num_iterations", "n_iterations"),
    *("num_rounds", "n_rounds"),
)
TOTALS = {"epoch": EPOCHS, "step": STEPS, "iteration": ITERATIONS}
"""Unit -> names of parameters that say how many of it there will be at most."""
RUNS = ("optimize.n_trials", "n_trials", "n_candidates")
"""Parameters that say how many runs below there will be."""
PREFIXES = ("", "fit.", "trainer.", "args.", "train.", "training.", "config.", "hparams.")
STOPPERS = ("early_stopping", "patience")
NOT_STOPPING = (None, False, 0, "", "None", "none")
WINDOW_SHARE, WINDOW_POINTS = 0.25, 10
"""The rate is that of the newest quarter of the time, of at least so many points."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes:
        unit: what is counted: "epoch", "step", "iteration", or the kind of the runs below.
        done: how many of it are done; of epochs also parts of one.
        total: how many there will be; None if nothing says so.
        per_s: how many a second lately; None if not known yet.
        at: when ``done`` was true, in seconds since 1970.
        interval_s: time between points lately; 0.0 if not known.
        at_most: whether early stopping may end it sooner.
    """

    unit: str
    done: float
    total: float | None = None
    per_s: float | None = None
    at: float = 0.0
    interval_s: float = 0.0
    at_most: bool = False

    @property
    def share(self) -> float | None:
        """What part is done, 0 to 1; None if the total is not known."""
        return None if not self.total else min(self.done / self.total, 1.0)

    def left_s(self, now: float) -> float | None:
        """Return the seconds from ``now`` to the end at the present rate; None if not known."""
        if self.total is None or not self.per_s:
            return None
        return max((self.total - self.done) / self.per_s - max(now - self.at, 0.0), 0.0)


@dataclass(frozen=True, slots=True)
class Below:
    """Runs directly below a run.

    Attributes:
        kind: what they are: "trial", "fold" …
        counts: status -> number.
        ended_at: when the newest of them ended, in seconds since 1970; 0.0 if none has.
    """

    kind: str
    counts: Mapping[str, int]
    ended_at: float = 0.0

    @property
    def finished(self) -> int:
        """How many have ended."""
        open_ = ("running", "pending")
        return sum(count for status, count in self.counts.items() if status not in open_)


def progress_of(
    params: Mapping[str, Any],
    sketch: Sketch | None,
    *,
    below: Below | None = None,
    started: float | None = None,
) -> Progress | None:
    """Return how far a run is; None if nothing tells.

    Args:
        params: its parameters.
        sketch: its curve with the most points.
        below: the runs below it.
        started: when it began, in seconds since 1970.
    """
    at_most = any(
        any(word in name for word in STOPPERS) and value not in NOT_STOPPING
        for name, value in params.items()
        if isinstance(value, str | int | float | bool | None)
    )
    found = [_by_points(params, sketch, unit, at_most) for unit in TOTALS] if sketch else []
    found += [_by_runs(params, below, started)] if below is not None else []
    known = [each for each in found if each is not None and each.total is not None]
    if known:  # whichever limit is reached first ends it
        return min(known, key=_remaining)
    if below is not None and below.finished:
        return _by_runs(params, below, started)
    return _rate_only(sketch) if sketch is not None and len(sketch) else None


def _remaining(each: Progress) -> float:
    left = each.left_s(each.at)
    return float("inf") if left is None else left


def total_of(params: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    """Return the smallest positive whole number among parameters of these names."""
    found = [
        int(value)
        for name in names
        for prefix in PREFIXES
        if isinstance(value := params.get(prefix + name), int | float)
        and not isinstance(value, bool)
        and 0 < value < float("inf")
    ]
    return min(found, default=None)


def _by_points(
    params: Mapping[str, Any], sketch: Sketch, unit: str, at_most: bool
) -> Progress | None:
    total = total_of(params, TOTALS[unit])
    if total is None or not len(sketch):
        return None
    done: Array | None = sketch.steps + 1.0
    if unit == "epoch":
        done = epochs_done(sketch)
    if done is None or done[-1] > total + 1:  # then the parameter means something else
        return None
    per_s, interval_s = rate(sketch.times, done)
    return Progress(
        unit=unit,
        done=min(float(done[-1]), float(total)),
        total=float(total),
        per_s=per_s,
        at=float(sketch.times[-1]),
        interval_s=interval_s,
        at_most=at_most,
    )


def epochs_done(sketch: Sketch) -> Array | None:
    """Return how many epochs were done at each point; None if the curve does not tell.

    Epochs are counted from 0. Points within an epoch count as parts of it once a whole epoch is
    known. Without epochs, steps without gaps from 0 or 1 are taken for them, as in loops by hand.
    """
    steps = np.asarray(sketch.steps, np.float64)
    if sketch.epochs is None or np.isnan(sketch.epochs).all():
        first = steps[-1] + 1 - sketch.weights.sum()
        return np.asarray(steps + 1 - first) if first in (0, 1) else None
    known = ~np.isnan(sketch.epochs)
    epochs = np.interp(np.arange(len(steps)), np.flatnonzero(known), sketch.epochs[known])
    if (epochs != np.floor(epochs)).any():
        return np.asarray(epochs)  # already in parts
    if sketch.weights.sum() <= epochs[-1] - epochs[0] + 1:
        return np.asarray(epochs + 1)  # one point each, at its end
    numbers, first_at = np.unique(epochs, return_index=True)
    if len(numbers) < 2:
        return np.asarray(epochs)
    size = (steps[first_at[-1]] - steps[first_at[0]]) / (numbers[-1] - numbers[0])
    begin = steps[first_at[np.searchsorted(numbers, epochs)]]
    parts = (steps - begin + 1) / size if size > 0 else np.zeros(len(steps))
    return np.asarray(epochs + np.clip(parts, 0.0, 1.0))


def rate(times: Array, done: Array) -> tuple[float | None, float]:
    """Return how many a second lately (None if not known), and the seconds between points."""
    count = len(times)
    if count < 2:
        return None, 0.0
    begin = times[-1] - WINDOW_SHARE * (times[-1] - times[0])
    first = min(int(np.searchsorted(times, begin)), max(count - WINDOW_POINTS, 0), count - 2)
    seconds, more = float(times[-1] - times[first]), float(done[-1] - done[first])
    per_s = more / seconds if seconds > 0 and more > 0 else None
    return per_s, seconds / (count - 1 - first)


def _by_runs(params: Mapping[str, Any], below: Below | None, started: float | None) -> Progress:
    assert below is not None
    done = below.finished
    running = sum(below.counts.values()) - done
    total = next((found for name in RUNS if (found := total_of(params, (name,)))), None)
    if total is not None and total <= done and running:  # it counts what was done, as a study does
        total = None
    seconds = below.ended_at - started if started else 0.0
    return Progress(
        unit=below.kind or "run",
        done=float(done),
        total=None if total is None else float(max(total, done)),
        per_s=done / seconds if done and seconds > 0 else None,
        at=below.ended_at,
    )


def _rate_only(sketch: Sketch) -> Progress:
    steps = np.asarray(sketch.steps, dtype=float)
    per_s, interval_s = rate(sketch.times, steps)
    return Progress(
        "step", float(steps[-1]) + 1.0, None, per_s, float(sketch.times[-1]), interval_s
    )
