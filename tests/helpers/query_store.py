"""Write whole runs into a real store through its own sink, and open it to read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from epochlog.base.ids import new_id
from epochlog.base.settings import Settings
from epochlog.contract import events
from epochlog.contract.sink import Batch, JournalInfo, StoreLocation
from epochlog.query.opening import Reader, open_store
from epochlog.store.sink import open_sink

T0 = 1_790_000_000_000_000
"""When the first run of a test store starts, in microseconds."""


class Writer:
    """Writes runs into a store through its sink."""

    def __init__(self, root: Path) -> None:
        self.location = StoreLocation(
            f"sqlite:///{root / 'epochlog.db'}", str(root), str(root / "blobs")
        )
        self.sink = open_sink(self.location)
        self.journal = JournalInfo(new_id(), "box", "boot", 1, T0, "")
        self.end = 0
        self.started = 0

    def write(self, *found: Any) -> None:
        """Commit events."""
        self.sink.write(Batch(self.journal, self.end, self.end + 1, list(found)))
        self.end += 1

    def run(
        self,
        name: str = "run",
        *,
        params: dict[str, Any] | None = None,
        metrics: dict[str, list[float]] | None = None,
        tags: tuple[str, ...] = (),
        status: str = "completed",
        seconds: float = 10,
        **start: Any,
    ) -> str:
        """Write a whole run, one minute after the one before; return its id."""
        run, at = new_id(), T0 + self.started * 60_000_000
        self.started += 1
        found: list[Any] = [events.RunStarted(run, at, name=name, **{"user": "ann", **start})]
        if params:
            found.append(events.Params(run, at, params))
        if tags:
            found.append(events.Tags(run, at, list(tags)))
        for key, values in (metrics or {}).items():
            found += [
                events.MetricPoints(run, at + step, step=step, metrics={key: value})
                for step, value in enumerate(values)
            ]
        if status != "running":
            found.append(events.RunEnded(run, at + int(seconds * 1e6), status))
        self.write(*found)
        return run

    def reader(self) -> Reader:
        """Open the store to read."""
        return open_store(Settings(store=self.location.root))
