"""Describe environment and code of new root runs in the background, and their code at the end."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from epochlog.base.guard import guard

if TYPE_CHECKING:
    from epochlog.recording.code_capture import CodeCapture
    from epochlog.recording.recorder import Recorder
    from epochlog.recording.run import Run

MAIN_FILE: str | None = getattr(sys.modules.get("__main__"), "__file__", None)
"""The script. Python forgets it at the end of the script, where short runs are described."""

_environment: dict[str, Any] | None = None
_code: CodeCapture | None = None
_open: dict[str, tuple[int, Run, CodeCapture]] = {}
"""Runs whose code was described and which had not ended then, by id, with the process's id."""


def describe_new_runs(recorder: Recorder) -> None:
    """Log environment and code of root runs opened since the last call, complete ended ones."""
    while recorder.undescribed:
        run = recorder.undescribed.popleft()
        capture = recorder.settings.capture
        if "environment" in capture:
            with guard("describing a run's environment"):
                run.log_environment(_captured_environment())
        if "code" in capture:
            with guard("describing a run's code"):
                active = run.active
                code = _captured_code(recorder, arguments="arguments" in capture)
                code.describe(run)
                if active:
                    _open[run.id] = (os.getpid(), run, code)
        elif "arguments" in capture:
            with guard("describing a run's arguments"):
                run.log_code(_captured_arguments())
    _complete_ended_runs()


def _complete_ended_runs() -> None:
    for pid, run, code in list(_open.values()):
        if pid != os.getpid():  # the parent's, before a fork
            del _open[run.id]
        elif not run.active:
            del _open[run.id]
            with guard("completing a run's code"):
                code.complete(run)


def _captured_environment() -> dict[str, Any]:
    global _environment
    if _environment is None:
        from epochlog.recording.environment import capture_environment

        _environment = capture_environment()
    return _environment


def _captured_code(recorder: Recorder, *, arguments: bool) -> CodeCapture:
    global _code
    store = (recorder.root, recorder.renewals)
    if _code is None or not _code.is_current(store):
        from epochlog.recording.code_capture import CodeCapture

        _code = CodeCapture(store, script=MAIN_FILE, arguments=arguments)
    return _code


def _captured_arguments() -> dict[str, Any]:
    from epochlog.recording.code_state import captured_arguments

    return {"argv": captured_arguments()}
