"""Studies read back from hand-written stores: no Optuna is needed."""

from __future__ import annotations

import math
from typing import Any

import pytest
from query_store import T0, Writer

from epochlog.base.errors import EpochlogError
from epochlog.base.ids import new_id
from epochlog.contract import events
from epochlog.query.lookup import find_run
from epochlog.query.studies import StudyView, read_study
from epochlog.query.studies_data import (
    contour,
    edf,
    history,
    intermediate_curves,
    parallel_coordinates,
    param_axis,
    param_slice,
    pareto_front,
    timeline,
)
from epochlog.query.studies_importance import param_importances

STATUS = {"COMPLETE": "completed", "PRUNED": "pruned", "FAIL": "failed"}
FLOAT = {"name": "FloatDistribution", "low": 0.0, "high": 9.0, "log": False, "step": None}


def trial(
    values: Any = (),
    state: str = "COMPLETE",
    reports: Any = (),
    constraint: Any = None,
    **params: Any,
) -> dict[str, Any]:
    """Describe a trial for `make`."""
    values = (values,) if isinstance(values, (int, float)) else values
    return {
        "values": values,
        "state": state,
        "reports": reports,
        "params": params,
        "constraint": constraint,
    }


def make(writer: Writer, trials: list[dict[str, Any]], *directions: str) -> StudyView:
    """Write a study as the Optuna integration does, and read it."""
    study, at = new_id(), T0
    directions = directions or ("minimize",)
    keys = ["value"] if len(directions) == 1 else [f"values/{i}" for i in range(len(directions))]
    found: list[Any] = [
        events.RunStarted(study, at, name="s", kind="study", source="optuna"),
        events.Params(study, at, {"study_name": "s", "directions": list(directions)}),
    ]
    for number, each in enumerate(trials):
        run, at = new_id(), at + 1_000_000
        facts: dict[str, Any] = {"trial.state": each["state"]}
        if each["state"] != "RUNNING":
            facts["trial.distributions"] = dict.fromkeys(each["params"], FLOAT)
        if each["constraint"] is not None:
            facts["trial.constraints"] = {"c": each["constraint"]}
        found += [
            events.RunStarted(run, at, name="t", kind="trial", parent=study, index=number),
            events.Params(run, at, each["params"] | facts),
        ]
        found += [
            events.MetricPoints(run, at, step=step, metrics={"intermediate_value": value})
            for step, value in each["reports"]
        ]
        if each["values"]:
            metrics = dict(zip(keys, map(float, each["values"]), strict=True))
            found.append(events.MetricPoints(run, at, step=0, metrics=metrics))
        if each["state"] in STATUS:
            found.append(events.RunEnded(run, at + 500_000, STATUS[each["state"]]))
    writer.write(*found)
    return read_study(find_run(writer.reader(), study))


def test_trials(writer: Writer) -> None:
    """A trial has what was recorded; one that still runs has what is known so far."""
    study = make(
        writer,
        [trial(1.0, x=0.5), trial(state="FAIL", x=1.0), trial(state="RUNNING", x=2.0)],
    )
    first, failed, running = study.trials

    assert (first.number, first.state, first.value, dict(first.params)) == (
        0, "COMPLETE", 1.0, {"x": 0.5},
    )  # fmt: skip
    assert first.duration_s == 0.5
    assert (failed.value, failed.complete) == (None, False)
    assert (running.state, dict(running.params), running.duration_s) == (
        "RUNNING",
        {"x": 2.0},
        None,
    )
    assert study.best is first


def test_other_runs_are_no_studies(writer: Writer) -> None:
    """A run of another kind is refused by name."""
    run = find_run(writer.reader(), writer.run("plain"))

    with pytest.raises(EpochlogError, match="'plain' is no study"):
        run.study()


@pytest.mark.parametrize(
    ("direction", "best"), [("minimize", [math.nan, 3, 3, 1]), ("maximize", [math.nan, 3, 5, 5])]
)
def test_history(writer: Writer, direction: str, best: list[float]) -> None:
    """The running best follows the direction; before a feasible trial there is none."""
    trials = [
        trial(0.5, constraint=1.0),
        trial(3.0, constraint=-1.0),
        trial(9.0, state="PRUNED"),
        trial(5.0),
        trial(1.0),
    ]
    found = history(make(writer, trials, direction))

    assert found.numbers == [0, 1, 3, 4]
    assert found.values == [0.5, 3.0, 5.0, 1.0]
    assert found.feasible == [False, True, True, True]
    assert found.best == pytest.approx(best, nan_ok=True)


def test_pareto_front(writer: Writer) -> None:
    """Small and large wanted together: equal trials are both on the front, broken ones are not."""
    values = [(1, 1), (2, 5), (2, 5), (3, 4), (0.5, 0), (0, 9)]
    trials = [trial(v) for v in values[:-1]] + [trial(values[-1], constraint=0.1)]
    found = pareto_front(make(writer, trials, "minimize", "maximize"))

    assert found.best == [0, 1, 2, 4]
    assert found.feasible[-1] is False
    assert found.values[1] == [2.0, 5.0]


def test_slice_contour_and_parallel_coordinates(writer: Writer) -> None:
    """Complete trials that have the params are points; a missing param is None in a line."""
    study = make(writer, [trial(1.0, x=1, y="a"), trial(2.0, x=2), trial(state="FAIL", x=3, y="b")])
    lines = parallel_coordinates(study)

    assert (param_slice(study, "x").x, param_slice(study, "x").values) == ([1, 2], [1.0, 2.0])
    assert (contour(study, "x", "y").numbers, contour(study, "x", "y").y) == ([0], ["a"])
    assert ([axis.name for axis in lines.axes], lines.rows) == (["x", "y"], [[1, "a"], [2, None]])
    assert (param_axis(study, "x").numeric, param_axis(study, "y").numeric) == (True, False)
    with pytest.raises(EpochlogError, match="no trial has a param 'z'"):
        param_slice(study, "z")
    with pytest.raises(EpochlogError, match="no objective 1"):
        param_slice(study, "x", 1)


def test_edf(writer: Writer) -> None:
    """The share of trials at or below each value, equal values once."""
    found = edf(make(writer, [trial(2.0), trial(1.0), trial(2.0), trial(3.0)]))

    assert (found.x, found.y) == ([1.0, 2.0, 3.0], [0.25, 0.75, 1.0])


def test_timeline_and_reports(writer: Writer) -> None:
    """When trials ran, and what they reported, pruned ones too."""
    study = make(
        writer,
        [trial(1.0), trial(4.0, "PRUNED", [(0, 5.0), (3, 4.0)]), trial(state="RUNNING")],
    )
    bars = timeline(study)
    (curve,) = intermediate_curves(study)

    assert [(bar.number, bar.ended is None) for bar in bars] == [(0, False), (1, False), (2, True)]
    assert (curve.number, curve.steps, curve.values) == (1, [0, 3], [5.0, 4.0])


def test_an_empty_study(writer: Writer) -> None:
    """Without trials everything is empty and nothing fails."""
    study = make(writer, [], "minimize", "maximize")

    assert (study.trials, study.best, history(study).best) == ([], None, [])
    assert (pareto_front(study).best, edf(study).x, timeline(study)) == ([], [], [])
    assert param_importances(study).importances == {}


def test_importances(writer: Writer) -> None:
    """A param that decides has nearly all; one without influence has next to none."""
    trials = [
        trial(10.0 * (i % 7) + (i * 37 % 11) / 11, strong=float(i % 7), weak=float(i * 53 % 97))
        for i in range(80)
    ]
    found = param_importances(make(writer, trials))

    assert list(found.importances) == ["strong", "weak"]
    assert found.explained["strong"] > 0.99
    assert found.importances["weak"] < 0.1
    assert sum(found.importances.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("value", [5.0, 1e300, math.inf])
def test_importances_of_nothing(writer: Writer, value: float) -> None:
    """Equal or infinite values explain nothing, and overflow nowhere."""
    found = param_importances(make(writer, [trial(value, x=float(i)) for i in range(6)]))

    assert found.importances == {"x": 0.0}
