"""Small data sets of every kind, for the tests of fingerprints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import scipy.sparse as sparse

from epochlog.recording.datasets import describe

ROWS = 40


def digest(data: Any, **more: Any) -> str:
    """Return the digest of data that can be hashed in full."""
    facts = describe(data, **more)
    assert facts.complete, facts.stats
    assert facts.digest_algo == "sha256"
    return facts.digest


def numbers() -> np.ndarray:
    """Return a table of numbers with a NaN."""
    table = np.arange(ROWS * 3, dtype=np.float64).reshape(ROWS, 3)
    table[5, 1] = np.nan
    return table


LISTS = pd.ArrowDtype(pa.list_(pa.int64()))


def frame() -> pd.DataFrame:
    """Return a frame with one column of each kind that pandas has."""
    text = [f"text {i}" if i % 7 else None for i in range(ROWS)]
    times = pd.date_range("2026-01-01", periods=ROWS, freq="h")
    whole = [i if i % 5 else None for i in range(ROWS)]
    return pd.DataFrame(
        {
            "float": np.arange(ROWS) / 3,
            "int8": np.arange(ROWS, dtype=np.int8),
            "bool": np.arange(ROWS) % 2 == 0,
            "text": text,
            "python text": pd.array(text, dtype=pd.StringDtype("python")),
            "object": pd.Series([i if i % 2 else str(i) for i in range(ROWS)], dtype=object),
            "category": pd.Categorical([f"c{i % 4}" for i in range(ROWS)]),
            "masked": pd.array(whole, dtype="Int64"),
            "masked float": pd.array(whole, dtype="Float64"),
            "masked bool": pd.array([None, True] * (ROWS // 2), dtype="boolean"),
            "time": times,
            "zoned": times.tz_localize("Europe/Berlin"),
            "delta": times - times[0],
            "period": times.to_period("h"),
            "interval": pd.interval_range(0, ROWS),
            "sparse": pd.arrays.SparseArray([0, 0, 0, 1] * (ROWS // 4)),
            "arrow": pd.array(whole, dtype=pd.ArrowDtype(pa.int64())),
            "arrow list": pd.array([[i] * (i % 3) for i in range(ROWS)], dtype=LISTS),
        }
    )


def table() -> pa.Table:
    """Return an Arrow table with one column of each kind, all with nulls."""
    rows = range(ROWS)
    columns = {
        "int": pa.array([i if i % 5 else None for i in rows], pa.int16()),
        "float": pa.array([i / 3 if i % 4 else None for i in rows]),
        "bool": pa.array([i % 2 == 0 if i % 3 else None for i in rows]),
        "text": pa.array([f"täxt {i}" if i % 7 else None for i in rows]),
        "view": pa.array([f"a rather long text {i}" for i in rows], pa.string_view()),
        "binary": pa.array([b"x" * i if i % 7 else None for i in rows]),
        "fixed": pa.array([b"%03d" % i for i in rows], pa.binary(3)),
        "time": pa.array([i * 10**9 if i % 6 else None for i in rows], pa.timestamp("ns", "UTC")),
        "decimal": pa.array([i if i % 6 else None for i in rows]).cast(pa.decimal128(30, 2)),
        "dictionary": pa.array([f"d{i % 4}" for i in rows]).dictionary_encode(),
        "list": pa.array([[i, None] * (i % 3) if i % 5 else None for i in rows]),
        "struct": pa.array([{"a": i, "b": str(i)} if i % 5 else None for i in rows]),
        "map": pa.array([[("k", i)] for i in rows], pa.map_(pa.string(), pa.int64())),
        "null": pa.nulls(ROWS),
    }
    return pa.table(columns)


def polars_frame() -> pl.DataFrame:
    """Return a polars frame with one column of each kind, most with nulls."""
    rows = range(ROWS)
    text = [f"täxt {i % 9}" if i % 7 else None for i in rows]
    return pl.DataFrame(
        {
            "int": pl.Series([i if i % 5 else None for i in rows], dtype=pl.Int16),
            "float": pl.Series([i / 3 if i % 4 else None for i in rows]),
            "bool": pl.Series([i % 2 == 0 if i % 3 else None for i in rows]),
            "text": pl.Series(text),
            "category": pl.Series(text, dtype=pl.Categorical),
            "enum": pl.Series([f"e{i % 3}" for i in rows], dtype=pl.Enum(["e0", "e1", "e2"])),
            "binary": pl.Series([b"x" * i if i % 7 else None for i in rows]),
            "date": pl.Series([i if i % 6 else None for i in rows]).cast(pl.Date),
            "time": pl.Series([i if i % 6 else None for i in rows]).cast(pl.Datetime("us", "UTC")),
            "delta": pl.Series(list(rows)).cast(pl.Duration("ms")),
            "decimal": pl.Series(list(rows)).cast(pl.Decimal(10, 2)),
            "list": pl.Series([[i, None] * (i % 3) if i % 5 else None for i in rows]),
            "array": pl.Series([[i, i] for i in rows], dtype=pl.Array(pl.Int64, 2)),
            "struct": pl.Series([{"a": i, "b": str(i)} for i in rows]),
            "null": pl.Series([None] * ROWS),
        }
    )


KINDS = {
    "float array": numbers,
    "int array": lambda: np.arange(ROWS, dtype=np.int32),
    "text array": lambda: np.array([f"t{i}" for i in range(ROWS)]),
    "time array": lambda: np.arange(ROWS).astype("M8[s]"),
    "object array": lambda: np.array([i if i % 2 else None for i in range(ROWS)], dtype=object),
    "records": lambda: np.array(
        [(i, i / 2) for i in range(ROWS)], dtype=[("a", "i1"), ("b", "f8")]
    ),
    "images": lambda: np.arange(ROWS * 6, dtype=np.uint8).reshape(ROWS, 2, 3),
    "pandas": frame,
    "pandas series": lambda: pd.Series(np.arange(ROWS), name="y"),
    "polars": polars_frame,
    "polars series": lambda: pl.Series("y", range(ROWS)),
    "arrow": table,
    "csr": lambda: sparse.random(ROWS, 5, 0.5, format="csr", random_state=1),
    "csc": lambda: sparse.random(ROWS, 5, 0.5, format="csc", random_state=1),
    "coo": lambda: sparse.random(ROWS, 5, 0.5, format="coo", random_state=1),
    "lil": lambda: sparse.random(ROWS, 5, 0.5, format="lil", random_state=1),
    "list": lambda: [float(i) for i in range(ROWS)],
    "rows": lambda: [[i, str(i), None] for i in range(ROWS)],
    "list of arrays": lambda: [np.arange(i) for i in range(ROWS)],
    "dict": lambda: {"x": numbers(), "y": list(range(ROWS))},
}
