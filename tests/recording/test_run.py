"""The verbs of a run: what they accept, what they write, and that they never raise."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from memory_sink import MemorySink

from epochlog.contract import events
from epochlog.recording.active import current_run
from epochlog.recording.recorder import Recorder
from epochlog.recording.run import Run
from epochlog.recording.starting import start_run


@pytest.fixture
def run(recorder: Recorder) -> Run:
    return start_run(recorder, "base")


def test_a_run_writes_its_start_and_its_end(recorder: Recorder, sink: MemorySink) -> None:
    """A with block opens, makes current, and completes a run."""
    with start_run(recorder, "base", tags=["vision"], params={"lr": 0.1}, note="try") as run:
        assert current_run() is run
    recorder.flush()

    assert current_run() is None
    around = (events.Environment, events.Code, events.Artifact)  # told by another thread
    kinds = [type(e).__name__ for e in sink.events if type(e) not in around]
    assert kinds == ["RunStarted", "Tags", "Params", "Note", "SystemMetricPoints", "RunEnded"]
    started = sink.events[0]
    assert isinstance(started, events.RunStarted)
    assert (started.run, started.name, started.kind, started.parent) == (
        run.id,
        "base",
        "run",
        None,
    )
    assert sink.of(events.RunEnded)[0].status == "completed"


def test_runs_nest_inside_with(recorder: Recorder, sink: MemorySink) -> None:
    """A run started inside a with block is its child; afterwards the outer one is current again."""
    with start_run(recorder, "outer") as outer:
        with start_run(recorder, "inner") as inner:
            assert current_run() is inner
        assert current_run() is outer
    recorder.flush()

    assert [e.parent for e in sink.of(events.RunStarted)] == [None, outer.id]


def test_plain_runs_do_not_nest_by_accident(recorder: Recorder, sink: MemorySink) -> None:
    """A notebook cell that calls start_run again and again makes runs side by side."""
    start_run(recorder, "one")
    start_run(recorder, "two")
    recorder.flush()

    assert [e.parent for e in sink.of(events.RunStarted)] == [None, None]


def test_metrics_keep_every_number_exactly(run: Run, recorder: Recorder, sink: MemorySink) -> None:
    """NaN, infinities, -0.0, numpy scalars, float and unordered steps arrive as they are."""
    run.log_metrics({"a": math.nan, "b": -math.inf, "c": -0.0}, step=10)
    run.log_metrics(
        {"a": np.float32(0.1), "b": np.float64(0.1), "c": np.array([3])}, step=np.int64(-5)
    )
    run.log_metrics({"a": 1, "b": Decimal("2.5")}, step=0.25, epoch=2, context="fold=1")
    recorder.flush()
    first, second, third = sink.of(events.MetricPoints)

    assert math.isnan(first.metrics["a"])
    assert (first.metrics["b"], math.copysign(1, first.metrics["c"]), first.step) == (
        -math.inf,
        -1,
        10,
    )
    assert second.metrics == {"a": float(np.float32(0.1)), "b": 0.1, "c": 3.0}
    assert (second.step, third.step, third.epoch, third.context) == (-5, 0.25, 2, "fold=1")
    assert third.metrics == {"a": 1.0, "b": 2.5}


def test_a_bad_value_costs_only_itself(run: Run, recorder: Recorder, sink: MemorySink) -> None:
    """What can't be a number is named in a notice, its neighbours are logged."""
    run.log_metrics({"good": 1.0, "bad": object(), "huge": 10**400, "array": np.zeros(3)}, step=1)
    recorder.flush()

    assert sink.of(events.MetricPoints)[0].metrics == {"good": 1.0, "huge": math.inf}
    assert sorted(e.text.split("'")[1] for e in sink.of(events.Notice)) == ["array", "bad"]


@pytest.mark.parametrize("wrong", [None, 3, "loss", ["loss"]])
def test_what_is_no_mapping_is_refused_with_a_notice(
    run: Run, recorder: Recorder, sink: MemorySink, wrong: object
) -> None:
    """log_metrics and log_params take any wrong argument without raising."""
    run.log_metrics(wrong)  # type: ignore[arg-type]
    recorder.flush()

    assert not sink.of(events.MetricPoints)
    assert "mapping" in sink.of(events.Notice)[0].text


def test_params_are_plain_and_merge(run: Run, recorder: Recorder, sink: MemorySink) -> None:
    """Values become plain data; keywords and a mapping go together."""
    run.log_params({"lr": np.float64(0.1), "path": Path("a/b"), "layers": (1, 2)}, seed=3)
    recorder.flush()

    assert sink.of(events.Params)[0].params == {
        "lr": 0.1,
        "path": str(Path("a/b")),
        "layers": [1, 2],
        "seed": 3,
    }


def test_tags_note_and_texts(run: Run, recorder: Recorder, sink: MemorySink) -> None:
    """Tags are added and removed, alone or as a list."""
    run.set_tags("a", ["b", "c"])
    run.remove_tags("b")
    run.log_text("sample", "hello", step=3)
    recorder.flush()

    assert [(e.add, e.remove) for e in sink.of(events.Tags)] == [(["a", "b", "c"], []), ([], ["b"])]
    assert sink.of(events.Text)[0].text == "hello"


def test_an_artifact_is_what_the_file_was_at_the_call(
    run: Run, recorder: Recorder, sink: MemorySink, tmp_path: Path
) -> None:
    """Changing or deleting the file afterwards does not change what was logged."""
    file = tmp_path / "report.txt"
    file.write_text("first")
    run.log_artifact(file)
    file.write_text("second")
    run.log_artifact(b"bytes", "raw")
    recorder.flush()
    report, raw = (e for e in sink.of(events.Artifact) if e.type == "file")

    assert Path(report.staged).read_text() == "first"
    assert (report.name, report.uri) == ("report.txt", str(file))
    assert (Path(raw.staged).read_bytes(), raw.uri) == (b"bytes", "")


def test_a_missing_file_is_a_notice(run: Run, recorder: Recorder, sink: MemorySink) -> None:
    """An artifact that does not exist costs a notice, not an exception."""
    run.log_artifact("nowhere.txt")
    recorder.flush()

    assert "nowhere.txt" in sink.of(events.Notice)[0].text


def test_an_unknown_status_is_refused(run: Run, recorder: Recorder, sink: MemorySink) -> None:
    """end() with a status that does not exist completes the run and says so."""
    run.end("finished")
    recorder.flush()

    assert sink.of(events.RunEnded)[0].status == "completed"
    assert "finished" in sink.of(events.Notice)[0].text


def test_end_counts_once_and_later_events_are_kept(
    run: Run, recorder: Recorder, sink: MemorySink
) -> None:
    """A second end is ignored; a metric after the end (a test score, say) still belongs to the run."""
    run.end()
    run.end("failed")
    run.log_metric("test/accuracy", 0.9)
    recorder.flush()

    assert [e.status for e in sink.of(events.RunEnded)] == ["completed"]
    assert sink.of(events.MetricPoints)[0].metrics == {"test/accuracy": 0.9}


def test_odd_names_and_long_texts_are_kept(run: Run, recorder: Recorder, sink: MemorySink) -> None:
    """Nothing is rejected for its length or its characters."""
    name = "λ/\n\x00'\";--🎯" + "x" * 5000
    run.log_metric(name, 1.0)
    run.log_params({name: name})
    recorder.flush()

    assert list(sink.of(events.MetricPoints)[0].metrics) == [name]
    assert sink.of(events.Params)[0].params == {name: name}


def test_secrets_in_params_never_reach_the_journal(
    run: Run, recorder: Recorder, sink: MemorySink
) -> None:
    """A password is scrubbed by its name or its look before anything is written."""
    run.log_params(
        {"api_key": "hunter2-hunter2", "url": "postgresql://me:hunter2@db/x", "max_tokens": 5}
    )
    recorder.flush()
    (params,) = sink.of(events.Params)

    assert "hunter2" not in str(params.params)
    assert params.params["max_tokens"] == 5
