"""Threads, forks, spawned processes and joblib workers: nothing lost, nothing doubled, no hang."""

from __future__ import annotations

from pathlib import Path

import pytest
from processes import run_python

import epochlog

FORK = """
import os, epochlog
run = epochlog.start_run(name="parent")
run.log_metric("before", 1.0, step=0)
children = []
for child in range(8):
    pid = os.fork()
    if pid == 0:
        for step in range(500):
            run.log_metric(f"child{child}", step, step=step)
        os._exit(0)
    children.append(pid)
for step in range(500):
    run.log_metric("parent", step, step=step)
for pid in children:
    assert os.waitpid(pid, 0)[1] == 0
"""

MULTIPROCESSING = """
import multiprocessing, sys, epochlog

def work(child):
    run = epochlog.current_run()
    with epochlog.start_run(name=f"child{child}") as own:
        for step in range(200):
            own.log_metric("m", step, step=step)

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    with epochlog.start_run(name="parent"):
        processes = [multiprocessing.Process(target=work, args=(n,)) for n in range(4)]
        for p in processes: p.start()
        for p in processes: p.join()
        assert [p.exitcode for p in processes] == [0] * 4
"""

THREADS = """
import threading, epochlog

def work(thread):
    for fit in range(2):
        with epochlog.start_run(name=f"t{thread}f{fit}") as run:
            run.log_params({"thread": thread, "fit": fit})
            for step in range(1000):
                epochlog.log_metrics({"m": step * thread}, step=step)

threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for t in threads: t.start()
for t in threads: t.join()
"""

JOBLIB = """
import sys, joblib, epochlog
from epochlog.plugins.api import attach_context, export_context

def work(context, child):
    with attach_context(context) as run:
        for step in range(200):
            run.log_metric(f"child{child}", step, step=step)

with epochlog.start_run(name="parent"):
    context = export_context()
    joblib.Parallel(n_jobs=2, backend=sys.argv[1])(joblib.delayed(work)(context, n) for n in range(6))
"""


def the_runs(store: Path) -> dict[str, epochlog.query.runs.RunView]:
    return {run.name: run for run in epochlog.runs(store=store)}


@pytest.mark.timeout(120)
def test_forked_children_log_into_their_parents_run(store: Path) -> None:
    """Children made by os.fork, ended by os._exit, lose no point and never touch the parent's journal."""
    result = run_python(FORK)
    assert (result.returncode, result.stderr) == (0, "")
    run = the_runs(store)["parent"]

    assert run.status == "completed"
    for key in ["parent", *(f"child{n}" for n in range(8))]:
        assert run.series(key).values.tolist() == list(map(float, range(500))), key


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.timeout(180)
def test_multiprocessing_children_have_complete_runs(store: Path, method: str) -> None:
    """Every child's own run is complete, whichever way the child was started."""
    result = run_python(MULTIPROCESSING, method)
    assert (result.returncode, result.stderr) == (0, "")
    runs = the_runs(store)

    for n in range(4):
        child = runs[f"child{n}"]
        assert child.status == "completed"
        assert child.series("m").values.tolist() == list(map(float, range(200)))


def test_eight_runs_in_four_threads_are_complete(store: Path) -> None:
    """Runs of different threads don't mix."""
    result = run_python(THREADS)
    assert (result.returncode, result.stderr) == (0, "")
    runs = the_runs(store)

    assert len(runs) == 8
    for run in runs.values():
        assert run.status == "completed"
        assert run.series("m").values.tolist() == [
            step * run.params["thread"] for step in range(1000)
        ]


@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
@pytest.mark.timeout(180)
def test_joblib_workers_log_into_the_run_they_were_sent_with(store: Path, backend: str) -> None:
    """An exported context leads workers of every backend into the parent's run."""
    pytest.importorskip("joblib")
    result = run_python(JOBLIB, backend)
    assert result.returncode == 0, result.stderr
    run = the_runs(store)["parent"]

    assert run.status == "completed"
    for n in range(6):
        assert run.series(f"child{n}").values.tolist() == list(map(float, range(200)))


def test_a_process_joins_the_run_of_its_environment(store: Path) -> None:
    """EPOCHLOG_RUN_ID makes start_run in another process join instead of opening a run."""
    with epochlog.start_run(name="parent") as run:
        script = (
            "import epochlog\nwith epochlog.start_run() as r: r.log_metric('other', 1.0, step=0)\n"
        )
        result = run_python(script, EPOCHLOG_RUN_ID=run.id)
        assert (result.returncode, result.stderr) == (0, "")
    (stored,) = epochlog.runs(store=store)

    assert (stored.name, stored.status) == ("parent", "completed")
    assert stored.series("other").values.tolist() == [1.0]


def test_a_run_is_resumed_by_its_id(store: Path) -> None:
    """A later process goes on with a run that was killed, and completes it."""
    killed = run_python(
        "import epochlog, os\nr = epochlog.start_run(name='long')\nr.log_metric('m', 0.0, step=0)\nprint(r.id, flush=True)\nos.kill(os.getpid(), 9)"
    )
    run_id = killed.stdout.strip()
    assert epochlog.get_run(run_id, store=store).status == "lost"
    resumed = run_python(
        f"import epochlog\nwith epochlog.start_run(run_id='{run_id}') as r: r.log_metric('m', 1.0, step=1)"
    )
    assert (resumed.returncode, resumed.stderr) == (0, "")
    run = epochlog.get_run(run_id, store=store)

    assert (run.name, run.status) == ("long", "completed")
    assert run.series("m").values.tolist() == [0.0, 1.0]


BORROWED = """
import sys, joblib, epochlog
epochlog.autolog()
import lightgbm as lgb
import numpy as np

def train(seed):
    X = np.random.default_rng(seed).normal(size=(200, 3))
    lgb.train({"verbose": -1}, lgb.Dataset(X, X[:, 0]), 2)

if __name__ == "__main__":
    import sklearn.base
    joblib.Parallel(n_jobs=2)(joblib.delayed(train)(n) for n in range(2))
    epochlog.uninstrument()
    joblib.Parallel(n_jobs=2)(joblib.delayed(train)(n) for n in range(2))
"""


@pytest.mark.slow
def test_reused_workers_record_nothing_that_nobody_sent(store: Path) -> None:
    """After uninstrument() the pool's processes live on, and are silent."""
    pytest.importorskip("lightgbm")
    result = run_python(BORROWED)
    assert (result.returncode, result.stderr) == (0, "")

    assert len(list(epochlog.runs(store=store))) == 2
