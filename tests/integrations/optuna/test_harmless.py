"""Defects of other integrations that ours must not have, and what recording must never change."""

from __future__ import annotations

import pickle
import threading
from pathlib import Path
from typing import Any

import optuna
import pytest

import epochlog
from epochlog.plugins.patching import patched
from epochlog.plugins.testing import IntegrationTestCase
from epochlog.recording import recorder as recording
from epochlog_optuna import EpochlogCallback, track_study


@pytest.mark.slow
class TestOptuna(IntegrationTestCase):
    """The suite that every integration has to pass."""

    name = "optuna"
    variants = {
        "module": (
            "import optuna\noptuna.logging.set_verbosity(optuna.logging.CRITICAL)",
            """
study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=3), study_name="s")
study.optimize(lambda t: t.suggest_float("x", -1, 1) ** 2 + t.suggest_int("n", 1, 4), 14)
mine = [lambda study, trial: None]
kept = list(mine)
returned = study.optimize(lambda t: t.suggest_float("x", -1, 1) ** 2, 2, callbacks=mine)
result = [[t.value, t.params, t.state.name, t.user_attrs] for t in study.trials]
result += [study.user_attrs, mine == kept, returned, sorted(vars(study))]
""",
        ),
        "from": (
            """
import optuna
from optuna import create_study
from optuna.samplers import TPESampler
optuna.logging.set_verbosity(optuna.logging.CRITICAL)
""",
            """
study = create_study(sampler=TPESampler(seed=3), study_name="s")
study.optimize(lambda t: t.suggest_float("x", -1, 1) ** 2 + t.suggest_int("n", 1, 4), 14)
mine = [lambda study, trial: None]
kept = list(mine)
returned = study.optimize(lambda t: t.suggest_float("x", -1, 1) ** 2, 2, callbacks=mine)
result = [[t.value, t.params, t.state.name, t.user_attrs] for t in study.trials]
result += [study.user_attrs, mine == kept, returned, sorted(vars(study))]
""",
        ),
    }
    failing = "optuna.create_study().optimize(lambda t: 1 / 0, 1)"
    expected_params = {"study_name": "s"}
    expected_metrics = ("best/value",)
    pickled = ("optuna.Study.optimize", "optuna.Trial.report")


@pytest.mark.usefixtures("on")
def test_no_credentials_and_no_pickle_in_the_store(
    stored: Any, random_study: Any, tmp_path: Path
) -> None:
    """A password in the storage's URL reaches no file of the store, and no pickle does."""
    word = "-".join(("s3cret", "word"))  # not as it is: this very file is kept as code
    url = f"sqlite:///{tmp_path}/s.db?password={word}"
    random_study(storage=url).optimize(lambda t: t.suggest_float("x", 0, 1), 2)
    run, trials = stored()

    assert run.params["storage.dialect"] == "sqlite"
    assert not [*run.artifacts, *trials[0].artifacts]
    for path in (tmp_path / "store").rglob("*"):
        if path.is_file():
            assert word.encode() not in path.read_bytes()


@pytest.mark.usefixtures("on")
def test_no_list_of_trials_is_read_per_trial(
    random_study: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the study, what all trials are is asked for once (others redraw every time)."""
    asked: list[int] = []
    original = optuna.storages.InMemoryStorage.get_all_trials

    def counting(self: Any, *args: Any, **kwargs: Any) -> Any:
        asked.append(1)
        return original(self, *args, **kwargs)

    study = random_study()
    with epochlog.paused():
        monkeypatch.setattr(optuna.storages.InMemoryStorage, "get_all_trials", counting)
        study.optimize(lambda t: t.suggest_float("x", 0, 1), 50)
    bare = len(asked)
    study.optimize(lambda t: t.suggest_float("x", 0, 1), 50)

    assert len(asked) - 2 * bare <= 1


@pytest.mark.usefixtures("on")
def test_the_study_stays_the_users(random_study: Any) -> None:
    """Nothing of ours is in a study or trial after recording it: it pickles without us."""
    study = random_study()
    study.optimize(lambda t: t.suggest_float("x", 0, 1), 3)

    assert b"epochlog" not in pickle.dumps(study)
    assert len(pickle.loads(pickle.dumps(study)).trials) == 3


@pytest.mark.usefixtures("on")
def test_a_sampler_that_fails_to_tell(stored: Any, random_study: Any) -> None:
    """An error after the objective comes out as it is; the trial is what Optuna made of it."""

    class Failing(optuna.samplers.RandomSampler):
        def after_trial(self, *args: Any, **kwargs: Any) -> None:
            raise OSError("sampler")

    study = optuna.create_study(sampler=Failing())
    with pytest.raises(OSError, match="sampler"):
        study.optimize(lambda t: 1.0, 2)
    run, (trial,) = stored()

    assert study.trials[0].state.name == trial.params["trial.state"] == "COMPLETE"
    assert run.status == "failed"


@pytest.mark.usefixtures("on")
def test_wrong_arguments_are_optunas(random_study: Any) -> None:
    """Errors about arguments are Optuna's own."""
    study = random_study()
    with pytest.raises(TypeError, match="unexpected keyword"):
        study.optimize(lambda t: 1.0, trials=3)
    with pytest.raises(TypeError, match="callable"):
        study.optimize("not a function", 1)
    with pytest.raises(TypeError, match="supposed to be a float"):
        study.ask().report("much", 1)


def test_broken_recording_does_not_stop_a_study(
    random_study: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every event failing, the study runs as if nothing were there."""
    epochlog.autolog("optuna", hardware=False)
    monkeypatch.setenv("EPOCHLOG_RAISE", "0")

    def broken(*args: Any) -> None:
        raise OSError("no")

    monkeypatch.setattr(recording.Recorder, "emit", broken)
    study = random_study()
    study.optimize(lambda t: t.suggest_float("x", 0, 1), 3)
    study.tell(study.ask(), 1.0)

    assert [trial.state.name for trial in study.trials] == ["COMPLETE"] * 4


def test_callback_alone(stored: Any, random_study: Any) -> None:
    """The explicit callback records finished trials without autolog."""
    epochlog.start_run("other").end()
    study = random_study(study_name="explicit")
    callback = EpochlogCallback()
    study.optimize(lambda t: t.suggest_float("x", 0, 1), 4, callbacks=[callback])
    callback.finish()
    run, trials = stored()

    assert patched("optuna") == []
    assert (run.name, run.status, len(trials)) == ("explicit", "completed", 4)
    assert [t.params["x"] for t in trials] == [t.params["x"] for t in study.trials]


def test_callback_with_autolog(stored: Any, random_study: Any) -> None:
    """With autolog on, nothing is recorded twice."""
    epochlog.autolog("optuna", hardware=False)
    study = random_study()
    with track_study(study):
        study.optimize(lambda t: t.suggest_float("x", 0, 1), 3, callbacks=[EpochlogCallback()])
    run, trials = stored()

    assert [t.metrics["value"].count for t in trials] == [1, 1, 1]
    assert run.metrics["value"].count == 3


@pytest.mark.parametrize("error", [None, ValueError("end")])
def test_track_study(stored: Any, random_study: Any, error: Exception | None) -> None:
    """One study is recorded inside the block, another isn't, and afterwards nothing is left."""
    epochlog.start_run("other").end()
    study, other = random_study(study_name="tracked"), random_study()

    def work() -> None:
        with track_study(study):
            study.optimize(lambda t: t.suggest_float("x", 0, 1), 2)
            study.tell(study.ask(), 1.0)
            other.optimize(lambda t: 1.0, 2)
            if error is not None:
                raise error

    if error is None:
        work()
    else:
        with pytest.raises(ValueError, match="end"):
            work()
    study.optimize(lambda t: 1.0, 1)
    run, trials = stored()

    assert (run.name, len(trials)) == ("tracked", 3)
    assert run.status == ("completed" if error is None else "failed")
    assert "optimize" not in vars(study)


@pytest.mark.usefixtures("on")
def test_two_optimize_calls_at_once(stored: Any, random_study: Any) -> None:
    """Threads that share a study share its run, which the last of them ends."""
    study = random_study()
    threads = [
        threading.Thread(target=study.optimize, args=(lambda t: t.suggest_float("x", 0, 1), 4))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run, trials = stored()

    assert (run.status, [t.position for t in trials]) == ("completed", list(range(8)))
