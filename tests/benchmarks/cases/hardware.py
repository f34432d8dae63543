"""What the hardware sampler takes of a core while a run is open and nothing else happens."""

from __future__ import annotations

import time
from collections.abc import Iterator

from suite.children import MeasurementFailed, alternate, measure
from suite.results import OURS, Options, Row, pairwise_value, value_of

OPEN_S, OPEN_QUICK_S = 30.0, 3.0
SAMPLES, SAMPLES_QUICK = 200, 20


def benchmark(options: Options) -> Iterator[Row]:
    """An open, idle run with and without the sampler; and samples one after the other."""
    options.say("hardware")
    sample = Row("hardware", "one sample of host values, CPU", "ms")
    share = Row("hardware", "sampler during an open run, of one core", "%")
    idle = Row("hardware", "open run without sampler, of one core", "%")
    open_s = OPEN_QUICK_S if options.quick else OPEN_S
    try:
        count = SAMPLES_QUICK if options.quick else SAMPLES
        sample.values[OURS] = value_of(measure("cases.hardware:time_samples", samples=count))
        off, on = alternate(
            1 if options.quick else 3,
            lambda: measure("cases.hardware:idle_percent", sampled=False, open_s=open_s),
            lambda: measure("cases.hardware:idle_percent", sampled=True, open_s=open_s),
        )
    except MeasurementFailed as error:
        options.failures.append(("hardware", str(error)))
        return
    share.values[OURS], idle.values[OURS] = pairwise_value(on, off), value_of(off)
    share.note = f"over the {open_s:.0f} s after the run's first 5 s"
    yield from (sample, share, idle)


def time_samples(samples: int, folder: str) -> list[float]:
    """Return CPU milliseconds of each of ``samples`` samples; in a child process."""
    del folder
    from epochlog_hardware.host import HostProbe

    probe = HostProbe()
    probe.sample()
    taken = []
    for _ in range(samples):
        started = time.thread_time()
        probe.sample()
        taken.append((time.thread_time() - started) * 1e3)
        time.sleep(0.01)
    return taken


def idle_percent(sampled: bool, open_s: float, folder: str) -> float:
    """Return the percentage of one core that a process with an open run uses; in a child process."""
    del folder
    import epochlog

    epochlog.autolog(hardware=sampled)
    run = epochlog.start_run("bench")
    time.sleep(5.0)  # imports, first samples, environment
    cpu, wall = time.process_time(), time.perf_counter()
    time.sleep(open_s)
    percent = (time.process_time() - cpu) / (time.perf_counter() - wall) * 100
    run.end()
    return percent
