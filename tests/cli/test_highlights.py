"""Which metrics a list of runs shows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from epochlog.cli.highlights import highlights, weight


def runs(*metrics: dict[str, float]) -> Any:
    """Return stand-ins for runs that have nothing but metrics."""
    return [
        SimpleNamespace(id=str(i), metrics={k: SimpleNamespace(last=v) for k, v in each.items()})
        for i, each in enumerate(metrics)
    ]


def test_results_on_unseen_data_come_first() -> None:
    """Test data counts more than validation data, that more than training data."""
    found = highlights(runs({"train/loss": 1, "val/loss": 2, "test/accuracy": 3}))
    assert found == ["test/accuracy", "val/loss", "train/loss"][: len(found)]
    assert found[0] == "test/accuracy"


def test_every_run_gets_something() -> None:
    """A metric of a run that shows nothing yet comes before a second one of others."""
    kinds = runs(
        {"test/a": 1, "test/b": 2},
        {"test/a": 1, "test/b": 3},
        {"test/a": 4, "test/b": 4},
        {"val/loss": 1},
    )
    assert highlights(kinds, 2) == ["test/a", "val/loss"]


def test_one_number_under_two_names_is_shown_once() -> None:
    """The score of a classifier is its accuracy; the name that says more is kept."""
    kinds = runs(
        {"test/accuracy": 0.9, "test/score": 0.9}, {"test/accuracy": 0.8, "test/score": 0.8}
    )
    assert highlights(kinds) == ["test/accuracy"]


def test_dull_metrics_count_little() -> None:
    """Deviations, ranks, times and per-class values are worth little."""
    for name in (
        "cv/accuracy.std",
        "cv/accuracy.rank",
        "fit_time",
        "test/f1[cat]",
        "learning_rate",
    ):
        assert weight(name) < 0.1 < weight("loss")


def test_no_metrics_no_highlights() -> None:
    """Runs without metrics have none."""
    assert highlights(runs({}, {})) == []
    assert highlights([]) == []
