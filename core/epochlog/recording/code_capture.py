"""Give runs the code they ran: read once a process, kept once a content, completed at the end."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from epochlog.base.clock import now_us
from epochlog.contract import events
from epochlog.recording import staging
from epochlog.recording.code_files import (
    FOLDER_ALGORITHM,
    CodeFile,
    CodeFiles,
    collect,
    folder_digest,
)
from epochlog.recording.code_state import capture_code
from epochlog.recording.notebook import executed_cells, notebook_kind

if TYPE_CHECKING:
    from epochlog.recording.run import Run

FRESH_S = 10.0
"""In a notebook, where modules are edited and loaded again, code is read anew after this time."""

CODE, CELLS, CELLS_FILE = "code", "notebook", "cells.ipy"
"""Names of the artifacts (inputs of type "code"), and of the file with the executed cells."""


class CodeCapture:
    """The code of this process, as it was when its first run was described.

    Later edits of the files are not what this process runs; only modules that are imported later
    are added. A notebook is another matter, see `FRESH_S`.
    """

    def __init__(self, store: Any, *, script: str | None = None, arguments: bool = True) -> None:
        self.store = store
        self.pid = os.getpid()
        self.facts = capture_code(script=script, arguments=arguments)
        self.files: CodeFiles = collect(self.facts)
        self._read_at = time.monotonic()
        self._cwd = self.facts.get("working_directory")
        self._parts: list[tuple[str, int]] = []
        self._told: dict[str, int] = {}

    def is_current(self, store: Any) -> bool:
        """Return whether this still describes a run that starts now and is kept in ``store``."""
        if self.store != store or self.pid != os.getpid() or self._cwd != _cwd():
            return False
        return not notebook_kind() or time.monotonic() - self._read_at < FRESH_S

    def describe(self, run: Run) -> None:
        """Log the code at the start of a run."""
        self.files.add_modules()
        self._log(run)
        self._told[run.id] = len(self._parts)

    def complete(self, run: Run) -> None:
        """Log what was imported and, in a notebook, executed since the run was described."""
        self.files.add_modules()
        if self.files.fresh or self._told.pop(run.id, 0) < len(self._parts):
            self._log(run)
        elif notebook_kind():
            self._log_cells(run)

    def _log(self, run: Run) -> None:
        part = self.files.take()
        run.log_code({**self.facts, "files": self.files.facts()})
        for digest, size in self._parts:  # staged already: the store knows the content
            self._use(run, digest, size)
        if part:
            staged = staging.stage_files(run.root, {n: f.content for n, f in part.items()})
            digest, size = folder_digest(part), _size(part)
            self._parts.append((digest, size))
            self._use(run, digest, size, staged)
        self._log_cells(run)

    def _use(self, run: Run, digest: str, size: int, staged: str = "") -> None:
        run.emit(
            events.Artifact(
                run.id, now_us(), CODE, type="code", direction="in", role="code",
                staged=staged, digest=digest, digest_algo=FOLDER_ALGORITHM, size=size,
                origin="observed",
            )
        )  # fmt: skip

    def _log_cells(self, run: Run) -> None:
        cells = executed_cells()
        if cells:
            run.log_artifact(
                cells.encode(), CELLS_FILE, type="code", direction="in", role=CELLS, format="text"
            )


def _size(part: dict[str, CodeFile]) -> int:
    return sum(len(file.content) for file in part.values())


def _cwd() -> str:
    try:
        return os.getcwd()  # noqa: PTH109
    except OSError:
        return ""
