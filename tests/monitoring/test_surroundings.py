"""Watchdogs over pace, GPUs, data loading and disks speak when they should, and only then."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from epochlog.contract.events import MetricPoints, SystemMetricPoints
from epochlog.monitoring.surroundings import data_bound, disk_full, gpu_idle, stalled
from epochlog.monitoring.watch import WatchedRun

S = 1_000_000


class Run(WatchedRun):
    """A run whose silence is given."""

    quiet_s = 0.0


def run_of(*, training: bool = True, folders: tuple[str, ...] = ()) -> Run:
    return Run("id", folders, lambda run: training)


def with_steps(check: Any, run: Run, every_s: float, steps: int = 10) -> None:
    run.points = [MetricPoints("id", int(i * every_s * S), i, {}) for i in range(1, steps + 1)]
    assert check(run) is None
    run.points = []


def test_a_stall_is_told() -> None:
    """Ten minutes and ten times the longest pause without a step, while a fit goes on."""
    check, run = stalled(), run_of()
    with_steps(check, run, 2.0)
    run.quiet_s = 599
    assert check(run) is None
    run.quiet_s = 601
    assert check(run) == "no step for 10 min; the longest pause before was 2 s"
    run.ended = True
    assert check(run) is None


def test_slow_steps_are_no_stall() -> None:
    """Where a step takes five minutes, ten without one are nothing."""
    check, run = stalled(), run_of()
    with_steps(check, run, 300.0)
    run.quiet_s = 2900
    assert check(run) is None
    run.quiet_s = 3001
    assert check(run)


def test_silence_between_fits_is_no_stall() -> None:
    """A notebook that is being read, an evaluation: nothing, unless the user asked for it."""
    for check, expected in ((stalled(), False), (stalled(runs="all"), True)):
        run = run_of(training=False)
        with_steps(check, run, 1.0)
        run.quiet_s = 10_000
        assert bool(check(run)) is expected


def test_few_steps_tell_no_pace() -> None:
    """Before the sixth point nobody knows what a usual pause is."""
    check, run = stalled(), run_of()
    with_steps(check, run, 1.0, steps=5)
    run.quiet_s = 10_000
    assert check(run) is None


def gpus(check: Any, *samples: tuple[int, dict[str, float]]) -> list[str]:
    run = run_of()
    texts = []
    for at_s, values in samples:
        named = {f"gpu/{index}/utilization_percent": value for index, value in values.items()}
        run.system = [SystemMetricPoints("id", 1 + at_s * S, named)]
        if text := check(run):
            texts.append(text)
    return texts


def test_idle_gpus_are_told() -> None:
    """All of them, for the whole time."""
    found = gpus(gpu_idle(0.1, 60), *((at, {"0": 3.0, "1": 0.0}) for at in (0, 30, 59, 61)))
    assert found == ["no GPU was busier than 10% for 1.02 min (now 3 %)"]


def test_busy_gpus_are_not() -> None:
    """One that works is enough; one busy sample begins the time anew; no GPU is no idle GPU."""
    check = gpu_idle(0.1, 60)
    assert gpus(check, *((at, {"0": 3.0, "1": 90.0}) for at in (0, 30, 61))) == []
    assert gpus(check, (0, {"0": 0.0}), (50, {"0": 50.0}), (70, {"0": 0.0})) == []
    assert gpus(check, (0, {}), (100, {})) == []


@pytest.fixture
def small_disk(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """A disk of 100 GiB with as much free as the test says."""
    state = {"free": 50 * 2**30}

    class Usage:
        total = 100 * 2**30

        def __init__(self) -> None:
            self.free = state["free"]

    monkeypatch.setattr("shutil.disk_usage", lambda folder: Usage())
    return state


def test_a_disk_that_is_nearly_full_is_told(small_disk: dict[str, int]) -> None:
    """Little in bytes and as a share; large disks and small ones are spared."""
    now = [0.0]
    check, run = disk_full(clock=lambda: now[0]), run_of(folders=("/data",))
    assert check(run) is None
    small_disk["free"] = 2**29
    assert check(run) is None  # looked at every half minute
    now[0] = 31
    assert check(run) == "the disk of /data is nearly full: 512 MiB free (0.5%)"
    small_disk["free"] = 50 * 2**30
    now[0] = 62
    assert check(run) is None


def test_a_disk_that_fills_fast_is_told(small_disk: dict[str, int]) -> None:
    """At the speed of the last minutes it will be full soon, and little is left already."""
    now = [0.0]
    check, run = disk_full(clock=lambda: now[0]), run_of(folders=("/data",))
    for minute, free in enumerate((9, 8, 7)):
        small_disk["free"] = free * 2**30
        now[0] = minute * 60
        found = check(run)
    assert found == "the disk of /data will be full in 7 min: 7 GiB free"


def test_the_real_disk_can_be_read(tmp_path: Path) -> None:
    """With limits that every disk is below, the disk of the test is told."""
    assert "nearly full" in str(disk_full(2.0**60, 2.0)(run_of(folders=(str(tmp_path),))))
    assert disk_full()(run_of(folders=("/nowhere/at/all",))) is None


def test_waiting_for_data_is_seen() -> None:
    """While the main thread stands in a real DataLoader, looks from another thread see it."""
    torch = pytest.importorskip("torch")
    now = [0.0]
    found: list[str | None] = []

    def looks(check: Any, times: int) -> None:
        for _ in range(times):
            now[0] += 5
            found.append(check(run_of()))

    def from_another_thread(check: Any) -> None:
        thread = threading.Thread(target=looks, args=(check, 30))
        thread.start()
        thread.join()

    class Slow(torch.utils.data.Dataset):  # type: ignore[misc, name-defined, unused-ignore]
        def __len__(self) -> int:
            return 1

        def __getitem__(self, index: int) -> int:
            from_another_thread(waiting)
            return index

    waiting, working = (data_bound(clock=lambda: now[0]) for _ in range(2))
    for _ in torch.utils.data.DataLoader(Slow()):
        pass
    assert "the training waits for data: in 100% of" in str(found[-1])
    from_another_thread(working)
    assert found[-1] is None
