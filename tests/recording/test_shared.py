"""Runs whose id several processes work out alike."""

from __future__ import annotations

import epochlog
from epochlog.base.ids import named_id
from epochlog.recording.shared import open_shared

RUN = named_id("shared", 1_790_000_000_000_000)


def test_whoever_comes_first_makes_it() -> None:
    """Opened again, it is the same run with the first one's name and parent."""
    outer = epochlog.start_run("outer", experiment="e")
    open_shared(RUN, "first", kind="study", source="x", parent=outer).end("failed")
    outer.end()
    again = open_shared(RUN, "second", kind="study", source="x", resumed=True)
    again.log_params({"a": 1})
    again.end()
    run = epochlog.get_run(RUN)

    assert (run.name, run.status, run.experiment) == ("first", "completed", "e")
    assert run.parent is not None
    assert run.parent.name == "outer"
    assert dict(run.params) == {"a": 1}
