"""Runs as tables of pandas, polars and pyarrow."""

from __future__ import annotations

import builtins
import math
import sys
from collections.abc import Callable

import pytest

from epochlog.base.errors import EpochlogError
from epochlog.query.opening import Reader
from epochlog.query.runs import Runs


def test_pandas_has_one_row_a_run(small: Callable[[], Reader]):
    """Own columns, params with their types, last values; missing ones are missing."""
    table = Runs(small(), order_by="started").to_pandas()

    assert table["name"].tolist() == ["alpha", "beta", "gamma", "delta", "epsilon"]
    assert [0.1, 0.01, "auto", math.inf] == table["params.lr"].tolist()[:4]
    assert table["params.lr"].isna().tolist()[4]
    assert table["metrics.val/loss"][0] == 0.7
    assert math.isinf(table["metrics.val/loss"][3])
    assert table["tags"][0] == ["big", "vision"]
    assert table["duration_s"][1] == 100.0
    assert str(table["started"].dt.tz) == "UTC"
    assert list(table.columns).index("params.lr") < list(table.columns).index("metrics.acc")


def test_statistics_are_chosen(small: Callable[[], Reader]):
    """Other statistics than the last come with their name; unknown ones are refused."""
    table = Runs(small(), order_by="started").to_pandas(metrics=["min", "count"])

    assert table["metrics.val/loss.min"][0] == 0.5
    assert table["metrics.val/loss.count"][0] == 3
    assert "metrics.val/loss" not in table.columns
    with pytest.raises(EpochlogError, match="did you mean 'min'"):
        Runs(small()).to_pandas(metrics="minn")


def test_polars_and_arrow_agree_with_pandas(small: Callable[[], Reader]):
    """The same columns and heights; a param of mixed types becomes text there."""
    runs = Runs(small(), order_by="started")
    pandas, polars, arrow = runs.to_pandas(), runs.to_polars(), runs.to_arrow()

    assert list(pandas.columns) == polars.columns == arrow.column_names
    assert len(pandas) == polars.height == arrow.num_rows == 5
    assert polars["params.lr"].to_list() == ["0.1", "0.01", "auto", "Infinity", None]
    assert pandas["metrics.acc"].dropna().tolist() == polars["metrics.acc"].drop_nulls().to_list()
    assert polars["name"].to_list() == arrow["name"].to_pylist()
    assert polars["params.layers"].to_list()[1] == arrow["params.layers"].to_pylist()[1]


def test_no_runs_give_an_empty_table(small: Callable[[], Reader]):
    """A filter that finds nothing gives the own columns and no row."""
    runs = Runs(small(), 'name == "x"')

    assert 0 == len(runs.to_pandas()) == runs.to_polars().height == runs.to_arrow().num_rows
    assert "id" in runs.to_pandas().columns


def test_a_missing_library_is_named(small: Callable[[], Reader], monkeypatch):
    """Without the library the error says what to install."""
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.split(".")[0] == "polars":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setitem(sys.modules, "polars", None)
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(EpochlogError, match=r"polars is not installed.*epochlog\[frames\]"):
        Runs(small()).to_polars()
