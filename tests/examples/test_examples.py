"""Every example is an ordinary script with one line of ours, and leaves a record that answers questions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from processes import environment

import epochlog
from epochlog.query.run_view import RunView

EXAMPLES = Path(__file__).parents[2] / "examples"
THE_LINE = "import epochlog; epochlog.autolog()"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def run_example(name: str, store: Path) -> list[RunView]:
    """Run an example as a user would; return its root runs, oldest first."""
    result = subprocess.run(
        [sys.executable, str(EXAMPLES / name)],
        env=environment(EPOCHLOG_STORE=str(store)),
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "epochlog" not in result.stderr, result.stderr
    return list(epochlog.runs(nested=False, order_by="started", store=store))


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_the_only_line_of_ours_is_the_first(path: Path) -> None:
    """An example shows an unchanged script."""
    first, *rest = path.read_text("utf-8").splitlines()

    assert first == THE_LINE
    assert not [line for line in rest if "epochlog" in line]


@pytest.mark.parametrize(
    ("name", "metrics", "curves", "plots"),
    [
        (
            "sklearn_pipeline.py",
            {"test/accuracy", "test/f1", "test/roc_auc"},
            set(),
            {"importance"},
        ),
        ("sklearn_early_stopping.py", {"test/r2"}, {"train/loss"}, set()),
        ("torch_digits.py", {"test/loss"}, {"train/loss", "val/loss", "learning_rate"}, set()),
        (
            "lightning_digits.py",
            {"test/accuracy", "best/val/loss", "best_epoch"},
            {"train/loss", "val/loss", "val/accuracy", "learning_rate", "gradient_norm"},
            set(),
        ),
        ("lightgbm_train.py", set(), {"val/"}, {"importance"}),
        ("lightgbm_classifier.py", {"test/accuracy"}, {"val/"}, {"importance"}),
        ("keras_fit.py", {"test/accuracy", "test/roc_auc"}, {"train/loss", "val/"}, set()),
        ("transformers_text.py", {"test/accuracy"}, {"train/loss", "val/"}, set()),
        ("xgboost_train.py", set(), {"val/", "train/", "learning_rate"}, {"importance"}),
        ("xgboost_classifier.py", {"test/accuracy"}, {"val/"}, {"importance"}),
        ("xgboost_loop.py", set(), {"val/", "learning_rate"}, {"importance"}),
        ("catboost_classifier.py", {"test/accuracy", "test/roc_auc"}, {"val/"}, {"importance"}),
    ],
)
def test_an_example_leaves_a_complete_record(
    store: Path, name: str, metrics: set[str], curves: set[str], plots: set[str]
) -> None:
    """Params, curves, test metrics, importances, data set, model, hardware, environment and code."""
    runs = run_example(name, store)

    assert runs
    assert {run.status for run in runs} == {"completed"}
    names = {key for run in runs for key in run.metrics}
    assert metrics <= names
    for prefix in curves:
        assert any(
            k.startswith(prefix) and run.metrics[k].count > 5 for run in runs for k in run.metrics
        )
    assert any(run.models for run in runs)
    assert plots <= {plot.kind for run in runs for plot in run.plots}
    for run in runs:
        assert len(run.params) > 5
        assert "train" in {data.role for data in run.datasets}
        assert all(data.digest for data in run.datasets)
        assert run.system_metrics, run
        assert run.environment["python"]
        assert run.code


def test_a_search_is_one_parent_with_candidates_and_folds(store: Path) -> None:
    """GridSearchCV with n_jobs=2 is a tree of exactly candidates times folds."""
    (search,) = run_example("sklearn_grid_search.py", store)
    candidates = search.children()

    assert search.params["n_jobs"] == 2
    assert len(candidates) > 1
    assert [c.kind for c in candidates] == ["candidate"] * len(candidates)
    folds = [fold for c in candidates for fold in c.children()]
    assert len(folds) == len(candidates) * search.params["cv"]
    assert {run.status for run in [*candidates, *folds]} == {"completed"}
    assert search.metrics["cv/best_score"].last == max(
        c.metrics["cv/score.mean"].last for c in candidates
    )


def test_a_study_is_one_parent_with_trials_and_fits(store: Path) -> None:
    """A study's trials each hold the fit that was made in them, with curves of both."""
    (study,) = run_example("optuna_study.py", store)
    trials = study.children()

    assert [trial.position for trial in trials] == list(range(study.params["n_trials"]))
    assert {trial.status for trial in trials} == {"completed", "pruned"}
    best = study.study().best
    assert best is not None
    assert study.metrics["best/value"].last == best.value
    for trial in trials:
        assert trial.params["model_class"]
        curve = trial.series("intermediate_value")
        assert curve.values.tolist() == trial.series("val/loss").values.tolist()
    assert study.system_metrics
    assert study.code


def test_a_cross_validation_is_one_parent_with_folds(store: Path) -> None:
    """cross_val_score and friends have one child a fold and mean scores on the parent."""
    runs = run_example("sklearn_cross_validation.py", store)

    assert runs
    assert any(run.children() and {c.kind for c in run.children()} == {"fold"} for run in runs)
