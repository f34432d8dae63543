"""Values of this very machine and of real child processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from epochlog_hardware.host import HostProbe
from epochlog_hardware.machine import Machine, cpu_model, machine_facts
from epochlog_hardware.process import ENUMERATE_EVERY, ProcessTree
from epochlog_hardware.rates import Rates


def busy(seconds: float) -> None:
    """Use one core."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


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
        time.sleep(0.3)
        later = tree.sample()
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
    ended = [tree.sample() for _ in range(ENUMERATE_EVERY)][-1]

    assert found["process/children"] == alone["process/children"] + 1
    assert found["process/memory_bytes"] > alone["process/memory_bytes"] + 70e6
    assert later["process/cpu_percent"] > 5
    assert ended["process/children"] == alone["process/children"]


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
