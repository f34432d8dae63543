"""Stores deleted, wholly or in part, while a process records into them."""

from __future__ import annotations

import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from processes import run_python

import epochlog
from epochlog.query.code import RunCode

Damage = Callable[[Path], None]


def everything(store: Path) -> None:
    """Delete the whole folder."""
    shutil.rmtree(store)


def database(store: Path) -> None:
    """Delete the database and its companions."""
    for file in store.glob("epochlog.db*"):
        file.unlink()


def journals(store: Path) -> None:
    """Delete what is not stored yet, and the files that are written to."""
    shutil.rmtree(store / "journals")


def steps(run: str) -> list[int]:
    """Return the steps of a run's metric, as a reader sees them."""
    return [int(x) for x in epochlog.get_run(run).series("m").steps]


@pytest.mark.parametrize("delete", [everything, database, journals])
@pytest.mark.parametrize("stored", [False, True])
def test_an_open_run_stays_whole(store: Path, delete: Damage, stored: bool) -> None:
    """All that an open run logged before and after is there, each point once, and its end."""
    with epochlog.start_run("open", tags=["t"]) as run:
        run.log_params({"lr": 0.1})
        for step in range(100):
            run.log_metric("m", step, step=step)
        if stored:
            epochlog.flush()
        delete(store)
        for step in range(100, 200):
            run.log_metric("m", step, step=step)
        epochlog.flush()
        assert epochlog.get_run("open").status == "running"
    epochlog.flush()

    found = epochlog.get_run("open")
    assert steps("open") == list(range(200))
    assert found.params["lr"] == 0.1
    assert found.tags == ["t"]
    assert RunCode(found).files
    assert all(file.read_bytes() for file in RunCode(found).files)
    assert found.status == "completed"
    assert [each.name for each in epochlog.runs()] == ["open"]


def test_deleted_runs_stay_deleted(store: Path) -> None:
    """Runs that had ended are gone with their store; new ones go into a new one, with files."""
    with epochlog.start_run("old") as run:
        run.log_text("note", "deleted")
    epochlog.flush()
    everything(store)
    with epochlog.start_run("new") as run:
        run.log_metric("m", 1, step=0)
        (store.parent / "file.txt").write_text("content")
        run.log_artifact(store.parent / "file.txt")
    epochlog.flush()

    assert [run.name for run in epochlog.runs()] == ["new"]
    assert steps("new") == [0]
    [artifact] = epochlog.get_run("new").artifacts
    assert artifact.read_text() == "content"


def test_the_code_is_kept_again(store: Path) -> None:
    """Files of the code that the deleted store held are in the new one, too."""
    for name in ("old", "new"):
        with epochlog.start_run(name):
            pass
        epochlog.flush()
        files = RunCode(epochlog.get_run(name)).files
        assert Path(__file__).name in {Path(file.path).name for file in files}
        assert all(file.read_bytes() for file in files)
        if name == "old":
            everything(store)


def test_threads_log_while_it_happens(store: Path) -> None:
    """Nothing that several threads log around two deletions is lost or stored twice."""
    enough = threading.Event()
    logged = [0] * 3

    def log(run: epochlog.Run, place: int) -> None:
        while not enough.wait(0.0005):
            run.log_metric("m", logged[place], step=logged[place])
            logged[place] += 1

    runs = [epochlog.start_run(f"r{n}") for n in range(3)]
    threads = [threading.Thread(target=log, args=(run, n)) for n, run in enumerate(runs)]
    for thread in threads:
        thread.start()
    epochlog.flush()
    for _ in range(2):
        shutil.rmtree(store, ignore_errors=True)  # the threads' files come and go meanwhile
        epochlog.flush()
    before = list(logged)
    time.sleep(0.1)
    enough.set()
    for thread in threads:
        thread.join()
    for run in runs:
        run.end()
    epochlog.flush()

    assert all(now > then for now, then in zip(logged, before, strict=True))
    for place in range(3):
        assert steps(f"r{place}") == list(range(logged[place]))


TERMINATED = """
import os, shutil, signal, sys, time
import epochlog
run = epochlog.start_run("one")
for step in range(2000):
    run.log_metric("m", step, step=step)
epochlog.flush()
if sys.argv[1] == "deleted":
    shutil.rmtree(os.environ["EPOCHLOG_STORE"])
run.log_metric("m", 2000, step=2000)
epochlog.flush()
os.kill(os.getpid(), signal.SIGTERM)
time.sleep(60)
"""


@pytest.mark.parametrize("what", ["rotated", "deleted"])
def test_sigterm_is_known_after_a_change_of_journals(store: Path, what: str) -> None:
    """Whoever is terminated long after its first journal is canceled, not lost."""
    segment = "10000" if what == "rotated" else "100000000"
    done = run_python(
        TERMINATED, what, EPOCHLOG_STORE=str(store), EPOCHLOG_JOURNAL_SEGMENT_BYTES=segment
    )

    run = epochlog.get_run("one")
    assert done.returncode == -signal.SIGTERM
    assert (run.status, run.status_reason) == ("canceled", "SIGTERM")
    assert steps("one") == list(range(2001))
