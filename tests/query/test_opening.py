"""Opening a store to read."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from query_store import Writer

import epochlog
from epochlog.base.errors import FilterError, StoreCorrupt, StoreError
from epochlog.base.settings import Settings
from epochlog.query import api
from epochlog.query.opening import ENGINES_MAX, open_store
from epochlog.query.runs import Runs
from epochlog.recording.recorder import close_recorder

KILLED = """
import os, signal
import epochlog
run = epochlog.start_run("victim")
for step in range(100):
    run.log_metrics({"loss": float(step)}, step=step)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_no_store_is_said(tmp_path):
    """The error names the folder and what to do."""
    with pytest.raises(StoreError, match=r"no store at .*nowhere.*EPOCHLOG_STORE"):
        open_store(Settings(store=str(tmp_path / "nowhere")))


def test_a_damaged_file_is_said(tmp_path):
    """A file that is no database is reported as damaged, not as an internal error."""
    (tmp_path / "epochlog.db").write_bytes(b"this is no database at all" * 100)

    with pytest.raises(StoreCorrupt, match=r"not an epochlog store|damaged"):
        open_store(Settings(store=str(tmp_path)))


def test_damage_found_while_reading_is_said(writer):
    """Pages that rot later give the same error, wherever they are met."""
    for place in range(200):
        writer.run(f"r{place}", params={"a": "x" * 100})
    writer.sink.close()
    file = Path(writer.location.root) / "epochlog.db"
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(file.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    file.write_bytes(content)

    with pytest.raises(StoreCorrupt):
        list(Runs(writer.reader()))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs SIGKILL")
def test_what_a_killed_process_logged_is_read(tmp_path):
    """The next reader finds every point of a killed process, and the run is lost."""
    store = str(tmp_path / "store")
    environment = {**os.environ, "EPOCHLOG_STORE": store, "EPOCHLOG_HARDWARE": "false"}
    environment["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run([sys.executable, "-c", KILLED], env=environment)

    run = api.get_run("victim", store=store)
    assert done.returncode == -9
    assert run.status == "lost"
    assert list(range(100)) == run.series("loss").values.tolist()
    assert len(api.runs('status == "lost"', store=store)) == 1


def test_a_failing_recovery_does_not_stop_reading(writer, monkeypatch):
    """If journals can't be brought in, what is committed is read all the same."""
    writer.run("kept")

    def fail(*_, **__):
        raise StoreError("no")

    monkeypatch.setattr("epochlog.query.opening.recover", fail)
    reader = writer.reader()
    assert reader.recovery is None
    assert [run.name for run in Runs(reader)] == ["kept"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes anywhere")
def test_a_store_that_is_not_writable_is_read(writer):
    """Read-only media are no obstacle."""
    writer.run("kept")
    writer.sink.close()
    root = Path(writer.location.root)
    for path in (root / "epochlog.db", root / "journals", root):
        path.chmod(0o555)
    try:
        assert [run.name for run in Runs(writer.reader())] == ["kept"]
    finally:
        for path in (root, root / "journals", root / "epochlog.db"):
            path.chmod(0o755)


def test_many_stores_keep_few_files_open(tmp_path):
    """A process that reads one store after the other does not keep them all open."""
    stores = [tmp_path / str(place) for place in range(30)]
    for store in stores:
        Writer(store).sink.close()
    assert not any(api.runs(store=store) for store in stores)

    opened = [file.path for file in psutil.Process().open_files()]
    assert 0 < sum(path.startswith(f"{tmp_path}/") for path in opened) <= 3 * ENGINES_MAX
    assert not any(api.runs(store=store) for store in stores)


def test_a_store_made_again_is_another(tmp_path):
    """After the folder was deleted and a new store made there, the new one is read."""
    root = tmp_path / "store"
    for name in ("old", "new"):
        shutil.rmtree(root, ignore_errors=True)
        with epochlog.start_run(name):
            pass
        close_recorder()
        assert [run.name for run in api.runs(store=root)] == [name]


def test_reading_changes_nothing(writer):
    """A reader's connection refuses to write."""
    writer.run("kept")
    reader = writer.reader()

    with reader.connect() as connection, pytest.raises(Exception, match=r"readonly|read-only"):
        connection.exec_driver_sql("DELETE FROM execution")


def test_the_verbs_of_the_front_door(writer):
    """`runs` and `get_run` take the store's folder and pass everything on."""
    writer.run("a", params={"x": 1})
    writer.run("b", params={"x": 2})
    store = writer.location.root

    assert [run.name for run in api.runs(store=store)] == ["b", "a"]
    assert [run.name for run in api.runs("params.x < 2", store=store)] == ["a"]
    assert [run.name for run in api.runs(order_by="name", limit=1, store=store)] == ["a"]
    assert api.get_run("a", store=store).name == "a"
    with pytest.raises(FilterError):
        api.runs("params.y < 2", store=store)
    assert not api.runs("params.y < 2", missing_ok=True, store=store)
