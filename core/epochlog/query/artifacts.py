"""Artifacts of a run as objects: what they are, where they are, their bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, SupportsIndex, overload

from sqlalchemy import Row

from epochlog.base.clock import to_datetime
from epochlog.base.errors import StoreError
from epochlog.query.opening import Reader


class ArtifactView:
    """One version of an artifact, as one run produced (``direction`` "out") or used ("in") it.

    Attributes:
        name, type, version: "report.html", "file", 3 (versions count up within name and type).
        direction, slot, role: place among the run's inputs and outputs.
        id: identifier of this version; digest: of its content; size: in bytes.
        uri: where the user's own copy was; format, serializer: how to read it.
        schema, stats, meta: plain data that describe the content; aliases: "best", "last" …
        files: relative path -> (digest, bytes) of a directory, else empty.
        state: live, or why its content can't be had (pending, missing, expired, deleted).
    """

    def __init__(self, reader: Reader, row: Row[Any]) -> None:
        self._reader = reader
        self.id: str = row.id
        self.name: str = row.name
        self.type: str = row.type
        self.version: int = row.version
        self.direction: str = row.direction
        self.slot: str = row.slot
        self.role: str = row.role
        self.origin: str = row.origin
        self.digest: str = row.digest
        self.size: int | None = row.size
        self.uri: str = row.uri or ""
        self.format: str = row.format
        self.serializer: str = row.serializer
        self.schema: dict[str, Any] = _parsed(row.schema) or {}
        self.stats: dict[str, Any] = _parsed(row.stats) or {}
        self.meta: dict[str, Any] = _parsed(row.meta) or {}
        self.aliases: list[str] = _parsed(row.aliases) or []
        self.description: str = row.description or ""
        self.step: float | None = row.step
        self.state: str = row.state
        self.created: datetime | None = to_datetime(row.created_at)
        manifest = _parsed(row.manifest) or {}
        self.files: dict[str, tuple[str, int]] = {p: (d, n) for p, (d, n) in manifest.items()}

    def read_bytes(self, file: str = "") -> bytes:
        """Return the content; of a directory, that of the member ``file``.

        Raises:
            StoreError: the store holds no content for it, or ``file`` is not in it.
        """
        content = self._reader.blob(self.digest_of(file))
        if content is None:
            raise StoreError(self._not_held())
        return content

    def read_text(self, file: str = "") -> str:
        """Return the content as UTF-8 text (see `read_bytes`)."""
        return self.read_bytes(file).decode("utf-8")

    def download(self, to: str | Path) -> Path:
        """Copy the content to ``to`` and return the path written.

        A file goes into ``to`` under its own name if ``to`` is an existing folder, else it becomes
        ``to``; a directory's members go below ``to``.

        Raises:
            StoreError: the store holds no content for it, or a member would leave ``to``.
        """
        target = Path(to)
        if not self.files:
            target = target / PurePosixPath(self.name).name if target.is_dir() else target
            _write(target, self.read_bytes())
            return target
        for file in self.files:
            member = target / file
            if not member.resolve().is_relative_to(target.resolve()):
                raise StoreError(f"{self!r} has a member outside its own folder: {file!r}")
            _write(member, self.read_bytes(file))
        return target

    @property
    def path(self) -> Path | None:
        """The user's own copy on this machine, if it is still there (it may have changed since)."""
        path = Path(self.uri.removeprefix("file://")) if self.uri else None
        return path if path is not None and path.exists() else None

    def digest_of(self, file: str = "") -> str:
        """Return the digest of the content, or of the member ``file`` (see `read_bytes`)."""
        if self.state != "live":
            raise StoreError(f"the content of {self!r} is not available: it is {self.state}")
        if file and file not in self.files:
            raise StoreError(f"{self!r} has no file {file!r}; it has {sorted(self.files)}")
        if self.files and not file:
            raise StoreError(f"{self!r} is a directory; name one of {sorted(self.files)}")
        digest = self.files[file][0] if file else self.digest
        if not digest:
            raise StoreError(self._not_held())
        return digest

    def _not_held(self) -> str:
        place = f"; its own place was {self.uri}" if self.uri else ""
        return f"the store holds no content of {self!r}, only facts about it{place}"

    def __repr__(self) -> str:
        size = "" if self.size is None else f", {self.size:,} bytes"
        return f"<{self.type} {self.name!r} v{self.version}{size}>"


class Artifacts(list["ArtifactView"]):
    """A list of artifacts that also finds them by name: ``run.artifacts["report.html"]``."""

    @overload
    def __getitem__(self, index: SupportsIndex) -> ArtifactView: ...
    @overload
    def __getitem__(self, index: slice) -> list[ArtifactView]: ...
    @overload
    def __getitem__(self, index: str) -> ArtifactView: ...
    def __getitem__(self, index: SupportsIndex | slice | str) -> ArtifactView | list[ArtifactView]:
        """Return by place, or the latest version of a name."""
        if not isinstance(index, str):
            return super().__getitem__(index)
        named = [each for each in self if each.name == index]
        if not named:
            raise KeyError(f"no artifact {index!r}; there are {sorted({e.name for e in self})}")
        return max(named, key=lambda each: each.version)

    @property
    def names(self) -> list[str]:
        """Names in the order in which they were first seen."""
        return list(dict.fromkeys(each.name for each in self))


def select_artifacts(items: Iterable[ArtifactView], *types: str) -> Artifacts:
    """Return the artifacts of the given types."""
    return Artifacts(each for each in items if each.type in types)


def _parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
