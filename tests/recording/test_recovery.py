"""Recovery: journals of dead processes are finished, live ones are caught up with, damage is reported."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from memory_sink import MemorySink
from processes import run_python

from epochlog.contract import events
from epochlog.recording import recovery
from epochlog.recording.encoding import encode
from epochlog.recording.frames import frame
from epochlog.recording.journal import Journal
from epochlog.recording.recovery import recover

RUN = "0190f3c0-0000-7000-8000-000000000000"


def note(journal: Journal, *texts: str) -> None:
    for text in texts:
        journal.append(encode(events.Note(RUN, 1, text)))


def notes(sink: MemorySink) -> list[str]:
    return [event.text for event in sink.of(events.Note)]


def test_a_dead_journal_is_stored_closed_and_deleted(store: Path, sink: MemorySink) -> None:
    """What a gone process left is stored and its open runs become lost."""
    journal = Journal(store)
    note(journal, "a", "b")
    journal.forget()
    report = recover(store, lambda: sink)

    assert notes(sink) == ["a", "b"]
    assert (report.finished, report.events) == ([journal.info.id], 2)
    assert [(name, status) for name, status, _ in sink.closed] == [(journal.info.id, "lost")]
    assert not Path(journal.info.path).exists()


def test_a_live_journal_is_caught_up_with_and_left(store: Path, sink: MemorySink) -> None:
    """A reader sees what a live process wrote, without ending its runs; twice stores nothing twice."""
    journal = Journal(store)
    note(journal, "a")
    report = recover(store, lambda: sink)
    note(journal, "b")
    recover(store, lambda: sink)
    recover(store, lambda: sink)

    assert report.caught_up == [journal.info.id]
    assert notes(sink) == ["a", "b"]
    assert sink.closed == []
    assert Path(journal.info.path).exists()
    journal.forget()


def test_a_stack_left_by_sigterm_makes_the_status_canceled(store: Path, sink: MemorySink) -> None:
    """The file that faulthandler wrote at SIGTERM decides the status and is the traceback."""
    journal = Journal(store)
    path = Path(journal.info.path).with_suffix(recovery.TERMINATED_SUFFIX)
    path.write_text("Current thread 0x1 (most recent call first):\n")
    journal.forget()
    recover(store, lambda: sink)

    assert sink.closed == [(journal.info.id, "canceled", "SIGTERM")]
    assert not path.exists()


def test_a_damaged_frame_is_counted_and_named_in_the_run(store: Path, sink: MemorySink) -> None:
    """Events around a damaged frame are stored, and a notice says how many bytes were skipped."""
    journal = Journal(store)
    note(journal, "a")
    damaged = bytearray(frame(encode(events.Note(RUN, 1, "b"))))
    damaged[-1] ^= 0xFF
    os.write(journal._fd, bytes(damaged))
    note(journal, "c")
    journal.forget()
    report = recover(store, lambda: sink)

    assert notes(sink) == ["a", "c"]
    assert report.corrupt_bytes == sink.corrupt_bytes == len(damaged)
    assert f"{len(damaged)} damaged bytes" in sink.of(events.Notice)[0].text


def test_a_journal_with_a_damaged_beginning_still_gives_its_events(
    store: Path, sink: MemorySink
) -> None:
    """The first frame tells who wrote it; without it the file's name is enough."""
    journal = Journal(store)
    note(journal, "a", "b")
    journal.forget()
    path = Path(journal.info.path)
    data = bytearray(path.read_bytes())
    data[5] ^= 0xFF
    path.write_bytes(data)
    report = recover(store, lambda: sink)

    assert notes(sink) == ["a", "b"]
    assert report.finished == [journal.info.id]


def test_a_file_in_which_nothing_is_readable_is_kept_aside(store: Path, sink: MemorySink) -> None:
    """Garbage is not deleted, and not looked at again."""
    folder = store / "journals"
    folder.mkdir(parents=True)
    (folder / "garbage.journal").write_bytes(b"no journal at all" * 100)
    recover(store, lambda: sink)

    assert [p.name for p in folder.iterdir()] == ["garbage.unreadable"]
    assert recover(store, lambda: sink).finished == []


def test_one_journal_in_trouble_does_not_keep_others_from_recovery(
    store: Path, sink: MemorySink
) -> None:
    """Trouble with a file is in the report; the next file is recovered."""
    folder = store / "journals"
    folder.mkdir(parents=True)
    (folder / "0.journal").mkdir()
    journal = Journal(store)
    note(journal, "a")
    journal.forget()
    report = recover(store, lambda: sink)

    assert notes(sink) == ["a"]
    assert list(report.errors) == [str(folder / "0.journal")]


def test_a_journal_of_another_host_is_dead_only_when_it_is_stale(
    store: Path, sink: MemorySink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a shared folder a lock is not trusted across hosts; the time of the last beat is."""
    journal = Journal(store)
    note(journal, "a")
    journal.forget()
    monkeypatch.setattr(recovery, "host_name", lambda: "elsewhere")
    assert recover(store, lambda: sink).finished == []
    os.utime(journal.info.path, (0, 0))

    assert recover(store, lambda: sink).finished == [journal.info.id]
    assert notes(sink) == ["a"]


def test_journals_of_an_unwritable_store_are_found(
    store: Path, sink: MemorySink, tmp_path: Path
) -> None:
    """Events of a run whose store folder can't be written wait in the user's state folder."""
    store.parent.mkdir(exist_ok=True)
    store.write_text("a file where the folder should be")
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from epochlog.base.settings import Settings\nfrom epochlog.contract.sink import StoreLocation\n"
        "from epochlog.recording.recorder import configure\nfrom epochlog.recording.starting import start_run\n"
        "def away(): raise OSError('away')\n"
        "recorder = configure(StoreLocation('sqlite:///s.db', sys.argv[1]), Settings(finish_timeout_s=2), away)\n"
        "with start_run(recorder, 'x') as run: run.set_note('kept')\n"
    )
    result = run_python(script, str(store), XDG_STATE_HOME=str(tmp_path / "state"))
    assert result.returncode == 0, result.stderr
    assert "can't be written" in result.stderr
    store.unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        recover(store, lambda: sink, url="sqlite:///s.db")

    assert notes(sink) == ["kept"]
