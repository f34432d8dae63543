"""Keep files by their content in a folder or, through fsspec, in any object store."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol, cast

from epochlog.base.errors import StoreError
from epochlog.base.ids import new_id

ALGORITHM = "sha256"


def digest_file(path: Path) -> tuple[str, int]:
    """Return (SHA-256 in hex, size in bytes) of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, file.tell()


def location_of(digest: str) -> str:
    """Return where the blob with this digest lies below the blob store's root."""
    return f"{ALGORITHM}/{digest[:2]}/{digest[2:]}"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the blob store: place below its root, size in bytes, time in seconds since 1970."""

    location: str
    size: int
    modified_s: float


class BlobStore(Protocol):
    """Files by content. Locations are relative and use ``/``; all methods may raise OSError."""

    root: str

    def put(self, path: Path, digest: str) -> str:
        """Keep a copy (or hard link) of the file at ``path``; return its location."""
        ...

    def open(self, location: str) -> BinaryIO:
        """Return the blob as a binary file; FileNotFoundError if it is gone."""
        ...

    def exists(self, location: str) -> bool:
        """Return whether the blob is there."""
        ...

    def size(self, location: str) -> int:
        """Return the blob's size in bytes; FileNotFoundError if it is gone."""
        ...

    def delete(self, location: str) -> None:
        """Remove the blob; nothing happens if it is gone."""
        ...

    def files(self) -> Iterator[StoredFile]:
        """Yield all blobs that are there."""
        ...


def open_blobs(url: str) -> BlobStore:
    """Return the blob store at ``url``: a folder or any fsspec URL (``s3://bucket/prefix``)."""
    if url.startswith("file://"):
        return LocalBlobs(url.removeprefix("file://"))
    return RemoteBlobs(url) if "://" in url else LocalBlobs(url)


def read_blob(blobs: BlobStore, location: str) -> bytes:
    """Return a blob's content; FileNotFoundError if it is gone."""
    with blobs.open(location) as file:
        return file.read()


class LocalBlobs:
    """Blobs in a folder of this machine; a staged file on the same disk is linked, not copied."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._folder = Path(root)

    def path(self, location: str) -> Path:
        """Return the path of a blob, which can't lie outside of the store."""
        parts = PurePosixPath(location).parts
        if not parts or ".." in parts or parts[0] == "/":
            raise StoreError(f"{location!r} is no location of a blob")
        return self._folder.joinpath(*parts)

    def put(self, path: Path, digest: str) -> str:
        """Keep a copy (or hard link) of a file; return its location."""
        location = location_of(digest)
        target = self.path(location)
        if target.exists() and target.stat().st_size == path.stat().st_size:
            return location
        target.parent.mkdir(parents=True, exist_ok=True)
        # Complete under another name first: nobody ever sees half a blob.
        part = target.with_name(f"{target.name}.{new_id()}.part")
        try:
            _link_or_copy(path, part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return location

    def open(self, location: str) -> BinaryIO:
        """Return the blob as a binary file."""
        return self.path(location).open("rb")

    def exists(self, location: str) -> bool:
        """Return whether the blob is there."""
        return self.path(location).is_file()

    def size(self, location: str) -> int:
        """Return the blob's size in bytes."""
        return self.path(location).stat().st_size

    def delete(self, location: str) -> None:
        """Remove the blob if it is there."""
        self.path(location).unlink(missing_ok=True)

    def files(self) -> Iterator[StoredFile]:
        """Yield all blobs."""
        for folder, _, names in os.walk(self._folder):
            for name in names:
                file = Path(folder, name)
                try:
                    facts = file.stat()
                except FileNotFoundError:  # swept by somebody else meanwhile
                    continue
                location = file.relative_to(self._folder).as_posix()
                yield StoredFile(location, facts.st_size, facts.st_mtime)


def _link_or_copy(source: Path, target: Path) -> None:
    # A second name of the user's own file would change with it: only our private copy is linked.
    if source.stat().st_nlink == 1:
        try:
            os.link(source, target)
            return
        except OSError:  # another disk, or a file system without links
            pass
    shutil.copyfile(source, target)


class RemoteBlobs:
    """Blobs behind fsspec."""

    def __init__(self, url: str) -> None:
        import fsspec  # its start costs, and a local store never needs it

        self.root = url
        self._fs: Any
        self._fs, self._base = fsspec.core.url_to_fs(url)

    def _path(self, location: str) -> str:
        return f"{self._base.rstrip('/')}/{location}"

    def put(self, path: Path, digest: str) -> str:
        """Keep a copy (or hard link) of a file; return its location."""
        location = location_of(digest)
        if not self._fs.exists(self._path(location)):
            target = self._path(location)
            self._fs.makedirs(target.rpartition("/")[0], exist_ok=True)
            self._fs.put_file(str(path), target)
        return location

    def open(self, location: str) -> BinaryIO:
        """Return the blob as a binary file."""
        return cast(BinaryIO, self._fs.open(self._path(location), "rb"))

    def exists(self, location: str) -> bool:
        """Return whether the blob is there."""
        return bool(self._fs.exists(self._path(location)))

    def size(self, location: str) -> int:
        """Return the blob's size in bytes."""
        return int(self._fs.size(self._path(location)))

    def delete(self, location: str) -> None:
        """Remove the blob if it is there."""
        try:
            self._fs.rm_file(self._path(location))
        except FileNotFoundError:
            pass

    def files(self) -> Iterator[StoredFile]:
        """Yield all blobs."""
        found = self._fs.find(self._base, detail=True) if self._fs.exists(self._base) else {}
        for path, facts in found.items():
            modified = facts.get("mtime") or facts.get("LastModified") or facts.get("created") or 0
            seconds = modified.timestamp() if hasattr(modified, "timestamp") else float(modified)
            location = path[len(self._base.rstrip("/")) + 1 :]
            yield StoredFile(location, int(facts["size"]), seconds)
