"""The journal under trouble: full disks, rotation, stores that are away."""

from __future__ import annotations

import dataclasses
import gc
import os
import threading
import time
from pathlib import Path

import psutil
import pytest
from memory_sink import MemorySink

from epochlog.base.settings import Settings
from epochlog.contract import events
from epochlog.contract.sink import StoreLocation
from epochlog.recording import journal as journal_module
from epochlog.recording.journal import Journal
from epochlog.recording.locks import try_lock
from epochlog.recording.recorder import Recorder
from epochlog.recording.starting import start_run


def wait_for(condition: object, timeout_s: float = 120) -> None:
    assert callable(condition)
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def test_the_lock_tells_that_the_writer_lives(tmp_path: Path) -> None:
    """Nobody else can lock a journal before its writer lets go."""
    journal = Journal(tmp_path)
    fd = os.open(journal.info.path, os.O_RDWR)

    assert not try_lock(fd)
    journal.forget()
    assert try_lock(fd)
    os.close(fd)


def test_a_full_disk_costs_memory_not_events(
    recorder: Recorder, sink: MemorySink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events that can't be written wait in memory and are stored once there is room again."""
    run = start_run(recorder, "base")
    run.flush()
    journal = recorder.journal
    assert journal is not None
    full = Full(journal)
    full.begin()
    for step in range(50):
        run.log_metric("a", step, step=step)
    assert journal.held
    full.end()
    wait_for(lambda: not journal.held)
    run.log_metric("a", 50, step=50)
    assert recorder.flush()

    assert sorted(e.step for e in sink.of(events.MetricPoints)) == list(range(51))


class Full:
    """Make a journal's file refuse writes as a full disk does, by a descriptor on /dev/full."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.saved = os.dup(journal._fd)

    def begin(self) -> None:
        fd = os.open("/dev/full", os.O_WRONLY)
        os.dup2(fd, self.journal._fd)
        os.close(fd)

    def end(self) -> None:
        os.dup2(self.saved, self.journal._fd)
        os.close(self.saved)


def test_the_oldest_metric_points_give_way_and_are_counted(sink: MemorySink, store: Path) -> None:
    """Beyond the limit of the ring, metric points are dropped before anything else, and the run says how many."""
    settings = Settings(flush_interval_s=0.02, first_flush_s=0.02, ring_events_max=10)
    recorder = Recorder(StoreLocation("sqlite:///none.db", str(store)), settings, lambda: sink)
    run = start_run(recorder, "base")
    run.flush()
    assert recorder.journal is not None
    full = Full(recorder.journal)
    full.begin()
    run.log_params({"lr": 0.1})
    for step in range(30):
        run.log_metric("a", step, step=step)
    full.end()
    wait_for(lambda: sink.of(events.Notice))
    recorder.close(process_ends=False)

    assert sink.of(events.Params)[0].params == {"lr": 0.1}
    assert [e.step for e in sink.of(events.MetricPoints)] == list(range(21, 30))
    assert "21 log_metrics calls" in sink.of(events.Notice)[0].text


def test_a_store_that_comes_back_gets_everything(recorder: Recorder, sink: MemorySink) -> None:
    """While the store is away the journal grows; nothing is lost and flush says that it failed."""
    sink.away = True
    run = start_run(recorder, "base")
    for step in range(100):
        run.log_metric("a", step, step=step)
    assert not recorder.flush()
    assert not sink.events
    sink.away = False
    assert recorder.flush()

    assert [e.step for e in sink.of(events.MetricPoints)] == list(range(100))


def test_rotation_keeps_every_event_and_one_file(
    sink: MemorySink, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads that log while the journal rotates lose nothing, and old files disappear."""
    settings = dataclasses.replace(
        Settings(), flush_interval_s=0.005, first_flush_s=0.02, journal_segment_bytes=20_000
    )
    recorder = Recorder(StoreLocation("sqlite:///none.db", str(store)), settings, lambda: sink)
    run = start_run(recorder, "base")

    enough, logged = threading.Event(), [0] * 4

    def log(thread: int) -> None:
        while not enough.is_set() and logged[thread] < 500_000:
            run.log_metric(f"m{thread}", logged[thread], step=logged[thread])
            logged[thread] += 1

    threads = [threading.Thread(target=log, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(sink.positions) > 4)
    enough.set()
    for thread in threads:
        thread.join()
    assert recorder.flush()
    files = list((store / journal_module.JOURNALS_FOLDER).glob("*.journal"))
    recorder.close(process_ends=False)
    points = sink.of(events.MetricPoints)

    assert len(files) <= 2
    for n in range(4):
        assert [e.step for e in points if f"m{n}" in e.metrics] == list(range(logged[n]))
    assert not list((store / journal_module.JOURNALS_FOLDER).glob("*.journal"))


def test_closing_is_bounded_and_keeps_the_journal(sink: MemorySink, store: Path) -> None:
    """With the store away at the end, closing gives up and the journal stays for the next reader."""
    settings = Settings(flush_interval_s=0.02, first_flush_s=0.02, finish_timeout_s=1)
    recorder = Recorder(StoreLocation("sqlite:///none.db", str(store)), settings, lambda: sink)
    sink.away = True
    start_run(recorder, "base")
    recorder.close(process_ends=False)

    assert len(list((store / journal_module.JOURNALS_FOLDER).glob("*.journal"))) == 1


def test_a_file_that_cannot_be_made_costs_no_descriptor(store: Path) -> None:
    """Going on in a new file is tried again and again; each failure leaves all as it was."""
    journal = Journal(store)
    (store / journal_module.JOURNALS_FOLDER).rename(store / "moved")
    (store / journal_module.JOURNALS_FOLDER).write_text("in the way")
    before, info = psutil.Process().num_fds(), journal.info
    for _ in range(5):
        with pytest.raises(OSError, match="exists"):
            journal.rotate()

    assert psutil.Process().num_fds() == before
    assert journal.info == info


def test_the_descriptor_goes_with_the_journal(store: Path) -> None:
    """A thread that still has the journal may write; once nobody has it, its file is closed."""
    journal = Journal(store)
    number, append = journal._fd, journal.append
    journal.remove()
    del journal
    gc.collect()
    append(b"late")
    assert os.fstat(number).st_nlink == 0

    del append
    gc.collect()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(number)
