"""When samples are taken, for which runs, on which thread."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from memory_sink import MemorySink
from processes import run_python

from epochlog.base.settings import Settings
from epochlog.contract.events import Environment, RunEnded, SystemMetricPoints
from epochlog.contract.sink import StoreLocation
from epochlog.plugins.api import IntegrationOptions, Run, open_fit, remove_run_listeners
from epochlog.recording.recorder import configure, get_recorder
from epochlog_hardware import patches, sampler
from epochlog_hardware.host import HostProbe
from epochlog_hardware.plugin import OPTIONS


@pytest.fixture
def sink(store: Path) -> Iterator[MemorySink]:
    """Record into memory, with the hardware integration on."""
    memory = MemorySink()
    HostProbe().sample()  # imports psutil, which takes its time on a busy machine
    configure(StoreLocation("memory://", str(store)), Settings(), lambda: memory)
    patches.instrument(IntegrationOptions(OPTIONS))
    yield memory
    remove_run_listeners(patches.OWNER)


def stored(memory: MemorySink, kind: type) -> list[Any]:
    """Return events of one kind once they are all there, but for what recording itself cost."""
    get_recorder().flush()
    return [e for e in memory.of(kind) if "epochlog/overhead_s" not in getattr(e, "metrics", ())]


def test_short_run_has_first_and_last_sample(sink: MemorySink) -> None:
    """A run of a third of a second has a sample from its beginning and one with rates from its end."""
    with open_fit("Model", source="test") as fit:
        time.sleep(0.35)
    samples = [
        event.metrics for event in stored(sink, SystemMetricPoints) if event.run == fit.run.id
    ]

    assert len(samples) >= 2
    assert "process/memory_bytes" in samples[0]
    assert "process/cpu_percent" in samples[-1]


def test_facts_are_told_even_if_the_first_sample_is_late(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that ends before the sampler has started still gets its facts and a sample."""
    told: list[str] = []
    monkeypatch.setattr(Run, "log_environment", lambda self, data: told.append("facts"))
    monkeypatch.setattr(
        Run, "log_system_metrics", lambda self, metrics, context="": told.append("sample")
    )
    one = sampler.Sampler("test", "unused:Unused")
    one._probe = Counting()
    monkeypatch.setattr(Counting, "facts", lambda self: {"some": 1})
    one._thread = threading.current_thread()  # none starts by itself
    one.add(run)
    taken = one.remove(run)
    one._round()

    assert told == ["facts", "sample"]
    assert taken.is_set()


def test_last_sample_comes_before_the_end(
    sink: MemorySink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sample taken at the end is written before the event that ends the run, if it is in time."""
    monkeypatch.setattr(patches, "CLOSE_WAIT_S", 10.0)  # in time, however busy this machine is
    with open_fit("Model", source="test"):
        time.sleep(0.3)
    get_recorder().flush()
    kinds = [type(event) for event in sink.events]

    assert SystemMetricPoints not in kinds[kinds.index(RunEnded) :]


def test_switched_on_again_uses_the_same_threads(sink: MemorySink) -> None:
    """A second autolog() starts no second set of samplers."""
    before = patches._monitor
    remove_run_listeners(patches.OWNER)
    patches.instrument(IntegrationOptions(OPTIONS))

    assert patches._monitor is before


def test_children_are_not_sampled(sink: MemorySink) -> None:
    """Samples belong to the root; a nested run would only repeat them."""
    with open_fit("Search", source="test", kind="search") as outer:
        time.sleep(0.1)
        with open_fit("Model", source="test", kind="candidate"):
            time.sleep(0.1)

    assert {event.run for event in stored(sink, SystemMetricPoints)} == {outer.run.id}


def test_facts_are_told_once_per_run(sink: MemorySink) -> None:
    """Each root run's environment names the machine, once."""
    runs = []
    for _ in range(2):
        with open_fit("Model", source="test") as fit:
            time.sleep(0.2)
        runs.append(fit.run.id)
    told = [event for event in stored(sink, Environment) if "hardware" in event.data]

    assert [event.run for event in told] == runs
    assert told[0].data["hardware"]["cpu_cores_logical"] == os.cpu_count()


def test_two_open_runs_share_samples(sink: MemorySink) -> None:
    """Two root runs in two threads are both sampled."""
    ids = []

    def work() -> None:
        with open_fit("Model", source="test") as fit:
            ids.append(fit.run.id)
            time.sleep(0.3)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {event.run for event in stored(sink, SystemMetricPoints)} == set(ids)


class Counting:
    """A probe that notes the thread that reads it."""

    present = True
    threads: list[str] = []

    def sample(self, hurried: bool = False) -> dict[str, float]:
        self.threads.append(threading.current_thread().name)
        return {"test/value": 1.0}

    def facts(self) -> dict[str, object]:
        return {}


class Absent(Counting):
    """A probe of hardware that is not there."""

    present = False


class Broken:
    """A probe that can't be made."""

    def __init__(self) -> None:
        raise OSError("no such hardware")


class Slow(Counting):
    """A probe whose driver hangs."""

    def sample(self, hurried: bool = False) -> dict[str, float]:
        time.sleep(1.0)
        return {}


def monitor_of(probe: str, monkeypatch: pytest.MonkeyPatch) -> patches.Monitor:
    """Return a monitor whose only sampler reads ``probe`` of this module."""
    module = type(
        "Module", (), {"Counting": Counting, "Absent": Absent, "Broken": Broken, "Slow": Slow}
    )
    monkeypatch.setattr(sampler.importlib, "import_module", lambda name: module)
    monitor = patches.Monitor(IntegrationOptions(OPTIONS))
    monitor._samplers = [sampler.Sampler("test", f"module:{probe}", 5.0)]
    return monitor


@pytest.fixture
def run(store: Path) -> Run:
    """Return an open root run that no listener knows of."""
    configure(StoreLocation("memory://", str(store)), Settings(), MemorySink)
    return open_fit("Model", source="test").run


def test_samples_are_never_taken_on_the_callers_thread(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All reading happens on the sampler's own thread, the last sample included."""
    monitor = monitor_of("Counting", monkeypatch)
    Counting.threads.clear()
    monitor.opened(run)
    time.sleep(0.4)
    monitor.closing(run)

    assert len(Counting.threads) >= 2
    assert set(Counting.threads) == {"epochlog-hardware-test"}


def test_pauses_grow(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Samples are dense at first and then rare, up to the interval."""
    watched = sampler._Watched(run)
    one = sampler.Sampler("test", "module:Counting", 5.0)
    pauses = []
    for _ in range(6):
        before = time.monotonic()
        one._advance(watched)
        pauses.append(watched.due - before)

    assert pauses == pytest.approx([0.25, 0.5, 1.0, 2.0, 5.0, 5.0], abs=0.1)


def test_a_probe_that_cannot_be_made_harms_nobody(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread ends, later runs try again, and closing does not wait for anything."""
    monkeypatch.setenv("EPOCHLOG_RAISE", "0")
    monitor = monitor_of("Broken", monkeypatch)
    monitor.opened(run)
    time.sleep(0.2)
    monitor.closing(run)
    monitor.opened(run)
    time.sleep(0.2)

    assert monitor._samplers[0]._thread is None


def test_hardware_that_is_not_there_keeps_no_thread(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sampler without hardware ends its thread at once and starts no other."""
    monitor = monitor_of("Absent", monkeypatch)
    monitor.opened(run)
    time.sleep(0.2)
    Counting.threads.clear()
    monitor.opened(run)
    time.sleep(0.1)
    monitor.closing(run)

    assert monitor._samplers[0]._thread is None
    assert Counting.threads == []


def test_a_hanging_probe_does_not_hold_up_the_end(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of a run waits no longer than its few milliseconds."""
    monitor = monitor_of("Slow", monkeypatch)
    waited: list[float] = []
    original = threading.Event.wait
    monkeypatch.setattr(
        threading.Event,
        "wait",
        lambda self, timeout=None: waited.append(timeout) or original(self, timeout),
    )
    monitor.opened(run)
    waited.clear()
    monitor.closing(run)

    assert [0 <= timeout <= patches.CLOSE_WAIT_S for timeout in waited] == [True]


def test_thread_ends_when_idle_and_comes_back(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without open runs the thread goes away; the next run starts another."""
    monkeypatch.setattr(sampler, "IDLE_S", 0.05)
    monitor = monitor_of("Counting", monkeypatch)
    monitor.opened(run)
    time.sleep(0.1)
    monitor.closing(run)
    time.sleep(0.4)
    ended = monitor._samplers[0]._thread is None
    Counting.threads.clear()
    monitor.opened(run)
    time.sleep(0.2)
    monitor.closing(run)

    assert ended
    assert Counting.threads


def test_runs_that_end_unseen_are_dropped(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose end nobody told (the integration was switched off) is not sampled any more."""
    monitor = monitor_of("Counting", monkeypatch)
    monitor.opened(run)
    time.sleep(0.1)
    run.end()
    time.sleep(0.4)

    assert monitor._samplers[0]._watched == {}


FORK = """
import os, sys, time
from epochlog.base.settings import Settings
from epochlog.contract.sink import StoreLocation
from epochlog.plugins.api import IntegrationOptions, open_fit
from epochlog.recording.recorder import configure, get_recorder
from epochlog_hardware import patches
from epochlog_hardware.plugin import OPTIONS
from epochlog.contract.events import SystemMetricPoints
from memory_sink import MemorySink

sink = MemorySink()
configure(StoreLocation("memory://", sys.argv[1]), Settings(), lambda: sink)
patches.instrument(IntegrationOptions(OPTIONS))
with open_fit("Model", source="test"):
    time.sleep(0.1)
    get_recorder().flush()  # a child forked amid imports of the storing thread would not store
    for _ in range(20):
        pid = os.fork()
        if pid == 0:
            sampled_in_child = bool(patches._monitor._samplers)
            sink.__init__()
            from epochlog.recording.active import forget_runs
            forget_runs()
            with open_fit("Model", source="test") as fit:
                for _ in range(200):
                    time.sleep(0.05)
                    get_recorder().flush()
                    own = [e for e in sink.of(SystemMetricPoints) if e.run == fit.run.id]
                    if own:
                        break
            os._exit(0 if own and not sampled_in_child else 7)
        _, status = os.waitpid(pid, 0)
        assert status == 0, status
print("fine")
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_forked_children_start_their_own_sampler(tmp_path: Path) -> None:
    """A child forked while the sampler runs neither hangs nor samples for its parent, only for itself."""
    done = run_python(FORK, str(tmp_path / "forked"), timeout=60)

    assert done.stdout.strip() == "fine", done.stderr
