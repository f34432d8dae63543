"""Where a fit records: the user's run for the first, children for later ones, own runs otherwise."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from memory_sink import MemorySink
from processes import run_python

from epochlog.contract import events
from epochlog.recording import recorder as recorder_module
from epochlog.recording.active import current_run, paused, pausing
from epochlog.recording.context import attach_context, export_context
from epochlog.recording.fits import current_fit, open_fit
from epochlog.recording.recorder import Recorder
from epochlog.recording.starting import start_run


@pytest.fixture(autouse=True)
def _the_process_recorder(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(recorder_module, "_recorder", recorder)
    yield
    monkeypatch.setattr(recorder_module, "_recorder", None)


def started(recorder: Recorder, sink: MemorySink) -> list[events.RunStarted]:
    recorder.flush()
    return sink.of(events.RunStarted)  # type: ignore[return-value]


def test_a_fit_without_a_run_is_a_run(recorder: Recorder, sink: MemorySink) -> None:
    """Outside any run a fit opens one with a sayable name and ends it."""
    with open_fit("LGBMClassifier", source="lightgbm") as fit:
        assert current_run() is fit.run
        assert fit.owned
    (run,) = started(recorder, sink)

    assert current_run() is None
    assert (run.kind, run.source, run.parent) == ("fit", "lightgbm", None)
    assert sink.of(events.RunEnded)[0].status == "completed"
    assert sink.of(events.Params)[0].params == {"model_class": "LGBMClassifier"}


def test_the_first_fit_in_a_users_run_is_that_run_and_later_ones_are_children(
    recorder: Recorder, sink: MemorySink
) -> None:
    """Nothing of a second fit overwrites what the first recorded."""
    with start_run(recorder, "mine") as run:
        with open_fit("A", source="sklearn") as first:
            assert first.run is run
        assert run.active
        with open_fit("B", source="sklearn") as second:
            assert second.run is not run
    names = [(e.name, e.parent) for e in started(recorder, sink)]

    assert names == [("mine", None), ("B", run.id)]


def test_fits_inside_fits_are_children(recorder: Recorder, sink: MemorySink) -> None:
    """A search's candidates and their folds form a tree."""
    with open_fit("GridSearchCV", source="sklearn", kind="search") as search:
        with open_fit("SVC", source="sklearn", kind="candidate", index=0) as candidate:
            with open_fit("fold 1", source="sklearn", kind="fold", index=1):
                pass
    tree = [(e.kind, e.parent, e.index) for e in started(recorder, sink)]

    assert tree == [
        ("search", None, None),
        ("candidate", search.run.id, 0),
        ("fold", candidate.run.id, 1),
    ]


def test_a_joining_fit_records_into_the_fit_around_it(recorder: Recorder, sink: MemorySink) -> None:
    """LGBMClassifier.fit around lightgbm.train is one run."""
    with open_fit("LGBMClassifier", source="sklearn") as outer:
        with open_fit("train", source="lightgbm", join=True) as inner:
            assert inner.run is outer.run
            assert not inner.owned
        assert current_fit() is outer
        assert outer.run.active

    assert len(started(recorder, sink)) == 1


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError("x"), "failed"),
        (KeyboardInterrupt(), "canceled"),
        (SystemExit(3), "failed"),
        (SystemExit(0), "completed"),
    ],
)
def test_the_users_exception_passes_and_decides_the_status(
    recorder: Recorder, sink: MemorySink, error: BaseException, status: str
) -> None:
    """The very same exception object leaves the scope."""
    with pytest.raises(type(error)) as caught, open_fit("A", source="sklearn"):
        raise error
    recorder.flush()

    assert caught.value is error
    assert sink.of(events.RunEnded)[0].status == status


def test_threads_see_the_run_that_the_user_opened_in_the_main_thread(
    recorder: Recorder, sink: MemorySink
) -> None:
    """ContextVars do not reach threads; the main thread's run does, a fit's run does not."""
    seen: list[object] = []

    def look() -> None:
        thread = threading.Thread(target=lambda: seen.append(current_run()))
        thread.start()
        thread.join()

    with start_run(recorder, "mine") as run:
        look()
    with open_fit("A", source="sklearn"):
        look()

    assert seen == [run, None]


def test_an_exported_context_attaches_threads(recorder: Recorder, sink: MemorySink) -> None:
    """A thread that attaches records into the exported run, and leaves it as it was."""
    with open_fit("A", source="sklearn") as fit:
        context = export_context()

        def work() -> None:
            with attach_context(context) as run:
                assert run is not None
                run.log_metric("m", 1.0)
                run.end()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        recorder.flush()
        assert not sink.of(events.RunEnded)

    assert [e.run for e in sink.of(events.MetricPoints)] == [fit.run.id]


def test_pausing_holds_for_the_context_only() -> None:
    """Inside ``with paused()`` nothing is recorded automatically; afterwards everything is as before."""
    with pausing():
        assert paused()
        with pausing():
            pass
        assert paused()
    assert not paused()


ALONE = """
from epochlog.plugins.api import open_fit
with open_fit("A", source="sklearn"):
    pass
import epochlog
epochlog.flush()
print([(run.source, run.status) for run in epochlog.runs()])
"""


def test_open_fit_sets_recording_up_itself(store: Path) -> None:
    """Callbacks of those who like to be explicit work without ``autolog()``."""
    done = run_python(ALONE, EPOCHLOG_STORE=str(store))

    assert done.stdout == "[('sklearn', 'completed')]\n", done.stderr
