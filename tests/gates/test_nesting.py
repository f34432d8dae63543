"""Trainings inside trainings are trees by one rule, and a framework inside another is recorded once."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_trainings import (
    TREES,
    cancer,
    held_out,
    keras_model,
    lightning_class,
    lightning_trainer,
    loader,
    train_lightning,
    train_transformers,
)

import epochlog


def training_of(trial: Any) -> Any:
    """Return the one training of a trial: the trial itself, or the only run below it."""
    below = trial.children()
    assert len(below) <= 1
    assert all(not run.children() for run in below)
    return below[0] if below else trial


def test_an_xgboost_estimator_in_a_pipeline_in_a_search(only: Any) -> None:
    """Search → candidates → folds; each fold has XGBoost's params, and nothing is recorded twice."""
    xgb = pytest.importorskip("xgboost")
    pipeline = make_pipeline(StandardScaler(), xgb.XGBClassifier(n_estimators=3, n_jobs=1))
    search = GridSearchCV(pipeline, {"xgbclassifier__max_depth": [1, 2]}, cv=2)
    search.fit(*cancer())
    run = only()
    candidates = [child for child in run.children() if child.kind == "candidate"]
    folds = [fold for candidate in candidates for fold in candidate.children()]

    assert run.kind == "search"
    assert run.status == "completed"
    assert [each.params["xgbclassifier__max_depth"] for each in candidates] == [1, 2]
    assert [len(each.children()) for each in candidates] == [2, 2]
    assert {fold.kind for fold in folds} == {"fold"}
    assert all(not fold.children() for fold in folds)
    assert len([child for child in run.children() if child.kind != "candidate"]) <= 1  # the refit


def test_an_estimator_is_one_run_with_its_curve(only: Any) -> None:
    """An estimator of a boosting library, seen by two integrations, is one run with curve and model."""
    xgb = pytest.importorskip("xgboost")
    model = xgb.XGBClassifier(n_estimators=5, max_depth=2, n_jobs=1)
    model.fit(*cancer(), eval_set=[held_out()], verbose=False)
    run = only()

    assert not run.children()
    assert list(run.series("val/loss").values) == pytest.approx(
        model.evals_result()["validation_0"]["logloss"]
    )
    assert run.params["max_depth"] == 2
    assert len(run.models) == 1


def test_trials_are_children_of_the_study_in_the_run_of_the_user(only: Any) -> None:
    """The user's run → study → trials, each with its own LightGBM training inside."""
    optuna = pytest.importorskip("optuna")
    import lightgbm as lgb

    optuna.logging.set_verbosity(optuna.logging.WARNING)

    def objective(trial: Any) -> float:
        leaves = trial.suggest_int("num_leaves", 2, 8)
        train = lgb.Dataset(*cancer())
        val = lgb.Dataset(*held_out(), reference=train)
        found: dict[str, Any] = {}
        lgb.train(
            TREES | {"num_leaves": leaves},
            train,
            4,
            valid_sets=[val],
            valid_names=["val"],
            callbacks=[lgb.record_evaluation(found)],
        )
        return float(found["val"]["binary_logloss"][-1])

    with epochlog.start_run("mine"):
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        study.optimize(objective, n_trials=3)
    mine = only()
    runs = [run for run in (mine, *mine.children()) if run.kind == "study" or run.children()]
    trials = [child for run in runs for child in run.children() if child.kind == "trial"]

    assert mine.name == "mine"
    assert [trial.position for trial in trials] == [0, 1, 2]
    assert [trial.params["num_leaves"] for trial in trials] == [
        each.params["num_leaves"] for each in study.trials
    ]
    for trial, theirs in zip(trials, study.trials, strict=True):
        curve = training_of(trial).series("val/loss")
        assert list(curve.steps) == [0, 1, 2, 3]
        assert curve.values[-1] == theirs.value


@pytest.mark.slow
def test_a_lightning_module_in_a_trial_in_a_run(only: Any) -> None:
    """The user's run → study → trial with Lightning's params and curve; PyTorch adds nothing of its own."""
    optuna = pytest.importorskip("optuna")
    pytest.importorskip("lightning")
    optuna.logging.set_verbosity(optuna.logging.WARNING)

    def objective(trial: Any) -> float:
        hidden = trial.suggest_int("hidden", 2, 5)
        trainer = lightning_trainer(2)
        trainer.fit(lightning_class()(hidden=hidden), loader(), loader())
        return float(trainer.callback_metrics["val_loss"])

    with epochlog.start_run("mine"):
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        study.optimize(objective, n_trials=2)
    mine = only()
    found = [mine, *mine.children()]
    trials = [child for run in found for child in run.children() if child.kind == "trial"]

    assert len(trials) == 2
    for trial, theirs in zip(trials, study.trials, strict=True):
        fit = training_of(trial)
        assert fit.source in ("lightning", "optuna")
        assert fit.params["hparams.hidden"] == trial.params["hidden"] == theirs.params["hidden"]
        assert list(fit.series("val/loss").epochs) == [0, 1]
        assert fit.series("val/loss").values[-1] == pytest.approx(theirs.value)


@pytest.mark.slow
def test_lightning_over_torch_records_once(only: Any) -> None:
    """Optimizer steps inside a Trainer are Lightning's: one run, whose source is Lightning."""
    pytest.importorskip("lightning")
    train_lightning(2)
    run = only()

    assert run.source == "lightning"
    assert not run.children()


@pytest.mark.slow
def test_transformers_over_torch_records_once(only: Any) -> None:
    """A Trainer of Transformers is one run, whose source is Transformers."""
    pytest.importorskip("transformers")
    train_transformers(2)
    run = only()

    assert run.source == "transformers"
    assert not run.children()
    assert run.metrics["val/loss"].count == 2


@pytest.mark.slow
def test_keras_over_torch_records_once(only: Any) -> None:
    """Keras on torch's backend is one run, whose source is Keras."""
    pytest.importorskip("keras")
    keras_model().fit(*cancer(), epochs=2, verbose=0)
    run = only()

    assert run.source == "keras"
    assert not run.children()


@pytest.mark.slow
def test_torch_records_again_after_a_framework_over_it(stored: Any) -> None:
    """A plain loop after a Trainer's fit is a run of its own, of PyTorch's."""
    pytest.importorskip("lightning")
    from small_trainings import train_torch

    train_lightning(1)
    train_torch(2)
    epochlog.uninstrument()
    runs = stored(nested=False)

    assert [run.source for run in runs] == ["lightning", "torch"]


@pytest.mark.slow
def test_each_trial_of_a_trainer_s_search_is_its_own_run(stored: Any) -> None:
    """``hyperparameter_search`` of Transformers: every trial a run with its own params and curve."""
    pytest.importorskip("transformers")
    optuna = pytest.importorskip("optuna")
    from small_trainings import transformers_parts, transformers_trainer

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    trainer = transformers_trainer(1)
    trainer.model_init = lambda trial=None: transformers_parts()[0]
    trainer.hyperparameter_search(
        lambda trial: {"learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-2)},
        n_trials=2,
        backend="optuna",
        direction="minimize",
    )
    trials = [run for run in stored() if run.kind == "trial"]
    rates = [trial.params["learning_rate"] for trial in trials]

    assert len(trials) == 2
    assert len(set(rates)) == 2
    assert all(training_of(trial).metrics["val/loss"].count == 1 for trial in trials)
    assert len({trial.parent_id for trial in trials}) == 1


def test_three_levels_of_the_user(stored: Any) -> None:
    """Runs inside runs inside runs stay where the user put them, each with its own fit."""
    from sklearn.tree import DecisionTreeClassifier

    with epochlog.start_run("a"):
        with epochlog.start_run("b"):
            with epochlog.start_run("c"):
                DecisionTreeClassifier(max_depth=3).fit(*cancer())
            DecisionTreeClassifier(max_depth=2).fit(*cancer())
        DecisionTreeClassifier(max_depth=1).fit(*cancer())
    a, b, c = stored()

    assert [run.params["max_depth"] for run in (a, b, c)] == [1, 2, 3]
    assert (b.parent_id, c.parent_id) == (a.id, b.id)
