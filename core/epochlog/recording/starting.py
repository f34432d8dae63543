"""Open, resume, join and end runs for the user's own ``start_run`` and ``end_run``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from epochlog.base.clock import now_us
from epochlog.base.ids import new_id, say_id
from epochlog.base.settings import RUN_ID_ENV
from epochlog.recording import exits
from epochlog.recording.active import context_run, current_run
from epochlog.recording.context import join_run
from epochlog.recording.recorder import Recorder
from epochlog.recording.run import Run


def start_run(
    recorder: Recorder,
    name: str = "",
    *,
    run_id: str = "",
    experiment: str = "",
    tags: Sequence[str] = (),
    params: Mapping[str, Any] | None = None,
    note: str = "",
    parent: Run | str | None = None,
    kind: str = "run",
    rules: Sequence[Any] = (),
) -> Run:
    """Open a run and make it current; see ``epochlog.start_run`` for the arguments."""
    inherited = os.environ.get(RUN_ID_ENV, "") if not run_id else ""
    if inherited:
        run = join_run(inherited).make_current(by_user=True)
    else:
        experiment = experiment or recorder.settings.experiment
        run = _open(recorder, name, run_id, experiment=experiment, parent=parent, kind=kind)
        exits.watch_exit_code(run.id)
    if rules:
        recorder.run_rules[run.id] = rules
    if tags:
        run.set_tags(*([tags] if isinstance(tags, str) else tags))
    if params:
        run.log_params(params)
    if note:
        run.set_note(note)
    return run


def _open(
    recorder: Recorder,
    name: str,
    run_id: str,
    *,
    experiment: str,
    parent: Run | str | None,
    kind: str,
) -> Run:
    outer = context_run()
    if parent is None and outer is not None and (outer.entered or outer.source):
        parent = outer  # inside ``with start_run()``: nested
    resumed = bool(run_id)
    run_id = run_id or new_id()
    run = Run(
        recorder,
        run_id=run_id,
        name=name or ("" if resumed else say_id(run_id)),
        kind=kind,
        parent_id=parent.id if isinstance(parent, Run) else parent,
        experiment=parent.experiment if isinstance(parent, Run) else experiment,
    )
    run.started_at = now_us()
    run.announce_start(resumed=resumed)
    return run.make_current(by_user=True)


def run_for_verbs(recorder: Recorder) -> Run:
    """Return the current run for a module-level ``log_*`` call; open one if there is none."""
    run = current_run()
    return run if run is not None else start_run(recorder)


def end_current_run(status: str = "completed", reason: str = "") -> None:
    """End the current run, if there is one."""
    run = current_run()
    if run is not None:
        run.end(status, reason)
