"""What goes in comes out: numbers, names and steps of every kind, from the verb to the query."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

import epochlog

ODD = "λ/\n\x00'\";--🎯{}[]%_\\ "
LONG = ODD + "x" * 5_000


def same(one: list[float], other: list[float]) -> bool:
    """Return whether two lists are equal to the bit, NaN included."""
    return np.array_equal(np.array(one).view(np.int64), np.array(other).view(np.int64))


def test_numbers_names_and_steps_round_trip_exactly(store: Path) -> None:
    """NaN, ±Inf, -0.0, tiny and huge floats; 5,000-character names; float, negative, repeated steps."""
    values = [math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2]
    steps = [3.5, -2.0, 1e18, 0.25, 7.0, 7.0, -2.5]
    with epochlog.start_run(LONG, tags=[LONG], params={LONG: LONG, "nan": math.nan}) as run:
        for step, value in zip(steps, values, strict=True):
            run.log_metrics({LONG: value, "short": value}, step=step)
        run.log_text(LONG, LONG)
        run.set_note(LONG)
    stored = epochlog.get_run(run.id, store=store)
    order = np.argsort(steps, kind="stable")

    assert (stored.name, stored.note, stored.tags) == (LONG, LONG, [LONG])
    assert stored.params[LONG] == LONG
    assert math.isnan(stored.params["nan"])
    for key in (LONG, "short"):
        series = stored.series(key)
        assert same(series.steps.tolist(), [steps[i] for i in order])
        assert same(series.values.tolist(), [values[i] for i in order])
        assert stored.metrics[key].max == math.inf
        assert stored.metrics[key].min == -math.inf


def test_large_integer_steps_stay_integers(store: Path) -> None:
    """Nanoseconds as steps keep every digit, in any order."""
    steps = [1_795_295_312_119_245_001, 5, -3, 1_795_295_312_119_245_000]
    with epochlog.start_run() as run:
        for step in steps:
            run.log_metric("m", float(steps.index(step)), step=step)
    series = epochlog.get_run(run.id, store=store).series("m")

    assert series.steps.tolist() == sorted(steps)
    assert series.values.tolist() == [2.0, 1.0, 3.0, 0.0]


def test_odd_names_can_be_filtered(store: Path) -> None:
    """Any name can be written in a filter as a Python string."""
    with epochlog.start_run("found", params={LONG: 1}) as run:
        run.log_metric(ODD, 0.5)
    with epochlog.start_run("other", params={LONG: 2}):
        pass

    assert [r.name for r in epochlog.runs(f"params[{LONG!r}] == 1", store=store)] == ["found"]
    assert [r.name for r in epochlog.runs(f"metrics[{ODD!r}].last > 0", store=store)] == ["found"]
