"""The handle to a run being written: each verb becomes one event, none raises into user code."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import Token
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from epochlog.base import owntime, redaction
from epochlog.base.clock import now_us
from epochlog.base.guard import guard, warn_once
from epochlog.base.ids import new_id, say_id
from epochlog.base.values import plain
from epochlog.contract import events
from epochlog.contract.events import METRIC_TAG, Step
from epochlog.recording import active, exits, listeners
from epochlog.recording.content import ContentVerbs
from epochlog.recording.encoding import encode, encode_metrics_one_by_one
from epochlog.recording.machine import host_name, user_name
from epochlog.recording.stopping import StopVerbs

if TYPE_CHECKING:
    from epochlog.recording.recorder import Recorder

OVERHEAD = "epochlog/overhead_s"
"""System metric of each run: seconds that the user's thread spent in our code for it."""


class Run(ContentVerbs, StopVerbs):
    """A run being written. Made by ``start_run``, `start_child` or an integration, never directly.

    Attributes:
        id: UUIDv7, known to the store and to other processes.
        name: sayable unless given.
        parent_id: id of the run this one is nested in, or None.
        kind: run, fit, search, candidate, fold, study, trial …
        source: integration that opened it; "" for the user's own.
        experiment: group of runs it belongs to.
        active: False once it has ended (events are accepted even then).
    """

    def __init__(
        self,
        recorder: Recorder,
        *,
        run_id: str,
        name: str,
        kind: str = "run",
        parent_id: str | None = None,
        source: str = "",
        experiment: str = "default",
        owned: bool = True,
        index: int | None = None,
    ) -> None:
        self._recorder = recorder
        self.id = run_id
        self.name = name
        self.kind = kind
        self.parent_id = parent_id
        self.source = source
        self.experiment = experiment
        self.active = True
        self.index = index
        self.fits_open = 0
        self.fit_recorded = False
        """Whether a fit was already recorded into this run itself; the next one gets a child."""
        self.sample_context = ""
        """Keeps hardware samples of this process apart in a run that another process owns."""
        self.own_time = owntime.Account()
        self.started_at = now_us()
        self.resumed = False
        self._owner_pid = os.getpid() if owned else 0
        self._token: Token[Run | None] | None = None
        self._entered = False

    # -- numbers ---------------------------------------------------------------------------------

    def log_metrics(
        self,
        metrics: Mapping[str, float],
        step: Step | None = None,
        *,
        epoch: Step | None = None,
        at: int | None = None,
        context: str = "",
        _now: Callable[[], int] = time.time_ns,
        _encode: Callable[[Any], bytes] = encode,
    ) -> None:
        """Log values that belong to one moment; returns once the operating system has them.

        Args:
            metrics: name -> number; NaN and ±Inf are kept, numpy and tensor scalars are accepted.
            step: x-axis, an int or float, in any order; None numbers each curve's points 0, 1 …
            epoch: a second x-axis, for curves that are logged by step.
            at: time in microseconds since the epoch (default: now).
            context: keeps curves of one name apart, e.g. ``"rank=1"``.
        """
        own = self.own_time
        own.counter = count = own.counter + 1
        began = _now()
        if at is None:
            at = began // 1000
        try:
            payload = _encode((METRIC_TAG, self.id, at, step, metrics, epoch, context))
        except Exception:
            self._log_odd_metrics(metrics, step, epoch, at, context)
            return
        self._recorder.append(payload)
        if not count & 63:  # one in SAMPLED_EVERY
            own.sample((_now() - began) / 1e9)

    def _log_odd_metrics(self, metrics: Any, step: Any, epoch: Any, at: int, context: str) -> None:
        """Save what can be saved of a call that does not encode as it is."""
        with guard("log_metrics"):
            payload, refused = encode_metrics_one_by_one(
                self.id, metrics, step=step, epoch=epoch, at=at, context=context
            )
            if payload is not None:
                self._recorder.append(payload)
            for key, why in refused.items():
                self._refuse(f"metric {key!r}", why)

    def _refuse(self, what: str, why: str) -> None:
        """One warning, and a note in the run."""
        if warn_once(f"{self.id} {what}", f"{what} was not logged: {why}"):
            self.log_notice(f"{what} was not logged: {why}", level="warning", source="epochlog")

    def log_metric(
        self,
        key: str,
        value: float,
        step: Step | None = None,
        *,
        epoch: Step | None = None,
        at: int | None = None,
        context: str = "",
    ) -> None:
        """Log one value; see `log_metrics`."""
        self.log_metrics({key: value}, step, epoch=epoch, at=at, context=context)

    def log_metric_aliases(self, aliases: Mapping[str, str]) -> None:
        """Say what a framework calls a curve that we named otherwise; both names find it.

        Args:
            aliases: name of the curve -> the framework's own name.
        """
        known = {str(key): str(own) for key, own in aliases.items() if str(key) != str(own)}
        if known:
            self.emit(events.MetricAliases(self.id, now_us(), known))

    def log_system_metrics(
        self, metrics: Mapping[str, float], *, at: int | None = None, context: str = ""
    ) -> None:
        """Log one hardware sample: ``scope/quantity_unit`` -> number."""
        values = {str(key): float(value) for key, value in metrics.items()}
        self.emit(events.SystemMetricPoints(self.id, at or now_us(), values, context))

    # -- words -----------------------------------------------------------------------------------

    def log_params(self, params: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        """Log parameters; any value is taken, what has no plain form is kept as text with its type.

        A name logged twice keeps the last value.
        """
        with guard("log_params"):
            try:
                merged = {**dict(params or {}), **more}
            except (TypeError, ValueError):
                self._refuse(
                    "params", f"a mapping of names to values is needed, not {params!r:.200}"
                )
                return
            plain_values = {str(key): plain(value) for key, value in merged.items()}
            values = redaction.redact_params(plain_values)
            if values:
                self.emit(events.Params(self.id, now_us(), values))

    def set_tags(self, *tags: str | Iterable[str]) -> None:
        """Add tags: ``run.set_tags("vision", "baseline")`` or a list."""
        self.emit(events.Tags(self.id, now_us(), [_as_text(tag) for tag in _tag_names(tags)]))

    def remove_tags(self, *tags: str | Iterable[str]) -> None:
        """Remove tags; unknown ones are ignored."""
        self.emit(events.Tags(self.id, now_us(), [], [_as_text(tag) for tag in _tag_names(tags)]))

    def set_note(self, text: str) -> None:
        """Set the run's free text (Markdown); replaces the one before."""
        self.emit(events.Note(self.id, now_us(), _as_text(text)))

    def log_text(self, key: str, text: str, step: Step | None = None) -> None:
        """Log a text under ``key``, optionally at a step."""
        self.emit(events.Text(self.id, now_us(), str(key), _as_text(text), step))

    def log_notice(self, text: str, *, level: str = "info", source: str = "") -> None:
        """Note what a reader of this run must know: what was skipped, and why."""
        self.emit(events.Notice(self.id, now_us(), level, source or self.source, _as_text(text)))

    def log_environment(self, data: Mapping[str, Any]) -> None:
        """Add facts about interpreter, packages or hardware to this run's environment."""
        facts = redaction.redact_facts({str(key): plain(value) for key, value in data.items()})
        self.emit(events.Environment(self.id, now_us(), facts))

    def log_code(self, data: Mapping[str, Any]) -> None:
        """Add facts about the code (commit, branch, diff, script) to this run."""
        facts = {str(key): redaction.redact_code(plain(value)) for key, value in data.items()}
        self.emit(events.Code(self.id, now_us(), facts))

    def log_console(
        self,
        lines: Sequence[str],
        *,
        first: int,
        spans: Sequence[tuple[int, int, int]],
        at: int | None = None,
        unfinished: str = "",
        keep_from: int | None = None,
    ) -> None:
        """Log lines that were printed; `epochlog.recording.console` calls this.

        Args:
            lines: without line ends and control codes; secrets are taken out here.
            first, spans, unfinished: as in `epochlog.contract.events.Console`.
            at: time in microseconds that the spans count from (default: now).
            keep_from: these lines follow the part that is kept from the beginning, and of such
                lines those before this number give way.
        """
        text = redaction.redact_text("\n".join(lines)) if lines else ""
        self.emit(
            events.Console(
                self.id, at or now_us(), first, text.split("\n") if lines else [], list(spans),
                keep_from is not None, keep_from or 0, redaction.redact_text(unfinished),
                self.sample_context,
            )
        )  # fmt: skip

    # -- life ------------------------------------------------------------------------------------

    def announce_start(self, *, resumed: bool = False, tags: Sequence[str] = ()) -> None:
        """Write the event that opens the run (again), and tell this process's samplers."""
        self.emit(
            events.RunStarted(
                self.id,
                self.started_at,
                _as_text(self.name),
                _as_text(self.experiment),
                self.kind,
                self.parent_id,
                self.source,
                resumed,
                user_name(),
                host_name(),
                os.getpid(),
                self.index,
            )
        )
        self.resumed = resumed
        self._recorder.open_runs[self.id] = self
        self._recorder.stops.opened(self)
        if self.parent_id is None and not resumed:
            self._recorder.undescribed.append(self)
        if tags:
            self.set_tags(*tags)
        listeners.tell_opened(self)

    def move_to_current_journal(self) -> None:
        """After the journal was rotated: make the new file the one whose lock says that we live."""
        started = events.RunStarted(
            self.id, now_us(), self.name, self.experiment, self.kind, self.parent_id, self.source,
            True, user_name(), host_name(), os.getpid(), self.index,
        )  # fmt: skip
        self.emit(started)

    def start_child(
        self,
        name: str = "",
        *,
        kind: str = "run",
        index: int | None = None,
        source: str = "",
        tags: Sequence[str] = (),
    ) -> Run:
        """Open a run nested in this one. Use it as a context manager, or call `end`.

        Args:
            name: shown to people; sayable if empty.
            kind: what it is to its parent: fit, fold, candidate, trial …
            index: place among its siblings (fold or trial number).
            source: integration that opens it.
            tags: tags to set at once.
        """
        run_id = new_id()
        child = Run(
            self._recorder,
            run_id=run_id,
            name=name or say_id(run_id),
            kind=kind,
            parent_id=self.id,
            source=source,
            experiment=self.experiment,
            index=index,
        )
        child.announce_start(tags=tags)
        return child

    def end(self, status: str = "completed", reason: str = "", traceback: str = "") -> None:
        """End the run; a second call and calls from other processes do nothing.

        Args:
            status: completed, failed, canceled, pruned or skipped.
            reason: one line.
            traceback: full text of the exception, if one ended it.
        """
        if not self.active:
            return
        self.active = False
        active.leave_run(self, self._token)
        self._token = None
        exits.unwatch_exit_code(self.id)
        if self._owner_pid != os.getpid():
            return
        listeners.tell_closing(self)
        self._log_own_time()
        self._recorder.open_runs.pop(self.id, None)
        if status not in events.STATUSES:
            self._refuse(f"status {status!r}", f"known ones are {', '.join(events.STATUSES)}")
            status = "completed"
        if status == "completed":
            reason = reason or self._stopped_by
        reason, traceback = _as_text(reason), _as_text(traceback)
        self.emit(events.RunEnded(self.id, now_us(), status, reason, traceback))

    def _log_own_time(self) -> None:
        """Say what recording this run cost the thread, if a thread worked for it."""
        own = self.own_time
        owntime.claim(own)
        own.closed = True
        seconds = own.total_s()
        if seconds > 0:
            self.log_system_metrics({OVERHEAD: seconds})

    def make_current(self, *, by_user: bool) -> Self:
        """Make this the run that ``current_run()`` returns in this context, until it ends."""
        if self._token is None:
            self._token = active.enter_run(self, by_user=by_user)
        return self

    def __enter__(self) -> Self:
        self._entered = True
        exits.unwatch_exit_code(self.id)  # ``with`` sees SystemExit itself
        return self.make_current(by_user=not self.source)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        with guard("ending a run"):
            self.end(*exits.outcome_of(error))

    def flush(self) -> None:
        """Wait until everything so far is in the store, for ``finish_timeout_s`` at most."""
        self._recorder.flush()

    def emit(self, event: events.AnyEvent) -> None:
        """Write one event of this run."""
        self._recorder.emit(event)

    @property
    def entered(self) -> bool:
        """Whether the run is used as a context manager."""
        return self._entered

    @property
    def root(self) -> Path:
        """Local folder of the store, where copies of files are staged."""
        return self._recorder.root

    def __repr__(self) -> str:
        state = "open" if self.active else "ended"
        return f"<Run {self.name} {self.id} {state}>"


def _tag_names(tags: Iterable[str | Iterable[str]]) -> list[str]:
    names: list[str] = []
    for tag in tags:
        names += [tag] if isinstance(tag, str) else [str(t) for t in tag]
    return names


def _as_text(text: Any) -> str:
    """Return the text as it may be kept: without secrets."""
    with guard("taking secrets out of a text"):
        return redaction.redact_text(text if isinstance(text, str) else str(text))
    return redaction.REDACTED  # what can't be read is not kept
