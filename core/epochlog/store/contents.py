"""Take staged files and folders into the blob store, with a row for each blob."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, insert, select

from epochlog.base.guard import guard
from epochlog.store.blobs import ALGORITHM, BlobStore, digest_file
from epochlog.store.schema import blob
from epochlog.store.sql import cut, sha256

FOLDER_ALGORITHM = "sha256-manifest"
"""Digest of a folder: SHA-256 of its manifest as JSON with sorted keys and no spaces."""


@dataclass(frozen=True, slots=True)
class Content:
    """What was stored: digest, size in bytes, and for a folder its manifest as JSON."""

    digest: str
    algorithm: str
    size: int
    manifest: str | None = None


class Contents:
    """Moves staged content into blobs; the staged copies go once the transaction is committed."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs
        self._done: list[Path] = []

    def take(self, connection: Connection, staged: Path, at: int) -> Content:
        """Store the file or folder at ``staged``.

        Raises:
            FileNotFoundError: it is gone.
        """
        if not staged.is_dir():
            digest, size = self._take_file(connection, staged, at)
            self._done.append(staged)
            return Content(digest, ALGORITHM, size)
        manifest = {}
        for file in sorted(path for path in staged.rglob("*") if path.is_file()):
            name = file.relative_to(staged).as_posix()
            manifest[name] = self._take_file(connection, file, at)
        text = json.dumps(manifest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        self._done.append(staged)
        total = sum(size for _, size in manifest.values())
        return Content(sha256(text), FOLDER_ALGORITHM, total, text)

    def _take_file(self, connection: Connection, path: Path, at: int) -> tuple[str, int]:
        digest, size = digest_file(path)
        location = self._blobs.put(path, digest)
        known = connection.execute(select(blob.c.digest).where(blob.c.digest == digest)).first()
        if known is None:
            row = {
                "digest": digest,
                "algo": ALGORITHM,
                "size": size,
                "location": cut(location),
                "created_at": at,
            }
            connection.execute(insert(blob), row)
        return digest, size

    @contextmanager
    def until_committed(self) -> Iterator[None]:
        """Remove the staged copies at the end of the block, or keep them if it fails."""
        self._done.clear()
        try:
            yield
        except BaseException:
            self._done.clear()
            raise
        for path in self._done:
            with guard("removing a staged file"):
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)
        self._done.clear()
