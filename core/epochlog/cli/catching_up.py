"""Bring in what journals hold, but only when they changed: for commands that look repeatedly."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epochlog.base.guard import report
from epochlog.cli.app import App
from epochlog.recording.journal import JOURNALS_FOLDER, SUFFIX
from epochlog.recording.recovery import is_alive, recover, stranded_root

if TYPE_CHECKING:
    from epochlog.contract.sink import Sink

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
        self._sink: Sink | None = None
        self._sink_file = 0

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
            self._bring_in()
            self._state = state

    def _bring_in(self) -> None:
        """Do what opening the store does, by a connection that stays open in between.

        It takes a third of the time; a database that was put in the old one's place gets a new one.
        """
        location = self._app.reader.location
        file = self._inode()
        if file != self._sink_file or not file:
            self._forget()
            self._sink_file = file

        def open_sink() -> Sink:
            from epochlog.store.sink import open_sink

            self._sink = self._sink or open_sink(location)
            return self._sink

        root = Path(location.root)
        try:
            done = recover(root, open_sink, url=location.url, keep_open=True)
        except Exception as error:
            self._forget()
            report("recovery of journals", error)
            self._app.look_again()  # says itself what is wrong with the store
            return
        if done.errors:
            self._forget()

    def _forget(self) -> None:
        if self._sink is not None:
            self._sink.close()
            self._sink = None

    def _inode(self) -> int:
        """Return what tells the database's file from another of the same name; 0 if none can."""
        url: Any = self._app.reader.engine.url
        if not url.drivername.startswith("sqlite") or not url.database:
            return 0
        try:
            return os.stat(url.database).st_ino  # noqa: PTH116 - every two seconds
        except OSError:
            return 0

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
