"""Files and folders as content of a data set: SHA-256 of the bytes or of a sorted manifest."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from epochlog.recording.fingerprint.arrays import new_hash
from epochlog.recording.fingerprint.encoding import encode
from epochlog.recording.fingerprint.meter import CHUNK_BYTES, Meter

SAMPLE_BLOCKS, SAMPLE_BLOCK_BYTES = 64, 2**16
FILES_LISTED_MAX = 100


class FileContent:
    """One file; its digest is what ``sha256sum`` prints."""

    rows: int | None = None

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = self.cost = path.stat().st_size
        self.format = path.suffix.lower().lstrip(".") or "file"

    def schema(self) -> dict[str, Any]:
        """Return the kind and the name of the file."""
        return {"type": "file", "name": self.path.name}

    def digest(self, meter: Meter) -> bytes:
        """Return the SHA-256 of the file's bytes."""
        return digest_file(self.path, meter)

    def sample_digest(self) -> tuple[bytes, dict[str, Any]]:
        """Return a digest of size and evenly spaced blocks, and how they were chosen."""
        return digest_blocks([self.path]), _rule(1)

    def every(self, step: int) -> Path:  # noqa: ARG002 - part of Content
        """Return the path: there are no rows."""
        return self.path

    def stats(self, step: int) -> dict[str, Any]:  # noqa: ARG002 - part of Content
        """Return nothing: epochlog doesn't parse files."""
        return {}


class FolderContent:
    """A folder with all files under it. Links to files are followed, links to folders are not."""

    format = "folder"
    rows: int | None = None

    def __init__(self, path: Path) -> None:
        self.path = path
        self._files = sorted(_walk(path), key=lambda file: file[0])
        self.size = sum(size for _, size, _ in self._files)
        self.cost = self.size + 2**14 * len(self._files)  # opening a file costs like some reading

    def schema(self) -> dict[str, Any]:
        """Return the number of files and the first of them with their sizes in bytes."""
        files = {name: size for name, size, _ in self._files[:FILES_LISTED_MAX]}
        return {
            "type": "folder",
            "name": self.path.name,
            "file_count": len(self._files),
            "files": files,
        }

    def digest(self, meter: Meter) -> bytes:
        """Return the digest of all relative paths, sizes and SHA-256 of the files."""
        made = new_hash("folder", len(self._files))
        for name, size, link in self._files:
            content = link.encode() if link else digest_file(self.path / name, meter)
            made.update(encode((name, size, content)))
            meter.add(2**14)
        return made.digest()

    def sample_digest(self) -> tuple[bytes, dict[str, Any]]:
        """Return a digest of all names and sizes and blocks of some files, and how chosen."""
        made = new_hash("folder-sample", [(n, s, link) for n, s, link in self._files])
        files = [self.path / name for name, _, link in self._files if not link]
        chosen = files[:: max(1, len(files) // SAMPLE_BLOCKS)]
        made.update(digest_blocks(chosen, blocks=max(1, SAMPLE_BLOCKS // max(1, len(chosen)))))
        return made.digest(), {**_rule(len(chosen)), "of_files": len(files)}

    def every(self, step: int) -> Path:  # noqa: ARG002 - part of Content
        """Return the path: there are no rows."""
        return self.path

    def stats(self, step: int) -> dict[str, Any]:  # noqa: ARG002 - part of Content
        """Return nothing: epochlog doesn't parse files."""
        return {}


def digest_file(path: Path, meter: Meter) -> bytes:
    """Return the SHA-256 of a file, read in chunks through one buffer."""
    made = hashlib.sha256(usedforsecurity=False)
    buffer = memoryview(bytearray(CHUNK_BYTES))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer[: meter.chunk()]):
            made.update(buffer[:count])
            meter.add(count)
    return made.digest()


def digest_blocks(paths: list[Path], blocks: int = SAMPLE_BLOCKS) -> bytes:
    """Return a digest of sizes and evenly spaced blocks of each file, first and last included."""
    made = new_hash("blocks", blocks, SAMPLE_BLOCK_BYTES)
    for path in paths:
        with path.open("rb", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            made.update(encode(size))
            last = max(0, size - SAMPLE_BLOCK_BYTES)
            for start in sorted({last * i // max(1, blocks - 1) for i in range(blocks)} | {last}):
                file.seek(start)
                made.update(encode(file.read(SAMPLE_BLOCK_BYTES)))
    return made.digest()


def _rule(files: int) -> dict[str, Any]:
    return {
        "rule": "size, and evenly spaced blocks of bytes with the first and the last",
        "block_bytes": SAMPLE_BLOCK_BYTES,
        "blocks": SAMPLE_BLOCKS,
        "files": files,
    }


def _walk(path: Path) -> Iterator[tuple[str, int, str]]:
    """Yield relative name, size in bytes and link target ("" for files) of all under ``path``."""
    for folder, folders, names in os.walk(path):
        for name in names:
            file = Path(folder, name)
            relative = file.relative_to(path).as_posix()
            if file.is_file():
                yield relative, file.stat().st_size, ""
            elif file.is_symlink():  # a dangling link; sockets and pipes are no content
                yield relative, 0, str(file.readlink())
        for name in folders:
            if (link := Path(folder, name)).is_symlink():
                yield link.relative_to(path).as_posix(), 0, str(link.readlink())
