"""Requests to stop: who may be asked, who was asked, and what a run says about it."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from epochlog.base.clock import now_us
from epochlog.base.guard import guard
from epochlog.contract import events
from epochlog.contract.events import COMPARED_KINDS
from epochlog.contract.sink import StopRequest
from epochlog.recording.journal import JOURNALS_FOLDER

if TYPE_CHECKING:
    from epochlog.recording.recorder import Recorder
    from epochlog.recording.run import Run

STOPPED_TAG = "stopped-on-request"
BELL = "bell"
"""File among the journals that `ring` touches, so that processes on this machine look at once."""


def ring(root: Path) -> None:
    """Make processes that record below ``root`` look for requests now, not in some seconds."""
    with suppress(OSError):
        (root / JOURNALS_FOLDER / BELL).touch()


class StopVerbs:
    """Mixed into `Run`: asking for a stop, and asking whether somebody did.

    Attributes:
        accepts_stop: integrations end this run's training early if somebody asks for it.
    """

    id: str
    kind: str
    source: str
    parent_id: str | None
    active: bool
    _recorder: Recorder
    emit: Callable[[events.AnyEvent], None]
    log_notice: Callable[..., None]
    set_tags: Callable[..., None]
    accepts_stop = False
    _stop: StopRequest | None = None
    _when_asked: Callable[[], object] | None = None
    _stopped_by = ""

    def accept_stop(self) -> None:
        """Say that this run ends early, and in order, if it is asked to."""
        if self.accepts_stop:
            return
        self.accepts_stop = True
        with guard("accepting stops"):
            self._recorder.stops.watch(self)
            self.emit(events.StopAccepted(self.id, now_us()))

    def offer_stop(self) -> bool:
        """An integration can end this training early: accept requests if the user allows that.

        Returns:
            Whether `stop_requested` is to be looked at; if not, there is nothing to do per step.
        """
        if self._recorder.settings.allow_stop:
            self.accept_stop()
        return self.accepts_stop

    def when_stop_requested(self, tell: Callable[[], object]) -> None:
        """Call ``tell`` once on our thread when a request comes, for loops that have a flag.

        ``tell`` must not keep alive what belongs to the user.
        """
        self._when_asked = tell
        if self._stop is not None:
            tell()

    def request_stop(self, reason: str = "", *, by: str = "") -> None:
        """Ask this run, and what is nested in it, to end early; see `stop_requested`.

        Args:
            reason: one line, for those who read the run.
            by: who asks.
        """
        reason, by = " ".join(str(reason).split()), str(by)
        stop = StopRequest(self.id, by, reason, now_us())
        self.emit(events.StopRequested(self.id, stop.at, by, reason))
        stops = self._recorder.stops
        stops.apply(stop, [self, *(run for run in stops.watched() if stops.is_below(run, self))])

    @property
    def stop_requested(self) -> bool:
        """Whether somebody asked this run to stop: ``epochlog stop``, a watchdog, a page.

        For loops of your own: leave the loop when it is True. The run is noted as stopped on
        request then. Reading it costs next to nothing; requests arrive within some seconds.
        """
        if self._stop is None:
            if not self.accepts_stop:
                self.accept_stop()
            return False
        if not self._stopped_by:
            self._obey(self._stop)
        return True

    def _obey(self, stop: StopRequest) -> None:
        said = stopped_by(stop)
        self._stopped_by = said
        with guard("stopping on request"):
            self.log_notice(said, source="stop")
            self.set_tags(STOPPED_TAG)
            self._recorder.stops.pass_on(self, said, stop.run)


def stopped_by(stop: StopRequest) -> str:
    """Return the line that a stopped run says."""
    who = f" of {stop.by}" if stop.by else ""
    return f"stopped on request{who}" + (f": {stop.reason}" if stop.reason else "")


class Stops:
    """The runs of this process that accept requests, and how requests reach them."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._watched: dict[int, weakref.ref[StopVerbs]] = {}
        self._heard = 0

    def watch(self, run: StopVerbs) -> None:
        """Look for requests to ``run`` from now on, as long as it is open."""
        self._watched[id(run)] = weakref.ref(run)
        for above in self._above(run):
            if above._stop is not None:
                self.apply(above._stop, [run])

    def is_below(self, run: StopVerbs, asked: StopVerbs) -> bool:
        """Return whether a request to ``asked`` holds for ``run``, a run nested in it."""
        return any(above.id == asked.id for above in self._above(run))

    def _above(self, run: StopVerbs) -> Iterator[Run]:
        """Yield the runs of this process around ``run`` whose requests hold for it."""
        around: StopVerbs | None = run
        while around is not None and not (around.kind in COMPARED_KINDS and around.source):
            around = self._recorder.open_runs.get(around.parent_id or "")
            if around is not None:
                yield around

    def watched(self) -> list[StopVerbs]:
        """Return the runs that accept a request and have none yet; forget those that ended."""
        found = []
        for key, reference in list(self._watched.items()):
            run = reference()
            if run is None or not run.active or run._stop is not None:
                self._watched.pop(key, None)
            else:
                found.append(run)
        return found

    def rung(self) -> bool:
        """Return whether somebody called `ring` since the last call; a look at one file."""
        if not self._watched:
            return False
        try:
            at = (self._recorder.root / JOURNALS_FOLDER / BELL).stat().st_mtime_ns
        except OSError:
            return False
        heard, self._heard = self._heard, at
        return at != heard

    def poll(self, ask: Callable[[Sequence[str]], dict[str, StopRequest]]) -> None:
        """Ask the store, on the background thread, whether somebody wants a run to stop."""
        runs = self.watched()
        if not runs:
            return
        found = ask([run.id for run in runs])
        for run in runs:
            if run.id in found and self._is_new(found[run.id]):
                self.apply(found[run.id], [run])

    def _is_new(self, stop: StopRequest) -> bool:
        """Return whether a request is meant for this part of a run that was resumed."""
        asked = self._recorder.open_runs.get(stop.run)
        return asked is None or not asked.resumed or stop.at >= asked.started_at

    def apply(self, stop: StopRequest, runs: Sequence[StopVerbs]) -> None:
        """Let ``runs`` know."""
        for run in runs:
            if run._stop is None:
                run._stop = stop
                if run._when_asked is not None:
                    with guard("passing on a request to stop"):
                        run._when_asked()

    def opened(self, run: Run) -> None:
        """The user's own runs may be stopped if the settings say so; integrations say it apart."""
        if not run.source:
            run.offer_stop()

    def pass_on(self, run: StopVerbs, said: str, asked: str) -> None:
        """Say of the runs above, up to the one that was asked, that they were stopped as well."""
        if run.id == asked:
            return
        for above in self._above(run):
            above._stopped_by = above._stopped_by or said
            if above.id == asked:
                return
