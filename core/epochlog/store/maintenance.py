"""Take runs out of sight, bring them back, and reclaim the space of what nobody needs any more."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from epochlog.base.clock import now_us
from epochlog.base.errors import RunNotFound
from epochlog.contract.sink import StoreLocation
from epochlog.store.blobs import BlobStore, open_blobs
from epochlog.store.database import open_engine, place
from epochlog.store.errors import translate, translated
from epochlog.store.leftovers import GRACE_S, Leftover, remove_staged, stale_blobs, stale_staged
from epochlog.store.schema import (
    artifact,
    artifact_version,
    blob,
    code,
    console,
    depends,
    environment,
    execution,
    fact,
    io,
    metric_alias,
    notice,
    param,
    plot,
    series,
    series_chunk,
    stop,
    tag,
    text,
)
from epochlog.store.sql import pieces, select_in

CODE_GRACE_S = 7 * 86400.0
"""Processes refer to code that they stored once by its digest; few live longer than this."""


@dataclass(frozen=True, slots=True)
class GarbageReport:
    """What a collection removed, or would remove if it was a dry run.

    Attributes:
        runs: runs from the bin, nested ones counted too.
        versions: versions of artifacts that only these runs knew.
        blobs, blob_bytes: files in the blob store that nothing refers to.
        staged, staged_bytes: private copies that no journal waits to store.
        database_bytes: by how much the database file shrank (0 in a dry run).
    """

    runs: int = 0
    versions: int = 0
    blobs: int = 0
    blob_bytes: int = 0
    staged: int = 0
    staged_bytes: int = 0
    database_bytes: int = 0
    dry_run: bool = True


def delete_runs(location: StoreLocation, ids: Sequence[str], *, at: int | None = None) -> int:
    """Put runs and all runs inside them into the bin; return how many went.

    Args:
        location: the store.
        ids: full ids.
        at: microseconds since the epoch; default now.

    Raises:
        RunNotFound: an id is not in the store; then nothing was done.
        StoreError: the store can't be written.
    """
    return _mark(location, ids, now_us() if at is None else at)


def restore_runs(location: StoreLocation, ids: Sequence[str]) -> int:
    """Take runs and all runs inside them out of the bin; return how many came back.

    Raises:
        RunNotFound: an id is not in the store; then nothing was done.
        StoreError: the store can't be written.
    """
    return _mark(location, ids, None)


def collect_garbage(
    location: StoreLocation,
    *,
    dry_run: bool = True,
    grace_s: float = GRACE_S,
    binned_s: float = 0.0,
) -> GarbageReport:
    """Remove binned runs for good, blobs that nothing refers to, and forgotten staged copies.

    Writers wait meanwhile, so nothing that is just being stored is taken for garbage.

    Args:
        location: the store.
        dry_run: only count.
        grace_s: files younger than this many seconds stay.
        binned_s: runs that are in the bin for less than this many seconds stay.

    Raises:
        StoreError: the store can't be written.
    """
    engine = open_engine(location)
    blobs = open_blobs(location.blobs or f"{location.root}/blobs")
    try:
        with translated(place(engine)), engine.connect() as connection:
            with connection.begin() as transaction:
                runs, versions = _purge(connection, now_us() - int(binned_s * 1e6))
                strays = stale_blobs(connection, blobs, grace_s)
                dead = [*strays, *_unreferenced(connection)]
                staged = stale_staged(location.root, grace_s)
                if dry_run:
                    transaction.rollback()
                else:
                    transaction.commit()
                    _remove_files(blobs, dead, staged)
            freed = 0 if dry_run else _compact(connection)
    finally:
        engine.dispose()
    return GarbageReport(
        runs=runs,
        versions=versions,
        blobs=len(dead),
        blob_bytes=sum(item.size for item in dead),
        staged=len(staged),
        staged_bytes=sum(item.size for item in staged),
        database_bytes=freed,
        dry_run=dry_run,
    )


def _mark(location: StoreLocation, ids: Sequence[str], deleted_at: int | None) -> int:
    engine = open_engine(location)
    try:
        with engine.begin() as connection:
            c = execution.c
            found = {row[0]: row[1] for row in select_in(connection, _PKS, c.id, ids)}
            missing = sorted(set(ids) - found.keys())
            if missing:
                raise RunNotFound(
                    f'no run {missing[0]!r} in {place(engine)}; "epochlog ls" lists them'
                )
            pks = _with_descendants(connection, found.values())
            unlike = c.deleted_at.is_(None) if deleted_at is not None else c.deleted_at.is_not(None)
            count = 0
            for some in pieces(pks):
                change = update(execution).where(c.pk.in_(some), unlike)
                count += connection.execute(change.values(deleted_at=deleted_at)).rowcount
            return count
    except SQLAlchemyError as error:
        raise translate(error, place(engine)) from error
    finally:
        engine.dispose()


_PKS = select(execution.c.id, execution.c.pk)
_CHILDREN = select(execution.c.pk)


def _with_descendants(connection: Connection, pks: Iterable[int]) -> list[int]:
    found = dict.fromkeys(pks)
    level = list(found)
    while level:
        rows = select_in(connection, _CHILDREN, execution.c.parent_pk, level)
        level = [row[0] for row in rows if row[0] not in found]
        found.update(dict.fromkeys(level))
    return list(found)


def _purge(connection: Connection, before: int) -> tuple[int, int]:
    """Remove runs binned by ``before`` with all their rows; return (runs, artifact versions)."""
    binned = select(execution.c.pk).where(execution.c.deleted_at <= before)
    pks = [row[0] for row in connection.execute(binned)]
    versions = 0
    for some in pieces(pks):
        _purge_points(connection, some)
        for table in (param, metric_alias, text, plot, notice, console, stop):
            connection.execute(delete(table).where(table.c.execution_pk.in_(some)))
        for table in (tag, fact):
            connection.execute(
                delete(table).where(table.c.entity_kind == "execution", table.c.entity_pk.in_(some))
            )
        connection.execute(delete(io).where(io.c.execution_pk.in_(some)))
        connection.execute(
            delete(depends).where(
                depends.c.execution_pk.in_(some) | depends.c.upstream_pk.in_(some)
            )
        )
    for some in pieces(pks):
        versions += _purge_versions(connection, some)
        _cut_loose(connection, some)
    versions += _purge_code(connection) if pks else 0
    for some in pieces(pks):
        connection.execute(delete(execution).where(execution.c.pk.in_(some)))
    for table, column in (
        (environment, execution.c.environment_pk),
        (code, execution.c.code_pk),
    ):
        used = select(column).where(column.is_not(None))
        connection.execute(delete(table).where(table.c.pk.not_in(used)))
    return len(pks), versions


def _purge_points(connection: Connection, pks: list[int]) -> None:
    curves = select(series.c.pk).where(series.c.execution_pk.in_(pks))
    connection.execute(delete(series_chunk).where(series_chunk.c.series_pk.in_(curves)))
    connection.execute(delete(series).where(series.c.execution_pk.in_(pks)))


def _purge_versions(connection: Connection, pks: list[int]) -> int:
    """Remove what these runs produced; what others still use stays, without a producer."""
    c = artifact_version.c
    used = select(io.c.artifact_version_pk)
    gone = connection.execute(
        delete(artifact_version).where(c.producer_pk.in_(pks), c.pk.not_in(used))
    ).rowcount
    connection.execute(
        update(artifact_version).where(c.producer_pk.in_(pks)).values(producer_pk=None)
    )
    return gone


def _purge_code(connection: Connection) -> int:
    """Remove kept source files that no run uses any more; a live process may name young ones."""
    c = artifact_version.c
    kinds = select(artifact.c.pk).where(artifact.c.type == "code")
    return connection.execute(
        delete(artifact_version).where(
            c.artifact_pk.in_(kinds),
            c.producer_pk.is_(None),
            c.created_at < now_us() - int(CODE_GRACE_S * 1e6),
            c.pk.not_in(select(io.c.artifact_version_pk)),
        )
    ).rowcount


def _cut_loose(connection: Connection, pks: list[int]) -> None:
    """Make runs that outlive their parent runs of their own."""
    c = execution.c
    connection.execute(
        update(execution).where(c.parent_pk.in_(pks)).values(parent_pk=None, root_pk=c.pk)
    )
    connection.execute(
        update(execution).where(c.reused_from_pk.in_(pks)).values(reused_from_pk=None)
    )


def _unreferenced(connection: Connection) -> list[Leftover]:
    """Remove the rows of blobs that no version refers to; return the files to remove."""
    needed: set[str] = set()
    c = artifact_version.c
    query = select(c.digest, c.preview_blob, c.manifest).where(c.state != "deleted")
    for digest, preview, manifest in connection.execute(query):
        needed.update(filter(None, (digest, preview)))
        if manifest:
            needed.update(_manifest_digests(manifest))
    rows = connection.execute(select(blob.c.digest, blob.c.location, blob.c.size))
    dead = [(d, Leftover(location, size)) for d, location, size in rows if d not in needed]
    for some in pieces([digest for digest, _ in dead]):
        connection.execute(delete(blob).where(blob.c.digest.in_(some)))
    return [item for _, item in dead]


def _manifest_digests(manifest: str) -> list[str]:
    return [str(entry[0]) for entry in json.loads(manifest).values()]


def _remove_files(blobs: BlobStore, dead: list[Leftover], staged: list[Leftover]) -> None:
    for item in dead:
        blobs.delete(item.place)
    for item in staged:
        remove_staged(item)


def _compact(connection: Connection) -> int:
    """Give free pages back to the disk; return by how many bytes the database shrank."""
    if connection.dialect.name != "sqlite":
        return 0
    driver = connection.connection.driver_connection
    assert driver is not None

    def size() -> int:
        pages, page = (
            driver.execute(f"PRAGMA {n}").fetchone()[0] for n in ("page_count", "page_size")
        )
        return int(pages) * int(page)

    before = size()
    driver.execute("VACUUM")
    driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return before - size()
