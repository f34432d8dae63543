"""Describe environment and code of new root runs in the background, once per process or change."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from epochlog.base.guard import guard

if TYPE_CHECKING:
    from epochlog.recording.recorder import Recorder

CODE_FRESH_S = 10.0
"""A code state serves all runs that start within this time (git costs some 20 ms of a core)."""

_environment: dict[str, Any] | None = None
_code: tuple[float, dict[str, Any]] | None = None


def describe_new_runs(recorder: Recorder) -> None:
    """Log environment and code of root runs that were opened since the last call."""
    while recorder.undescribed:
        run = recorder.undescribed.popleft()
        with guard("describing a run's surroundings"):
            run.log_environment(_captured_environment())
            run.log_code(_captured_code())


def _captured_environment() -> dict[str, Any]:
    global _environment
    if _environment is None:
        from epochlog.recording.environment import capture_environment

        _environment = capture_environment()
    return _environment


def _captured_code() -> dict[str, Any]:
    global _code
    if _code is None or time.monotonic() - _code[0] > CODE_FRESH_S:
        from epochlog.recording.environment import capture_code

        _code = time.monotonic(), capture_code()
    return _code[1]
