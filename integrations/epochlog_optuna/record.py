"""Hold what this process records of one study: its run, its open trials, its best value so far."""

from __future__ import annotations

import os
import threading
import time
import traceback
from datetime import UTC
from typing import Any

from epochlog.plugins.api import Run, enter_run, guard, leave_run, open_shared
from epochlog_optuna.extract import (
    BEST,
    INTERMEDIATE,
    STATUS,
    component_params,
    direction_names,
    distribution_data,
    is_feasible,
    trial_facts,
    value_keys,
)
from epochlog_optuna.identity import storage_facts, trial_run_id

SOURCE = "optuna"
_DISTRIBUTIONS_MAX = 1000
BRIEF_US = 100_000
"""After a trial shorter than this, params of the next one are recorded at its end, all at once."""

Outcome = tuple[str, str, str]
"""Status, reason in one line, traceback."""


class OpenTrial:
    """A trial that has begun and is not told yet."""

    __slots__ = ("asked", "live", "number", "outcome", "params", "returned", "run", "steps")

    def __init__(self, number: int, run: Run, *, asked: bool, live: bool) -> None:
        self.number = number
        self.run = run
        self.asked = asked  # by the user's own loop, not by ``optimize``
        self.live = live  # params are recorded as they are suggested
        self.steps: set[int] = set()
        self.params: set[str] = set()  # names of those recorded already
        self.outcome: Outcome | None = None
        self.returned: Any = None

    def suggested(self, name: str, value: Any) -> None:
        """Record a param at once: a process that is killed tells no more."""
        if self.live and name not in self.params:
            self.params.add(name)
            self.run.log_params({name: value})

    def report(self, value: float, step: int) -> None:
        """Record an intermediate value; Optuna, too, keeps the first of a step."""
        if step not in self.steps:
            self.steps.add(step)
            self.run.log_metrics({INTERMEDIATE: value}, step)


class StudyRecord:
    """One study as this process sees it, shared by all its threads.

    What happens per trial takes constant time: no list of trials is ever read here, the best value
    is remembered.
    """

    def __init__(self, run_id: str) -> None:
        self.pid = os.getpid()
        self.run_id = run_id
        self.holders = 0  # ``Study`` objects of this study
        self.run: Run | None = None
        self.open: dict[int, OpenTrial] = {}
        self.asked = 0  # how many of the open trials were asked for by the user's own loop
        self.done: set[int] = set()
        self._lock = threading.RLock()
        self._users = 0
        self._brief = False
        self._last = -1
        self._best: float | None = None
        self._distributions: dict[Any, dict[str, Any]] = {}
        self._signs: list[int] = []
        self._keys: list[str] = []

    # -- the study -------------------------------------------------------------------------------

    def opened(self, study: Any, parent: Run | None) -> Run:
        """Return the run of the study, opened (again) if it is not open."""
        with self._lock:
            if self.run is None or not self.run.active:
                again = self.run is not None
                self.run = open_shared(
                    self.run_id,
                    study.study_name,
                    kind="study",
                    source=SOURCE,
                    parent=parent,
                    resumed=again,
                )
                with guard("optuna study"):
                    self._describe(study, again)
            return self.run

    def _describe(self, study: Any, again: bool) -> None:
        directions = study.directions
        names = study.metric_names
        self._signs = [-1 if direction.name == "MAXIMIZE" else 1 for direction in directions]
        self._keys = value_keys(len(directions), names)
        if not again:
            self._remember_best(study)
        assert self.run is not None
        self.run.log_params(
            {
                "study_name": study.study_name,
                "directions": direction_names(directions),
                **({"metric_names": list(names)} if names else {}),
                **storage_facts(study._storage),
                **component_params("sampler", study.sampler),
                **component_params("pruner", study.pruner),
                **_user_attrs(study),
            }
        )

    def _remember_best(self, study: Any) -> None:
        """Go on from the best value of a study that is resumed: the one look at all its trials."""
        if len(self._signs) != 1:
            return
        for trial in study.get_trials(deepcopy=False):
            if trial.state.name == "COMPLETE" and trial.number not in self.open:
                self._improves(trial)

    def use(self) -> None:
        """Somebody (an ``optimize``, a ``track_study``) works on the study from now on."""
        with self._lock:
            self._users += 1

    def leave(self, study: Any, outcome: Outcome) -> None:
        """End the run with the last of those who worked on it, unless asked trials are open."""
        with self._lock:
            self._users -= 1
            if self._users == 0 and self.run is not None and not self.open:
                with guard("optuna study"):
                    self.run.log_params({"n_trials": self._last + 1, **_user_attrs(study)})
                self.run.end(*outcome)

    def let_go(self, outcome: Outcome = ("completed", "", "")) -> None:
        """The study is gone (or the process ends): what was asked and never told stays untold."""
        if self.pid != os.getpid():
            return
        with self._lock:
            for trial in list(self.open.values()):
                trial.run.log_params({"trial.state": "RUNNING"})
                trial.run.end("canceled", "asked, but never told")
            self.open.clear()
            self.asked = 0
            if self.run is not None and self.run.active:
                self.run.log_params({"n_trials": self._last + 1})
                self.run.end(*outcome)

    # -- its trials ------------------------------------------------------------------------------

    def begin(
        self, study: Any, number: int, parent: Run | None = None, *, asked: bool = False
    ) -> OpenTrial:
        """Open the run of a trial, or return it if it is open."""
        with self._lock:
            if (found := self.open.get(number)) is not None:
                return found
            run = open_shared(
                trial_run_id(self.run_id, number),
                f"trial {number}",
                kind="trial",
                source=SOURCE,
                parent=self.opened(study, parent),
                index=number,
            )
            self._last = max(self._last, number)
            trial = self.open[number] = OpenTrial(
                number, run, asked=asked, live=asked or not self._brief
            )
            self.asked += asked
            return trial

    def finish(self, study: Any, frozen: Any) -> None:
        """Record how a trial ended, once; opens it first if nobody here saw it begin."""
        number = frozen.number
        with self._lock:
            if number in self.done:
                return
            trial = self.open.get(number) or self.begin(study, number)
            self.done.add(number)
            self.open.pop(number, None)
            self.asked -= trial.asked
            improved = frozen.state.name == "COMPLETE" and self._improves(frozen)
            best = self._best
        with guard("optuna trial"):
            self._log_trial(trial, frozen)
        with guard("optuna study"):
            self._log_progress(frozen, best, improved=improved)
        trial.run.end(*self._outcome(trial, frozen))
        self._brief = time.time_ns() // 1000 - trial.run.started_at < BRIEF_US

    def _log_trial(self, trial: OpenTrial, frozen: Any) -> None:
        data = {name: self._plain(each) for name, each in frozen.distributions.items()}
        # A fit inside the trial has params of its own, some of the same names: ours come last.
        known = set() if trial.run.fit_recorded else trial.params
        suggested = {k: v for k, v in frozen.params.items() if k not in known}
        facts = trial_facts(frozen, data) | {"trial.state": frozen.state.name}
        trial.run.log_params(suggested | facts | _elsewhere(trial, frozen))
        for step, value in frozen.intermediate_values.items():
            trial.report(value, step)
        values = getattr(frozen, "values", None)
        if values:
            trial.run.log_metrics(dict(zip(self._keys, values, strict=False)), step=0)

    def _log_progress(self, frozen: Any, best: float | None, *, improved: bool) -> None:
        values = getattr(frozen, "values", None)
        if frozen.state.name != "COMPLETE" or not values or self.run is None:
            return
        point = dict(zip(self._keys, values, strict=False))
        if best is not None:
            point[BEST] = best
        self.run.log_metrics(point, frozen.number)
        if improved:
            self.run.log_params(
                {"best_trial.number": frozen.number, "best_trial.params": dict(frozen.params)}
            )

    def _improves(self, frozen: Any) -> bool:
        """Take the value of a completed trial into account; return whether it is the best so far.

        As in Optuna, only trials that keep their constraints count, and the first of equals.
        """
        if len(self._signs) != 1 or not is_feasible(frozen):
            return False
        value, sign = frozen.values[0], self._signs[0]
        if self._best is not None and value * sign >= self._best * sign:
            return False
        self._best = value
        return True

    def _outcome(self, trial: OpenTrial, frozen: Any) -> Outcome:
        if trial.outcome is not None and trial.outcome[0] in ("canceled", "failed"):
            return trial.outcome
        status = STATUS.get(frozen.state.name)
        if status is None:  # still running for Optuna: SystemExit and the like end no trial there
            return trial.outcome or ("canceled", "never told", "")
        if status == "failed":
            told = "told as failed" if trial.asked else f"the objective returned {trial.returned!r}"
            return status, told[:255], ""
        reason = trial.outcome[1] if trial.outcome is not None else ""
        return status, reason, ""

    def _plain(self, distribution: Any) -> dict[str, Any]:
        """Return a distribution as plain data; the same few come with every trial."""
        try:
            found = self._distributions.get(distribution)
        except TypeError:  # choices that can't be hashed
            return distribution_data(distribution)
        if found is None:
            found = distribution_data(distribution)
            if len(self._distributions) < _DISTRIBUTIONS_MAX:
                self._distributions[distribution] = found
        return found


def outcome_of(error: BaseException | None) -> Outcome:
    """Return how an exception ends a study or trial."""
    if error is None:
        return "completed", "", ""
    reason = f"{type(error).__name__}: {error}".splitlines()[0][:255]
    if type(error).__name__ == "TrialPruned":
        return "pruned", str(error)[:255], ""
    text = "".join(traceback.format_exception(error))
    if isinstance(error, KeyboardInterrupt):
        return "canceled", "KeyboardInterrupt", text
    return "failed", reason, text


def _user_attrs(study: Any) -> dict[str, Any]:
    return {f"user_attrs.{name}": value for name, value in study.user_attrs.items()}


def _elsewhere(trial: OpenTrial, frozen: Any) -> dict[str, Any]:
    """Return when a trial ran, if that was not while we looked: added, or told by another one."""
    start, end = frozen.datetime_start, getattr(frozen, "datetime_complete", None)
    if start is None or abs(start.timestamp() * 1e6 - trial.run.started_at) < 1e6:
        return {}
    found: dict[str, Any] = {"trial.datetime_start": start.astimezone(UTC).isoformat()}
    if end is not None:
        found["trial.datetime_complete"] = end.astimezone(UTC).isoformat()
        found["trial.duration_s"] = (end - start).total_seconds()
    return found


class current:  # noqa: N801 - used as a statement
    """Context manager: ``run`` is current in this thread, and is not ended here."""

    __slots__ = ("_run", "_token")

    def __init__(self, run: Run | None) -> None:
        self._run = run

    def __enter__(self) -> None:
        self._token = None if self._run is None else enter_run(self._run, by_user=False)

    def __exit__(self, *ignored: object) -> None:
        if self._run is not None:
            leave_run(self._run, self._token)
