"""Requests to stop reach what is nested, but not into what a search compares."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochlog.base.ids import new_id
from epochlog.contract.events import RunEnded, RunStarted, StopAccepted, StopRequested
from epochlog.contract.sink import Batch, JournalInfo, StoreLocation
from epochlog.store.sink import StoreSink, open_sink


@pytest.fixture
def sink(tmp_path: Path) -> StoreSink:
    return open_sink(StoreLocation(f"sqlite:///{tmp_path}/epochlog.db", str(tmp_path)))


class Family:
    """Runs in a store, each inside the one before."""

    def __init__(self, sink: StoreSink) -> None:
        self.sink = sink
        self.journal = JournalInfo(new_id(), "host", "", 1, 0, "")
        self.position = 0

    def write(self, *events: RunStarted | RunEnded | StopAccepted | StopRequested) -> None:
        self.sink.write(Batch(self.journal, self.position, self.position + 1, events))
        self.position += 1

    def chain(self, *kinds: str) -> list[str]:
        ids: list[str] = []
        for kind in kinds:
            run, parent = new_id(), ids[-1] if ids else None
            source = "" if kind == "run" else "some"
            self.write(RunStarted(run, 1, kind, kind=kind, parent=parent, source=source))
            ids.append(run)
        return ids


def test_nobody_was_asked(sink: StoreSink) -> None:
    """Without a request there is none, for known and unknown runs."""
    (run,) = (family := Family(sink)).chain("run")
    family.write(StopAccepted(run, 2))
    assert sink.stop_requests([run, new_id()]) == {}
    sink.close()


def test_a_request_reaches_what_is_nested(sink: StoreSink) -> None:
    """Run and fit are asked, another run is not; who, why and when come along."""
    family = Family(sink)
    outer, fit = family.chain("run", "fit")
    (other,) = family.chain("run")
    family.write(StopRequested(outer, 7, "alice", "flat"))

    found = sink.stop_requests([outer, fit, other])

    assert set(found) == {outer, fit}
    assert (found[fit].run, found[fit].by, found[fit].reason, found[fit].at) == (
        outer, "alice", "flat", 7
    )  # fmt: skip
    sink.close()


def test_a_request_stops_a_study_not_its_trials(sink: StoreSink) -> None:
    """Nor what trains in them; a request to the trial itself does."""
    family = Family(sink)
    outer, study, trial, fit = family.chain("run", "study", "trial", "fit")
    family.write(StopRequested(outer, 7, "alice", ""))
    assert set(sink.stop_requests([outer, study, trial, fit])) == {outer, study}

    family.write(StopRequested(trial, 8, "bob", ""))
    found = sink.stop_requests([study, trial, fit])
    assert {run: each.by for run, each in found.items()} == {
        study: "alice", trial: "bob", fit: "bob"
    }  # fmt: skip
    sink.close()


def test_what_has_ended_is_not_asked_for(sink: StoreSink) -> None:
    """A request to a run that is over is history; the last of several counts."""
    family = Family(sink)
    outer, fit = family.chain("run", "fit")
    family.write(StopRequested(outer, 7, "alice", ""), StopRequested(outer, 8, "bob", "now"))
    assert sink.stop_requests([fit])[fit].by == "bob"
    family.write(RunEnded(outer, 9, "completed"))
    assert sink.stop_requests([fit]) == {}
    sink.close()
