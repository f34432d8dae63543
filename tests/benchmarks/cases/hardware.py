"""What the hardware sampler takes of a core while a run is open and nothing else happens."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

from suite.children import MeasurementFailed, alternate, measure
from suite.results import OURS, Options, Row, pairwise_value, value_of

OPEN_S, OPEN_QUICK_S = 30.0, 3.0
SAMPLES, SAMPLES_QUICK = 200, 20
SIMULATED_S, SIMULATED_QUICK_S = 600, 60
READINGS_A_WINDOW = 5
"""Of one second each, as by default."""
WORKERS = 4


def benchmark(options: Options) -> Iterator[Row]:
    """An open, idle run with and without the sampler; and samples one after the other."""
    options.say("hardware")
    sample = Row("hardware", "one sample of host values, CPU", "ms")
    share = Row("hardware", "sampler during an open run, of one core", "%")
    idle = Row("hardware", "open run without sampler, of one core", "%")
    simulated_s = SIMULATED_QUICK_S if options.quick else SIMULATED_S
    whole = Row(
        "hardware", f"a run of {simulated_s / 60:.0f} min, simulated: sampling and storing, of one core",
        "%", 0.5,
    )  # fmt: skip
    open_s = OPEN_QUICK_S if options.quick else OPEN_S
    try:
        count = SAMPLES_QUICK if options.quick else SAMPLES
        sample.values[OURS] = value_of(measure("cases.hardware:time_samples", samples=count))
        whole.values[OURS] = value_of(
            measure("cases.hardware:simulated_percent", simulated_s=simulated_s)
        )
        off, on = alternate(
            1 if options.quick else 3,
            lambda: measure("cases.hardware:idle_percent", sampled=False, open_s=open_s),
            lambda: measure("cases.hardware:idle_percent", sampled=True, open_s=open_s),
        )
    except MeasurementFailed as error:
        options.failures.append(("hardware", str(error)))
        return
    share.values[OURS], idle.values[OURS] = pairwise_value(on, off), value_of(off)
    whole.note = f"{WORKERS} worker processes; all readings and windows of that time in a row"
    share.note = f"over the {open_s:.0f} s after the run's first 5 s"
    yield from (whole, sample, share, idle)


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


def simulated_percent(simulated_s: int, folder: str) -> list[float]:
    """Return the percentage of a core that sampling takes, three times; in a child process.

    All work of that time is done, with shorter pauses: reading, folding, logging, storing.
    """
    import epochlog
    from epochlog_hardware.host import HostProbe
    from epochlog_hardware.totals import Totals
    from epochlog_hardware.window import Window

    epochlog.autolog(store=folder, hardware=False, capture="none")
    sleep = [sys.executable, "-c", "input()"]
    workers = [subprocess.Popen(sleep, stdin=subprocess.PIPE) for _ in range(WORKERS)]
    found = []
    for number in range(4):
        probe, window, totals = HostProbe(), Window(), Totals()
        run = epochlog.start_run(f"simulated {number}")
        epochlog.flush()
        began = time.process_time()
        for second in range(simulated_s):
            reading = probe.sample()
            window.add(reading)
            totals.add(reading, float(second))
            if second % READINGS_A_WINDOW == READINGS_A_WINDOW - 1:
                run.log_system_metrics(window.take() | totals.values())
            time.sleep(0.051)  # rates over a shorter time are not told
        epochlog.flush()
        found.append((time.process_time() - began) / simulated_s * 100)
        run.end()
    for worker in workers:
        worker.kill()
        worker.wait()
    return found[1:]  # the first one imports
