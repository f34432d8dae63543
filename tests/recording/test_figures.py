"""Figures that users log are kept as pictures or specifications, and stay as they are."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

import epochlog
from epochlog.base.errors import EpochlogError
from epochlog.query.plots import PlotView

pytest.importorskip("matplotlib")


def logged(figure: Any) -> PlotView:
    """Log a figure into a run of its own and read it back."""
    run = epochlog.start_run()
    run.log_plot("mine", figure)
    run.end()
    epochlog.flush()
    return epochlog.get_run(run.id).plots["mine"]


@pytest.fixture
def figure() -> Any:
    """Return a matplotlib figure that pyplot knows of."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(3, 2), dpi=80, layout="constrained")
    axes.plot([1, 2, 3], [3, 1, 2])
    yield figure
    plt.close(figure)


def pixels(figure: Any) -> bytes:
    """Return what the figure looks like."""
    import io

    target = io.BytesIO()
    figure.savefig(target, format="raw")
    return target.getvalue()


def test_a_matplotlib_figure_is_kept_as_svg(figure) -> None:
    """It stays open, of the same size, on the same canvas, with the same looks."""
    from matplotlib import pyplot as plt

    before = plt.get_fignums(), figure.dpi, figure.get_size_inches().tolist(), figure.canvas
    looks = pixels(figure)
    plot = logged(figure)

    assert plot.kind == "figure"
    assert plot.data["format"] == "svg"
    assert plot.data["content"].startswith("<svg")
    after = plt.get_fignums(), figure.dpi, figure.get_size_inches().tolist(), figure.canvas
    assert after == before
    assert pixels(figure) == looks


def test_a_picture_is_shown_and_saved(figure, tmp_path) -> None:
    """Notebooks show it; it is written as the file it is."""
    picture = logged(figure.axes[0]).display()

    assert picture._repr_mimebundle_()["image/svg+xml"].startswith("<svg")
    assert picture.save(tmp_path / "mine.svg").read_text().startswith("<svg")


def test_a_crowded_figure_is_kept_as_pixels(figure, monkeypatch, tmp_path) -> None:
    """An SVG of millions of points helps nobody."""
    from epochlog.recording import figures

    monkeypatch.setattr(figures, "SVG_MAX", 100)
    plot = logged(figure)

    assert plot.data["format"] == "png"
    assert plot.display().save(tmp_path / "mine.png").read_bytes().startswith(b"\x89PNG")


def test_pyplot_is_not_imported() -> None:
    """A figure made without pyplot is stored without it."""
    code = (
        "import sys, epochlog; from matplotlib.figure import Figure\n"
        "figure = Figure(); figure.subplots().plot([1, 2])\n"
        "run = epochlog.start_run(); run.log_plot('mine', figure); run.end()\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "epochlog.flush()\n"
        "assert epochlog.get_run(run.id).plots['mine'].kind == 'figure'"
    )

    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_plotly_comes_back_as_plotly() -> None:
    """The specification is kept, and is a plotly figure again."""
    go = pytest.importorskip("plotly.graph_objects")
    figure = go.Figure(go.Scatter(x=[1, 2], y=[3, 1]), layout={"title": {"text": "mine"}})
    before = figure.to_json()
    plot = logged(figure)

    assert plot.data["format"] == "plotly"
    assert json.loads(plot.display().to_json()) == json.loads(before)
    assert figure.to_json() == before
    with pytest.raises(EpochlogError, match="logged as plotly has no Vega-Lite specification"):
        plot.to_vega()


def test_altair_comes_back_as_altair() -> None:
    """Also with more rows than a notebook's file may hold, a limit that stays as it was."""
    alt = pytest.importorskip("altair")
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": range(6000), "b": range(6000)})
    plot = logged(alt.Chart(frame).mark_line().encode(x="a", y="b"))

    assert plot.to_vega()["mark"] == {"type": "line"}
    assert len(next(iter(plot.data["content"]["datasets"].values()))) == 6000
    assert isinstance(plot.display(), alt.Chart)
    with pytest.raises(alt.MaxRowsError):
        alt.Chart(frame).mark_line().to_dict()


def test_a_vega_lite_specification() -> None:
    """A plain dict that says what it is."""
    spec = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "mark": "bar"}

    assert logged(spec).to_vega() == spec


@pytest.mark.parametrize("nothing", [3, object(), {"a": 1}])
def test_what_is_no_figure_is_named(nothing) -> None:
    """The message says what a plot is."""
    with pytest.raises(TypeError, match="is none of these"):
        logged(nothing)


def test_a_kind_needs_its_data() -> None:
    """A name alone is no plot."""
    run = epochlog.start_run()
    with pytest.raises(TypeError, match="kind 'roc' needs its data"):
        run.log_plot("mine", "roc")
    run.end()
