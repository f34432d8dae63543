"""Ask each run's watchdogs, on the recording thread, and do what its rules say."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from epochlog.base.clock import now_us
from epochlog.base.guard import raises_under_test
from epochlog.contract.events import (
    AnyEvent,
    MetricPoints,
    Notice,
    Params,
    RunEnded,
    RunStarted,
    StopRequested,
    SystemMetricPoints,
)
from epochlog.contract.watchdog import Check, Finding
from epochlog.monitoring.actions import Actions, Alarm
from epochlog.monitoring.rules import Rule

if TYPE_CHECKING:
    from epochlog.recording.recorder import Recorder

RUNS_MAX = 2000
"""Runs that are remembered; of those that other processes own nobody here sees the end."""

LATE_S = 60.0
"""After a pause of this length (a suspended machine, a stopped process) silence counts anew."""


class WatchedRun:
    """One run as checks see it; see `epochlog.contract.watchdog.Watched`."""

    def __init__(
        self, run: str, folders: tuple[str, ...], is_training: Callable[[str], bool]
    ) -> None:
        self.id, self.folders = run, folders
        self.name = self.kind = self.source = self.parent = ""
        self.points: list[MetricPoints] = []
        self.system: list[SystemMetricPoints] = []
        self.params: list[Params] = []
        self.ended = False
        self.last_at = time.monotonic()
        self.checks: list[_Asked] | None = None
        self._is_training = is_training

    @property
    def training(self) -> bool:
        """Whether a fit is going on in this process."""
        return self._is_training(self.id)

    @property
    def quiet_s(self) -> float:
        """Seconds since the last point was seen."""
        return time.monotonic() - self.last_at


class _Asked:
    """One rule for one run."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.check: Check | None = rule.make()
        self.holds = False


class Watch:
    """The watchdogs of one process.

    Args:
        recorder: whose runs are watched.
        rules: for all runs.
        actions: what can be done.
    """

    def __init__(self, recorder: Recorder, rules: Sequence[Rule], actions: Actions) -> None:
        self._recorder = recorder
        self._rules = [rule for rule in rules if not rule.reader]
        self._actions = actions
        self._runs: dict[str, WatchedRun] = {}
        self._touched: dict[str, WatchedRun] = {}
        self._notes: list[AnyEvent] = []
        self._looked_at = time.monotonic()
        self._folders = _folders(recorder.root)

    def observe(self, events: Sequence[AnyEvent]) -> None:
        """Take what was stored; a call costs some 0.1 µs an event."""
        touched = self._touched
        for event in events:
            kind = type(event)
            if kind is MetricPoints or kind is SystemMetricPoints or kind is Params:
                run = touched.get(event.run) or self._run(event.run)  # type: ignore[union-attr]
                if kind is MetricPoints:
                    run.points.append(event)  # type: ignore[arg-type]
                elif kind is SystemMetricPoints:
                    run.system.append(event)  # type: ignore[arg-type]
                else:
                    run.params.append(event)  # type: ignore[arg-type]
            elif isinstance(event, RunStarted):
                run = self._run(event.run)
                run.name, run.kind, run.source = event.name, event.kind, event.source
                run.parent, run.ended = event.parent or "", False
            elif isinstance(event, RunEnded):
                self._run(event.run).ended = True

    def look(self) -> list[AnyEvent]:
        """Ask the checks that are due; return the notes to be written."""
        now = time.monotonic()
        if now - self._looked_at > LATE_S:
            for run in self._runs.values():
                run.last_at = now
        self._looked_at = now
        self._touched = {}
        for run in list(self._runs.values()):
            if run.points:
                run.last_at = now
            self._ask(run)
            run.points, run.system, run.params = [], [], []
        for run in [run for run in self._runs.values() if run.ended]:  # their children were asked
            del self._runs[run.id]
            self._recorder.run_rules.pop(run.id, None)
        notes, self._notes = self._notes, []
        return notes

    def finish(self, timeout_s: float) -> None:
        """Wait for actions that are under way."""
        self._actions.finish(timeout_s)

    def _run(self, run_id: str) -> WatchedRun:
        run = self._runs.get(run_id)
        if run is None:
            if len(self._runs) >= RUNS_MAX:
                del self._runs[next(iter(self._runs))]
            run = self._runs[run_id] = WatchedRun(run_id, self._folders, self._is_training)
            handle = self._recorder.open_runs.get(run_id)
            if handle is not None:  # opened before the rules were changed
                run.name, run.kind, run.source = handle.name, handle.kind, handle.source
                run.parent = handle.parent_id or ""
        self._touched[run_id] = run
        return run

    def _is_training(self, run_id: str) -> bool:
        run = self._recorder.open_runs.get(run_id)
        return run is not None and (run.fits_open > 0 or bool(run.source))

    def _ask(self, run: WatchedRun) -> None:
        if run.checks is None:
            rules = [*self._rules, *self._rules_of(run)]
            run.checks = [_Asked(rule) for rule in rules if not (rule.roots and run.parent)]
        for asked in run.checks:
            if asked.check is None:
                continue
            try:
                found = asked.check(run)
            except Exception as error:
                if asked.rule.ours and raises_under_test():
                    raise
                asked.check = None
                self._note(run, asked.rule, Finding(_failed(asked.rule, error)), ())
                continue
            if found and not asked.holds:
                finding = found if isinstance(found, Finding) else Finding(str(found))
                self._note(run, asked.rule, finding, (*asked.rule.actions, *finding.actions))
            asked.holds = bool(found)

    def _rules_of(self, run: WatchedRun) -> list[Rule]:
        """Return the rules that ``start_run`` was given for this run, or for one around it."""
        found: list[Rule] = []
        of_runs = self._recorder.run_rules
        around: WatchedRun | None = run
        while of_runs and around is not None:
            found += of_runs.get(around.id, ())
            around = self._runs.get(around.parent)
        return found

    def _note(self, run: WatchedRun, rule: Rule, finding: Finding, actions: Sequence[str]) -> None:
        text = finding.text
        if "stop" in actions:
            text += self._request_stop(run, rule, text)
        self._notes.append(Notice(run.id, now_us(), finding.level, f"watch {rule.name}", text))
        alarm = Alarm(rule.name, run.id, run.name, text)
        for action in dict.fromkeys(actions):
            if action != "stop":
                self._actions.do(action, alarm)

    def _request_stop(self, run: WatchedRun, rule: Rule, text: str) -> str:
        """Ask the run to stop, if the user allows it; return what to add to the note."""
        if run.ended:
            return ""
        if not self._recorder.settings.allow_stop:
            return " (it may not stop the training: allow_stop is off)"
        by = f"watchdog {rule.name}"
        handle = self._recorder.open_runs.get(run.id)
        if handle is not None:
            handle.request_stop(text, by=by)
        else:  # another process's; it will hear of it from the store
            self._notes.append(StopRequested(run.id, now_us(), by, text))
        return "; asked it to stop"


def _folders(root: Path) -> tuple[str, ...]:
    """Return where we write, and where a training usually does."""
    with suppress(OSError):  # a working directory can be gone
        return str(root), str(Path.cwd())
    return (str(root),)


def _failed(rule: Rule, error: Exception) -> str:
    return f"the rule {rule.text!r} failed and is off for this run: {type(error).__name__}: {error}"
