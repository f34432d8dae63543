"""The codec gives points back bit by bit, in few bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochlog.base.errors import StoreCorrupt
from epochlog.store.codec import Points, decode, encode, encode_axes, join

QUICK = settings(deadline=None, max_examples=50)

INT64 = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=True, allow_infinity=True, width=64)


@st.composite
def points(draw: st.DrawFn) -> Points:
    count = draw(st.integers(1, 80))

    def column(items: st.SearchStrategy, kind: type) -> np.ndarray:
        return np.array(draw(st.lists(items, min_size=count, max_size=count)), kind)

    steps = column(INT64, np.int64) if draw(st.booleans()) else column(FLOATS, np.float64)
    epochs = column(FLOATS, np.float64) if draw(st.booleans()) else None
    return Points(steps, column(INT64, np.int64), column(FLOATS, np.float64), epochs)


def assert_same(one: Points, two: Points) -> None:
    assert one.steps.dtype == two.steps.dtype
    for a, b in ((one.steps, two.steps), (one.times, two.times), (one.values, two.values)):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(np.signbit(one.values), np.signbit(two.values))
    assert (one.epochs is None) == (two.epochs is None)
    if one.epochs is not None:
        np.testing.assert_array_equal(one.epochs, two.epochs)


@QUICK
@given(points())
def test_any_points_come_back(given: Points) -> None:
    """Any int64 or float steps, times, values, NaN, ±Inf, −0.0 and epochs round-trip exactly."""
    assert_same(given, decode(encode(given)))


@QUICK
@given(points())
def test_shared_axes_change_nothing(given: Points) -> None:
    """A chunk made with axes packed before equals one made at once."""
    assert encode(given) == encode(given, encode_axes(given))


@QUICK
@given(st.lists(points(), min_size=1, max_size=4))
def test_join_keeps_order_and_values(parts: list[Points]) -> None:
    """Joined points are the parts' points one after another."""
    whole = join(parts)

    np.testing.assert_array_equal(np.concatenate([p.values for p in parts]), whole.values)
    np.testing.assert_array_equal(np.concatenate([p.times for p in parts]), whole.times)
    assert len(whole) == sum(map(len, parts)) == len(whole.steps)


@pytest.mark.parametrize("count", [1, 2, 255, 256, 257, 4096, 20_000])
def test_full_entropy_values_come_back_at_any_size(count: int) -> None:
    """Random doubles at jittery times round-trip, whether compressed or stored as they are."""
    random = np.random.default_rng(count)
    times = 1_790_000_000_000_000 + np.cumsum(random.integers(-5, 200_000, count))
    given = Points(np.arange(count), times, random.standard_normal(count))

    assert_same(given, decode(encode(given)))


def test_full_entropy_point_takes_at_most_ten_bytes() -> None:
    """A point with a random double and a jittery time costs at most 10 bytes, all included."""
    random = np.random.default_rng(1)
    times = 1_790_000_000_000_000 + np.cumsum(random.normal(100_000, 5_000, 4096)).astype(int)
    given = Points(np.arange(4096), times, random.standard_normal(4096))

    assert len(encode(given)) / 4096 <= 10


@QUICK
@given(points(), st.data())
def test_damaged_chunk_is_never_an_odd_error(given: Points, data: st.DataObject) -> None:
    """A chunk cut short anywhere raises StoreCorrupt, or nothing if only an end was lost."""
    packed = encode(given)
    cut = data.draw(st.integers(0, len(packed) - 1))

    with pytest.raises(StoreCorrupt):
        decode(packed[:cut])


def test_flipped_bytes_raise_only_store_corrupt() -> None:
    """Whatever byte of a chunk is changed, decoding gives points or StoreCorrupt."""
    random = np.random.default_rng(2)
    packed = encode(Points(np.arange(300), np.arange(300) * 7, random.random(300)))
    for place in range(0, len(packed), 7):
        broken = bytearray(packed)
        broken[place] ^= 0xFF
        try:
            decode(bytes(broken))
        except StoreCorrupt:
            pass


def test_newer_chunk_format_is_named() -> None:
    """A chunk of a later format says that epochlog has to be upgraded."""
    packed = bytearray(encode(Points(np.arange(1), np.arange(1), np.zeros(1))))
    packed[0] = 9

    with pytest.raises(StoreCorrupt, match=r"format 9.*upgrade"):
        decode(bytes(packed))
