"""Summaries of curves merge as if all points had come at once."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochlog.store.codec import Points, join
from epochlog.store.schema import FLAG_STATS
from epochlog.store.summary import Summary, from_row, infer_direction, stat_value, summarize

QUICK = settings(deadline=None, max_examples=50)

VALUES = st.sampled_from([-math.inf, -2.0, -0.5, 0.0, 1.0, 3.5, math.inf, math.nan])


@st.composite
def points(draw: st.DrawFn) -> Points:
    rows = draw(
        st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 5), VALUES), min_size=1, max_size=12)
    )
    steps, times, values = zip(*rows, strict=True)
    return Points(np.array(steps), np.array(times), np.array(values, float))


def same(one: Summary, two: Summary) -> None:
    def plain(summary: Summary) -> list[object]:
        return [repr(getattr(summary, name)).replace("-0.0", "0.0") for name in summary.__slots__]

    assert plain(one) == plain(two)


@QUICK
@given(points(), points())
def test_merged_summary_is_the_summary_of_all(one: Points, two: Points) -> None:
    """Summarizing two parts and merging equals summarizing the whole."""
    same(summarize(join([one, two])), summarize(one).merge(summarize(two)))


@QUICK
@given(points(), points(), points())
def test_merging_is_associative(one: Points, two: Points, three: Points) -> None:
    """It does not matter which neighbours are merged first."""
    a, b, c = summarize(one), summarize(two), summarize(three)

    same(a.merge(b).merge(c), a.merge(b.merge(c)))


@QUICK
@given(points(), st.sampled_from([-1, 0, 1]))
def test_row_gives_the_summary_back(given: Points, direction: int) -> None:
    """NaN and ±Inf survive the columns of table series."""
    summary = summarize(given)

    same(summary, from_row(summary.to_row(direction)))


@QUICK
@given(points())
def test_row_agrees_with_numpy(given: Points) -> None:
    """min, max, last and best are what NumPy says of the points sorted by step and time."""
    row = summarize(given).to_row(-1)
    order = np.lexsort((given.times, given.steps))
    values, steps = given.values[order], given.steps[order]
    kept = ~np.isnan(values)

    np.testing.assert_equal(stat_value(row, "last"), values[-1])
    assert (row["last_step"], row["last_at"]) == (steps[-1], given.times[order][-1])
    if kept.any():
        assert stat_value(row, "min") == values[kept].min() == stat_value(row, "best")
        assert stat_value(row, "max") == values[kept].max()
        assert row["min_step"] == steps[kept][values[kept] == values[kept].min()].min()
    else:
        assert [stat_value(row, stat) for stat in ("min", "max", "best")] == [None] * 3
    assert row["nan_count"] == (~kept).sum()


def test_every_number_column_of_a_row_is_finite() -> None:
    """No column gets NaN or ±Inf, which databases lose or refuse."""
    row = summarize(
        Points(
            np.array([-math.inf, 1.0, math.inf]),
            np.arange(3),
            np.array([math.inf, math.nan, -math.inf]),
        )
    ).to_row(1)

    assert all(value is None or math.isfinite(value) for value in row.values())
    assert math.isnan(stat_value(row, "sum"))
    assert len(FLAG_STATS) == 6


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("train/loss", -1), ("val/rmse", -1), ("l2", -1), ("multi_logloss", -1), ("MAE", -1),
        ("test/mean_absolute_error", -1), ("brier_score_loss", -1), ("max_error", -1),
        ("val/accuracy", 1), ("auc", 1), ("f1_macro", 1), ("r2", 1), ("ndcg@5", 1), ("valAcc", 1),
        ("neg_log_loss", 1), ("explained_variance", 1), ("average_precision", 1), ("score", 1),
        ("lr", 0), ("train/epoch_time", 0), ("grad_norm", 0), ("loss/lr", 0),
    ],
)  # fmt: skip
def test_direction_is_inferred_from_the_name(name: str, direction: int) -> None:
    """Losses and errors are better when small, scores when large, and others are not guessed."""
    assert direction == infer_direction(name)
