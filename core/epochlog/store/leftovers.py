"""Find files that nothing waits for: blobs without a row, staged copies without a journal."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, select

from epochlog.store.blobs import BlobStore
from epochlog.store.schema import blob

GRACE_S = 3600.0
"""Younger files may belong to a transaction that is not committed yet."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """A file (or staged folder) to remove: its location or path, and size in bytes."""

    place: str
    size: int


def stale_blobs(connection: Connection, blobs: BlobStore, grace_s: float) -> list[Leftover]:
    """Return files in the blob store that have no row and are older than ``grace_s``."""
    known = {row[0] for row in connection.execute(select(blob.c.location))}
    limit = time.time() - grace_s
    return [
        Leftover(file.location, file.size)
        for file in blobs.files()
        if file.location not in known and file.modified_s < limit
    ]


def stale_staged(root: str, grace_s: float) -> list[Leftover]:
    """Return staged copies older than ``grace_s`` and than every journal that might name them."""
    limit = min(time.time() - grace_s, _oldest_journal_s(Path(root)))
    folder = Path(root, "staging")
    # The change time: a hard link keeps the modification time of the user's file.
    return [
        Leftover(str(path), _size(path))
        for path in (folder.iterdir() if folder.is_dir() else ())
        if path.lstat().st_ctime < limit
    ]


def remove_staged(item: Leftover) -> None:
    """Remove a staged file or folder."""
    path = Path(item.place)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _oldest_journal_s(root: Path) -> float:
    """Return when the oldest journal was opened, in seconds since 1970; its name is a UUIDv7."""
    oldest = float("inf")
    for path in (root / "journals").glob("*.journal"):
        try:
            opened_s = (UUID(path.stem[:36]).int >> 80) / 1000
        except ValueError:
            opened_s = 0.0
        oldest = min(oldest, opened_s)
    return oldest


def _size(path: Path) -> int:
    if not path.is_dir():
        return path.lstat().st_size
    return sum(item.lstat().st_size for item in path.rglob("*") if item.is_file())
