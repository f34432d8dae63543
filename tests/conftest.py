"""Fixtures for all tests: our own failures are raised, each test has its own store, nothing leaks."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import kill_leftovers

from epochlog.recording.active import forget_runs
from epochlog.recording.recorder import close_recorder

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's background jobs ignore Ctrl-C, and their children inherit that; tests send it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Give each test a working directory and store of its own, and raise what we would swallow."""
    monkeypatch.setenv("EPOCHLOG_RAISE", "1")
    monkeypatch.setenv("EPOCHLOG_STORE", str(tmp_path / "store"))
    monkeypatch.delenv("EPOCHLOG_RUN_ID", raising=False)
    monkeypatch.chdir(tmp_path)
    yield
    kill_leftovers()
    from epochlog import session

    session.uninstrument()
    close_recorder()
    forget_runs()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return the folder of this test's store."""
    return tmp_path / "store"
