"""pytest fixtures for authors: ``pytest_plugins = ["epochlog.plugins.testing.fixtures"]``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from epochlog.base.guard import RAISE_ENV
from epochlog.recording.active import forget_runs
from epochlog.recording.recorder import close_recorder


@pytest.fixture
def epochlog_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Give the test a store of its own, and raise what epochlog would otherwise swallow.

    Yields:
        The store's folder, which need not exist yet. Runs end and the store closes with the test.
    """
    folder = tmp_path / "epochlog-store"
    close_recorder()
    monkeypatch.setenv(RAISE_ENV, "1")
    monkeypatch.setenv("EPOCHLOG_STORE", str(folder))
    monkeypatch.delenv("EPOCHLOG_RUN_ID", raising=False)
    yield folder
    close_recorder()
    forget_runs()
