"""A study costs the same at its end as at its beginning, and keeps what every trial was."""

from __future__ import annotations

import time
from typing import Any

import pytest

import epochlog

optuna = pytest.importorskip("optuna")
optuna.logging.set_verbosity(optuna.logging.WARNING)


def the_study(stored: Any) -> Any:
    (study,) = (run for run in stored() if run.kind == "study")
    return study


def trials_of(study: Any) -> list[Any]:
    return [child for child in study.children() if child.kind == "trial"]


def test_states_of_trials(stored: Any) -> None:
    """Completed, pruned and failed trials are what they were, the failed first one included."""

    def objective(trial: Any) -> float:
        x = trial.suggest_float("x", 0, 1)
        if trial.number == 0:
            raise ValueError("first")
        if trial.number == 1:
            trial.report(x, 0)
            raise optuna.TrialPruned
        return x

    study = optuna.create_study()
    study.optimize(objective, n_trials=4, catch=(ValueError,))
    run = the_study(stored)
    trials = trials_of(run)

    assert [trial.status for trial in trials] == ["failed", "pruned", "completed", "completed"]
    assert [trial.params["x"] for trial in trials] == [each.params["x"] for each in study.trials]
    assert "ValueError: first" in trials[0].traceback
    assert run.status == "completed"


def test_an_exception_of_a_trial_that_is_not_caught(stored: Any) -> None:
    """It passes; the trial and the study are failed, the trials before stay completed."""

    def objective(trial: Any) -> float:
        if trial.number == 2:
            raise ZeroDivisionError
        return 1.0

    with pytest.raises(ZeroDivisionError):
        optuna.create_study().optimize(objective, n_trials=5)
    run = the_study(stored)

    assert [trial.status for trial in trials_of(run)] == ["completed", "completed", "failed"]
    assert run.status == "failed"


def test_several_objectives(stored: Any) -> None:
    """Each trial of a study with two objectives has both values; directions are words, not numbers."""
    study = optuna.create_study(directions=["minimize", "maximize"])
    study.optimize(lambda trial: (trial.suggest_float("x", 0, 1), float(trial.number)), n_trials=3)
    run = the_study(stored)
    trials = trials_of(run)
    values = [{float(m.last) for m in trial.metrics.values()} for trial in trials]

    assert len(trials) == 3
    assert all(set(map(float, t.values)) <= v for t, v in zip(study.trials, values, strict=True))
    texts = [str(value) for value in run.params.values()]
    assert any("minimize" in text and "maximize" in text for text in texts) or {
        "minimize",
        "maximize",
    } <= set(texts)


def test_no_password_of_a_storage_is_kept(stored: Any, tmp_path: Any, monkeypatch: Any) -> None:
    """Of a storage's URL only what identifies it is stored, nothing that opens it."""
    monkeypatch.setenv("EPOCHLOG_RAISE", "1")
    url = f"sqlite:///{tmp_path}/optuna.db?password=geheim"
    storage = optuna.storages.RDBStorage(f"sqlite:///{tmp_path}/optuna.db")
    storage.url = url
    optuna.create_study(storage=storage, study_name="named").optimize(lambda t: 1.0, n_trials=2)
    run = the_study(stored)

    assert "geheim" not in repr(dict(run.params))
    assert any("named" in str(value) for value in [run.name, *run.params.values()])


def test_a_study_is_continued(stored: Any, tmp_path: Any) -> None:
    """``optimize`` again, of the same study, goes on in the same study: no trial twice."""
    storage = f"sqlite:///{tmp_path}/optuna.db"
    first = optuna.create_study(storage=storage, study_name="s")
    first.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    again = optuna.load_study(storage=storage, study_name="s")
    again.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    run = the_study(stored)

    assert [trial.position for trial in trials_of(run)] == [0, 1, 2, 3]


def test_trials_in_threads(stored: Any) -> None:
    """With ``n_jobs=4`` each trial is once there, with its own param and value."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=12, n_jobs=4)
    trials = {trial.position: trial for trial in trials_of(the_study(stored))}

    assert sorted(trials) == list(range(12))
    for theirs in study.trials:
        assert trials[theirs.number].params["x"] == theirs.params["x"]


@pytest.mark.slow
def test_the_last_trials_cost_what_the_first_did(stored: Any) -> None:
    """CPU time of a trial does not grow with their number: the second thousand takes at most twice the first."""

    def spent(study: Any) -> float:
        before = time.thread_time()
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1000)
        return time.thread_time() - before

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    first = spent(study)
    second = spent(study)

    assert second < 2 * first
    epochlog.flush()
    assert epochlog.runs('kind == "trial"').count() == 2000
