"""Plots drawn with letters."""

from __future__ import annotations

import pytest

from epochlog.cli.plotting import plot_lines
from epochlog.cli.screen import Screen

SCREEN = Screen(80)


def test_importances_are_sorted_bars() -> None:
    """The most important feature comes first with the longest bar."""
    data = {
        "features": ["a", "b", "c"],
        "importance": {"gain": [1.0, -4.0, 0.0], "split": [1, 2, 3]},
    }
    lines = plot_lines("importance", data, SCREEN)
    assert "by gain" in lines[0]
    assert lines[1].split() == ["b", "-4", "█" * 24]
    assert lines[2].split() == ["a", "1", "█" * 6]


def test_many_importances_are_counted() -> None:
    """Only the first features are shown, the rest is counted; ``full`` shows all."""
    data = {"features": [f"f{i}" for i in range(30)], "importance": {"gain": list(range(1, 31))}}
    assert plot_lines("importance", data, SCREEN)[-1].strip() == "and 22 more"
    assert len(plot_lines("importance", data, SCREEN, full=True)) == 31


def test_confusion_matrix_is_a_grid() -> None:
    """Few classes make a grid, with the number of right answers above it."""
    data = {"labels": ["cat", "dog"], "matrix": [[5, 1], [2, 7]]}
    assert plot_lines("confusion_matrix", data, SCREEN) == [
        "    12 of 15 right; rows: true, columns: predicted",
        "         cat  dog",
        "    cat    5    1",
        "    dog    2    7",
    ]


def test_confusion_matrix_of_many_classes_lists_confusions() -> None:
    """Too many classes for a grid give the commonest confusions."""
    matrix = [[10 if i == j else 0 for j in range(40)] for i in range(40)]
    matrix[3][5] = 4
    assert plot_lines("confusion_matrix", {"labels": [], "matrix": matrix}, SCREEN)[1:] == [
        "    3 taken for 5: 4"
    ]


def test_roc_tells_its_area() -> None:
    """A ROC curve is told by the area under it."""
    [line] = plot_lines("roc", {"fpr": [0, 0, 1], "tpr": [0, 1, 1]}, SCREEN)
    assert "1.0000" in line


def test_tables_and_histograms_are_summed_up() -> None:
    """A table is told by rows and columns, a histogram by its range and shape."""
    assert (
        "2 rows, 2 columns: a, b"
        in plot_lines("table", {"columns": {"a": [1, 2], "b": [3, 4]}}, SCREEN)[0]
    )
    assert "(3 values)" in plot_lines("histogram", {"values": [0.0, 1.0, 1.0]}, SCREEN)[0]


@pytest.mark.parametrize(
    "kind",
    ["importance", "confusion_matrix", "roc", "precision_recall", "histogram", "table", "odd"],
)
@pytest.mark.parametrize(
    "data",
    [
        {},
        {"x": 1},
        {"features": 3, "importance": []},
        {"labels": [1], "matrix": [[1, "a"]]},
        {"values": []},
    ],
)
def test_odd_data_is_summed_up(kind: str, data: dict[str, object]) -> None:
    """Data that is not what its kind promises is summed up, not an error."""
    assert all(isinstance(line, str) for line in plot_lines(kind, data, SCREEN))


def test_labels_cannot_drive_the_terminal() -> None:
    """Control characters in labels are escaped."""
    data = {"labels": ["a\x1b[2J", "b"], "matrix": [[1, 0], [0, 1]]}
    assert "\x1b" not in "".join(plot_lines("confusion_matrix", data, SCREEN))
