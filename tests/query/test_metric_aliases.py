"""A curve is found by the name that its framework has for it, too."""

from __future__ import annotations

import pytest

import epochlog


@pytest.fixture
def runs() -> None:
    """Store a run whose curve has another name, and one that has that other name itself."""
    epochlog.autolog(disable=["hardware"], hardware=False)
    with epochlog.start_run(name="ours") as run:
        run.log_metric_aliases({"val/loss": "valid_0 binary_logloss"})
        for step, value in enumerate([3.0, 1.0, 2.0]):
            run.log_metrics({"val/loss": value}, step)
    with epochlog.start_run(name="theirs") as run:
        run.log_metrics({"valid_0 binary_logloss": 5.0}, 0)
    epochlog.flush()


def test_a_run_knows_both_names(runs: None) -> None:
    """Summary and points are the same by either name; lists show the curve once."""
    run = epochlog.get_run("ours")

    assert list(run.metrics) == ["val/loss"]
    assert run.metrics["valid_0 binary_logloss"].min == 1.0
    assert run.series("valid_0 binary_logloss").values.tolist() == [3.0, 1.0, 2.0]
    assert run.metrics.aliases == {"valid_0 binary_logloss": "val/loss"}


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ('metrics["val/loss"].min < 2', ["ours"]),
        ('metrics["valid_0 binary_logloss"].min < 2', ["ours"]),
        ('metrics["valid_0 binary_logloss"].max > 2', ["ours", "theirs"]),
        ('metrics["valid_0 binary_logloss"].max > 4', ["theirs"]),
        ('not metrics["valid_0 binary_logloss"].min < 2', ["theirs"]),
        ('metrics["valid_0 binary_logloss"].last == metrics["val/loss"].last', ["ours"]),
    ],
)
def test_filters_know_both_names(runs: None, where: str, names: list[str]) -> None:
    """A condition on the framework's name holds for runs that have it, as name or alias."""
    assert sorted(run.name for run in epochlog.runs(where=where)) == names


def test_ordering_knows_both_names(runs: None) -> None:
    """Runs are ordered by the curve, whichever name it has in them."""
    found = epochlog.runs(order_by='-metrics["valid_0 binary_logloss"].min')

    assert [run.name for run in found] == ["theirs", "ours"]


def test_a_later_alias_counts_and_garbage_collection_takes_it(runs: None) -> None:
    """An alias given again points to the newer curve."""
    with epochlog.start_run(name="again") as run:
        run.log_metrics({"a": 1.0, "b": 2.0}, 0)
        run.log_metric_aliases({"a": "own"})
        run.flush()
        run.log_metric_aliases({"b": "own"})
    epochlog.flush()

    assert epochlog.get_run("again").metrics["own"].last == 2.0
