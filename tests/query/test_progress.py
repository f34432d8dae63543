"""Progress, rate and time left come from parameters and points, or are not told at all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from epochlog.query.growing import Sketch
from epochlog.query.progress import Below, Progress, progress_of


def sketch(steps: Any, epochs: Any = None, seconds: float = 2.0, begin: float = 1000.0) -> Sketch:
    """Return a curve with a point every ``seconds``."""
    steps = np.asarray(steps, float)
    count = len(steps)
    return Sketch(
        values=np.ones(count),
        weights=np.ones(count),
        steps=steps,
        times=begin + seconds * np.arange(count),
        epochs=None if epochs is None else np.asarray(epochs, float),
    )


def told(params: dict[str, Any], points: Sketch | None, **more: Any) -> Progress:
    """Return the progress, which must be known."""
    found = progress_of(params, points, **more)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("params", "unit"),
    [
        ({"num_boost_round": 100}, "iteration"),
        ({"n_estimators": 100, "max_depth": 3}, "iteration"),
        ({"iterations": 100}, "iteration"),
        ({"fit.epochs": 100}, "epoch"),
        ({"trainer.max_epochs": 100, "trainer.max_steps": -1}, "epoch"),
        ({"args.num_train_epochs": 100.0, "args.max_steps": 0}, "epoch"),
        ({"max_steps": 100}, "step"),
    ],
)
def test_totals_of_frameworks(params: dict[str, Any], unit: str) -> None:
    """What the frameworks call their totals is found; -1 and 0 mean none."""
    found = told(params, sketch(range(25)))

    assert (found.unit, found.done, found.total) == (unit, 25, 100)
    assert found.share == 0.25
    assert found.per_s == pytest.approx(0.5)
    assert found.left_s(found.at) == pytest.approx(150)
    assert found.left_s(found.at + 50) == pytest.approx(100)
    assert found.left_s(found.at + 5000) == 0


@pytest.mark.parametrize("value", [None, True, "many", -1, 0, float("inf"), [10]])
def test_without_a_total_there_is_a_rate_and_no_end(value: Any) -> None:
    """Values that are no number of epochs tell nothing; a time left is never made up."""
    found = told({"epochs": value}, sketch(range(0, 50, 5)))

    assert (found.unit, found.done, found.total) == ("step", 46, None)
    assert found.per_s == pytest.approx(2.5)
    assert found.left_s(0) is None
    assert found.share is None


def test_steps_that_are_no_epochs() -> None:
    """Epochs are not guessed from steps with gaps, nor from more steps than there are epochs."""
    assert told({"epochs": 100}, sketch(range(0, 50, 10))).total is None
    assert told({"epochs": 10}, sketch(range(25))).total is None
    assert told({"epochs": 100}, sketch(range(1, 26))).done == 25


def test_epochs_with_steps_within() -> None:
    """With several points an epoch, parts of it count; one point each counts as whole."""
    within = told({"max_epochs": 4}, sketch(range(25), np.arange(25) // 10))
    each = told({"max_epochs": 4}, sketch([9, 19], [0, 1]))
    fractions = told({"num_train_epochs": 4}, sketch([5, 10, 15], [0.5, 1.0, 1.5]))

    assert within.done == pytest.approx(2.5)
    assert within.per_s == pytest.approx(0.05)
    assert each.done == 2
    assert fractions.done == pytest.approx(1.5)


def test_within_the_first_epoch_the_end_is_not_known() -> None:
    """As long as nobody knows how long an epoch is, there is no time left."""
    found = told({"max_epochs": 4}, sketch(range(5), np.zeros(5)))

    assert (found.done, found.total, found.per_s) == (0, 4, None)
    assert found.left_s(found.at) is None


def test_the_rate_is_that_of_late() -> None:
    """A training that became slower is extrapolated at its present rate."""
    points = sketch(range(200))
    times = np.concatenate([np.arange(100) * 0.1, 10 + np.arange(100) * 10.0])
    slow = Sketch(points.values, points.weights, points.steps, times, None)

    assert told({"iterations": 1000}, slow).per_s == pytest.approx(0.1)


def test_whichever_limit_comes_first() -> None:
    """Of several limits the nearest decides."""
    found = told({"max_epochs": 1000, "max_steps": 30}, sketch(range(20), np.arange(20) // 10))

    assert (found.unit, found.total) == ("step", 30)


@pytest.mark.parametrize(
    ("params", "at_most"),
    [
        ({"early_stopping_rounds": 10}, True),
        ({"early_stopping.patience": 3}, True),
        ({"early_stopping_rounds": None}, False),
        ({"early_stopping": False}, False),
        ({}, False),
    ],
)
def test_early_stopping_makes_it_an_upper_bound(params: dict[str, Any], at_most: bool) -> None:
    """With early stopping, what is left is at most that."""
    assert told({"n_estimators": 100, **params}, sketch(range(9))).at_most is at_most


def test_runs_below_count() -> None:
    """A study counts its trials, against the number that was asked for if there is one."""
    below = Below("trial", {"completed": 6, "pruned": 2, "failed": 2, "running": 1}, 1100.0)
    known = told({"optimize.n_trials": 40}, None, below=below, started=1000.0)
    open_ended = told({"n_trials": 10}, None, below=below, started=1000.0)

    assert (known.unit, known.done, known.total) == ("trial", 10, 40)
    assert known.left_s(1100.0) == pytest.approx(300)
    assert (open_ended.done, open_ended.total) == (10, None)
    assert open_ended.left_s(1100.0) is None


def test_nothing_to_tell() -> None:
    """A run without points and without runs below has no progress."""
    assert progress_of({"epochs": 3}, None) is None
    assert progress_of({"epochs": 3}, sketch([])) is None
