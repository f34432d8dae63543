"""Hyperparameter searches: one run for the search, one for each trial."""

from __future__ import annotations

from typing import Any

import optuna
import pytest

import epochlog

pytestmark = pytest.mark.slow


def search(make: Any, **more: Any) -> Any:
    """Return the best trial of a search over the learning rate."""
    trainer = make(model_init=lambda: make.model(), num_train_epochs=1)
    return trainer.hyperparameter_search(
        hp_space=lambda trial: {"learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-1)},
        compute_objective=lambda metrics: metrics["eval_loss"],
        n_trials=3,
        backend="optuna",
        sampler=optuna.samplers.RandomSampler(seed=1),
        **more,
    )


def test_without_the_optuna_integration(on: None, make: Any, stored: Any) -> None:
    """The search is a run; each trial is a child with its own parameters, curves and objective."""
    best = search(make)
    top, *trials = stored()

    assert (top.kind, top.parent) == ("search", None)
    assert [run.kind for run in trials] == ["trial"] * 3
    assert all(run.parent == top for run in trials)
    assert len({run.params["args.learning_rate"] for run in trials}) == 3
    assert all(run.metrics["val/loss"].count == 1 for run in trials)
    losses = [run.metrics["val/loss"].last for run in trials]
    assert [run.metrics["objective"].last for run in trials] == losses
    assert top.metrics["best/objective"].last == min(losses) == best.objective
    assert top.params["best_trial"] == best.run_id == str(losses.index(min(losses)))
    assert top.params["best_params.learning_rate"] == best.hyperparameters["learning_rate"]
    assert top.params["search.n_trials"] == 3


def test_in_the_users_run(on: None, make: Any, stored: Any) -> None:
    """In a run that the user opened, that run is the search, and its children are the trials."""
    with epochlog.start_run(name="mine"):
        search(make)
    mine, *trials = stored()

    assert mine.name == "mine"
    assert [(run.kind, run.parent.name) for run in trials] == [("trial", "mine")] * 3
    assert "best/objective" in mine.metrics


def test_pruned_trials(on: None, make: Any, stored: Any) -> None:
    """A trial that a pruner stops ends as pruned, with its curve up to then."""
    with pytest.raises(ValueError, match="No trials are completed"):  # then there is no best one
        search(make, pruner=optuna.pruners.ThresholdPruner(upper=0.0))
    trials = [run for run in stored() if run.kind == "trial"]

    assert [run.status for run in trials] == ["pruned"] * 3
    assert all(run.metrics["val/loss"].count == 1 for run in trials)
    assert all(run.metrics["train/loss"].count == 2 for run in trials)


def test_a_failed_search(on: None, make: Any, stored: Any) -> None:
    """A search that fails ends as failed, and so does its trial."""
    trainer = make(model_init=lambda: make.model(), num_train_epochs=1)
    with pytest.raises(KeyError):
        trainer.hyperparameter_search(
            hp_space=lambda trial: {"learning_rate": 1e-3},
            compute_objective=lambda metrics: metrics["nonsense"],
            n_trials=1,
            backend="optuna",
        )

    assert [run.status for run in stored()] == ["failed", "failed"]


def test_with_the_optuna_integration(make: Any, stored: Any) -> None:
    """With Optuna recorded, the study is the run, and trainings are recorded into its trials."""
    epochlog.autolog("transformers", "optuna", hardware=False)
    search(make)
    runs = stored()

    trainings = [run for run in runs if "train/loss" in run.metrics]
    assert len(trainings) == 3
    assert {run.kind for run in trainings} == {"trial"}
    assert {run.parent.kind for run in trainings} == {"study"}
    assert len([run for run in runs if run.parent is None]) == 1
