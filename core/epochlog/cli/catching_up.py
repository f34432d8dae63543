"""Bring in what journals hold, but only when they changed: for commands that look repeatedly."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from epochlog.cli.app import App
from epochlog.recording.journal import JOURNALS_FOLDER, SUFFIX
from epochlog.recording.recovery import is_alive, stranded_root

State = tuple[tuple[str, int, int], ...]
"""Name, size and time of change of some files."""


class CatchingUp:
    """Knows what the journals of a store looked like when they were brought in last.

    Args:
        app: which store.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._state: State = ()

    def look(self) -> None:
        """Bring journals in if one grew, or if a writer died since.

        Raises:
            StoreError: there is no store, or it can't be read.
        """
        location = self._app.reader.location
        folders = [Path(location.root), stranded_root(location.url)]
        paths = [p for f in folders for p in sorted((f / JOURNALS_FOLDER).glob(f"*{SUFFIX}"))]
        state = file_state(paths)
        if state != self._state or not all(map(_alive, paths)):
            self._app.look_again()
            self._state = state

    def database(self) -> State | None:
        """Return the state of the database's files; None if only a query can tell."""
        url: Any = self._app.reader.engine.url
        if not url.drivername.startswith("sqlite") or not url.database:
            return None
        return file_state([Path(url.database), Path(f"{url.database}-wal")])


def file_state(paths: Sequence[Path]) -> State:
    """Return what is known of files without opening them; those that are gone are left out."""
    found = []
    for path in paths:
        try:
            stat = path.stat()
        except OSError:
            continue
        found.append((path.name, stat.st_size, stat.st_mtime_ns))
    return tuple(found)


def _alive(path: Path) -> bool:
    try:
        return is_alive(path)
    except FileNotFoundError:  # brought in by somebody else: the database tells
        return True
