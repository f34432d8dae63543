"""Values of params come back with their type, exactly."""

from __future__ import annotations

import math
import sqlite3
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochlog.base.values import opaque
from epochlog.store.schema import SEARCH_CHARS
from epochlog.store.typed import decode_value, encode_value

QUICK = settings(deadline=None, max_examples=50)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=400)
PLAIN = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def through_sqlite(value: Any) -> Any:
    database = sqlite3.connect(":memory:")
    row = encode_value(value)
    database.execute("CREATE TABLE t (vtype TEXT, num DOUBLE, text TEXT, body TEXT, flags INT)")
    database.execute("INSERT INTO t VALUES (:vtype, :num, :text, :body, :flags)", row)
    found = decode_value(*database.execute("SELECT * FROM t").fetchone())
    database.close()
    return found


@QUICK
@given(PLAIN)
def test_any_plain_value_comes_back(value: Any) -> None:
    """Value, type, NaN and the sign of zero survive a trip through SQLite's columns."""
    assert repr(through_sqlite(value)) == repr(value)


@pytest.mark.parametrize("value", [2**53, 2**53 + 1, -(2**63), 2**64 - 1, 10**400])
def test_large_integers_are_exact(value: int) -> None:
    """Integers beyond what a double holds keep every digit."""
    assert through_sqlite(value) == value


def test_opaque_value_keeps_type_and_text() -> None:
    """A value with no native form comes back as its type and text."""
    value = opaque("torch.device", "cuda:0")

    assert through_sqlite(value) == value
    assert encode_value(value)["vtype"] == "opaque"
    assert encode_value(value)["text"] == "cuda:0"


def test_search_text_is_cut_and_body_is_whole() -> None:
    """What is searched fits an index; the whole text stands beside."""
    row = encode_value("x" * 5_000)

    assert len(row["text"] or "") == SEARCH_CHARS
    assert row["body"] == "x" * 5_000


def test_infinities_sort_at_the_ends() -> None:
    """±Inf have the largest and smallest numbers in the column."""
    low, high = encode_value(-math.inf)["num"], encode_value(math.inf)["num"]

    assert low is not None
    assert high is not None
    assert low < -1e300 < 1e300 < high
