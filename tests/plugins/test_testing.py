"""What is published for authors' own tests."""

from __future__ import annotations

import pytest

import epochlog
from epochlog.contract import events
from epochlog.plugins.testing import recording
from epochlog.plugins.testing.fixtures import epochlog_store  # noqa: F401
from epochlog.recording.recorder import get_recorder


def test_fixture_isolates_a_store(epochlog_store, tmp_path):  # noqa: F811
    """Runs of a test go to the test's own store."""
    with epochlog.start_run("mine"):
        pass

    assert epochlog_store.is_relative_to(tmp_path)
    assert [run.name for run in epochlog.runs(store=epochlog_store)] == ["mine"]


def test_recording_into_memory():
    """``recording()`` keeps the events of the block for the test to look at, and no files."""
    with recording() as recorded:
        with epochlog.start_run("one") as run:
            run.log_params(lr=0.1)
            run.log_metrics({"loss": 1.0, "fit_time": 3.3}, step=0)
            run.log_metrics({"loss": 0.5}, step=1)

        assert recorded.params["lr"] == 0.1
        assert recorded.metrics["loss"] == [(0, 1.0), (1, 0.5)]
        assert recorded.statuses == ["completed"]
        assert len(recorded.of(events.RunStarted)) == 1
        assert ("metrics", 0, 0, "", "{'loss': 1.0, 'fit_time': '…'}") in recorded.stream()
    assert get_recorder() is None


def test_recording_ends_with_the_block_also_on_failure():
    """An exception in the block passes and the recorder is closed."""
    with pytest.raises(RuntimeError, match="test's own"), recording():
        raise RuntimeError("the test's own")
    assert get_recorder() is None
