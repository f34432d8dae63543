"""Facts about ``fingerprint/summaries.py``."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from sample_data import digest, frame, numbers, polars_frame, table

from epochlog.recording.datasets import describe


def test_statistics_describe_columns() -> None:
    """Nulls, min, max and mean by column; large data is read in evenly spaced rows."""
    found = describe(numbers()).stats["data"]
    assert found["nulls"] == [0, 1, 0]
    assert found["max"] == [117.0, 118.0, 119.0]
    assert found["mean"][0] == 58.5

    found = describe(frame()).stats["data"]
    assert found["masked"]["nulls"] == 8
    assert found["int8"] == {"nulls": 0, "min": 0, "max": 39, "mean": 19.5}
    assert found["text"] == {"nulls": 6}
    assert describe(polars_frame()).stats["data"]["int"]["max"] == 39
    assert describe(table()).stats["data"]["int"]["nulls"] == 8
    assert describe(pd.Series(["a", "b", "a"])).stats["data"]["classes"] == {"a": 2, "b": 1}
    assert describe(np.zeros(1_000_000)).stats["rows_used"]["data"] == 250_000


def test_odd_numbers_make_no_warnings() -> None:
    """All-NaN columns, infinities and empty data are described in silence."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for values in ([[np.nan]], [[np.inf], [-np.inf]], np.empty((0, 3)), [[65504.0]] * 2):
            assert digest(np.array(values, dtype=np.float16))
