"""Frames: what was written whole is read whole, whatever surrounds it."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from epochlog.contract.events import MetricPoints, Notice, Text
from epochlog.recording.encoding import encode
from epochlog.recording.frames import MAGIC, frame, scan

RUN = "0190f3c0-0000-7000-8000-000000000000"


def text(body: str) -> bytes:
    return frame(encode(Text(RUN, 1, "k", body)))


def bodies(data: bytes, *, final: bool = True) -> list[str]:
    return [event.text for event in scan(data, final=final).events]


def test_frames_come_back_in_order() -> None:
    """Whole frames are decoded in order and consumed to the last byte."""
    data = b"".join(text(str(i)) for i in range(100))
    result = scan(data, final=True)

    assert [e.text for e in result.events] == [str(i) for i in range(100)]
    assert (result.consumed, result.corrupt_bytes) == (len(data), 0)


@given(st.integers(1, 59))
def test_torn_tail_waits_while_the_writer_lives_and_is_dropped_when_it_is_gone(cut: int) -> None:
    """A frame cut off at the end is left for the next scan, or counted as damage at the end."""
    first, second = text("one"), text("two" * 10)
    data = first + second[: min(cut, len(second) - 1)]

    alive, gone = scan(data, final=False), scan(data, final=True)

    assert [e.text for e in alive.events] == [e.text for e in gone.events] == ["one"]
    assert (alive.consumed, alive.corrupt_bytes) == (len(first), 0)
    assert (gone.consumed, gone.corrupt_bytes) == (len(data), len(data) - len(first))


@given(st.data())
def test_one_flipped_byte_costs_one_frame(data: st.DataObject) -> None:
    """Damage inside one frame leaves every other frame readable, and is counted."""
    frames = [text(f"event {i}") for i in range(5)]
    victim = data.draw(st.integers(0, 3))
    offset = data.draw(st.integers(0, len(frames[victim]) - 1))
    damaged = bytearray(frames[victim])
    damaged[offset] ^= 0xFF
    result = scan(b"".join([*frames[:victim], bytes(damaged), *frames[victim + 1 :]]), final=True)

    assert [e.text for e in result.events] == [f"event {i}" for i in range(5) if i != victim]
    assert result.corrupt_bytes == len(damaged)


@given(st.binary(max_size=200))
def test_garbage_is_skipped(garbage: bytes) -> None:
    """Bytes that are no frame never hide a whole frame behind them and never raise."""
    data = text("before") + garbage + text("behind")

    assert bodies(data) == ["before", "behind"]


def test_a_length_beyond_the_end_does_not_block_a_live_journal() -> None:
    """A short write (disk full) followed by whole frames is skipped though the writer lives."""
    torn = text("torn" * 20)[:30]

    result = scan(torn + text("behind"), final=False)

    assert [e.text for e in result.events] == ["behind"]
    assert result.corrupt_bytes == 30


def test_events_max_bounds_a_scan() -> None:
    """A scan stops at its limit and the next goes on right there."""
    data = b"".join(text(str(i)) for i in range(10))
    first = scan(data, final=True, events_max=4)

    assert [e.text for e in first.events] == ["0", "1", "2", "3"]
    assert bodies(data[first.consumed :]) == ["4", "5", "6", "7", "8", "9"]


def test_metric_values_that_are_no_floats_are_kept() -> None:
    """Booleans become 0 and 1, nested names are joined, what is no number becomes text."""
    odd = (
        10,
        RUN,
        5,
        3,
        {"flag": True, "inner": {"loss": 0.5}, "word": "high", "none": None},
        None,
        "",
    )

    points, word, none = scan(frame(encode(odd)), final=True).events

    assert points == MetricPoints(RUN, 5, 3, {"flag": 1.0, "inner/loss": 0.5})
    assert (word, none) == (Text(RUN, 5, "word", "high", 3), Text(RUN, 5, "none", "None", 3))


def test_an_unknown_event_becomes_a_notice() -> None:
    """A frame of a kind that this version does not know is reported in its run."""
    (notice,) = scan(frame(msgspec.msgpack.encode([99, RUN, 5, "?"])), final=True).events

    assert isinstance(notice, Notice)
    assert (notice.run, notice.level, notice.source) == (RUN, "warning", "journal")


def test_magic_inside_a_payload_is_no_frame() -> None:
    """Payloads may hold the magic bytes."""
    body = MAGIC.decode("latin-1") * 5

    assert bodies(text(body) + text("next")) == [body, "next"]
