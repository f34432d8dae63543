"""Hold one store open for all requests: its reader, its cursor, what is kept between questions."""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from epochlog.base.guard import report
from epochlog.base.settings import Settings, load_settings
from epochlog.contract.sink import Sink, StoreLocation
from epochlog.query.arranging import Arranger
from epochlog.query.opening import Reader, open_store
from epochlog.recording.journal import JOURNALS_FOLDER
from epochlog.recording.recovery import recover, stranded_root
from epochlog.server.answers import NoStore
from epochlog.session import find_flavor, locate_store, open_sink, readable

CATCH_UP_S = 2.0
"""What live processes have not stored yet is brought in this often, while somebody looks."""

SHARE = 0.005
"""Bringing in takes at most this share of the time."""


class Library:
    """A store as the server sees it. For many threads.

    Args:
        settings: which store.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.location: StoreLocation = locate_store(settings)
        self._lock = threading.Lock()
        self._reader: Reader | None = None
        self._boot = uuid.uuid4().hex[:8]
        self._changes = 0
        self._version: Any = None
        self._watch: Any = None
        self._arranger: tuple[str, Arranger] | None = None
        self._catching = threading.Lock()
        self._next_catch = 0.0
        self._seen: dict[str, tuple[int, int]] = {}

    @property
    def reader(self) -> Reader:
        """The store, opened for reading.

        Raises:
            NoStore: nothing was recorded there yet.
            StoreError: it can't be read.
        """
        if self._reader is None:
            with self._lock:
                if self._reader is None:
                    self._reader = self._open()
        return self._reader

    @property
    def place(self) -> str:
        """Where the store is, for people."""
        return readable(self.location)

    @property
    def exists(self) -> bool:
        """Whether anything was recorded there."""
        scheme, _, path = self.location.url.partition(":///")
        if scheme != "sqlite" or Path(path).exists():
            return True
        return any((Path(self.location.root) / JOURNALS_FOLDER).glob("*"))

    @property
    def writable(self) -> bool:
        """Whether tags, notes and the bin can be changed."""
        root = self.location.root
        return self.exists and os.access(root, os.W_OK)

    def _open(self) -> Reader:
        if not self.exists:
            raise NoStore(f"nothing was recorded in {self.place} yet")
        return open_store(self.settings)

    @property
    def cursor(self) -> str:
        """A mark of the store's state: another one after every change by anybody."""
        reader = self.reader
        with self._lock:
            if self._watch is None:
                # A connection of its own: the number counts what *others* commit.
                self._watch = reader.engine.raw_connection()
            version = self._watch.execute("PRAGMA data_version").fetchone()
            if version != self._version:
                self._version = version
                self._changes += 1
            return f"{self._boot}-{self._changes}"

    def arranger(self) -> tuple[str, Arranger]:
        """Return the cursor and an arranger for the store as it is now."""
        cursor = self.cursor
        kept = self._arranger
        if kept is None or kept[0] != cursor:
            kept = self._arranger = (cursor, Arranger(self.reader))
        return kept

    @property
    def due(self) -> bool:
        """Whether it is time to look for what others have not stored yet."""
        return time.monotonic() >= self._next_catch

    def catch_up(self) -> bool:
        """Bring in what others have in their journals, unless that was just done.

        Returns:
            Whether it looked.
        """
        if not self.due or not self._catching.acquire(blocking=False):
            return False
        try:
            began = time.monotonic()
            if self._reader is not None and self._journals_moved():
                sink = partial(self._sink)
                recover(Path(self.location.root), sink, url=self.location.url)
            took = time.monotonic() - began
            self._next_catch = time.monotonic() + max(CATCH_UP_S, took / SHARE)
        except Exception as error:  # a store that can't be written is still read
            self._next_catch = time.monotonic() + 30
            report("recovery of journals", error)
        finally:
            self._catching.release()
        return True

    def _journals_moved(self) -> bool:
        found: dict[str, tuple[int, int]] = {}
        for root in (Path(self.location.root), stranded_root(self.location.url)):
            try:
                with os.scandir(root / JOURNALS_FOLDER) as entries:
                    for entry in entries:
                        facts = entry.stat()
                        found[entry.path] = (facts.st_size, facts.st_mtime_ns)
            except OSError:
                continue
        # A writer that is gone leaves its journal as it is: look at those, too, now and then.
        moved = found != self._seen or bool(found)
        self._seen = found
        return moved

    def _sink(self) -> Sink:
        return open_sink(find_flavor(self.location.url).open_sink, self.location)

    @contextmanager
    def writing(self) -> Iterator[Sink]:
        """Give a sink for the edits of people; closed at the end."""
        sink = self._sink()
        try:
            yield sink
        finally:
            sink.close()

    def close(self) -> None:
        """Let go of the connection that watches."""
        with self._lock:
            if self._watch is not None:
                self._watch.close()
                self._watch = None


def open_library(store: str | os.PathLike[str] | None = None) -> Library:
    """Return the library of a store: a folder, a URL, or None for that of the settings.

    Raises:
        SettingsError: the settings are unusable.
    """
    return Library(load_settings(store=None if store is None else str(store)))
