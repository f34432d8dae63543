"""Recorded studies read back: equal to what Optuna itself computes from the original."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import optuna
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import epochlog
from epochlog.query.studies_data import edf, history, pareto_front
from epochlog_optuna import load_study, param_importances

pytestmark = pytest.mark.usefixtures("on")


def same(one: optuna.trial.FrozenTrial, two: optuna.trial.FrozenTrial) -> None:
    """Assert that two trials are equal in all that a trial is."""
    for name in ("number", "state", "values", "params", "distributions", "user_attrs"):
        assert getattr(one, name) == getattr(two, name), name
    assert one.intermediate_values == two.intermediate_values
    assert getattr(one, "constraints", None) == getattr(two, "constraints", None)
    for name in ("datetime_start", "datetime_complete"):
        moments = getattr(one, name), getattr(two, name)
        assert abs((moments[0] - moments[1]).total_seconds()) < 1.0


def test_a_study_comes_back(stored: Any, random_study: Any) -> None:
    """Every trial of the rebuilt study equals the original's, and so does what is best."""

    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", 1e-3, 1, log=True)
        trial.suggest_categorical("c", [None, True, 1, 2.5, "a"])
        if trial.suggest_int("n", 0, 10, step=5):
            trial.suggest_float("only here", 0, 1, step=0.25)
        trial.report(float("nan"), 1)
        trial.report(x, 4)
        if trial.number % 4 == 1:
            raise optuna.TrialPruned
        if trial.number % 4 == 2:
            raise ValueError
        trial.set_user_attr("a", [1, "b", None])
        return x

    study = random_study(study_name="there", direction="maximize")
    study.set_user_attr("who", "me")
    study.optimize(objective, 20, catch=ValueError)
    run, _ = stored()
    back = load_study(run)
    reports = [trial.intermediate_values.pop(1) for trial in (*study.trials, *back.trials)]

    assert (back.study_name, back.directions) == (study.study_name, study.directions)
    assert back.user_attrs == {"who": "me"}
    assert len(back.trials) == 20
    for one, two in zip(study.trials, back.trials, strict=True):
        one.intermediate_values.pop(1)
        two.intermediate_values.pop(1)
        same(one, two)
    assert all(math.isnan(value) for value in reports)
    assert back.best_trial.number == study.best_trial.number == run.study().best.number
    assert len(list(epochlog.runs('kind == "study"'))) == 1


@pytest.mark.parametrize("evaluator", ["FanovaImportanceEvaluator", "PedAnovaImportanceEvaluator"])
@pytest.mark.filterwarnings("ignore")
def test_importances_are_optunas(stored: Any, random_study: Any, evaluator: str) -> None:
    """Optuna's evaluators say the same about the record as about the original."""
    study = random_study()
    study.optimize(lambda t: t.suggest_float("x", 0, 1) + t.suggest_float("y", 0, 0.1), 30)
    make = getattr(optuna.importance, evaluator)
    seed = {"seed": 1} if evaluator.startswith("Fanova") else {}
    theirs = optuna.importance.get_param_importances(study, evaluator=make(**seed))

    assert param_importances(stored()[0], evaluator=make(**seed)) == theirs
    assert next(iter(theirs)) == "x"


values = st.sampled_from([0.0, 1.0, 2.0, 3.0, -1.0, math.inf, -math.inf])


@pytest.mark.slow
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_fronts_are_optunas(data: Any) -> None:
    """For any mix of directions, values and constraints, the front is Optuna's best_trials."""
    count = data.draw(st.integers(2, 3))
    directions = data.draw(st.lists(st.sampled_from(["minimize", "maximize"]), min_size=count,
                                    max_size=count))  # fmt: skip
    row = st.tuples(st.lists(values, min_size=count, max_size=count), st.sampled_from([-1.0, 0, 2]))
    rows = data.draw(st.lists(row, max_size=12))
    study = optuna.create_study(directions=directions)
    study.tell(study.ask(), state=optuna.trial.TrialState.FAIL)
    add(study, rows)
    epochlog.flush()
    run = next(iter(epochlog.runs('kind == "study"', order_by="-started", limit=1)))
    front = pareto_front(run.study())

    assert front.best == sorted(trial.number for trial in study.best_trials)
    assert len(front.numbers) == len(rows)


@pytest.mark.slow
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_histories_are_optunas(data: Any) -> None:
    """For any values, the history and the distribution function are those that Optuna draws."""
    from optuna.visualization._optimization_history import _get_optimization_history_info_list

    direction = data.draw(st.sampled_from(["minimize", "maximize"]))
    row = st.tuples(st.lists(values, min_size=1, max_size=1), st.sampled_from([-1.0, 0, 2]))
    study = optuna.create_study(direction=direction)
    add(study, data.draw(st.lists(row, min_size=1, max_size=12)))
    epochlog.flush()
    run = next(iter(epochlog.runs('kind == "study"', order_by="-started", limit=1)))
    ours = history(run.study())
    (theirs,) = _get_optimization_history_info_list(study, None, "value", False)
    best = [b if any(ours.feasible[: i + 1]) else math.nan
            for i, b in enumerate(theirs.best_values_info.values)]  # fmt: skip

    assert ours.numbers == theirs.trial_numbers
    assert ours.values == theirs.values_info.values
    assert ours.best == pytest.approx(best, nan_ok=True)
    found = edf(run.study())
    assert found.y == [float(np.mean(np.array(ours.values) <= x)) for x in found.x]


def add(study: optuna.Study, rows: list[tuple[list[float], float]]) -> None:
    """Add complete trials with these values and one constraint each."""
    study.add_trials(
        optuna.trial.create_trial(values=each, system_attrs={"constraints": (constraint,)})
        for each, constraint in rows
    )
