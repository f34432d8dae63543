"""Facts about ``fingerprint/plain_data.py``, ``encoding.py``: lists, mappings, their items."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_data import ROWS, digest, numbers

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=3)
    | st.binary(max_size=2)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(values, values)
def test_lists_differ_exactly_if_their_typed_items_do(left: Any, right: Any) -> None:
    """1, 1.0, True and "1" are four values; so are nested ones; -0.0 is not 0.0."""

    def typed(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return type(value).__name__, [typed(item) for item in value]
        if isinstance(value, dict):
            return "dict", sorted((key, repr(typed(item))) for key, item in value.items())
        return type(value).__name__, repr(value)

    assert (digest([left]) == digest([right])) == (typed(left) == typed(right))


def test_a_mapping_has_no_order() -> None:
    """The same arrays under the same names are the same data set, in any order."""
    x, y = numbers(), np.arange(ROWS)

    assert digest({"x": x, "y": y}) == digest({"y": y, "x": x}) != digest({"x": y, "y": x})
