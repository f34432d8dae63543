"""Staged copies: equal to the source at the time of the call, linked only when asked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from epochlog.recording.staging import copy_file, stage_bytes, stage_path


@pytest.mark.parametrize("size", [0, 1, 5_000_000])
def test_a_staged_file_is_a_copy(tmp_path: Path, size: int) -> None:
    """Files of any size, the empty one too, are copied byte for byte."""
    source = tmp_path / "source"
    source.write_bytes(os.urandom(size))
    staged = Path(stage_path(tmp_path / "store", source))

    assert staged.read_bytes() == source.read_bytes()
    assert not os.path.samefile(staged, source)


def test_links_share_the_bytes(tmp_path: Path) -> None:
    """With link=True no byte is copied on the same file system; folders are walked."""
    folder = tmp_path / "checkpoint"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "weights").write_bytes(b"w")
    staged = Path(stage_path(tmp_path / "store", folder, link=True))

    assert os.path.samefile(staged / "inner" / "weights", folder / "inner" / "weights")


def test_a_staged_folder_is_copied_with_its_links_resolved(tmp_path: Path) -> None:
    """A symbolic link inside a folder becomes the file that it points to."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "target").write_text("content")
    (folder / "link").symlink_to(tmp_path / "target")
    staged = Path(stage_path(tmp_path / "store", folder))

    assert (staged / "link").read_text() == "content"
    assert not (staged / "link").is_symlink()


def test_bytes_are_written(tmp_path: Path) -> None:
    """Bytes become a file of their own each time."""
    one, two = stage_bytes(tmp_path, b"x"), stage_bytes(tmp_path, b"x")

    assert one != two
    assert Path(one).read_bytes() == b"x"


def test_special_files_are_copied_by_reading(tmp_path: Path) -> None:
    """Files whose size is unknown in advance (as in /proc) are copied to their end."""
    source = Path("/proc/self/status")
    if not source.exists():
        pytest.skip("no /proc here")
    copy_file(source, tmp_path / "copy")

    assert "Name:" in (tmp_path / "copy").read_text()
