"""Plots of several runs are drawn over one another; nothing of matplotlib's state changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import epochlog
from epochlog.base.errors import EpochlogError
from epochlog.evaluation.clusters import evaluate_clusters
from epochlog.evaluation.evaluate import evaluate
from epochlog.evaluation.kinds import KINDS
from epochlog.plugins.api import histogram
from epochlog.query.drawing.figures import draw
from epochlog.query.drawing.overlay import overlaid, save
from epochlog.query.drawing.vega import vega

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 3, 80)
SCORES = RNG.dirichlet(np.ones(3), 80)
NUMBERS = RNG.normal(size=80)


def plots_of_all_kinds() -> dict[str, Any]:
    """Return one plot of each documented kind."""
    found = dict(evaluate(TRUTH, SCORES.argmax(1), score=SCORES).plots.values())
    found |= dict(evaluate(TRUTH > 0, score=1 - SCORES[:, 0]).plots.values())
    found |= dict(evaluate(NUMBERS, NUMBERS + 0.1).plots.values())
    found["clusters"] = evaluate_clusters(SCORES, TRUTH)[1]
    found["det"] = {"curves": [{"label": 1, "fpr": [1, 0.4, 0.1, 0], "fnr": [0, 0.1, 0.5, 1]}]}
    found["histogram"] = histogram(NUMBERS)
    found["importance"] = {"features": ["a", "b"], "importance": {"gain": [1.0, 3.0]}}
    found["learning_curve"] = {
        "x": [10, 20], "train": [1.0, 0.9], "test": [0.5, 0.7], "train_std": [0.1, 0.1],
    }  # fmt: skip
    return found


PLOTS = plots_of_all_kinds()


def test_there_is_a_plot_of_every_kind() -> None:
    """The cases below leave none out."""
    assert set(PLOTS) == set(KINDS)


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("count", [1, 2])
def test_every_kind_is_drawn(kind: str, count: int) -> None:
    """Of one run or of two, with a picture that is not empty and no figure left open."""
    from matplotlib import pyplot as plt

    figure = draw(kind, [(f"run {i}", PLOTS[kind]) for i in range(count)])

    drawn = [axes for axes in figure.axes if axes.has_data()]
    assert drawn
    assert plt.get_fignums() == []


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_a_valid_vega_chart(kind: str) -> None:
    """The published schema accepts the specification; the numbers are in it."""
    altair = pytest.importorskip("altair")
    chart = vega(kind, [("one", PLOTS[kind]), ("two", PLOTS[kind])])

    altair.Chart.from_dict(chart, validate=True)
    assert {row["run"] for row in chart["data"]["values"]} == {"one", "two"}


def test_two_curves_of_two_runs_are_four_lines() -> None:
    """Each run has its colour, each class its dash, and all are in the legend."""
    curve = {"label": "a", "fpr": [0, 1], "tpr": [0, 1], "auc": 0.5}
    data = {"curves": [curve, {**curve, "label": "b"}]}
    axes = draw("roc", [("one", data), ("two", data)]).axes[0]
    lines = [line for line in axes.get_lines() if not line.get_label().startswith("_")]

    assert [line.get_label() for line in lines] == [
        f"{run}: {label} (AUC 0.500)" for run in ("one", "two") for label in "ab"
    ]
    assert len({line.get_color() for line in lines}) == 2
    assert len({line.get_linestyle() for line in lines}) == 2


def test_errors_of_a_det_curve_are_spread_by_normal_deviates() -> None:
    """Half the rows are in the middle, and 0 and 1 have a place; the ticks are shares."""
    axes = draw("det", [("one", PLOTS["det"])]).axes[0]
    (line,) = axes.get_lines()

    assert line.get_ydata()[2] == pytest.approx(0.0)
    assert np.isfinite(line.get_xdata()).all()
    assert "0.5" in [label.get_text() for label in axes.get_xticklabels()]


def test_unknown_kinds_are_named() -> None:
    """The message lists what can be drawn."""
    with pytest.raises(EpochlogError, match=r"'mine' can't be drawn; drawn are .*roc"):
        draw("mine", [("a", {})])


@pytest.fixture
def runs() -> list[Any]:
    """Store two runs of one name with an ROC curve each, and one other plot."""
    epochlog.autolog(disable=["hardware"], hardware=False)
    for seed in (0, 1):
        noise = np.random.default_rng(seed).random(80)
        with epochlog.start_run(name="model") as run:
            plots = evaluate(TRUTH > 0, score=noise).plots
            run.log_plot("test/roc", *plots["roc"])
            run.log_plot("test/gain", *plots["gain"])
            run.log_plot("mine", "my own", {"x": [1]})
    epochlog.flush()
    return list(epochlog.runs(order_by="started"))


def test_plots_of_one_key_are_overlaid(runs: list[Any], tmp_path: Path) -> None:
    """Runs of one name are told apart; a file for each plot, or one page for all."""
    groups = overlaid(runs)
    pictures = save(groups, tmp_path / "all.png")
    (page,) = save(groups, tmp_path / "all.html")

    assert [(key, kind, len(plots)) for key, kind, plots in groups] == [
        ("test/roc", "roc", 2),
        ("test/gain", "gain", 2),
    ]
    assert len({name for name, _ in groups[0][2]}) == 2
    assert [p.name for p in pictures] == ["all-test-roc.png", "all-test-gain.png"]
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in pictures)
    text = page.read_text("utf-8")
    assert text.count("<svg") == 2
    assert "<script" not in text
    assert "AUC" in text


def test_what_is_not_there_is_said(runs: list[Any], tmp_path: Path) -> None:
    """Plots that no run has, and files of an unknown kind."""
    with pytest.raises(EpochlogError, match=r"no plot 'pr' to draw.*'test/roc'"):
        overlaid(runs, ["pr"])
    with pytest.raises(EpochlogError, match=r"\.png, \.svg or \.html"):
        save(overlaid(runs), tmp_path / "all.gif")


def test_a_stored_plot_shows_itself(runs: list[Any]) -> None:
    """As a figure and as a chart."""
    plot = runs[0].plots["test/roc"]

    assert plot.display().axes[0].get_xlabel() == "false positive rate, rising"
    assert plot.to_vega()["title"] == "test/roc"


def test_the_command_writes_a_file(runs: list[Any], tmp_path: Path) -> None:
    """``compare --plot roc`` says where the picture is."""
    from click.testing import CliRunner

    from epochlog.cli.main import cli

    ids = [run.id for run in runs]
    target = tmp_path / "roc.png"
    done = CliRunner().invoke(cli, ["compare", *ids, "--plot", "roc", "--out", str(target)])

    assert done.exit_code == 0, done.output
    assert done.output.strip() == str(target)
    assert target.stat().st_size > 10_000
