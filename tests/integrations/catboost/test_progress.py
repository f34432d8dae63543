"""Reading CatBoost's file while it grows, and placing its history on the x-axis."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from epochlog_catboost.curves import Axis, points_of, steps_of
from epochlog_catboost.names import Keys, cv_keys, is_loss, split_of
from epochlog_catboost.progress import FILE, Progress

META = {
    "test_sets": ["test", "test1"],
    "learn_sets": ["learn"],
    "learn_metrics": [{"name": "RMSE", "best_value": "Min"}],
    "test_metrics": [{"name": "MAE", "best_value": "Min"}, {"name": "RMSE", "best_value": "Min"}],
}


def line(iteration: int) -> str:
    """Return one row as CatBoost writes it."""
    row = {"learn": [1.5], "iteration": iteration, "passed_time": iteration / 8}
    return json.dumps(row | {"test": [2.5, 3.5], "test1": [4.5, 5.5]}, separators=(",", ":"))


def content(count: int, first: int = 0) -> str:
    """Return the file after ``count`` rows."""
    rows = ",\n".join(line(i) for i in range(first, first + count))
    return '{\n"meta":' + json.dumps(META) + ',\n"iterations":[\n' + rows + "\n]}"


def test_a_growing_file_is_read_once(tmp_path: Path) -> None:
    """Each look gives the rows that are new, with sets, metrics and CatBoost's own time."""
    progress = Progress(tmp_path)
    assert progress.read() == []
    (tmp_path / FILE).write_text(content(3))
    first = progress.read()
    assert progress.read() == []
    (tmp_path / FILE).write_text(content(5))
    second = progress.read()

    assert [row.iteration for row in first + second] == [0, 1, 2, 3, 4]
    assert first[0].values[("learn", "RMSE")] == 1.5
    assert first[0].values[("test1", "RMSE")] == 5.5
    assert first[2].at - first[0].at == 250_000


def test_half_a_row_waits(tmp_path: Path) -> None:
    """What is not complete yet is read the next time."""
    progress = Progress(tmp_path)
    whole = content(2)
    (tmp_path / FILE).write_text(whole[:-20])
    assert [row.iteration for row in progress.read()] == [0]
    (tmp_path / FILE).write_text(whole)
    assert [row.iteration for row in progress.read()] == [1]


def test_an_earlier_trainings_file_is_not_read(tmp_path: Path) -> None:
    """What lay there before belongs to somebody else."""
    (tmp_path / FILE).write_text(content(4))
    progress = Progress(tmp_path)

    assert progress.read() == []
    assert progress.times() == {}


@pytest.mark.parametrize("later", [content(1), content(3)[:-3] + ",\n" + line(1) + "\n]}"])
def test_a_file_of_two_trainings_is_left(tmp_path: Path, later: str) -> None:
    """A file that begins anew or goes back is not read any further."""
    progress = Progress(tmp_path)
    (tmp_path / FILE).write_text(content(3))
    progress.read()
    (tmp_path / FILE).write_text(later)

    assert progress.read() == []
    assert progress.broken


def test_a_torn_read_loses_no_row(tmp_path: Path) -> None:
    """The old end of the file followed by new rows: they are read the next time, all of them."""
    progress = Progress(tmp_path)
    (tmp_path / FILE).write_text(content(3))
    progress.read()
    torn = content(3) + line(3)[1:] + ",\n" + line(4) + "\n]}"
    (tmp_path / FILE).write_text(torn)
    assert progress.read() == []
    (tmp_path / FILE).write_text(content(5))

    assert [row.iteration for row in progress.read()] == [3, 4]


def test_times(tmp_path: Path) -> None:
    """The time of every row, without reading values."""
    progress = Progress(tmp_path)
    (tmp_path / FILE).write_text(content(3))
    times = progress.times()

    assert list(times) == [0, 1, 2]
    assert times[1] - times[0] == 125_000


def test_steps() -> None:
    """Each period-th iteration and the last one; or every one."""
    assert list(steps_of(5, Axis(24, 7), every=False)) == [0, 7, 14, 21, 23]
    assert list(steps_of(4, Axis(22, 7), every=False)) == [0, 7, 14, 21]
    assert list(steps_of(3, Axis(24, 7), every=True)) == [0, 1, 2]
    assert list(steps_of(0, Axis(24, 7), every=False)) == []


def test_uneven_curves() -> None:
    """The longest curve of uneven ones has every iteration; a watched one alone has, too."""
    uneven = points_of({"learn": {"M": [1, 2]}, "validation": {"M": [1, 2, 3, 4]}}, Axis(9, 3))
    watched = points_of({"validation": {"M": [1, 2]}}, Axis(9, 3, ("validation", "M")))

    assert {s: sorted(n for n, _ in p) for s, p in uneven.by_step.items()} == {
        0: ["learn", "validation"],
        1: ["validation"],
        2: ["validation"],
        3: ["learn", "validation"],
    }
    assert uneven.last == 3
    assert list(watched.by_step) == [0, 1]
    assert points_of({}, Axis(9, 3)).last == -1


def test_names() -> None:
    """Sets and metrics get the names that all frameworks share."""
    names = ["learn", "validation", "validation_0", "validation_2", "test", "test1"]
    assert [split_of(name) for name in names] == ["train", "val", "val", "val_2", "val", "val_1"]
    keys = Keys("Logloss", several=True)
    assert keys.of("validation_1", "Logloss") == "val_1/loss"
    assert keys.of("learn", "a metric/of mine") == "train/a metric/of mine"
    assert keys.aliases() == {
        "val_1/loss": "validation_1/Logloss",
        "train/a metric/of mine": "learn/a metric/of mine",
    }


def test_two_metrics_never_share_a_curve() -> None:
    """Names that mean the same elsewhere but are two for CatBoost stay two."""
    keys = Keys("RMSE")

    assert {keys.of("learn", "AUC"), keys.of("learn", "auc")} == {
        "train/roc_auc",
        "train/roc_auc 2",
    }
    assert keys.of("learn", "AUC") == "train/roc_auc"


def test_what_is_the_loss() -> None:
    """The objective's own metric, with or without its defaults spelled out."""
    assert is_loss("Quantile:alpha=0.5", "Quantile")
    assert not is_loss("Quantile:alpha=0.5", "Quantile:alpha=0.7")
    assert not is_loss("AUC", "Logloss")
    assert not is_loss("RMSE", object())


def test_columns_of_cv() -> None:
    """Columns become mean and std of a split's metric; others are no curves."""
    columns = ["iterations", "test-Logloss-mean", "test-Logloss-std", "train-MAE-mean"]

    assert cv_keys(columns, "Logloss") == {
        "test-Logloss-mean": "cv/loss.mean",
        "test-Logloss-std": "cv/loss.std",
        "train-MAE-mean": "train/mae.mean",
    }
