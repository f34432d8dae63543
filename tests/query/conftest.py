"""Real stores for the query tests, filled by the store's own sink."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture()
def writer(tmp_path: Path) -> Iterator[Writer]:
    """A new, empty store."""
    found = Writer(tmp_path / ".epochlog")
    yield found
    found.sink.close()


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Reader]:
    """A store with five runs that cover most of what filters ask; nobody writes to it."""
    writer = Writer(tmp_path_factory.mktemp("small") / ".epochlog")
    writer.run(
        "alpha",
        params={"lr": 0.1, "opt": "adam", "flag": True, "a/b": 1},
        metrics={"val/loss": [0.9, 0.5, 0.7], "acc": [0.1, 0.6]},
        tags=("vision", "big"),
    )
    writer.run(
        "beta",
        params={"lr": 0.01, "opt": "sgd", "flag": False, "layers": [64, 32]},
        metrics={"val/loss": [0.8, 0.3], "acc": [0.2, 0.8, 0.7]},
        tags=("nlp",),
        seconds=100,
    )
    writer.run(
        "gamma",
        params={"lr": "auto", "opt": None, "seed": 7},
        metrics={"val/loss": [float("nan")]},
        status="failed",
        seconds=7200,
    )
    writer.run(
        "delta",
        params={"lr": float("inf"), "w": float("nan")},
        metrics={"val/loss": [0.4, float("inf")]},
        status="running",
    )
    writer.run("epsilon", experiment="other", kind="fit", source="sklearn")
    return writer.reader
