"""What is not an ordinary number comes back as what it was."""

from __future__ import annotations

import math
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

import epochlog

ODD = [math.inf, -math.inf, math.nan, -0.0, 5e-324, 1.7976931348623157e308, 0.1]


def test_inf_and_nan_make_the_round_trip(stored: Any) -> None:
    """Infinities of both signs, NaN and the extremes come back bit by bit, each at its step."""
    with epochlog.start_run() as run:
        for step, value in enumerate(ODD):
            run.log_metrics({"odd": value}, step=step)
    series = stored()[0].series("odd")

    assert list(series.steps) == list(range(len(ODD)))
    assert [float(value).hex() for value in series.values] == [value.hex() for value in ODD]


def test_a_curve_that_diverges_keeps_its_best_value(stored: Any) -> None:
    """NaN and infinity hide neither the smallest nor the largest real value of their curve."""
    with epochlog.start_run() as run:
        for step, value in enumerate([3.0, 1.0, math.nan, math.inf, math.nan]):
            run.log_metrics({"val/loss": value}, step=step)
    summary = stored()[0].metrics["val/loss"]

    assert summary.min == 1.0
    assert summary.min.step == 1
    assert summary.count == 5
    assert math.isnan(summary.last)


def test_a_framework_s_nan_is_recorded(stored: Any, cancer: Any) -> None:
    """A metric of the user's that turns NaN and infinite is on the framework's curve as such."""
    values = iter([1.0, math.nan, math.inf, -math.inf])
    X, y = cancer
    data = lgb.Dataset(X, y)
    lgb.train(
        {"objective": "binary", "metric": "None", "verbose": -1, "num_threads": 1},
        data,
        4,
        valid_sets=[data],
        valid_names=["val"],
        feval=lambda p, d: ("odd", next(values), False),
    )
    series = stored()[0].series("val/odd")

    assert [float(v).hex() for v in series.values] == ["0x1.0000000000000p+0", "nan", "inf", "-inf"]


@pytest.mark.parametrize(
    "value", [np.float32(0.1), np.int64(7), np.bool_(True), np.array(2.5), np.float16(0.5)]
)
def test_numpy_scalars_are_their_exact_values(stored: Any, value: Any) -> None:
    """NumPy's scalars and 0-dimensional arrays are metrics with exactly their value."""
    with epochlog.start_run() as run:
        run.log_metrics({"m": value})

    assert stored()[0].metrics["m"].last == float(value)


def test_no_param_is_too_long_or_too_many(stored: Any) -> None:
    """A thousand params, one of 100,000 characters, all come back, and may be logged again."""
    params = {f"p{i}": i for i in range(1000)} | {"long": "x" * 100_000, "k" * 700: None}
    with epochlog.start_run() as run:
        run.log_params(params)
        run.log_params({"p0": "changed"})

    assert dict(stored()[0].params) == params | {"p0": "changed"}
