"""Fixtures of the recording tests: a recorder that writes into memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from memory_sink import MemorySink

from epochlog.base.settings import Settings
from epochlog.contract.sink import StoreLocation
from epochlog.recording.recorder import Recorder


@pytest.fixture
def sink() -> MemorySink:
    """Return an empty sink in memory."""
    return MemorySink()


@pytest.fixture
def recorder(sink: MemorySink, store: Path) -> Iterator[Recorder]:
    """Return a recorder of its own (not the process's) that stores into ``sink``."""
    settings = Settings(flush_interval_s=0.02, first_flush_s=0.02, finish_timeout_s=20)
    made = Recorder(StoreLocation("sqlite:///none.db", str(store)), settings, lambda: sink)
    yield made
    made.close(process_ends=False)
