"""Blobs are kept by content, locally and behind fsspec, and never half."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochlog.base.errors import StoreError
from epochlog.base.ids import new_id
from epochlog.store.blobs import (
    BlobStore,
    LocalBlobs,
    RemoteBlobs,
    digest_file,
    open_blobs,
    read_blob,
)


@pytest.fixture(params=["local", "file-url", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    urls = {
        "local": str(tmp_path / "blobs"),
        "file-url": f"file://{tmp_path}/blobs",
        "memory": f"memory://{new_id()}/blobs",
    }
    return open_blobs(urls[request.param])


def put(blobs: BlobStore, tmp_path: Path, content: bytes) -> str:
    path = tmp_path / new_id()
    path.write_bytes(content)
    return blobs.put(path, digest_file(path)[0])


def test_content_comes_back(blobs: BlobStore, tmp_path: Path) -> None:
    """What was put is read back, with its size; putting it again changes nothing."""
    location = put(blobs, tmp_path, b"content")

    assert location == put(blobs, tmp_path, b"content")
    assert blobs.exists(location)
    assert blobs.size(location) == 7
    assert read_blob(blobs, location) == b"content"
    assert [file.location for file in blobs.files()] == [location]
    assert next(iter(blobs.files())).modified_s > 1_700_000_000


def test_deleted_blob_is_gone(blobs: BlobStore, tmp_path: Path) -> None:
    """Deleting removes a blob, and twice is no error; reading then says that it is gone."""
    location = put(blobs, tmp_path, b"content")
    blobs.delete(location)
    blobs.delete(location)

    assert not blobs.exists(location)
    assert list(blobs.files()) == []
    with pytest.raises(FileNotFoundError):
        read_blob(blobs, location)


def test_kinds_of_url(tmp_path: Path) -> None:
    """Paths are local; only other schemes need fsspec."""
    assert isinstance(open_blobs(str(tmp_path)), LocalBlobs)
    assert isinstance(open_blobs("memory://x"), RemoteBlobs)


@pytest.mark.parametrize("location", ["../x", "a/../../x", "/etc/passwd", ""])
def test_locations_outside_are_refused(tmp_path: Path, location: str) -> None:
    """A location from a damaged database can't reach files outside of the store."""
    with pytest.raises(StoreError, match="no location"):
        LocalBlobs(str(tmp_path)).open(location)


def test_half_a_blob_is_replaced(tmp_path: Path) -> None:
    """A blob of the wrong size (a copy that was cut off) is written anew."""
    blobs = LocalBlobs(str(tmp_path / "blobs"))
    location = put(blobs, tmp_path, b"content")
    blobs.path(location).unlink()
    blobs.path(location).write_bytes(b"con")

    put(blobs, tmp_path, b"content")
    assert read_blob(blobs, location) == b"content"
