"""A batch is sorted into curves and other events, and missing steps are counted."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from epochlog.contract.events import JournalOpened, MetricPoints, SystemMetricPoints, Tags
from epochlog.store.gathering import METRIC, SYSTEM_METRIC, fill_steps, gather


def filled(steps: list[Any], last: float | None = None) -> list[Any]:
    """Steps of one curve after counting, with points logged at ``steps``."""
    batch = gather([MetricPoints("r", n, step, {"m": 0.0}) for n, step in enumerate(steps)])
    return fill_steps(batch.curves[0], last).steps.tolist()


def test_calls_become_columns() -> None:
    """Each metric is one curve with the steps, times and values of its calls."""
    batch = gather([MetricPoints("r", 10 + n, n, {"a": n * 1.0, "b": n * 2.0}) for n in range(4)])

    assert [(curve.key, curve.kind) for curve in batch.curves] == [("a", METRIC), ("b", METRIC)]
    second = batch.curves[1].points
    np.testing.assert_array_equal([0, 1, 2, 3], second.steps)
    np.testing.assert_array_equal([10, 11, 12, 13], second.times)
    np.testing.assert_array_equal([0.0, 2.0, 4.0, 6.0], second.values)
    assert second.epochs is None


def test_curve_logged_with_different_company_keeps_its_order() -> None:
    """A metric logged alone and together is one curve, in the order of the calls."""
    batch = gather(
        [
            MetricPoints("r", 1, None, {"a": 1.0}),
            MetricPoints("r", 1, 7, {"a": 2.0, "b": 0.0}, epoch=1),
            MetricPoints("r", 1, None, {"a": 3.0}),
            MetricPoints("r", 1, None, {"b": 0.0, "a": 4.0}),
        ]
    )
    curve = next(curve for curve in batch.curves if curve.key == "a")

    assert len(batch.curves) == 2
    assert curve.points.values.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert fill_steps(curve, None).steps.tolist() == [0, 7, 8, 9]
    assert repr(curve.points.epochs.tolist()) == "[nan, 1.0, nan, nan]"


def test_runs_contexts_and_kinds_are_apart() -> None:
    """The same name in another run, context or kind is another curve."""
    batch = gather(
        [
            MetricPoints("r", 1, 0, {"a": 1.0}),
            MetricPoints("s", 2, 0, {"a": 1.0}),
            MetricPoints("r", 3, 0, {"a": 1.0}, context="rank=1"),
            SystemMetricPoints("r", 9, {"a": 1.0}),
        ]
    )

    assert {(c.run, c.context, c.kind) for c in batch.curves} == {
        ("r", "", METRIC), ("s", "", METRIC), ("r", "rank=1", METRIC), ("r", "", SYSTEM_METRIC),
    }  # fmt: skip
    assert batch.latest == {"r": 9, "s": 2}


def test_other_events_keep_their_order_and_headers_are_dropped() -> None:
    """What is no point is handed on in order; a journal's first frame is nobody's event."""
    tags = [Tags("r", 5, ["a"]), Tags("r", 4, ["b"])]
    batch = gather([JournalOpened("j", 1, "h", "b", 1, "0"), *tags])

    assert (batch.others, batch.curves, batch.latest) == (tags, [], {"r": 5})


@pytest.mark.parametrize(
    ("steps", "last", "expected"),
    [
        ([None, None], None, [0, 1]),
        ([None, None], 4.0, [5, 6]),
        ([None], 4.9, [5]),
        ([-2, None], None, [-2, -1]),
        ([None, 10, None, 3, None], None, [0, 10, 11, 3, 12]),
        ([2.5, None], None, [2.5, 3.0]),
        ([math.nan, 1], 6.0, [7, 1]),
        ([2**63 - 1, None], None, [2.0**63, 2.0**63]),
        ([None], 1e300, [1e300]),
        ([math.inf, None], None, [math.inf, 1.7976931348623157e308]),
    ],
)
def test_missing_steps(steps: list[Any], last: float | None, expected: list[Any]) -> None:
    """A missing step (or NaN) is one more than the largest so far, rounded down."""
    assert filled(steps, last) == expected
