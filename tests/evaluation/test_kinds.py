"""What evaluation makes is what the table of kinds promises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from epochlog.evaluation.evaluate import evaluate
from epochlog.evaluation.kinds import KINDS, problems_of
from epochlog.plugins.api import histogram

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 3, 60)
SCORES = RNG.dirichlet(np.ones(3), 60)
CASES = {
    "binary": (TRUTH > 0, {"score": SCORES[:, 0], "predicted": SCORES[:, 0] > 0.5}),
    "multiclass": (TRUTH, {"score": SCORES, "predicted": SCORES.argmax(1)}),
    "multilabel": (SCORES > 0.3, {"score": SCORES, "predicted": SCORES > 0.4}),
    "regression": (SCORES[:, 0], {"predicted": SCORES[:, 1]}),
    "multioutput": (SCORES, {"predicted": SCORES + 0.1}),
}


@pytest.mark.parametrize("task", CASES)
def test_plots_have_the_numbers_that_their_kind_says(task: str) -> None:
    """No field is missing, and none is there that the table does not explain."""
    truth, given = CASES[task]
    found = evaluate(truth, **given)

    assert found.task == task
    assert found.plots
    for kind, data in found.plots.values():
        assert problems_of(kind, data) == []
        explained = {*KINDS[kind].fields, *({"curves"} if KINDS[kind].curve else ())}
        assert set(data) <= explained, kind
        for curve in data.get("curves", ()):
            assert set(curve) <= set(KINDS[kind].curve), kind


def test_a_histogram_is_one_of_the_kinds() -> None:
    """Weights' and gradients' histograms have the documented fields."""
    data = histogram([1.0, 2.0, float("nan")])

    assert problems_of("histogram", data) == []
    assert set(data) == set(KINDS["histogram"].fields)


@pytest.mark.parametrize(
    ("kind", "data", "problem"),
    [
        ("roc", {}, "roc needs a list under 'curves'"),
        ("roc", {"curves": [{"label": 1, "fpr": [0]}]}, "roc curve 0 needs 'tpr'"),
        (
            "roc",
            {"curves": [{"label": 1, "fpr": [0], "tpr": [0, 1]}]},
            "roc curve 0: 'fpr' and 'tpr' differ in length",
        ),
        ("confusion_matrix", {"labels": [0]}, "confusion_matrix needs 'matrix'"),
    ],
)
def test_wrong_data_is_named(kind: str, data: dict[str, Any], problem: str) -> None:
    """Each problem says what is missing and where."""
    assert problems_of(kind, data) == [problem]


def test_unknown_kinds_hold_anything() -> None:
    """A user's own kind is nobody's business."""
    assert problems_of("my own", {"a": 1}) == []


def test_bad_input_is_named() -> None:
    """Lengths that differ, and nothing at all."""
    with pytest.raises(ValueError, match="2 predictions for 3 true values"):
        evaluate([0, 1, 1], [0, 1])
    with pytest.raises(ValueError, match="nothing to compare"):
        evaluate([0, 1])
    with pytest.raises(ValueError, match="1 weights for 2 rows"):
        evaluate([0, 1], [0, 1], sample_weight=[1.0])


def test_many_rows_are_sampled_and_said() -> None:
    """The same sample each time; the number of all rows stays known."""
    truth = RNG.random(5000)
    one, two = (evaluate(truth, truth + 1, rows_max=100) for _ in range(2))

    assert one.rows == 5000
    assert one.evaluated == 100
    assert one.skipped == ["4,900 of 5,000 rows: a sample was evaluated"]
    assert one.plots == two.plots
    assert one.metrics["mae"] == pytest.approx(1.0)


def test_the_worst_rows_come_first() -> None:
    """Rows are numbered as in the data; NaN is the worst."""
    truth = np.zeros(200)
    guess = np.zeros(200)
    guess[[17, 3, 99]] = 1.0, 5.0, np.nan
    data = evaluate(truth, guess, task="regression").plots["predictions/worst"][1]

    assert data["row"][:3] == [99, 3, 17]
    assert data["n"] == 200


def test_inputs_stay_as_they_were() -> None:
    """Nothing is written into the user's arrays."""
    truth, given = CASES["multiclass"]
    before = truth.copy(), {k: v.copy() for k, v in given.items()}
    evaluate(truth, **given)

    assert (truth == before[0]).all()
    assert all((given[k] == v).all() for k, v in before[1].items())
