"""Real stores for the query tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from query_store import Writer

from epochlog.query.opening import Reader


@pytest.fixture
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
