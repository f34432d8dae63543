"""Answer for artifacts: lists, versions, and their content, none of which may ever run."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any, BinaryIO
from urllib.parse import quote

from sqlalchemy import ColumnElement, Select, func, literal, select
from starlette.responses import Response, StreamingResponse

from epochlog.base.errors import StoreError
from epochlog.query.artifacts import ArtifactView
from epochlog.query.loading import ARTIFACT_COLUMNS
from epochlog.query.opening import Reader
from epochlog.server.answers import Refused
from epochlog.server.library import Library
from epochlog.server.links import run_links
from epochlog.server.values import cut, document, micros
from epochlog.store.blobs import open_blobs
from epochlog.store.schema import artifact, artifact_version, blob, io, project

MEMBERS_MAX = 5_000
CHUNK_BYTES = 2**18

SANDBOX = (
    "sandbox; default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; "
    "frame-ancestors 'self'"
)
"""What a browser may do with somebody's file: show it. No scripts, no requests, no origin."""

INLINE = {
    "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp",
    "image/svg+xml", "text/html", "text/plain", "audio/mpeg", "audio/wav", "audio/x-wav",
    "audio/ogg", "audio/flac", "video/mp4", "video/webm", "video/ogg",
}  # fmt: skip
"""Types that are shown, under `SANDBOX`; all others are only saved."""

_TEXT = {
    ".txt", ".log", ".md", ".csv", ".tsv", ".json", ".jsonl", ".yaml", ".yml", ".toml", ".ini",
    ".cfg", ".py", ".ipynb", ".sh", ".r", ".sql", ".xml", ".diff", ".patch", ".rst",
}  # fmt: skip


def artifact_links(reader: Reader, views: Iterable[ArtifactView]) -> list[dict[str, Any]]:
    """Return `ArtifactLink` objects."""
    views = list(views)
    held = held_digests(reader, [each.digest for each in views if each.digest])
    return [
        {
            "id": each.id,
            "name": cut(each.name),
            "type": each.type,
            "version": each.version,
            "direction": each.direction,
            "role": each.role,
            "format": each.format,
            "size": each.size,
            "digest": each.digest,
            "aliases": [cut(str(alias)) for alias in each.aliases],
            "step": each.step,
            "created": micros(each.created),
            "state": each.state,
            "held": each.state == "live" and (bool(each.files) or each.digest in held),
            "files": len(each.files),
        }
        for each in views
    ]


def held_digests(reader: Reader, digests: list[str]) -> set[str]:
    """Return those of the digests whose content the store holds."""
    found: set[str] = set()
    for start in range(0, len(digests), 500):
        statement = select(blob.c.digest).where(blob.c.digest.in_(digests[start : start + 500]))
        found |= {row.digest for row in reader.rows(statement)}
    return found


def _select() -> Select[Any]:
    return (
        select(
            *ARTIFACT_COLUMNS,
            literal("out").label("direction"),
            literal("").label("slot"),
            literal("").label("role"),
        )
        .select_from(artifact_version)
        .join(artifact, artifact.c.pk == artifact_version.c.artifact_pk)
    )


def list_artifacts(library: Library, asked: dict[str, str], offset: int, limit: int) -> Any:
    """Answer GET api/artifacts: the newest version of each artifact."""
    reader = library.reader
    conditions: list[ColumnElement[bool]] = []
    if asked.get("project"):
        inner = select(project.c.pk).where(project.c.name == asked["project"])
        conditions.append(artifact.c.project_pk.in_(inner))
    counted: Any = reader.rows(
        select(artifact.c.type, func.count()).where(*conditions).group_by(artifact.c.type)
    )
    if asked.get("type"):
        conditions.append(artifact.c.type == asked["type"])
    if asked.get("name"):
        conditions.append(artifact.c.name == asked["name"][:255])
    if asked.get("search"):
        conditions.append(artifact.c.name.contains(asked["search"][:255], autoescape=True))
    newest = (
        select(func.max(artifact_version.c.pk).label("pk"), func.count().label("versions"))
        .join(artifact, artifact.c.pk == artifact_version.c.artifact_pk)
        .where(*conditions)
        .group_by(artifact_version.c.artifact_pk)
        .subquery()
    )
    total = reader.rows(select(func.count()).select_from(newest))[0][0]
    page = (
        _select().add_columns(newest.c.versions).join(newest, newest.c.pk == artifact_version.c.pk)
    )
    rows: Any = reader.rows(page.order_by(artifact_version.c.pk.desc()).offset(offset).limit(limit))
    links = artifact_links(reader, [ArtifactView(reader, row) for row in rows])
    producers = run_links(reader, {row.producer_pk for row in rows if row.producer_pk is not None})
    for row, link in zip(rows, links, strict=True):
        link.update(versions=row.versions, producer=producers.get(row.producer_pk))
    return {"artifacts": links, "types": dict(counted), "total": total}


def find_version(reader: Reader, id: str) -> tuple[ArtifactView, Any]:
    """Return an artifact version by id, and its row.

    Raises:
        Refused: there is none.
    """
    rows = reader.rows(_select().where(artifact_version.c.id == id))
    if not rows:
        raise Refused(f"there is no artifact version {id!r}", status=404, kind="not_found")
    return ArtifactView(reader, rows[0]), rows[0]


def artifact_detail(library: Library, id: str) -> dict[str, Any]:
    """Answer GET api/artifacts/{id}."""
    reader = library.reader
    view, row = find_version(reader, id)
    users: Any = reader.rows(
        select(io.c.execution_pk)
        .where(io.c.artifact_version_pk == row.pk, io.c.direction == "in")
        .order_by(io.c.execution_pk.desc())
        .limit(200)
    )
    links = run_links(
        reader, {*(user[0] for user in users), *([row.producer_pk] if row.producer_pk else [])}
    )
    versions: Any = reader.rows(
        _select()
        .where(artifact_version.c.artifact_pk == row.artifact_pk)
        .order_by(artifact_version.c.version.desc())
        .limit(1_000)
    )
    return {
        **artifact_links(reader, [view])[0],
        "uri": cut(view.uri),
        "serializer": view.serializer,
        "description": cut(view.description, 100_000),
        "schema": document(view.schema),
        "stats": document(view.stats),
        "meta": document(view.meta),
        "producer": links.get(row.producer_pk),
        "consumers": [links[user[0]] for user in users if user[0] in links],
        "versions": [
            {"id": v.id, "version": v.version, "created": v.created_at, "digest": v.digest,
             "size": v.size, "aliases": ArtifactView(reader, v).aliases}
            for v in versions
        ],
        "members": [
            {"path": cut(path), "size": size, "digest": digest}
            for path, (digest, size) in sorted(view.files.items())[:MEMBERS_MAX]
        ],
    }  # fmt: skip


# --- content


def media_type(name: str) -> str:
    """Return the media type that a name suggests."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in _TEXT:
        return "application/json" if suffix in (".json", ".ipynb") else "text/plain"
    return mimetypes.guess_type(f"x{suffix}")[0] or "application/octet-stream"


def content_answer(
    library: Library, id: str, file: str, range_header: str, *, save: bool
) -> Response:
    """Answer GET api/artifacts/{id}/content: the bytes, sandboxed, or as a file to save.

    ``file`` is looked up in the version's own list of members: it is never a path on a disk.
    """
    view, _ = find_version(library.reader, id)
    digest, size, stream = _located(library, view, file)
    name = PurePosixPath(file or view.name).name or "artifact"
    kind = media_type(name)
    shown = kind in INLINE or kind == "application/json"
    headers = {
        "Content-Security-Policy": SANDBOX,
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": _disposition(name, inline=shown and not save),
        "Cache-Control": "private, max-age=31536000, immutable",
        "ETag": f'"{digest}"',
        "Accept-Ranges": "bytes",
    }
    sent = "text/plain" if kind == "application/json" else kind
    if sent.startswith("text/"):
        sent += "; charset=utf-8"
    if not shown:
        sent = "application/octet-stream"
    first, last, status = _range(range_header, size)
    headers["Content-Length"] = str(last - first + 1)
    if status == 206:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return StreamingResponse(_chunks(stream, first, last), status, headers, media_type=sent)


def _located(library: Library, view: ArtifactView, file: str) -> tuple[str, int, BinaryIO]:
    """Return (digest, bytes, open stream) of a content."""
    try:
        digest = view.digest_of(file)
    except StoreError as error:
        raise Refused(str(error), status=404, kind="not_found") from error
    rows = library.reader.rows(select(blob.c.location, blob.c.size).where(blob.c.digest == digest))
    if not rows:
        raise Refused("the store holds no content of it", status=404, kind="not_found")
    location = library.location
    blobs = open_blobs(location.blobs or f"{location.root}/blobs")
    try:
        return digest, int(rows[0].size), blobs.open(rows[0].location)
    except OSError as error:
        raise Refused(f"the content is gone ({error})", status=404, kind="not_found") from error


def _chunks(stream: BinaryIO, first: int, last: int) -> Iterator[bytes]:
    with stream:
        stream.seek(first)
        left = last - first + 1
        while left > 0:
            part = stream.read(min(CHUNK_BYTES, left))
            if not part:
                return
            left -= len(part)
            yield part


def _range(header: str, size: int) -> tuple[int, int, int]:
    """Return (first byte, last byte, status); what can't be satisfied gets the whole."""
    unit, _, spec = header.partition("=")
    first_text, dash, last_text = spec.partition("-")
    whole = (0, size - 1, 200)
    if unit.strip() != "bytes" or not dash or "," in spec:
        return whole
    try:
        if not first_text:
            first, last = max(size - int(last_text), 0), size - 1
        else:
            first = int(first_text)
            last = min(int(last_text), size - 1) if last_text else size - 1
    except ValueError:
        return whole
    return (first, last, 206) if 0 <= first <= last else whole


def _disposition(name: str, *, inline: bool) -> str:
    plain = "".join(c if (c.isascii() and c.isalnum()) or c in "._-" else "_" for c in name)[:150]
    way = "inline" if inline else "attachment"
    return f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(cut(name, 200), safe='')}"
