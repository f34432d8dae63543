"""JSON that every parser reads."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochlog.cli.jsonout import dumps, jsonable

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_any_plain_data_is_strict_json(value: object) -> None:
    """Whatever plain data comes, the text is strict JSON."""
    json.loads(dumps(value), parse_constant=lambda name: pytest.fail(name))


def test_what_json_lacks_has_a_stated_form() -> None:
    """NaN, infinities, moments, durations and arrays have a form that reads back."""
    value = {"n": math.nan, "i": -math.inf, "at": datetime(2026, 1, 2, tzinfo=UTC), "d": timedelta(seconds=1.5),
             "a": np.array([1.0, np.nan]), "s": np.float32(0.5)}  # fmt: skip
    found = jsonable(value)
    assert found == {
        "n": "NaN",
        "i": "-Infinity",
        "at": "2026-01-02T00:00:00+00:00",
        "d": 1.5,
        "a": [1.0, "NaN"],
        "s": 0.5,
    }
    assert math.isnan(float(found["n"]))
    assert float(found["i"]) == -math.inf
