"""Record into memory, so that a test can look at the events that a training wrote."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from epochlog.base.errors import PositionMoved
from epochlog.base.settings import Settings
from epochlog.contract import events
from epochlog.contract.sink import Batch, JournalInfo, StopRequest, StoreLocation
from epochlog.plugins.activation import Activation
from epochlog.plugins.manager import get_plugins
from epochlog.recording.recorder import Recorder, close_recorder, configure

VARYING = ("time", "duration", "second", "_s")
"""Metrics whose name contains one of these differ between two equal trainings."""


class MemorySink:
    """A `Sink` that keeps events in lists; positions and exactly-once as in a real one."""

    deleted = False

    def __init__(self) -> None:
        self.events: list[events.AnyEvent] = []
        self.closed: list[tuple[str, str]] = []
        self.requests: dict[str, StopRequest] = {}
        """Run -> request to stop it; a test puts them there."""
        self._positions: dict[str, int] = {}

    def position(self, journal: JournalInfo) -> int:
        """Return the position that was written last."""
        return self._positions.get(journal.id, 0)

    def write(self, batch: Batch) -> None:
        """Keep the events."""
        position = self.position(batch.journal)
        if position != batch.start:
            raise PositionMoved(position)
        self.events.extend(batch.events)
        self._positions[batch.journal.id] = batch.end

    def heartbeat(self, journal: JournalInfo, at: int) -> None:
        """Do nothing."""

    def stop_requests(self, runs: Sequence[str]) -> dict[str, StopRequest]:
        """Return those of ``requests`` that are for these runs."""
        return {run: self.requests[run] for run in runs if run in self.requests}

    def close_journal(
        self, journal: JournalInfo, at: int, *, status: str, reason: str = "", traceback: str = ""
    ) -> None:
        """Note that the journal was closed."""
        del at, reason, traceback
        self.closed.append((journal.id, status))

    def close(self) -> None:
        """Do nothing: the events stay readable."""


@dataclass(slots=True)
class Recorded:
    """What a training wrote so far; each look flushes first."""

    recorder: Recorder
    sink: MemorySink
    activation: Activation
    varying: Sequence[str] = field(default=VARYING)

    @property
    def events(self) -> list[events.AnyEvent]:
        """All events in the order of writing."""
        self.recorder.flush()
        return list(self.sink.events)

    def of(self, kind: type) -> list[Any]:
        """Return the events of one class."""
        return [event for event in self.events if type(event) is kind]

    @property
    def params(self) -> dict[str, Any]:
        """Parameters of all runs, the last value of each name."""
        return {k: v for event in self.of(events.Params) for k, v in event.params.items()}

    @property
    def metrics(self) -> dict[str, list[tuple[Any, float]]]:
        """``(step, value)`` of each metric, of all runs, in the order of writing."""
        found: dict[str, list[tuple[Any, float]]] = {}
        for event in self.of(events.MetricPoints):
            for key, value in event.metrics.items():
                found.setdefault(key, []).append((event.step, value))
        return found

    @property
    def statuses(self) -> list[str]:
        """Final status of each run, in the order of ending."""
        return [event.status for event in self.of(events.RunEnded)]

    def stream(self) -> list[tuple[Any, ...]]:
        """Return what two equal trainings have in common: no ids, no times, no machine.

        A run's parameters are one line, where its first ones were: in how many calls they are
        logged may depend on how fast the training is.
        """
        numbers: dict[str | None, int] = {}
        params: dict[str, dict[str, Any]] = {}
        found: list[tuple[Any, ...]] = []
        for event in self.events:
            if isinstance(event, events.Params):
                if event.run not in params:
                    params[event.run] = {}
                    found.append(("params", event.run))
                params[event.run].update(event.params)
            elif line := self._line(event, numbers):
                found.append(line)
        return [
            ("params", numbers.get(line[1]), repr(sorted(params[line[1]].items(), key=repr)))
            if line[0] == "params"
            else line
            for line in found
        ]

    def _line(self, event: Any, numbers: dict[str | None, int]) -> tuple[Any, ...]:
        if isinstance(event, events.RunStarted):
            parent = numbers.get(event.parent)
            numbers[event.run] = len(numbers)
            return ("start", numbers[event.run], parent, event.kind, event.source, event.index)
        run = numbers.get(getattr(event, "run", None))
        if isinstance(event, events.RunEnded):
            return ("end", run, event.status)
        if isinstance(event, events.MetricPoints):
            values = {k: self._value(k, v) for k, v in event.metrics.items()}
            return ("metrics", run, event.step, event.context, repr(values))
        if isinstance(event, events.Artifact):
            return (type(event).__name__.lower(), run, event.name, event.role, event.direction)
        return ()

    def _value(self, key: str, value: float) -> Any:
        return "…" if any(part in key for part in self.varying) else value


@contextmanager
def recording(
    *names: str, options: Mapping[str, Mapping[str, Any]] | None = None, **settings: Any
) -> Iterator[Recorded]:
    """Record into memory inside the block, with only the named integrations armed.

    Replaces this process's recorder; frameworks are restored and the recorder is closed at the end.

    Raises:
        FrameworkNotFound: an integration is unknown (is its entry point installed?) or its
            framework is.
    """
    sink = MemorySink()
    activation = Activation(get_plugins().integrations())
    with tempfile.TemporaryDirectory(prefix="epochlog-test-") as root:
        location = StoreLocation("memory://", root)
        recorder = configure(location, Settings(**settings), lambda: sink, get_plugins().announce)
        try:
            rest = set(activation.items) - set(names)
            activation.arm(names, disable=rest, options=options)
            yield Recorded(recorder, sink, activation)
        finally:
            activation.disarm_all()
            close_recorder()
