"""Values of this very machine and of real child processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path

import psutil
import pytest

from epochlog_hardware.host import HostProbe
from epochlog_hardware.machine import Machine, cpu_model, machine_facts
from epochlog_hardware.process import ENUMERATE_EVERY, ProcessTree
from epochlog_hardware.processes import LinuxReader, PsutilReader
from epochlog_hardware.rates import Rates


def alone(test: Callable[[], None]) -> Callable[[], None]:
    """Run a test in a process of its own: this one may have other tests' workers as children."""

    @wraps(test)
    def run() -> None:
        if "EPOCHLOG_ALONE" in os.environ:
            return test()
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, f"{__file__}::{test.__name__}"],
            env={**os.environ, "EPOCHLOG_ALONE": "1"},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return None

    return run


def busy(seconds: float) -> None:
    """Use one core."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


@alone
def test_first_sample_is_complete_but_for_rates() -> None:
    """The first sample has every level; what needs two readings comes with the second."""
    probe = HostProbe()
    first = probe.sample()
    busy(0.1)
    second = probe.sample()

    assert set(first) <= set(second)
    assert {
        "machine/memory_used_bytes",
        "process/memory_bytes",
        "process/threads",
        "disk/free_bytes",
    } <= set(first)
    assert {"machine/cpu_percent", "process/cpu_percent", "net/sent_bytes_per_s"} <= set(
        second
    ) - set(first)


def test_machine_values_agree_with_the_kernel() -> None:
    """Memory and processor use lie within the machine's limits."""
    machine = Machine()
    machine.sample()
    busy(0.1)
    sample = machine.sample()
    total = psutil.virtual_memory().total

    assert 0 < sample["machine/cpu_percent"] <= 100
    assert 0 < sample["machine/memory_used_bytes"] < total
    assert (
        sample["machine/memory_used_bytes"] + sample["machine/memory_available_bytes"]
        <= total * 1.1
    )


def test_process_cpu_counts_cores() -> None:
    """One busy thread shows about as many percent as it used of the time that passed."""
    clock = iter([10.0, 12.0])
    tree = ProcessTree(lambda: next(clock))
    tree.sample()
    before = time.process_time()
    busy(0.3)
    used_s = time.process_time() - before
    sample = tree.sample()

    assert abs(sample["process/cpu_percent"] - 100 * used_s / 2.0) < 10


@alone
def test_children_are_in_the_sums() -> None:
    """A child's memory and processor time belong to the tree, and end with it."""
    tree = ProcessTree()
    alone = tree.sample()
    code = "x = bytearray(80_000_000); print(flush=True); import time; t = time.process_time()\nwhile 1: pass"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        child.stdout.readline()
        samples = [tree.sample() for _ in range(ENUMERATE_EVERY)]
        found = samples[-1]
        for _ in range(200):  # a busy machine gives the child little time
            time.sleep(0.1)
            later = tree.sample()
            if later["process/cpu_seconds"] > found["process/cpu_seconds"] + 0.3:
                break
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
    ended = [tree.sample() for _ in range(ENUMERATE_EVERY)][-1]

    assert found["process/children"] == alone["process/children"] + 1
    assert found["process/memory_bytes"] > alone["process/memory_bytes"] + 70e6
    assert later["process/cpu_seconds"] > found["process/cpu_seconds"] + 0.3
    assert later["process/cpu_percent"] > 0
    assert ended["process/children"] == alone["process/children"]


WORKER = """
import mmap, os, sys, time
shared = mmap.mmap(-1, 60_000_000)
shared.write(b"x" * 60_000_000)
for _ in range(2):
    if os.fork() == 0:
        total = sum(shared[::4096])
        os.write(1, b"ready\\n")
        time.sleep(60)
        os._exit(0)
os.write(1, b"ready\\n")
time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="Linux 4.14 and later")
@alone
def test_shared_memory_is_divided_among_those_who_share_it() -> None:
    """Three processes that share 60 MB hold 180 MB resident and 60 MB in proportion."""
    alone = ProcessTree().sample()
    family = subprocess.Popen(
        [sys.executable, "-c", WORKER], stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        for _ in range(3):
            assert family.stdout.readline() == b"ready\n"
        found = ProcessTree().sample()
    finally:
        os.killpg(family.pid, signal.SIGKILL)
        family.wait()
        family.stdout.close()

    assert "process/memory_pss_bytes" not in alone  # nobody to share with
    assert found["process/children"] == 3
    assert found["process/memory_bytes"] - alone["process/memory_bytes"] > 170e6
    apart = found["process/memory_bytes"] - found["process/memory_pss_bytes"]
    assert apart > 110e6


def test_memory_that_takes_long_to_divide_is_not_asked_again(monkeypatch) -> None:
    """A tree whose page tables take longer than a fifth of a second is left alone."""

    class Slow(LinuxReader):
        asked = 0

        def descendants(self) -> list[int]:
            return [os.getppid()]

        def pss_bytes(self, pid: int) -> float | None:
            Slow.asked += 1
            time.sleep(0.15)
            return 1.0

    tree = ProcessTree(reader=Slow())
    samples = [tree.sample() for _ in range(3 * ENUMERATE_EVERY)]

    assert Slow.asked == 2
    assert [s["process/memory_pss_bytes"] for s in samples if "process/memory_pss_bytes" in s] == [
        2.0
    ]


def test_files_traffic_and_faults_of_the_tree(tmp_path: Path) -> None:
    """Open descriptors, bytes written to disk and page faults are those of this very process."""
    tree = ProcessTree()
    before = tree.sample()
    files = [(tmp_path / str(i)).open("wb") for i in range(20)]
    files[0].write(os.urandom(3_000_000))
    files[0].flush()
    os.fsync(files[0].fileno())
    memory = bytearray(20_000_000)
    time.sleep(0.1)
    after = [tree.sample() for _ in range(ENUMERATE_EVERY)]
    for file in files:
        file.close()

    assert after[-1]["process/open_files"] >= before["process/open_files"] + 20
    assert after[0]["process/page_faults_per_s"] > 0
    if "process/write_bytes_per_s" in after[0]:  # the kernel counts
        assert after[0]["process/write_bytes_per_s"] >= 0
    assert len(memory) == 20_000_000


def test_processor_seconds_of_children_that_ended_stay() -> None:
    """What a child used is in its parent's account once the child was waited for."""
    tree = ProcessTree()
    before = tree.sample()["process/cpu_seconds"]
    code = "import time\nwhile time.process_time() < 0.4: pass"
    subprocess.run([sys.executable, "-c", code], check=True)
    after = tree.sample()["process/cpu_seconds"]

    assert after - before >= 0.39


def test_psutil_tells_the_same(monkeypatch) -> None:
    """On systems without /proc the numbers come from psutil, under the same names."""
    linux, other = ProcessTree(reader=LinuxReader()), ProcessTree(reader=PsutilReader())
    one, two = linux.sample(), other.sample()

    assert set(two) <= set(one)
    for key in ("process/memory_bytes", "process/cpu_seconds", "process/open_files"):
        assert two[key] == pytest.approx(one[key], rel=0.2, abs=5)


def test_names_of_processes_may_hold_anything(tmp_path: Path) -> None:
    """A process called ``a) R 1 (b`` is read like any other, its children are found by thread."""
    numbers = "S 1 1 1 0 -1 4194304 10 0 2 0 150 50 30 20 20 0 3 0 100 4096 9 0"
    for pid, children in ((7, "8 "), (8, "")):
        folder = tmp_path / str(pid)
        (folder / "task" / str(pid)).mkdir(parents=True)
        (folder / "stat").write_text(f"{pid} (a) R 1 (b) {numbers}\n")
        (folder / "task" / str(pid) / "children").write_text(children)
    reader = LinuxReader(tmp_path, own=7)
    tick, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")

    assert reader.descendants() == [8]
    assert reader.read(7) == {
        "cpu_s": 200 / tick,
        "reaped_cpu_s": 50 / tick,
        "memory_bytes": 9 * page,
        "threads": 3,
        "minor_faults": 10,
        "major_faults": 2,
    }
    assert reader.read(9) is None


def test_facts_name_the_machine() -> None:
    """What doesn't change is told once: processor, cores, memory."""
    facts = machine_facts()

    assert facts["cpu_cores_logical"] == os.cpu_count()
    assert facts["memory_total_bytes"] == psutil.virtual_memory().total
    assert facts["cpu_model"]


def test_cpu_model_of_a_file(tmp_path: Path) -> None:
    """The processor's name is read from the kernel's list; a machine without one still has a name."""
    listing = tmp_path / "cpuinfo"
    listing.write_text("processor : 0\nmodel name\t: Quick 9000 @ 3 GHz\n")

    assert cpu_model(listing) == "Quick 9000 @ 3 GHz"
    assert isinstance(cpu_model(tmp_path / "missing"), str)


def test_rates_need_two_readings_and_forward_counters() -> None:
    """A counter that starts, disappears or goes back gives no rate."""
    clock = iter([0.0, 2.0, 4.0])
    rates = Rates(lambda: next(clock))

    assert rates.of({"a": 10, "b": 5}) == {}
    assert rates.of({"a": 14, "b": 1, "c": 3}) == {"a": 2.0}
    assert rates.of({"c": 4}) == {"c": 0.5}


def test_a_failing_part_takes_nothing_else_away(monkeypatch) -> None:
    """Where the system refuses one reading, all others are still sampled."""
    probe = HostProbe()
    monkeypatch.setattr(psutil, "disk_usage", lambda path: 1 / 0)
    sample = probe.sample()

    assert "disk/free_bytes" not in sample
    assert "machine/memory_percent" in sample
