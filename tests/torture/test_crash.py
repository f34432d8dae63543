"""Kill processes while they log: nothing whose call had returned may be missing, nothing doubled."""

from __future__ import annotations

import mmap
import random
import signal
import struct
import time
from pathlib import Path

import pytest
from processes import start_python

import epochlog

LOGGER = """
import mmap, struct, sys, epochlog
file = open(sys.argv[1], "r+b")
counter = mmap.mmap(file.fileno(), 8)
run = epochlog.start_run(name="victim")
print("started", flush=True)
step = 0
while True:
    run.log_metrics({"a": float(step), "b": -float(step)}, step=step)
    step += 1
    counter[:] = struct.pack("<q", step)  # at once; pack_into writes zeros first
"""


def kill_while_logging(folder: Path, delay_s: float) -> int:
    """Start a process that logs at full speed, kill it after ``delay_s``; return its finished calls."""
    folder.mkdir()
    counter = folder / "counter"
    counter.write_bytes(bytes(8))
    process = start_python(LOGGER, str(counter), EPOCHLOG_STORE=str(folder / "store"))
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    time.sleep(delay_s)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with counter.open("rb") as file, mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ) as view:
        return int(struct.unpack_from("<q", view, 0)[0])


def check_victim(folder: Path, finished: int) -> None:
    """The run is lost, and has every point of a finished call exactly once."""
    (run,) = epochlog.runs(store=folder / "store")

    assert run.status == "lost"
    if not finished and not run.metrics:
        return  # killed during the first call
    steps = run.series("a").steps.tolist()
    assert steps == list(range(len(steps)))
    assert finished <= len(steps) <= finished + 1
    assert run.series("a").values.tolist() == [float(step) for step in steps]
    assert run.series("b").values.tolist() == [-float(step) for step in steps]
    assert not list((folder / "store" / "journals").glob("*.journal"))


@pytest.mark.parametrize("attempt", range(2))
def test_kill_9_loses_no_finished_call(tmp_path: Path, attempt: int) -> None:
    """Every point whose log_metrics call had returned is there at the next read."""
    folder = tmp_path / "one"
    finished = kill_while_logging(folder, random.Random(attempt).uniform(0, 1.5))

    check_victim(folder, finished)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kill_9_fifty_times(tmp_path: Path) -> None:
    """Fifty kills at random moments, early and late, in front of and behind the first drain."""
    moments = random.Random(20261121)
    for attempt in range(50):
        folder = tmp_path / str(attempt)
        finished = kill_while_logging(folder, moments.choice([0.05, 0.7, 2.0]) * moments.random())
        check_victim(folder, finished)


def test_two_readers_at_once_store_nothing_twice(tmp_path: Path) -> None:
    """Readers that find the same dead journal at the same moment share the work."""
    folder = tmp_path / "one"
    finished = kill_while_logging(folder, 0.6)
    read = "import epochlog, sys; r, = epochlog.runs(store=sys.argv[1]); print(r.status, len(r.series('a').steps))"
    readers = [start_python(read, str(folder / "store")) for _ in range(3)]
    answers = [reader.communicate(timeout=120) for reader in readers]

    check_victim(folder, finished)
    counts = {int(out.split()[1]) for out, err in answers}
    assert counts <= {finished, finished + 1}, answers
