"""Facts about ``fingerprint/summaries.py``."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sample_data import digest, frame, numbers, polars_frame, table

from epochlog.recording.datasets import describe
from epochlog.recording.fingerprint.summaries import most_frequent, summarize


def test_statistics_describe_columns() -> None:
    """Nulls, min, max and mean by column; large data is read in evenly spaced rows."""
    found = describe(numbers()).stats["data"]
    assert found["nulls"] == [0, 1, 0]
    assert found["max"] == [117.0, 118.0, 119.0]
    assert found["mean"][0] == 58.5

    found = describe(frame()).stats["data"]
    assert found["masked"]["nulls"] == 8
    quantiles = [2, 10, 20, 30, 38]
    expected = {"nulls": 0, "min": 0, "max": 39, "mean": 19.5, "quantiles": quantiles}
    assert found["int8"] == expected
    assert found["text"] == {"nulls": 6, "different": 34}
    assert found["category"]["top"] == {"c0": 10, "c1": 10, "c2": 10, "c3": 10}
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


def test_quantiles_are_values_that_occur() -> None:
    """Of each column, NaN left out; of much data those of evenly spaced rows."""
    table = np.column_stack([np.arange(101.0), np.where(np.arange(101) < 50, np.nan, 7.0)])
    found = summarize(table)["quantiles"]
    assert found == [[5.0, 25.0, 50.0, 75.0, 95.0], [7.0] * 5]
    assert summarize(np.arange(1_000_000))["quantiles"][2] == pytest.approx(500_000, abs=100)
    assert "quantiles" not in summarize(np.array([True, False]))


def test_what_is_frequent_is_kept_and_what_is_rare_is_not() -> None:
    """Texts that occur once may be names of people; those that repeat are categories."""
    names = pl.Series("name", ["Ann", "Bob", "Cid"])
    kinds = pa.table({"kind": ["x", "y", "x", None]})

    assert describe(names.to_frame()).stats["data"]["name"] == {"different": 3}
    assert describe(kinds).stats["data"]["kind"] == {"nulls": 1, "different": 2, "top": {"x": 2}}
    assert most_frequent([["a"]]) == {}
