"""What recording cost stands in each run as ``epochlog/overhead_s``."""

from __future__ import annotations

import time

import pytest

import epochlog
from epochlog.plugins.api import guard, open_fit


@pytest.fixture
def overhead(store):
    """Switch recording on; return a function that reads all runs' overheads by name, in seconds."""
    epochlog.autolog(store=store, disable=["hardware"])

    def read():
        epochlog.flush()
        found = {run.name: run.system_metrics for run in epochlog.runs(store=store)}
        return {name: own["epochlog/overhead_s"].last for name, own in found.items() if own}

    return read


def test_a_run_says_what_it_cost(overhead):
    """Seconds inside guards, of this run and no other, close to what they really were."""
    began = time.perf_counter()
    with epochlog.start_run("outer"):
        with guard("outer work"):
            time.sleep(0.05)
        with epochlog.start_run("inner"), guard("inner work"):
            time.sleep(0.1)
        time.sleep(0.2)  # the user's own work
    took = time.perf_counter() - began
    found = overhead()

    assert found["outer"] >= 0.05
    assert found["inner"] >= 0.1
    assert found["outer"] + found["inner"] <= took - 0.2


def test_many_calls_of_log_metrics_are_counted(overhead):
    """The estimate from every 64th call is of the size of what all of them took the processor."""
    with epochlog.start_run("calls") as run:
        began = time.thread_time()
        for step in range(20_000):
            run.log_metrics({"a": 1.0, "b": 2.0}, step=step)
        took = time.thread_time() - began

    assert took / 2 < overhead()["calls"] < took * 2


def test_a_run_that_is_opened_but_not_entered_counts(overhead):
    """A loop that is no call (an integration's own life cycle) has its cost, too."""
    scope = open_fit("loop", source="test")
    with guard("a step"):
        time.sleep(0.02)
    scope.run.end()

    assert min(overhead().values()) >= 0.02


def test_children_that_no_thread_worked_for_say_nothing(overhead):
    """Folds that a callback of their parent writes are the parent's cost."""
    with epochlog.start_run("search") as run:
        folds = [run.start_child(f"fold {i}", kind="fold", source="test") for i in range(3)]
        with guard("a round"):
            for fold in folds:
                fold.log_metrics({"val/loss": 1.0}, step=0)
        for fold in folds:
            fold.end()

    assert set(overhead()) == {"search"}


def test_the_overhead_of_a_run_that_failed_is_known(overhead):
    """An exception of the user's ends the run; what we cost until then stays known."""
    with pytest.raises(ZeroDivisionError), epochlog.start_run("failed"):
        raise ZeroDivisionError

    assert overhead()["failed"] > 0
