"""Fits in several threads at once are recorded completely, each where it belongs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import lightgbm as lgb
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

import epochlog

TREES = {"objective": "binary", "verbose": -1, "num_threads": 1, "num_leaves": 4}


def fit_lightgbm(rounds: int, data: Any) -> None:
    X, y = data
    train = lgb.Dataset(X[:400], y[:400])
    lgb.train(TREES, train, rounds, valid_sets=[lgb.Dataset(X[400:], y[400:], reference=train)])


def in_four_threads(work: Any) -> list[Any]:
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(work, range(1, 9)))


def test_eight_fits_in_four_threads_are_eight_full_runs(stored: Any, cancer: Any) -> None:
    """Without a run of the user's, each fit is a run with its own params, curve, data and model."""
    in_four_threads(lambda rounds: fit_lightgbm(rounds, cancer))
    runs = {run.params["num_boost_round"]: run for run in stored()}

    assert sorted(runs) == list(range(1, 9))
    for rounds, run in runs.items():
        assert run.status == "completed"
        assert run.parent_id is None
        (curve,) = (key for key in run.metrics if key.startswith("val/"))
        assert list(run.series(curve).steps) == list(range(rounds))
        assert len(run.datasets) == 2
        assert len(run.models) == 1


def test_eight_runs_of_the_user_in_four_threads_are_all_filled(stored: Any, cancer: Any) -> None:
    """Each ``with start_run()`` of a thread gets the fit inside it, and no other."""

    def work(depth: int) -> tuple[str, float]:
        with epochlog.start_run(f"depth {depth}") as run:
            run.log_params({"mine": depth})
            model = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(*cancer)
            return run.id, model.score(*cancer)

    expected = in_four_threads(work)
    runs = {run.id: run for run in stored()}

    assert len(runs) == 8
    for depth, (run_id, score) in enumerate(expected, 1):
        run = runs[run_id]
        assert (run.name, run.status) == (f"depth {depth}", "completed")
        assert run.params["mine"] == run.params["max_depth"] == depth
        assert run.metrics["train/accuracy"].last == score
        assert len(run.models) == len(run.datasets) == 1


def test_threads_inside_one_run_of_the_user_are_its_children(stored: Any, cancer: Any) -> None:
    """Fits in a pool below one open run: one records into it, the others are children, none is lost."""
    with epochlog.start_run("mine") as mine:
        in_four_threads(lambda n: LogisticRegression(C=float(n), max_iter=50).fit(*cancer))
    runs = stored()

    assert len(runs) == 8
    assert sorted(run.params["C"] for run in runs) == [float(n) for n in range(1, 9)]
    assert {run.parent_id for run in runs} == {None, mine.id}
    assert {run.status for run in runs} == {"completed"}


def test_frameworks_side_by_side_do_not_mix(stored: Any, cancer: Any) -> None:
    """Fits of two frameworks in two threads at once: each run names its own framework only."""

    def work(number: int) -> None:
        if number % 2:
            fit_lightgbm(5, cancer)
        else:
            DecisionTreeClassifier(max_depth=number).fit(*cancer)

    in_four_threads(work)
    runs = stored()

    assert sorted(run.source for run in runs) == ["lightgbm"] * 4 + ["sklearn"] * 4
    assert all(("max_depth" in run.params) == (run.source == "sklearn") for run in runs)
    assert all(("val/loss" in run.metrics) == (run.source == "lightgbm") for run in runs)


def test_a_pause_in_one_thread_silences_no_other(stored: Any, cancer: Any) -> None:
    """While one thread trains inside ``paused()``, fits of other threads are recorded."""

    def work(number: int) -> None:
        if number % 2:
            with epochlog.paused():
                fit_lightgbm(number, cancer)
        else:
            fit_lightgbm(number, cancer)

    in_four_threads(work)

    assert sorted(run.params["num_boost_round"] for run in stored()) == [2, 4, 6, 8]


@pytest.mark.slow
def test_a_search_over_threads_keeps_its_tree(only: Any, cancer: Any) -> None:
    """A search whose folds run in a pool of threads has every candidate and every fold once."""
    import joblib
    from sklearn.model_selection import GridSearchCV

    with joblib.parallel_backend("threading", n_jobs=4):
        GridSearchCV(DecisionTreeClassifier(), {"max_depth": [1, 2, 3]}, cv=3).fit(*cancer)
    candidates = [child for child in only().children() if child.kind == "candidate"]

    assert [len(candidate.children()) for candidate in candidates] == [3, 3, 3]
