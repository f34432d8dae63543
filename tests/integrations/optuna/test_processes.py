"""Studies that several processes share, at once or one after the other."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import optuna
import pytest
from processes import start_python

import epochlog

WORKER = """
import sys, time
import epochlog
epochlog.autolog("optuna", hardware=False)
import optuna
optuna.logging.set_verbosity(optuna.logging.CRITICAL)
optuna.logging.disable_propagation()
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

kind, trials, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
url = "sqlite:///shared.db"
storage = url if kind == "sqlite" else JournalStorage(JournalFileBackend("shared.log"))
study = optuna.create_study(study_name="shared", storage=storage, load_if_exists=True)

def objective(trial):
    x = trial.suggest_float("x", 0, 1)
    print("begun", flush=True)
    time.sleep(seconds)
    return x

study.optimize(objective, trials)
"""


def finish(process: Any) -> None:
    """Wait for a worker and see that it ended well."""
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors


def the_study() -> Any:
    """Return the only study of the store."""
    (study,) = epochlog.runs('kind == "study"')
    return study


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "journal"])
def test_two_processes_on_one_storage(kind: str, tmp_path: Path) -> None:
    """One parent, a child for each trial whoever ran it, none twice; the same when resumed."""
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    if kind == "sqlite":
        optuna.create_study(study_name="shared", storage=f"sqlite:///{tmp_path}/shared.db")
    both = [start_python(WORKER, kind, "5", "0.05", cwd=tmp_path) for _ in range(2)]
    for process in both:
        finish(process)
    study = the_study()
    first = study.id

    assert [trial.position for trial in study.children()] == list(range(10))
    assert {trial.status for trial in study.children()} == {"completed"}
    assert study.status == "completed"
    assert study.params["storage.dialect"] == {"sqlite": "sqlite", "journal": "file"}[kind]

    finish(start_python(WORKER, kind, "2", "0", cwd=tmp_path))
    study = the_study()

    assert study.id == first
    assert [trial.position for trial in study.children()] == list(range(12))
    values = [trial.metrics["value"].last for trial in study.children()]
    assert study.metrics["best/value"].min == min(values)


@pytest.mark.slow
def test_a_study_lives_as_long_as_one_process_works_on_it(tmp_path: Path) -> None:
    """The end of one process does not end the study of another that is in the middle of a trial."""
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    optuna.create_study(study_name="shared", storage=f"sqlite:///{tmp_path}/shared.db")
    long = start_python(WORKER, "sqlite", "1", "15", cwd=tmp_path)
    assert long.stdout is not None
    assert long.stdout.readline() == "begun\n"
    finish(start_python(WORKER, "sqlite", "2", "0", cwd=tmp_path))
    while_it_lives = the_study().status
    finish(long)

    assert while_it_lives == "running"
    assert the_study().status == "completed"


@pytest.mark.slow
def test_a_killed_process_leaves_its_trial_lost(tmp_path: Path) -> None:
    """A trial whose process was killed is lost, with the params that it had."""
    process = start_python(WORKER, "sqlite", "1", "60", cwd=tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    time.sleep(0.2)
    process.kill()
    process.communicate()
    study = the_study()
    (trial,) = study.children()

    assert (study.status, trial.status) == ("lost", "lost")
    assert 0 <= trial.params["x"] <= 1


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_interrupt_by_signal(tmp_path: Path) -> None:
    """Ctrl-C in a trial: trial and study are canceled, the trials before are complete."""
    import signal

    process = start_python(WORKER, "sqlite", "50", "0.4", cwd=tmp_path)
    assert process.stdout is not None
    for _ in range(3):
        process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    study = the_study()
    *before, last = study.children()

    assert process.returncode != 0
    assert (study.status, last.status) == ("canceled", "canceled")
    assert {trial.status for trial in before} == {"completed"}


def test_a_study_made_again_is_another_run(tmp_path: Path) -> None:
    """Deleted and made again under its name in the same file, a study gets a run of its own."""
    epochlog.autolog("optuna", hardware=False)
    url = f"sqlite:///{tmp_path}/again.db"
    for _ in range(2):
        study = optuna.create_study(study_name="again", storage=url)
        study.optimize(lambda t: t.suggest_float("x", 0, 1), 2)
        del study
        optuna.delete_study(study_name="again", storage=url)
    epochlog.flush()
    studies = list(epochlog.runs('kind == "study"'))

    assert len({run.id for run in studies}) == 2
    assert [len(run.children()) for run in studies] == [2, 2]


def test_loaded_twice_in_one_process(tmp_path: Path) -> None:
    """Two Study objects of one study record into one run."""
    epochlog.autolog("optuna", hardware=False)
    url = f"sqlite:///{tmp_path}/twice.db"
    one = optuna.create_study(study_name="twice", storage=url)
    one.optimize(lambda t: t.suggest_float("x", 0, 1), 2)
    two = optuna.load_study(study_name="twice", storage=url)
    two.optimize(lambda t: t.suggest_float("x", 0, 1), 2)
    one.tell(one.ask(), 0.0)
    epochlog.flush()

    assert [trial.position for trial in the_study().children()] == [0, 1, 2, 3, 4]


def test_told_by_another_process(tmp_path: Path) -> None:
    """A trial that another process asked for is told into the very run that was opened there."""
    url = f"sqlite:///{tmp_path}/told.db"
    code = f"""
import epochlog; epochlog.autolog("optuna", hardware=False)
import optuna
study = optuna.create_study(study_name="told", storage={url!r})
study.ask().suggest_float("x", 0, 1)
"""
    process = start_python(code, cwd=tmp_path)
    process.communicate(timeout=60)
    asked = the_study().children()[0]
    epochlog.autolog("optuna", hardware=False)
    optuna.load_study(study_name="told", storage=url).tell(0, 4.0)
    epochlog.flush()
    (trial,) = the_study().children()

    assert asked.status == "canceled"
    assert (trial.id, trial.status) == (asked.id, "completed")
    assert trial.metrics["value"].last == 4.0


def test_studies_in_memory_are_apart() -> None:
    """Two studies of one name in memory have nothing to do with each other."""
    epochlog.autolog("optuna", hardware=False)
    for _ in range(2):
        study = optuna.create_study(study_name="same")
        study.optimize(lambda t: t.suggest_float("x", 0, 1), 2)
    epochlog.flush()

    assert [len(run.children()) for run in epochlog.runs('kind == "study"')] == [2, 2]
