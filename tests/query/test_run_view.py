"""One run, as it is read back."""

from __future__ import annotations

import math
import pickle
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from query_store import T0

from epochlog.base.errors import EpochlogError, RunNotFound, StoreError, Untrusted
from epochlog.base.ids import new_id
from epochlog.contract import events
from epochlog.query.lookup import find_run
from epochlog.query.metrics import Stat
from epochlog.query.runs import Runs

LONG = "n" * 5000
ODD = "tab\t \"q\" 's' %_\\ ключ 🦦"


def test_a_run_has_what_was_logged(writer):
    """Identity, status, times, tags, note and place come back as they were."""
    run = writer.run("base", params={"lr": 0.1}, tags=("b", "a"), experiment="exp", seconds=90)
    writer.write(events.Note(run, T0, "# note"))
    view = find_run(writer.reader(), run)

    assert (run, "base", "completed", "exp", "default", "ann") == (
        view.id, view.name, view.status, view.experiment, view.project, view.user
    )  # fmt: skip
    assert view.tags == ["a", "b"]
    assert view.note == "# note"
    assert datetime.fromtimestamp(T0 / 1e6, UTC) == view.started
    assert timedelta(seconds=90) == view.duration == view.ended - view.started
    assert not view.active


def test_params_keep_their_types(writer):
    """Every plain type, odd values and 5,000-character names and values round-trip."""
    params = {
        "none": None, "yes": True, "no": False, "int": 3, "big": 2**63, "small": -(2**63),
        "float": 0.1, "whole": 2.0, "inf": math.inf, "ninf": -math.inf, "zero": -0.0, "text": "x",
        "empty": "", "digits": "12", "list": [1, [2.5, "a"]], "dict": {"a": {"b": None}},
        LONG: LONG, ODD: ODD,
    }  # fmt: skip
    run = writer.run(params={**params, "nan": math.nan})
    found = dict(find_run(writer.reader(), run).params)

    assert math.isnan(found.pop("nan"))
    assert params == found
    assert {k: type(v) for k, v in params.items()} == {k: type(v) for k, v in found.items()}
    assert math.copysign(1, found["zero"]) == -1


def test_metrics_know_their_steps(writer):
    """Each statistic is a float with its step; best depends on the direction."""
    run = writer.run(
        metrics={"val/loss": [0.9, 0.5, math.nan, 0.7], "acc": [0.1, 0.6, 0.3], "x": [1]}
    )
    metrics = find_run(writer.reader(), run).metrics
    loss = metrics["val/loss"]

    assert list(metrics) == ["acc", "val/loss", "x"]
    assert (loss.first, loss.last, loss.min, loss.max, loss.best) == (0.9, 0.7, 0.5, 0.9, 0.5)
    assert tuple(stat.step for stat in (loss.first, loss.last, loss.min, loss.max, loss.best)) == (
        0,
        3,
        1,
        0,
        1,
    )
    assert (loss.count, loss.nan_count) == (4, 1)
    assert loss.mean == pytest.approx(0.7)
    assert float(loss) == 0.7
    assert metrics["acc"].best == 0.6
    assert metrics["x"].best is None
    with pytest.raises(KeyError, match="val/loss"):
        metrics["loss"]


def test_a_stat_survives_pickling():
    """Value and step go to other processes and back."""
    stat = pickle.loads(pickle.dumps(Stat(0.5, 3.0)))

    assert (0.5, 3, int) == (stat, stat.step, type(stat.step))
    assert Stat(0.5, 2.5).step == 2.5
    assert Stat(0.5, math.inf).step == math.inf


def test_special_values_of_metrics_are_exact(writer):
    """±Inf and NaN are told apart from numbers in every statistic."""
    run = writer.run(metrics={"i": [math.inf, -math.inf], "n": [math.nan]})
    metrics = find_run(writer.reader(), run).metrics

    assert (math.inf, -math.inf) == (metrics["i"].max, metrics["i"].min)
    assert math.isnan(metrics["n"].last)
    assert math.isnan(metrics["n"].min)
    assert math.isnan(metrics["n"].mean)


def test_series_come_back_exactly(writer):
    """Points are sorted by step; values, times and epochs are as logged."""
    run = writer.run("r", status="running")
    for step, value in ((2, math.nan), (0, 0.1), (1.5, -math.inf)):
        writer.write(
            events.MetricPoints(run, T0 + 5, step=step, metrics={LONG: value}, epoch=step / 2)
        )
    series = find_run(writer.reader(), run).series(LONG)

    assert series.steps.tolist() == [0, 1.5, 2]
    assert np.array_equal([0.1, -math.inf, math.nan], series.values, equal_nan=True)
    assert series.times.tolist() == [T0 + 5] * 3
    assert series.epochs.tolist() == [0, 0.75, 1]
    assert list(series.to_pandas().columns) == ["step", "value", "time", "epoch"]
    assert (len(series), series.total) == (3, 3)


def test_series_can_be_cut_and_thinned(writer):
    """Bounds apply to the axis asked for, and thinning keeps the peak."""
    values = [0.0] * 1000
    values[333] = 9.0
    run = writer.run(metrics={"m": values})
    view = find_run(writer.reader(), run)

    assert list(range(10, 21)) == view.series("m", start=10, end=20).steps.tolist()
    at = T0 + 500
    assert len(view.series("m", end=at, axis="time")) == 501
    thin = view.series("m", max_points=50, start=100)
    assert len(thin) <= 50
    assert 9.0 in thin.values
    assert thin.steps[0] == 100
    with pytest.raises(EpochlogError, match="without epochs"):
        view.series("m", axis="epoch")
    with pytest.raises(EpochlogError, match="no axis"):
        view.series("m", axis="x")


def test_curves_of_other_contexts_stand_apart(writer):
    """A context is a curve of its own, and a wrong one is answered with those there are."""
    run = writer.run(metrics={"loss": [1.0]})
    writer.write(
        events.MetricPoints(run, T0, step=0, metrics={"loss": 5.0, "only": 2.0}, context="rank=1")
    )
    view = find_run(writer.reader(), run)

    assert list(view.metrics) == ["loss"]
    assert view.metrics["loss", "rank=1"].last == 5.0
    assert view.series("loss", "rank=1").values.tolist() == [5.0]
    assert view.metrics.contexts("only") == ["rank=1"]
    with pytest.raises(EpochlogError, match="rank=1"):
        view.series("only")
    with pytest.raises(EpochlogError, match="did you mean 'loss'"):
        view.series("los")
    assert len(Runs(writer.reader(), 'metrics["loss", "rank=1"].last == 5')) == 1


def test_system_metrics_are_kept_apart(writer):
    """Hardware samples are no metrics of the training."""
    run = writer.run()
    writer.write(events.SystemMetricPoints(run, T0 + 1, {"process/memory_bytes": 7.0}))
    view = find_run(writer.reader(), run)

    assert list(view.metrics) == []
    assert view.system_metrics["process/memory_bytes"].last == 7.0
    assert view.system_series("process/memory_bytes").values.tolist() == [7.0]
    assert len(Runs(writer.reader(), 'system_metrics["process/memory_bytes"].max > 5')) == 1


def test_relatives(writer):
    """Parent, root, children in their order and siblings are found."""
    root = writer.run("search", kind="search")
    folds = [writer.run(f"fold-{i}", kind="fold", parent=root, index=2 - i) for i in range(3)]
    leaf = writer.run("leaf", parent=folds[0])
    reader = writer.reader()
    view = find_run(reader, leaf)

    assert folds[0] == view.parent.id
    assert root == view.root.id == view.parent.root.id
    assert [folds[2], folds[1], folds[0]] == [child.id for child in view.root.children()]
    assert {folds[1], folds[2]} == {sibling.id for sibling in view.parent.siblings()}
    assert view.root.parent is None
    assert view.root.siblings() == []
    assert [run.name for run in Runs(reader, nested=False)] == ["search"]
    assert [run.name for run in Runs(reader, "children.count == 3")] == ["search"]
    assert {"fold-0", "fold-1", "fold-2"} == {
        r.name for r in Runs(reader, 'parent.name == "search"')
    }
    assert len(Runs(reader, 'root.kind == "search" and parent is not None')) == 4
    assert len(Runs(reader, f'parent.id == "{folds[0]}"')) == 1


def test_artifacts_data_sets_and_models(writer, tmp_path):
    """Content comes back; facts about content that was not copied too; pickles need trust."""
    staged = tmp_path / "staged"
    staged.write_bytes(b"hello")
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a.txt").write_text("A")
    model = tmp_path / "model"
    model.write_bytes(pickle.dumps({"w": 1}))
    run = writer.run()
    writer.write(
        events.Artifact(run, T0, "report.html", staged=str(staged), aliases=["best"]),
        events.Artifact(run, T0 + 1, "folder", type="directory", staged=str(folder)),
        events.Model(run, T0 + 2, "model", type="model", staged=str(model), format="pickle"),
        events.Dataset(run, T0 + 3, "iris", type="dataset", direction="in", role="train",
                       digest="d" * 64, stats={"rows": 150}, origin="observed"),
    )  # fmt: skip
    view = find_run(writer.reader(), run)

    assert view.artifacts.names == ["report.html", "folder", "model"]
    assert view.artifacts["report.html"].read_bytes() == b"hello"
    assert view.artifacts["report.html"].aliases == ["best"]
    assert view.artifacts["folder"].read_text("sub/a.txt") == "A"
    assert view.artifacts["report.html"].download(tmp_path).read_bytes() == b"hello"
    assert (view.artifacts["folder"].download(tmp_path / "to") / "sub" / "a.txt").read_text() == "A"
    with pytest.raises(KeyError, match="there are"):
        view.artifacts["nothing"]
    assert (
        view.datasets[0].name, view.datasets[0].role, view.datasets[0].stats
    ) == ("iris", "train", {"rows": 150})  # fmt: skip
    with pytest.raises(StoreError, match="only facts"):
        view.datasets[0].read_bytes()
    with pytest.raises(Untrusted, match="trust=True"):
        view.models[0].load()
    assert view.models[0].load(trust=True) == {"w": 1}
    assert view.checkpoints == []
    reader = writer.reader()
    for where, count in (
        ('dataset.name == "iris"', 1), ('dataset.name != "iris"', 0), ('"iris" in datasets', 1),
        ('startswith(dataset.digest, "ddd")', 1), ('"report.html" in artifacts', 1),
        ('artifact.type in ["model"]', 1), ('dataset.role == "test"', 0),
    ):  # fmt: skip
        assert count == len(Runs(reader, where)), where


def test_models_load_by_format(writer, tmp_path):
    """Safe formats load as they are; folders and unknown formats say what to do instead."""
    lightgbm = pytest.importorskip("lightgbm")
    data = lightgbm.Dataset(np.arange(40.0).reshape(20, 2), np.arange(20.0))
    quiet = {"verbose": -1, "min_data_in_leaf": 1}
    booster = lightgbm.train(quiet, data, num_boost_round=2)
    contents = {"lightgbm-text": booster.model_to_string(), "json": '{"w": 1}', "odd": "?"}
    run = writer.run()
    for format, content in contents.items():
        staged = tmp_path / format
        staged.write_text(content)
        writer.write(events.Model(run, T0, format, type="model", staged=str(staged), format=format))
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "weights").write_text("w")
    writer.write(events.Model(run, T0, "folder", type="model", staged=str(folder), format="folder"))
    models = find_run(writer.reader(), run).models

    assert models["json"].load() == {"w": 1}
    rows = np.arange(6.0).reshape(3, 2)
    assert np.array_equal(booster.predict(rows), models["lightgbm-text"].load().predict(rows))
    with pytest.raises(Untrusted):
        models["odd"].load()
    with pytest.raises(EpochlogError, match="odd"):
        models["odd"].load(trust=True)
    with pytest.raises(StoreError, match="download"):
        models["folder"].load()


def test_content_that_was_deleted_is_said_to_be_gone(writer, tmp_path):
    """A blob that somebody removed gives an error that names the store."""
    staged = tmp_path / "staged"
    staged.write_bytes(b"hello")
    run = writer.run()
    writer.write(events.Artifact(run, T0, "a", staged=str(staged)))
    for file in (tmp_path / ".epochlog" / "blobs").rglob("*"):
        if file.is_file():
            file.unlink()

    with pytest.raises(StoreError, match="can't be read"):
        find_run(writer.reader(), run).artifacts["a"].read_bytes()


def test_plots_texts_notices_and_surroundings(writer):
    """Everything else that a run logged is there."""
    run = writer.run()
    writer.write(
        events.Plot(run, T0, "importance", "importance", {"features": ["a"], "x": [1.5]}),
        events.Plot(run, T0, "importance", "importance", {"features": ["b"], "x": [2.5]}, 4),
        events.Text(run, T0, "sample", "once upon", 2),
        events.Notice(run, T0, "warning", "budget", "skipped"),
        events.Environment(run, T0, {"python": "3.11"}),
        events.Code(run, T0, {"git": {"sha": "abc"}}),
    )
    view = find_run(writer.reader(), run)

    assert view.plots["importance"].data == {"features": ["b"], "x": [2.5]}
    assert view.plots.keys() == ["importance"]
    assert "importance" in view.plots
    assert len(view.plots) == 2
    assert (view.texts[0].key, view.texts[0].text, view.texts[0].step) == ("sample", "once upon", 2)
    assert (view.notices[0].level, view.notices[0].text) == ("warning", "skipped")
    assert view.environment["python"] == "3.11"
    assert view.code["git"]["sha"] == "abc"
    with pytest.raises(KeyError, match="importance"):
        view.plots["roc"]


def test_displays(writer):
    """Representations are short, and HTML escapes what users named."""
    writer.run("<b>bold</b>", params={"<p>": "<v>"}, metrics={"<m>": [1.0]})
    runs = Runs(writer.reader())

    assert "<b>bold</b>" in repr(runs)
    assert "&lt;b&gt;" in runs._repr_html_()
    assert "<p>" not in runs[0]._repr_html_()
    assert "completed" in repr(runs[0])
    assert repr(Runs(writer.reader(), 'name == "x"')) == "no runs"


def test_a_run_is_found_by_id_prefix_and_name(writer):
    """An id, its beginning or end, and a name all find the run; a name of a root wins."""
    first, second = writer.run("one"), writer.run("two")
    writer.run("one", parent=second)
    reader = writer.reader()

    for ref in (first, first.upper(), first[:23], first[-8:], "one", f" {first} "):
        assert first == find_run(reader, ref).id, ref


def test_what_is_not_found_is_explained(writer):
    """Near names, and all candidates of an ambiguous prefix, are in the message."""
    runs = [writer.run("same"), writer.run("same"), writer.run("other")]
    reader = writer.reader()

    with pytest.raises(RunNotFound, match="did you mean 'other'"):
        find_run(reader, "othr")
    for ref in ("same", runs[0][:6]):
        with pytest.raises(RunNotFound) as caught:
            find_run(reader, ref)
        assert runs[0] in str(caught.value)
        assert runs[1] in str(caught.value)
    with pytest.raises(RunNotFound):
        find_run(reader, new_id())
    with pytest.raises(RunNotFound):
        find_run(reader, "")


def test_refresh_reads_anew(writer):
    """A view keeps what it read; refresh gives the present state."""
    run = writer.run("r", status="running")
    view = find_run(writer.reader(), run)
    assert view.active
    assert view.duration > timedelta(0)
    writer.write(events.RunEnded(run, T0 + 5_000_000, "failed", "bad", "Traceback"))

    assert view.status == "running"
    again = view.refresh()
    assert ("failed", "bad", "Traceback", view) == (
        again.status, again.status_reason, again.traceback, again
    )  # fmt: skip


def test_a_page_costs_the_same_number_of_statements_however_long(writer):
    """No statement is run per run: 3 runs and 30 take equally many."""
    from sqlalchemy import event

    for place in range(30):
        writer.run(f"r{place}", params={"a": place}, metrics={"m": [1.0]}, tags=("t",))
    reader = writer.reader()
    statements = []
    event.listen(reader.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    def count(limit):
        statements.clear()
        for run in Runs(reader, "params.a >= 0", "-metrics.m", limit):
            run.name, run.params, run.metrics, run.tags, run.artifacts  # noqa: B018
        return len(statements)

    assert count(3) == count(30)
