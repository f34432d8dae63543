"""Trials that users ask for and tell by themselves."""

from __future__ import annotations

import gc
from typing import Any

import optuna
import pytest
from sklearn.linear_model import Ridge

import epochlog

pytestmark = pytest.mark.usefixtures("on")

X, Y = [[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0]


def test_ask_and_tell(stored: Any, random_study: Any) -> None:
    """Each told trial is a child with its value or state, its params even if ask suggested them."""
    study = random_study()
    first = study.ask()
    first.suggest_float("x", 0, 1)
    first.report(0.5, 3)
    study.tell(first, 1.5)
    second = study.ask({"y": optuna.distributions.IntDistribution(1, 3)})
    study.tell(second.number, state=optuna.trial.TrialState.PRUNED)
    third = study.ask()
    study.tell(third, state=optuna.trial.TrialState.FAIL)
    run, trials = stored()

    assert [t.status for t in trials] == ["completed", "pruned", "failed"]
    assert trials[0].params["x"] == study.trials[0].params["x"]
    assert trials[0].metrics["intermediate_value"].last.step == 3
    assert trials[1].params["y"] == study.trials[1].params["y"]
    assert run.metrics["best/value"].last == 1.5


def test_a_trial_that_was_never_told(stored: Any, random_study: Any) -> None:
    """With the study object gone, its run is over and the trial says that it was never told."""
    study = random_study()
    study.tell(study.ask(), 1.0)
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    assert stored()[0].status == "running"
    del study, trial
    gc.collect()
    run, trials = stored()

    assert run.status == "completed"
    assert [t.status for t in trials] == ["completed", "canceled"]
    assert trials[1].status_reason == "asked, but never told"
    assert "x" in trials[1].params


def test_told_twice(stored: Any, random_study: Any) -> None:
    """A second tell that Optuna skips changes nothing here either."""
    study = random_study()
    trial = study.ask()
    study.tell(trial, 1.0)
    study.tell(trial, 2.0, skip_if_finished=True)
    with pytest.raises(ValueError, match="COMPLETE"):
        study.tell(trial, 3.0)
    _, (only,) = stored()

    assert (only.metrics["value"].count, only.metrics["value"].last) == (1, 1.0)


def test_what_trains_between_belongs_to_the_trial(random_study: Any) -> None:
    """A fit between ask and tell is recorded into the trial; after tell it is nobody's."""
    epochlog.autolog("optuna", "sklearn", hardware=False)
    study = random_study()
    for _ in range(2):
        trial = study.ask()
        Ridge(alpha=trial.suggest_float("alpha", 0, 1)).fit(X, Y)
        study.tell(trial, 1.0)
    Ridge().fit(X, Y)
    epochlog.flush()
    study_run, last = epochlog.runs(nested=False, order_by="started")

    trials = study_run.children()
    assert [trial.params["model_class"] for trial in trials] == ["Ridge"] * 2
    assert [trial.children() for trial in trials] == [[], []]
    assert (last.kind, last.parent) == ("fit", None)


def test_a_batch_of_trials_is_told_apart_by_touch(random_study: Any) -> None:
    """Of several open trials, a fit belongs to the one that was touched last."""
    epochlog.autolog("optuna", "sklearn", hardware=False)
    study = random_study()
    batch = [study.ask() for _ in range(3)]
    for trial in batch:
        Ridge(alpha=trial.suggest_float("alpha", 0, 1)).fit(X, Y)
    for trial in batch:
        study.tell(trial, 1.0)
    epochlog.flush()
    (study_run,) = epochlog.runs(nested=False)

    for trial in study_run.children():
        assert trial.params["model_class"] == "Ridge"
        assert trial.children() == []


def test_asked_inside_an_objective(stored: Any, random_study: Any) -> None:
    """A trial that an objective asks for and tells is a trial beside the others."""
    study = random_study()

    def asking(trial: optuna.Trial) -> float:
        if trial.number == 0:
            study.tell(study.ask(), 5.0)
            study.ask()
        return 1.0

    study.optimize(asking, 2)
    _, trials = stored()

    assert [t.position for t in trials] == [0, 1, 2, 3]
    assert [t.status for t in trials] == ["completed", "completed", "running", "completed"]
    assert trials[1].metrics["value"].last == 5.0
