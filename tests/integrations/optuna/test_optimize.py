"""What Study.optimize leaves behind: one run for the study, a child for every trial."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import optuna
import pytest

import epochlog
from epochlog.plugins.patching import patched

pytestmark = pytest.mark.usefixtures("on")


def objective(trial: optuna.Trial) -> float:
    """Return a value after four reports; prune what the pruner says."""
    x = trial.suggest_float("x", -5, 5)
    n = trial.suggest_int("n", 1, 8, log=True)
    kind = trial.suggest_categorical("kind", ["a", None, 3])
    trial.set_user_attr("twice", 2 * x)
    for step in (0, 2, 5):
        trial.report(x**2 / (step + 1), step)
        if trial.should_prune():
            raise optuna.TrialPruned(f"at {step}")
    return x**2 + n + (kind is None)


def test_trials_are_what_optuna_says(stored: Any) -> None:
    """A trial's params, distributions, value, reports, state and attributes are Optuna's own."""
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=1), study_name="mine")
    study.optimize(objective, 25)
    run, trials = stored()

    assert {t.state.name for t in study.trials} == {"COMPLETE", "PRUNED"}
    assert [trial.position for trial in trials] == list(range(25))
    for theirs, ours in zip(study.trials, trials, strict=True):
        status = {"COMPLETE": "completed", "PRUNED": "pruned"}[theirs.state.name]
        assert (ours.kind, ours.status, ours.source) == ("trial", status, "optuna")
        assert {k: ours.params[k] for k in theirs.params} == theirs.params
        assert ours.params["trial.state"] == theirs.state.name
        assert ours.params["trial.user_attrs.twice"] == theirs.user_attrs["twice"]
        assert ours.params["trial.distributions"]["n"] == {
            "name": "IntDistribution", "low": 1, "high": 8, "log": True, "step": 1,
        }  # fmt: skip
        assert ours.metrics["value"].last == theirs.value
        curve = ours.series("intermediate_value")
        points = dict(zip(curve.steps.tolist(), curve.values.tolist(), strict=True))
        assert points == theirs.intermediate_values
    assert (run.name, run.status, run.parent_id) == ("mine", "completed", None)


def test_the_study_knows_how_it_searched(stored: Any) -> None:
    """Directions, sampler and pruner with their settings, storage, attributes, number of trials."""
    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(n_startup_trials=3, seed=1),
        pruner=optuna.pruners.PatientPruner(optuna.pruners.MedianPruner(), patience=2),
    )
    study.set_user_attr("dataset", "iris")
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), 4, None)
    params = stored()[0].params

    assert params["directions"] == ["maximize"]
    assert (params["sampler"], params["sampler.n_startup_trials"]) == ("TPESampler", 3)
    assert params["sampler.n_ei_candidates"] == 24
    assert (params["pruner"], params["pruner.patience"]) == ("PatientPruner", 2)
    assert params["pruner.wrapped_pruner"] == "MedianPruner"
    assert params["pruner.wrapped_pruner.n_warmup_steps"] == 0
    assert params["storage"] == "InMemoryStorage"
    assert (params["user_attrs.dataset"], params["n_trials"]) == ("iris", 4)
    assert params["optimize.n_trials"] == 4
    assert "optimize.func" not in params


def test_the_best_value_is_a_curve_of_the_study(stored: Any, random_study: Any) -> None:
    """At each completed trial's number stand its value and the best one up to it."""
    study = random_study(direction="maximize")
    study.optimize(lambda t: t.suggest_float("x", 0, 1), 12)
    run, _ = stored()
    values, best = run.series("value"), run.series("best/value")

    assert values.steps.tolist() == best.steps.tolist() == list(range(12))
    assert values.values.tolist() == [t.value for t in study.trials]
    assert best.values.tolist() == np.maximum.accumulate(values.values).tolist()
    assert run.params["best_trial.number"] == study.best_trial.number
    assert run.params["best_trial.params"] == study.best_params


def test_ways_to_fail(stored: Any, random_study: Any) -> None:
    """A caught error, no number and NaN are failed trials with their reasons; the rest goes on."""
    returned = {0: 1.0, 2: float("nan"), 3: None, 4: "many", 5: 2.0}

    def failing(trial: optuna.Trial) -> Any:
        trial.suggest_float("x", 0, 1)
        if trial.number == 1:
            raise ValueError("not today")
        return returned[trial.number]

    random_study().optimize(failing, 6, catch=(ValueError,))
    run, trials = stored()

    assert [t.status for t in trials] == ["completed", *["failed"] * 4, "completed"]
    assert trials[1].status_reason == "ValueError: not today"
    assert "in failing" in trials[1].traceback
    assert "nan" in trials[2].status_reason
    assert "None" in trials[3].status_reason
    assert all("x" in trial.params for trial in trials)
    assert run.status == "completed"


@pytest.mark.parametrize(
    ("error", "status"), [(ValueError, "failed"), (KeyboardInterrupt, "canceled")]
)
def test_an_error_that_ends_the_study(
    stored: Any, random_study: Any, error: type[BaseException], status: str
) -> None:
    """The same exception comes out; trial and study tell it, earlier trials are complete."""
    raised = error("enough")

    def failing(trial: optuna.Trial) -> float:
        trial.report(trial.suggest_float("x", 0, 1), 7)
        if trial.number == 2:
            raise raised
        return 1.0

    study = random_study()
    with pytest.raises(error) as caught:
        study.optimize(failing, 5)
    run, trials = stored()

    assert caught.value is raised
    assert [t.status for t in trials] == ["completed", "completed", status]
    assert trials[2].params["trial.state"] == study.trials[2].state.name == "FAIL"
    assert trials[2].metrics["intermediate_value"].last.step == 7
    assert run.status == status
    assert run.params["n_trials"] == 3


def test_a_failed_first_trial(stored: Any, random_study: Any) -> None:
    """A study without any completed trial is recorded like every other one."""

    def failing(trial: optuna.Trial) -> float:
        raise RuntimeError("at once")

    study = random_study()
    study.optimize(failing, 2, catch=RuntimeError)
    run, trials = stored()

    assert [t.status for t in trials] == ["failed", "failed"]
    assert not len(run.metrics)


def test_threads_keep_trials_apart(stored: Any, random_study: Any) -> None:
    """With n_jobs, what an objective logs goes into its own trial."""
    together = threading.Barrier(2, timeout=20)

    def logging(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        together.wait()
        epochlog.log_metrics({"own": trial.number}, step=0)
        together.wait()
        return x

    random_study().optimize(logging, 6, n_jobs=2)
    run, trials = stored()

    assert [t.position for t in trials] == list(range(6))
    assert [t.metrics["own"].last for t in trials] == list(range(6))
    assert run.params["optimize.n_jobs"] == 2
    assert run.status == "completed"


def test_several_objectives(stored: Any, random_study: Any) -> None:
    """Each objective is a metric of its own, under its name where it has one."""
    study = random_study(directions=["minimize", "maximize"])
    study.set_metric_names(["loss", "speed"])
    study.optimize(lambda t: (t.suggest_float("x", 0, 1), 1.0), 3)
    plain = random_study(directions=["minimize", "maximize"])
    plain.optimize(lambda t: (t.suggest_float("x", 0, 1), 1.0), 2)
    epochlog.flush()
    named, numbered = epochlog.runs('kind == "study"', order_by="started")

    assert named.params["directions"] == ["minimize", "maximize"]
    first = named.children()[0].metrics
    assert [first["values/loss"].last, first["values/speed"].last] == study.trials[0].values
    assert set(numbered.metrics) == {"values/0", "values/1"}


def test_constraints_decide_what_is_best(stored: Any) -> None:
    """Constraints are recorded, and a trial that breaks one is never the best."""
    sampler = optuna.samplers.TPESampler(
        seed=1, n_startup_trials=50, constraints_func=lambda t: (0.5 - t.params["x"], -1.0)
    )
    study = optuna.create_study(sampler=sampler)
    study.optimize(lambda t: t.suggest_float("x", 0, 1), 15)
    run, trials = stored()

    assert run.metrics["best/value"].last == study.best_value > 0.5
    x = trials[0].params["x"]
    assert trials[0].params["trial.constraints"] == {"0": 0.5 - x, "1": -1.0}


def test_optimize_twice_is_one_study(stored: Any, random_study: Any) -> None:
    """A second call goes on in the same run: the numbers and the best value, too."""
    study = random_study()
    study.optimize(lambda t: t.suggest_float("x", 0, 1), 4)
    study.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=3)
    run, trials = stored()

    assert [t.position for t in trials] == list(range(7))
    assert run.metrics["best/value"].last == study.best_value
    assert (run.status, run.params["n_trials"]) == ("completed", 7)


def test_a_study_inside_a_trial(stored: Any, random_study: Any) -> None:
    """A nested study is a child of the trial that runs it."""

    def outer(trial: optuna.Trial) -> float:
        inner = random_study()
        inner.optimize(lambda t: t.suggest_float("y", 0, 1), 2)
        return inner.best_value

    random_study().optimize(outer, 2)
    epochlog.flush()
    (root,) = epochlog.runs(nested=False)
    shape = [(t.kind, [(s.kind, len(s.children())) for s in t.children()]) for t in root.children()]

    assert shape == [("trial", [("study", 2)])] * 2


def test_inside_the_users_run(random_study: Any) -> None:
    """A study is a child of the user's run, which stays the user's."""
    with epochlog.start_run("mine") as mine:
        random_study().optimize(lambda t: t.suggest_float("x", 0, 1), 1)
        epochlog.log_params(own=1)
    epochlog.flush()
    (root,) = epochlog.runs(nested=False)

    assert (root.id, dict(root.params)) == (mine.id, {"own": 1})
    assert [child.kind for child in root.children()] == ["study"]


def test_callbacks_are_the_users(random_study: Any) -> None:
    """The list given is not touched; a generator is used up at the first trial, as without us."""
    seen: list[int] = []
    callbacks = [lambda study, trial: seen.append(trial.number)]
    before = list(callbacks)
    study = random_study()
    study.optimize(lambda t: 1.0, 2, callbacks=callbacks)
    study.optimize(lambda t: 1.0, 2, callbacks=(each for each in callbacks))

    assert callbacks == before
    assert seen == [0, 1, 2]


def test_stop_and_timeout(stored: Any, random_study: Any) -> None:
    """A study that was stopped is complete with the trials that it had."""
    study = random_study()
    study.optimize(lambda t: 1.0, callbacks=[lambda s, t: s.stop() if t.number == 2 else None])
    study.optimize(lambda t: 1.0, timeout=0.0)
    run, trials = stored()

    assert len(trials) == len(study.trials) == 3
    assert run.status == "completed"


def test_enqueued_trials(stored: Any, random_study: Any) -> None:
    """A trial with given params says so, and is recorded when its turn comes."""
    study = random_study()
    study.enqueue_trial({"x": 0.25})
    study.optimize(lambda t: t.suggest_float("x", 0, 1), 2)
    _, trials = stored()

    assert trials[0].params["x"] == 0.25
    assert trials[0].params["trial.enqueued"] == {"x": 0.25}
    assert "trial.enqueued" not in trials[1].params


def test_added_trials(stored: Any, random_study: Any) -> None:
    """Trials that were added as they are stand beside the others, with the times they tell."""
    source = random_study()
    with epochlog.paused():
        source.optimize(objective, 4)
    study = random_study(study_name="copy")
    study.add_trials(source.trials)
    study.optimize(lambda t: t.suggest_float("x", -5, 5), 1)
    run, trials = stored()

    assert run.name == "copy"
    assert [t.position for t in trials] == list(range(5))
    assert [t.metrics["value"].last for t in trials[:4]] == [t.value for t in source.trials]
    assert run.metrics["best/value"].last == study.best_value


def test_odd_names_and_values(stored: Any, random_study: Any) -> None:
    """Any name and any choice that Optuna takes is recorded; nothing else suffers."""
    name = "a b/c.d\n" + "ü" * 300

    def odd(trial: optuna.Trial) -> float:
        trial.suggest_float(name, 0, 1)
        trial.set_user_attr("deep", {"a": [1, {"b": None}]})
        return trial.suggest_int("big", 2**62, 2**62 + 1) * 0 + float("inf")

    study = random_study()
    study.optimize(odd, 2)
    _, trials = stored()

    assert trials[0].params[name] == study.trials[0].params[name]
    assert trials[0].params["big"] == study.trials[0].params["big"]
    assert trials[0].params["trial.user_attrs.deep"] == {"a": [1, {"b": None}]}
    assert trials[0].metrics["value"].last == float("inf")
    assert trials[0].status == "completed"


def test_paused_and_off(random_study: Any) -> None:
    """Nothing is recorded while paused, or after uninstrument; nothing of ours stays behind."""
    study = random_study()
    with epochlog.paused():
        study.optimize(lambda t: t.suggest_float("x", 0, 1), 2)
        study.tell(study.ask(), 1.0)
    epochlog.uninstrument()
    study.optimize(lambda t: t.suggest_float("x", 0, 1), 1)

    epochlog.start_run("other").end()
    epochlog.flush()

    assert patched("optuna") == []
    assert [run.name for run in epochlog.runs()] == ["other"]
