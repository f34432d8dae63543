"""Limits of containers, on folder trees laid out like the kernel's."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from epochlog_hardware.container import Container

GIB = 2**30


def tree(root: Path, files: dict[str, object]) -> Path:
    """Write files below ``root`` and return it."""
    root.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
    return root


def container(root: Path, membership: str, files: dict[str, object]) -> Container:
    """Return a probe of a tree, on a machine with 64 GiB."""
    own = tree(root, {"self_cgroup": membership}) / "self_cgroup"
    return Container(tree(root / "mount", files), own, machine_bytes=lambda: 64 * GIB)


V2 = {
    "cgroup.controllers": "cpu memory",
    "pod/app/memory.current": 2 * GIB,
    "pod/app/memory.max": "max",
    "pod/app/memory.events": "low 0\noom 3\noom_kill 2",
    "pod/app/cpu.max": "max 100000",
    "pod/app/cpu.stat": "usage_usec 5000000\nnr_periods 10\nnr_throttled 4\nthrottled_usec 250000",
    "pod/memory.max": 8 * GIB,
    "pod/cpu.max": "150000 100000",
}


def test_v2_takes_the_narrowest_limit_of_all_ancestors(tmp_path: Path) -> None:
    """A limit on the pod holds for the container in it."""
    sample = container(tmp_path, "0::/pod/app", V2).sample()

    assert sample == {
        "container/memory_bytes": 2 * GIB,
        "container/memory_limit_bytes": 8 * GIB,
        "container/memory_percent": 25.0,
        "container/cpu_limit_cores": 1.5,
        "container/oom_kills": 2,
        "container/throttled_periods": 4,
    }


def test_limits_are_read_live(tmp_path: Path) -> None:
    """A limit that is changed while the run goes on counts from then on."""
    probe = container(tmp_path, "0::/pod/app", V2)
    before = probe.sample()["container/memory_limit_bytes"]
    tree(tmp_path / "mount", {"pod/memory.max": 16 * GIB, "pod/cpu.max": "400000 100000"})
    after = probe.sample()

    assert (before, after["container/memory_limit_bytes"]) == (8 * GIB, 16 * GIB)
    assert after["container/cpu_limit_cores"] == 4.0


def test_v2_own_limit_may_be_narrower(tmp_path: Path) -> None:
    """The container's own limit wins when it is the smaller one."""
    files = V2 | {"pod/app/memory.max": 4 * GIB, "pod/app/cpu.max": "50000 100000"}
    sample = container(tmp_path, "0::/pod/app", files).sample()

    assert sample["container/memory_limit_bytes"] == 4 * GIB
    assert sample["container/cpu_limit_cores"] == 0.5


def test_v2_seen_from_inside(tmp_path: Path) -> None:
    """A container that sees its own group as the root finds its files there, whatever its path says."""
    inside = {
        key.removeprefix("pod/app/"): value
        for key, value in V2.items()
        if "pod/" not in key.replace("pod/app/", "")
    }
    sample = container(tmp_path, "0::/docker/0123", inside | {"memory.max": 3 * GIB}).sample()

    assert sample["container/memory_bytes"] == 2 * GIB
    assert sample["container/memory_limit_bytes"] == 3 * GIB


def test_v2_without_limits(tmp_path: Path) -> None:
    """Where nothing is limited, no limit and no percentage is made up."""
    files = V2 | {"pod/memory.max": "max", "pod/cpu.max": "max 100000"}
    sample = container(tmp_path, "0::/pod/app", files).sample()

    assert "container/memory_limit_bytes" not in sample
    assert "container/memory_percent" not in sample
    assert "container/cpu_limit_cores" not in sample


V1 = {
    "memory/docker/a/memory.usage_in_bytes": GIB,
    "memory/docker/a/memory.limit_in_bytes": 9223372036854771712,
    "memory/docker/a/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 1",
    "memory/docker/memory.limit_in_bytes": 2 * GIB,
    "cpu,cpuacct/docker/a/cpu.cfs_quota_us": -1,
    "cpu,cpuacct/docker/a/cpu.cfs_period_us": 100000,
    "cpu,cpuacct/docker/cpu.cfs_quota_us": 250000,
    "cpu,cpuacct/docker/cpu.cfs_period_us": 100000,
    "cpu,cpuacct/docker/a/cpu.stat": "nr_periods 9\nnr_throttled 3\nthrottled_time 1000000000",
    "cpu,cpuacct/docker/a/cpuacct.usage": 5_000_000_000,
}
V1_PATHS = "4:memory:/docker/a\n3:cpu,cpuacct:/docker/a\n0::/"


def test_v1(tmp_path: Path) -> None:
    """The older layout, one tree per controller, gives the same quantities."""
    sample = container(tmp_path, V1_PATHS, V1).sample()

    assert sample == {
        "container/memory_bytes": GIB,
        "container/memory_limit_bytes": 2 * GIB,
        "container/memory_percent": 50.0,
        "container/cpu_limit_cores": 2.5,
        "container/oom_kills": 1,
        "container/throttled_periods": 3,
    }


def test_hybrid_is_read_as_v1(tmp_path: Path) -> None:
    """With v2 mounted beside v1 for bookkeeping only, limits come from v1."""
    sample = container(tmp_path, V1_PATHS, V1 | {"unified/cgroup.controllers": ""}).sample()

    assert sample["container/memory_limit_bytes"] == 2 * GIB


def test_limit_above_the_machine_is_none(tmp_path: Path) -> None:
    """A limit that the machine can't reach limits nothing."""
    files = V1 | {"memory/docker/memory.limit_in_bytes": 128 * GIB}
    sample = container(tmp_path, V1_PATHS, files).sample()

    assert "container/memory_limit_bytes" not in sample


@pytest.mark.parametrize("membership", ["", "0::/", "nonsense"])
def test_no_cgroups(tmp_path: Path, membership: str) -> None:
    """A system without control groups gives an empty sample."""
    assert container(tmp_path, membership, {}).sample() == {}


def test_rates(tmp_path: Path) -> None:
    """Processor use comes from the growth of the counters between two samples."""
    probe = container(tmp_path, "0::/pod/app", V2)
    probe.sample()
    time.sleep(0.1)
    stat = tmp_path / "mount/pod/app/cpu.stat"
    stat.write_text("usage_usec 6000000\nnr_throttled 9\nthrottled_usec 250000\n")
    sample = probe.sample()

    assert sample["container/cpu_percent"] > 0
    assert sample["container/throttled_percent"] == 0
    assert sample["container/throttled_periods"] == 9


def test_real_files_can_be_read() -> None:
    """Whatever this machine has, reading it works and numbers make sense."""
    sample = Container().sample()

    assert all(value >= 0 for value in sample.values())
    if "container/memory_limit_bytes" in sample:
        assert sample["container/memory_bytes"] <= sample["container/memory_limit_bytes"] * 1.05


def test_no_rate_over_a_few_ticks(tmp_path: Path) -> None:
    """Two samples at once give no rate: counters of 10 ms would make it hundreds of percent."""
    probe = container(tmp_path, "0::/pod/app", V2)
    probe.sample()

    assert "container/cpu_percent" not in probe.sample()
