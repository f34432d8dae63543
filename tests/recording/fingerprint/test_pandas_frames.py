"""Facts about ``fingerprint/pandas_frames.py``."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sample_data import ROWS, digest, frame, numbers

from epochlog.recording.datasets import describe


@pytest.mark.parametrize("column", frame().columns)
def test_each_pandas_column_counts(column: str) -> None:
    """Swapping two different values in any kind of column makes another version."""
    data = frame()
    swapped = data.copy()
    order = [0, 2, 1, *range(3, ROWS)] if column not in ("bool", "sparse") else [1, 0, 3, 2]
    order += range(len(order), ROWS)
    swapped[column] = data[column].take(order).array

    assert digest(swapped) != digest(data)
    changed = [
        name
        for name, left, right in zip(
            data.columns,
            describe(data).schema["columns"],
            describe(swapped).schema["columns"],
            strict=True,
        )
        if left["digest"] != right["digest"]
    ]
    assert changed == [column]


def test_pandas_storage_is_no_content() -> None:
    """Blocks, orders of memory, and Python or Arrow strings make no difference."""
    values = numbers()
    wide = pd.DataFrame(values, columns=list("abc"))
    by_column = pd.DataFrame({name: wide[name].to_numpy().copy() for name in wide})
    fortran = pd.DataFrame(np.asfortranarray(values), columns=list("abc"))
    texts = ["a", None, "ü" * 9] * 3
    python, arrow = (pd.Series(texts, dtype=pd.StringDtype(s)) for s in ("python", "pyarrow"))

    assert digest(wide) == digest(by_column) == digest(fortran)
    assert digest(python) == digest(arrow)


def test_pandas_labels_are_content() -> None:
    """Names, order of columns and row labels count; a range is a range however it is stored."""
    data = pd.DataFrame({"a": [1, 2, 3], "b": [4, 5, 6]})
    relabeled = data.set_axis([5, 6, 8])
    forms = [data, data.rename(columns={"a": "c"}), data[["b", "a"]], relabeled]

    assert len({digest(form) for form in forms}) == 4
    assert digest(data) == digest(data.set_axis(np.array([0, 1, 2])))
    assert digest(data[::2]) == digest(data.iloc[[0, 2]])


def test_pandas_multi_indexes_are_read_by_their_labels() -> None:
    """Unused levels, left over by a selection, are no content."""
    index = pd.MultiIndex.from_product([["x", "y"], [1, 2]], names=["k", "n"])
    data = pd.DataFrame({"a": range(4)}, index=index)
    fresh = pd.DataFrame({"a": [2, 3]}, index=pd.MultiIndex.from_tuples([("y", 1), ("y", 2)]))

    assert digest(data.loc[["y"]]) == digest(fresh.rename_axis(["k", "n"]))
    assert digest(data) != digest(data.swaplevel())
