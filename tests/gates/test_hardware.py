"""However short a run is, it has samples of the machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import epochlog


@pytest.mark.parametrize("seconds", [0.3, 1.0])
def test_a_one_second_run_has_system_metrics(seconds: float) -> None:
    """A run of a second or less has CPU and memory of machine and process, with their times."""
    epochlog.autolog()
    with epochlog.start_run("short"):
        time.sleep(seconds)
    epochlog.flush()
    (run,) = epochlog.runs()
    keys = set(run.system_metrics)

    for word in ("cpu", "memory", "process"):
        assert any(word in key for key in keys), sorted(keys)
    assert all(run.system_metrics[key].count >= 1 for key in keys)


def test_a_short_fit_has_system_metrics(cancer: Any) -> None:
    """A fit without a run of the user's is sampled like any run."""
    from sklearn.ensemble import RandomForestClassifier

    epochlog.autolog()
    RandomForestClassifier(200, random_state=0).fit(*cancer)
    epochlog.flush()
    (run,) = epochlog.runs()

    assert any("cpu" in key for key in run.system_metrics)
    assert all(point.count >= 1 for point in run.system_metrics.values())


def test_samples_are_no_metrics_of_the_user(cancer: Any) -> None:
    """Samples of the machine stay out of the metrics that belong to the training."""
    from sklearn.linear_model import LogisticRegression

    epochlog.autolog()
    LogisticRegression().fit(*cancer)
    epochlog.flush()
    (run,) = epochlog.runs()

    assert run.system_metrics
    assert not set(run.metrics) & set(run.system_metrics)


KILLED = """
import sys, time
import epochlog
windows = {"interval_s": 0.4, "reading_s": 0.1}
epochlog.autolog(store=sys.argv[1], capture="none", options={"hardware": windows})
run = epochlog.start_run("killed")
from epochlog_hardware import patches
while True:
    time.sleep(0.05)
    watched = patches._monitor._samplers[0]._watched[run.id]
    print(watched.taken, flush=True)
"""


def test_kill_9_loses_at_most_one_window(tmp_path: Path) -> None:
    """All windows that were complete are in the store, with the run's totals until then."""
    store = tmp_path / "store"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("EPOCHLOG_")}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(store)], stdout=subprocess.PIPE, env=environment
    )
    windows = 0
    while windows < 6:
        line = process.stdout.readline()
        assert line, "the process ended by itself"
        windows = int(line)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    (run,) = epochlog.runs(store=str(store))

    assert run.system_metrics["process/memory_bytes"].count >= windows - 1
    cpu = run.system_metrics["machine/cpu_percent"]
    greatest = run.system_metrics.get("machine/cpu_percent.max")
    assert greatest is None or greatest.max >= cpu.max
    assert 0 < run.system_metrics["total/cpu_hours"].last < 1
    assert run.system_metrics["total/memory_peak_bytes"].last > 10e6
