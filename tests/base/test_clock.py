"""Facts about ``base/clock.py``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from epochlog.base.clock import now_us, to_datetime


def test_now_is_between_before_and_after() -> None:
    """The clock counts microseconds since the epoch."""
    before = datetime.now(UTC).timestamp()
    now = now_us()
    after = datetime.now(UTC).timestamp()

    assert isinstance(now, int)
    assert before - 1e-3 <= now / 1e6 <= after + 1e-3


@given(st.integers(0, 4_000_000_000_000_000))
def test_times_are_exact_to_the_microsecond(at_us: int) -> None:
    """A time read back is the time that was written, in UTC."""
    made = to_datetime(at_us)

    assert made is not None
    assert made.tzinfo is UTC
    assert (made - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) == at_us


def test_no_time_stays_no_time() -> None:
    """None is None."""
    assert to_datetime(None) is None
