"""What trains inside a trial is recorded into that trial, whatever framework it is."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
import optuna
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_score

import epochlog

PARAMS = {"objective": "regression", "verbose": -1, "num_threads": 1, "num_leaves": 4}


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    """Return 120 rows of 3 features and a target."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(120, 3))
    return X, X[:, 0] + 0.1 * rng.normal(size=120)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_lightgbm(data: Any, stored: Any, random_study: Any, n_jobs: int) -> None:
    """Each trial has one fit with its curve, of the params that the trial suggested."""
    epochlog.autolog("optuna", "lightgbm", hardware=False)
    X, y = data

    def objective(trial: optuna.Trial) -> float:
        rate = trial.suggest_float("rate", 0.01, 0.3)
        train = lgb.Dataset(X[:80], y[:80])
        valid = lgb.Dataset(X[80:], y[80:], reference=train)
        params = {**PARAMS, "learning_rate": rate}
        model = lgb.train(params, train, 6, valid_sets=[valid], valid_names=["val"])
        return float(model.best_score["val"]["l2"])

    random_study().optimize(objective, 4, n_jobs=n_jobs)
    _, trials = stored()

    assert len(trials) == 4
    for trial in trials:
        assert (trial.children(), trial.status) == ([], "completed")
        assert trial.params["learning_rate"] == trial.params["rate"]
        assert trial.metrics["val/loss"].count == 6
        assert trial.metrics["val/loss"].last == trial.metrics["value"].last


def test_a_second_fit_is_a_child(data: Any, stored: Any, random_study: Any) -> None:
    """The first fit of a trial is recorded into it, further ones below; the trial's params stay."""
    epochlog.autolog("optuna", "sklearn", hardware=False)
    X, y = data

    def objective(trial: optuna.Trial) -> float:
        alpha = trial.suggest_int("alpha", 1, 3)
        Ridge(alpha=alpha + 0.5).fit(X, y)
        return float(Ridge(alpha=alpha).fit(X, y).score(X, y))

    study = random_study(direction="maximize")
    study.optimize(objective, 2)
    _, trials = stored()

    for trial, theirs in zip(trials, study.trials, strict=True):
        (second,) = trial.children()
        assert trial.params["model_class"] == "Ridge"
        assert trial.params["alpha"] == second.params["alpha"] == theirs.params["alpha"]


def test_pruned_in_the_middle_of_a_fit(data: Any, stored: Any, random_study: Any) -> None:
    """A pruner's exception out of a callback prunes the trial, with the curves up to there."""
    epochlog.autolog("optuna", "lightgbm", hardware=False)
    X, y = data

    def objective(trial: optuna.Trial) -> float:
        def prune(env: Any) -> None:
            trial.report(env.evaluation_result_list[0][2], env.iteration)
            if env.iteration == 2:
                raise optuna.TrialPruned("enough")

        train = lgb.Dataset(X, y)
        lgb.train(PARAMS, train, 6, valid_sets=[train], callbacks=[prune])
        return 0.0

    random_study().optimize(objective, 1)
    _, (trial,) = stored()

    assert (trial.status, trial.status_reason, trial.children()) == ("pruned", "enough", [])
    assert trial.series("intermediate_value").steps.tolist() == [0, 1, 2]
    assert trial.metrics["train/loss"].count == 3


def test_cross_validation(data: Any, stored: Any, random_study: Any) -> None:
    """Folds of a cross-validation inside a trial lie below that trial."""
    epochlog.autolog("optuna", "sklearn", hardware=False)
    X, y = data

    def objective(trial: optuna.Trial) -> float:
        model = Ridge(alpha=trial.suggest_float("alpha", 0.1, 1))
        return float(cross_val_score(model, X, y, cv=3).mean())

    random_study(direction="maximize").optimize(objective, 2)
    _, trials = stored()

    for trial in trials:
        assert trial.params["model_class"] == "Ridge"
        assert [fold.kind for fold in trial.children()] == ["fold"] * 3


def test_after_the_study_nothing_is_its(data: Any, stored: Any, random_study: Any) -> None:
    """A final fit after ``optimize`` is a run of its own; one in a callback is the study's."""
    epochlog.autolog("optuna", "sklearn", hardware=False)
    X, y = data
    random_study().optimize(lambda t: 1.0, 1, callbacks=[lambda study, trial: Ridge().fit(X, y)])
    Ridge().fit(X, y)
    run, children = stored()
    (last,) = epochlog.runs('kind == "fit"', nested=False)

    assert [child.kind for child in children] == ["trial", "fit"]
    assert last.parent is None
    assert run.status == "completed"
