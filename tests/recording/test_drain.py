"""The drain: batches in order, exactly once, whoever else drains the same journal."""

from __future__ import annotations

from pathlib import Path

import pytest
from memory_sink import MemorySink

from epochlog.contract import events
from epochlog.contract.events import AnyEvent
from epochlog.recording import drain as drain_module
from epochlog.recording.drain import Drain
from epochlog.recording.encoding import encode
from epochlog.recording.journal import Journal

RUN = "0190f3c0-0000-7000-8000-000000000000"


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path)


def write(journal: Journal, first: int, count: int, padding: int = 0) -> None:
    for number in range(first, first + count):
        journal.append(encode(events.Text(RUN, number, "k", str(number) + "." * padding)))


def numbers(found: list[AnyEvent]) -> list[int]:
    return [event.at for event in found if isinstance(event, events.Text)]


def test_two_drains_of_one_journal_store_everything_once(
    journal: Journal, sink: MemorySink
) -> None:
    """A drain that finds its position moved goes on from there."""
    one, two = Drain(journal.info, sink), Drain(journal.info, sink)
    for first in range(0, 100, 10):
        write(journal, first, 10)
        (one if first % 20 else two).run()
    one.run()
    two.run()

    assert numbers(sink.events) == list(range(100))
    assert one.position == two.position == journal.size()


def test_frames_larger_than_one_read_are_taken_whole(
    journal: Journal, sink: MemorySink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reads are bounded, yet no event is too large for them."""
    monkeypatch.setattr(drain_module, "READ_BYTES", 1000)
    write(journal, 0, 5)
    write(journal, 5, 2, padding=5000)
    write(journal, 7, 50)
    Drain(journal.info, sink).run()

    assert numbers(sink.events) == list(range(57))


def test_listeners_hear_every_stored_event_once(journal: Journal, sink: MemorySink) -> None:
    """Events are announced after they were stored, in order."""
    heard: list[AnyEvent] = []
    drain = Drain(journal.info, sink, heard.extend)
    write(journal, 0, 3)
    drain.run()
    drain.run()
    write(journal, 3, 2)
    drain.run()

    assert numbers(heard) == numbers(sink.events) == list(range(5))


def test_a_raising_listener_is_fenced(
    journal: Journal, sink: MemorySink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A listener's exception stops neither this batch nor the next."""
    monkeypatch.delenv("EPOCHLOG_RAISE")

    def broken(found: object) -> None:
        raise RuntimeError("broken listener")

    drain = Drain(journal.info, sink, broken)
    write(journal, 0, 3)
    drain.run()
    write(journal, 3, 3)
    drain.run()

    assert numbers(sink.events) == list(range(6))


def test_listeners_hear_what_somebody_else_stored(journal: Journal, sink: MemorySink) -> None:
    """Events that a reader brought into the store are announced by their own process, once each."""
    heard: list[AnyEvent] = []
    drain = Drain(journal.info, sink, heard.extend)
    write(journal, 0, 5)
    Drain(journal.info, sink).run()
    write(journal, 5, 5)
    drain.run()
    write(journal, 10, 5)
    Drain(journal.info, sink).run()
    drain.run()

    assert numbers(heard) == numbers(sink.events) == list(range(15))
