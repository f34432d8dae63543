"""A pytest plugin that records a foreign test suite: ``pytest -p epochlog.pytest_autolog …``.

It shows whether a framework's own tests, or yours, pass while epochlog watches. Runs go to a store
of their own that is thrown away, unless ``EPOCHLOG_STORE`` names one.
"""

from __future__ import annotations

import os
import tempfile
from typing import Any

import pytest

from epochlog.base.guard import reported
from epochlog.recording.recorder import close_recorder
from epochlog.session import autolog, uninstrument

_PLACE = "epochlog-store"


def pytest_configure(config: pytest.Config) -> None:
    """Switch autolog on before the suite's modules are collected."""
    folder = None
    if "EPOCHLOG_STORE" not in os.environ:
        folder = tempfile.TemporaryDirectory(prefix=_PLACE, ignore_cleanup_errors=True)
        # For worker processes, too. Not a setting in a file: the suite may change its directory.
        os.environ["EPOCHLOG_STORE"] = folder.name
    config.stash[_folder] = folder
    autolog(hardware=False)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say where recording failed: the suite did not notice, but it is a bug of ours."""
    found = reported()
    terminalreporter.section("epochlog")
    for site, message in found.items():
        terminalreporter.write_line(f"recording failed or warned at: {site}: {message}")
    if not found:
        terminalreporter.write_line("recording had nothing to complain about")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take epochlog off again."""
    uninstrument()
    close_recorder()
    folder = config.stash.get(_folder, None)
    if folder is not None:
        os.environ.pop("EPOCHLOG_STORE", None)
        folder.cleanup()


_folder: pytest.StashKey[tempfile.TemporaryDirectory[str] | None] = pytest.StashKey()
