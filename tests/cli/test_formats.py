"""Numbers, times, sizes and names as people read them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochlog.cli import formats


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (3, "3"), (3.0, "3"), (0.1234567, "0.12346"), (1e-5, "1e-05"), (math.nan, "nan"), (-math.inf, "-inf"),
     (1e300, "1e+300"), (123456789.5, "1.2346e+08")],
)  # fmt: skip
def test_numbers_have_five_digits(value: float | None, text: str) -> None:
    """Numbers are cut to five significant digits, whole ones are not."""
    assert formats.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("adam", "adam"), (1.0, "1.0"), (0.1, "0.1"), (True, "True"), (None, "None"), ([1, "a"], '[1, "a"]'),
     ({"__epochlog__": "opaque", "type": "x.Y", "text": "<Y>"}, "<Y>"), ("a\nb", r"a\nb")],
)  # fmt: skip
def test_params_keep_their_value(value: object, text: str) -> None:
    """A parameter is shown in full on one line, a float still as a float."""
    assert formats.param(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.012, "0.01s"),
        (9.994, "9.99s"),
        (59.9, "59.9s"),
        (59.96, "1m00s"),
        (190, "3m10s"),
        (7500, "2h05m"),
        (273600, "3d04h"),
    ],
)
def test_durations_have_two_units_at_most(seconds: float, text: str) -> None:
    """A duration is told in the two units that matter."""
    assert formats.took(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s ago"), (-3, "0s ago"), (61, "1m ago"), (7300, "2h ago"), (3 * 86400, "3d ago")],
)
def test_moments_are_told_from_now(seconds: float, text: str) -> None:
    """A recent moment is told by its distance."""
    now = datetime(2026, 1, 20, 12, tzinfo=UTC)
    assert formats.ago(now - timedelta(seconds=seconds), now) == text


def test_old_and_future_moments_are_dates() -> None:
    """A moment beyond a week, or in the future, is told as a date."""
    now = datetime(2026, 1, 20, 12, tzinfo=UTC)
    assert formats.ago(now - timedelta(days=9), now) == "2026-01-11"
    assert formats.ago(now + timedelta(days=2), now).startswith("2026-01-22 ")


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, ""),
        (0, "0 B"),
        (1023, "1023 B"),
        (1536, "1.5 KiB"),
        (300 * 2**20, "300 MiB"),
        (2**50, "1024 TiB"),
    ],
)
def test_sizes_are_binary(count: int | None, text: str) -> None:
    """Bytes are told in binary units."""
    assert formats.size(count) == text


@given(st.text())
def test_cleaned_names_cannot_drive_a_terminal(name: str) -> None:
    """No name keeps a control character, a line break or a change of writing direction."""
    cleaned = formats.clean(name)
    assert not any(
        ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u2028\u202e\u2066" for c in cleaned
    )
    assert len(cleaned.splitlines()) <= 1


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])), st.integers(1, 30))
def test_cut_text_fits(text: str, width: int) -> None:
    """Whatever is cut fits its width, wide characters included."""
    assert formats.cell_width(formats.cut(formats.clean(text), width)) <= width


def test_wide_characters_take_two_columns() -> None:
    """Width counts columns of the terminal, not characters."""
    assert (
        formats.cell_width("模型"),
        formats.cell_width("e\u0301"),
        formats.cell_width("abc"),
    ) == (4, 1, 3)
    assert formats.cut("模型训练", 5) == "模型…"
