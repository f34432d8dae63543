"""Facts about ``base/values.py``: anything becomes plain data, and little is lost."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import math
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochlog.base import values
from epochlog.base.values import is_opaque, plain


class Color(enum.Enum):
    RED = "red"
    SHAPE = (1, 2)


@dataclasses.dataclass
class Config:
    lr: float
    layers: list[int]


class Broken:
    """An object that fails however it is looked at."""

    def __repr__(self) -> str:
        raise RuntimeError("no")

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name) if name.startswith("_") else RuntimeError(name)


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary(max_size=20)
    | st.complex_numbers()
    | st.dates()
    | st.datetimes()
    | st.timedeltas()
    | st.decimals()
    | st.fractions()
    | st.uuids()
    | st.characters(categories=["Cs"])  # lone surrogates
    | st.builds(Broken)
    | st.just(Color.SHAPE)
    | st.just(Config(0.1, [1]))
    | st.floats(width=32).map(np.float32)
    | st.integers(-5, 5).map(lambda n: np.arange(abs(n)))
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers() | st.none() | st.tuples(st.text()), inner)
        | st.frozensets(st.text() | st.integers(), max_size=5)
    ),
    max_leaves=20,
)


def same(left: Any, right: Any) -> bool:
    """Equality in which NaN equals NaN and 1 isn't True."""
    if isinstance(left, float) and isinstance(right, float):
        return left == right or (math.isnan(left) and math.isnan(right))
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(same(left[k], right[k]) for k in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and bool(left == right)


@settings(max_examples=60, deadline=None)
@given(anything)
def test_anything_survives_the_journal(value: Any) -> None:
    """Whatever it is given, `plain` returns what MessagePack can carry there and back unchanged."""
    made = plain(value)

    assert same(msgspec.msgpack.decode(msgspec.msgpack.encode(made)), made)


@settings(max_examples=60, deadline=None)
@given(anything)
def test_plain_data_is_left_as_it_is(value: Any) -> None:
    """What is plain already doesn't change any more."""
    made = plain(value)

    assert same(plain(made), made)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_native_values_are_kept_exactly(value: Any) -> None:
    """JSON-like data, with NaN and 64-bit integers, is returned as it is."""
    assert same(plain(value), value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(0.5), 0.5),
        (np.float32(0.5), 0.5),
        (np.int8(-3), -3),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.array(3), 3),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        ((1, 2), [1, 2]),
        ({3, 1, 2}, [1, 2, 3]),
        (Color.RED, "red"),
        (Color.SHAPE, "SHAPE"),
        (Config(0.1, [1, 2]), {"lr": 0.1, "layers": [1, 2]}),
        (Path("a/b"), "a/b"),
        (dt.date(2026, 1, 2), "2026-01-02"),
        (dt.timedelta(seconds=1.5), 1.5),
        (len, "builtins.len"),
        (dict, "builtins.dict"),
        ({1: "a", "1": "b"}, {"1": "a", "1 (str)": "b"}),
    ],
)
def test_known_types_have_a_native_form(value: Any, expected: Any) -> None:
    """Scalars, arrays, enums, dataclasses, paths, times and functions."""
    assert same(plain(value), expected)


def test_other_objects_become_text_with_their_type() -> None:
    """An object without a native form keeps its type's name and its text."""
    assert plain(2**80) == {"__epochlog__": "opaque", "type": "int", "text": str(2**80)}
    assert plain(1 + 2j)["text"] == "(1+2j)"
    assert is_opaque(plain(Broken()))


def test_equal_objects_have_equal_text() -> None:
    """Memory addresses, different in every process, are not part of the text."""
    assert "0x" not in plain(object())["text"]
    assert plain(object()) == plain(object())


def test_long_data_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limits, a mark stands where something was left out."""
    monkeypatch.setattr(values, "ITEMS_MAX", 3)

    assert plain([1, 2, 3]) == [1, 2, 3]
    assert plain([1, 2, 3, 4])[3]["text"] == "3 of 4 items were kept"
    assert plain({"a": 1, "b": 2, "c": 3, "d": 4})["…"]["type"] == "cut"


def test_bulky_data_is_cut_in_all() -> None:
    """Lists in lists are limited in their sum, too, and endless nesting ends."""
    wide: Any = [0] * 100
    for _ in range(5):
        wide = [wide] * 100
    loop: list[Any] = []
    loop.append(loop)

    assert len(msgspec.msgpack.encode(plain(wide))) < 20_000_000
    assert "nested too deeply" in str(plain(loop))
