"""Take private copies of files, so that what is recorded is the file at the time of the call."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from epochlog.base.ids import new_id

STAGING_FOLDER = "staging"
_COPY_BYTES = 16 * 2**20


def stage_bytes(root: Path, data: bytes) -> str:
    """Write ``data`` to a new file in the staging folder below ``root``; return its path."""
    path = _fresh(root)
    path.write_bytes(data)
    return str(path)


def stage_files(root: Path, files: Mapping[str, bytes]) -> str:
    """Write files (relative path -> content) to a new staged folder; return its path.

    Raises:
        OSError: a file can't be written; then nothing is left behind.
    """
    folder = _fresh(root)
    try:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return str(folder)


def stage_path(root: Path, source: Path, *, link: bool = False) -> str:
    """Copy a file or folder into the staging folder; return the copy's path.

    Args:
        root: the store's local folder.
        source: what to copy; symbolic links are followed.
        link: hard-link files where the file system can (for files that are never changed in place,
            as framework checkpoints are); copied otherwise.

    Raises:
        OSError: the source can't be read or the copy can't be written.
    """
    path = _fresh(root)
    if source.is_dir():
        copy = _link_or_copy if link else _copy_as_copytree
        shutil.copytree(source, path, copy_function=copy)
    elif link:
        _link_or_copy(str(source), str(path))
    else:
        copy_file(source, path)
    return str(path)


def _fresh(root: Path) -> Path:
    folder = root / STAGING_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder / new_id()


def _link_or_copy(source: str, target: str, *, follow_symlinks: bool = True) -> str:
    del follow_symlinks  # part of copytree's protocol
    try:
        os.link(os.path.realpath(source), target)
    except OSError:
        copy_file(Path(source), Path(target))
    return target


def _copy_as_copytree(source: str, target: str, *, follow_symlinks: bool = True) -> str:
    del follow_symlinks
    copy_file(Path(source), Path(target))
    return target


def copy_file(source: Path, target: Path) -> None:
    """Copy a file's content inside the kernel where possible, which may share blocks."""
    with source.open("rb", buffering=0) as reader, target.open("wb", buffering=0) as writer:
        if hasattr(os, "copy_file_range"):
            # Fails across file systems on old kernels and on special files; reading goes on there.
            with suppress(OSError):
                while os.copy_file_range(reader.fileno(), writer.fileno(), _COPY_BYTES):
                    pass
        shutil.copyfileobj(reader, writer, _COPY_BYTES)
