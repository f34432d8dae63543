"""Open a store's database with the right locking, and bring its tables up to date."""

from __future__ import annotations

import os
import sqlite3
import time
import weakref
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from epochlog.base.errors import StoreCorrupt, StoreError, StoreUnavailable
from epochlog.contract.sink import StoreLocation
from epochlog.store.errors import translate, translated
from epochlog.store.migrations import HEAD, VERSION_TABLE

BUSY_TIMEOUT_S = 60.0
APPLICATION_ID = 0x45504C47  # "EPLG": tells `file` and us whose SQLite file this is
FOLDERS = ("blobs", "journals", "staging")

_engines: weakref.WeakSet[Engine] = weakref.WeakSet()
_inherited: list[Any] = []


def open_engine(location: StoreLocation, *, readonly: bool = False) -> Engine:
    """Return an engine for the store at ``location``.

    A writer's engine makes the store's folder and tables if they are missing; each of its
    transactions begins with the write lock (``BEGIN IMMEDIATE``), so none fails half way. A
    reader's engine never creates nor changes anything and never waits for a writer.

    Raises:
        StoreError: no store there (readonly), a newer epochlog wrote it, or no such flavor.
        StoreCorrupt: the file is damaged or something else.
        StoreUnavailable: not writable, locked, full.
    """
    file = _sqlite_file(location.url)
    if readonly:
        _check_readable(file)
    else:
        make_layout(Path(location.root))
    engine = _sqlite_engine(file, readonly=readonly)
    try:
        check_version(engine) if readonly else create_or_migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _sqlite_file(url: str) -> Path:
    scheme, found, path = url.partition(":///")
    if found and scheme == "sqlite" and path:
        return Path(path).absolute()  # taken as it is: a "?" or "%" may be part of a folder's name
    shown = make_url(url).render_as_string() if "://" in url else url
    raise StoreError(f"no flavor for {shown}; this version stores in SQLite: sqlite:///FILE")


def place(engine: Engine) -> str:
    """Return where the store is, for messages: a file's path or a URL without its password."""
    return engine.url.database or engine.url.render_as_string()


def file_identity(url: str) -> tuple[int, int] | None:
    """Return what tells a store's database file from one made again in its place; None if none.

    Raises:
        OSError: the file may be there, but can't be reached.
    """
    try:
        found = _sqlite_file(url).stat()
    except (StoreError, FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


def make_layout(root: Path) -> None:
    """Make the store's folders, and a ``.gitignore`` so that no store is committed by mistake."""
    try:
        for folder in FOLDERS:
            (root / folder).mkdir(parents=True, exist_ok=True)
        ignore = root / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", "utf-8")
    except OSError as error:
        raise StoreUnavailable(
            f"can't write to the store's folder {root} ({error.strerror or error}); make it "
            "writable, or choose another with EPOCHLOG_STORE or store="
        ) from error


def _check_readable(file: Path) -> None:
    if not file.is_file():
        raise StoreError(
            f"no store at {file.parent} yet; record a run first, or point to another store with "
            "EPOCHLOG_STORE or store="
        )
    if not os.access(file, os.R_OK):
        raise StoreUnavailable(f"the store {file} is not readable; check its permissions")


def _sqlite_engine(file: Path, *, readonly: bool) -> Engine:
    uri = file.as_uri() + ("?mode=ro" if readonly else "")
    if readonly and not _can_share_memory(file):
        uri += "&immutable=1"  # nobody can write there either

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        try:
            _set_pragmas(connection, readonly=readonly)
        except BaseException:
            connection.close()
            raise
        return connection

    engine = create_engine(
        URL.create("sqlite", database=str(file)),
        creator=connect,
        poolclass=QueuePool,
        max_overflow=-1,  # waiting for a connection would only hide a leak
    )
    begin = "BEGIN" if readonly else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", begin))

    _engines.add(engine)
    return engine


def _can_share_memory(file: Path) -> bool:
    """Return whether readers can use the WAL's index: it is there or may be made."""
    return Path(f"{file}-shm").exists() or os.access(file.parent, os.W_OK)


def _set_pragmas(connection: sqlite3.Connection, *, readonly: bool) -> None:
    connection.execute("PRAGMA foreign_keys=ON")
    if readonly:
        connection.execute("PRAGMA query_only=ON")
        return
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        _switch_to_wal(connection)
    connection.execute("PRAGMA synchronous=NORMAL")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # SQLite doesn't wait for the lock on this one statement, so two processes that open an
    # empty store at the same moment would meet here.
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def stored_version(connection: Connection) -> str:
    """Return the revision of the store's tables, "" for an empty database.

    Raises:
        StoreCorrupt: the database has tables, but not ours.
    """
    if not connection.dialect.has_table(connection, VERSION_TABLE):
        names = connection.dialect.get_table_names(connection)
        if names:
            raise StoreCorrupt(
                f"{place(connection.engine)} is a database of something else (it has a table "
                f"{names[0]!r}); choose another path with EPOCHLOG_STORE or store="
            )
        return ""
    row = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").first()
    return str(row[0]) if row else ""


def check_version(engine: Engine) -> str:
    """Return the store's revision if this code can read it.

    Raises:
        StoreError: the store is newer, or older and must be migrated, or has no tables yet.
    """
    with translated(place(engine)), engine.connect() as connection:
        version = stored_version(connection)
    _refuse_newer(engine, version)
    if version == "":
        raise StoreError(f"the store {place(engine)} is empty; record a run first")
    if version != HEAD:
        raise StoreError(
            f"the store {place(engine)} has revision {version}, this epochlog reads {HEAD}; "
            "record any run (or open it for writing) once to migrate it"
        )
    return version


def create_or_migrate(engine: Engine) -> None:
    """Bring the tables to this code's revision; does nothing (in under 5 ms) if they are.

    Safe when several processes do it at once: the first takes the write lock, the others wait
    and find it done.
    """
    where = place(engine)
    with translated(where), engine.connect().execution_options(begin="BEGIN") as connection:
        version = stored_version(connection)
    _refuse_newer(engine, version)
    if version == HEAD:
        return
    try:
        with engine.begin() as connection:
            _bring_to_head(connection)
    except (SQLAlchemyError, OSError) as error:
        raise translate(error, where) from error


def _bring_to_head(connection: Connection) -> None:
    # Imported here: a store that is up to date needs none of this.
    from epochlog.store.migrations.run import create_all, upgrade

    version = stored_version(connection)  # again, now that we hold the write lock
    if version == "":
        create_all(connection)
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
    elif version != HEAD:
        upgrade(connection)


def _refuse_newer(engine: Engine, version: str) -> None:
    if version > HEAD:
        raise StoreError(
            f"the store {place(engine)} was written by a newer epochlog (revision {version}, this "
            f'one knows {HEAD}); upgrade with "pip install -U epochlog"'
        )


def _forget_inherited() -> None:
    # A forked child must neither use nor close its parent's connections: keep them, unused.
    for engine in list(_engines):
        _inherited.append(engine.pool)
        engine.dispose(close=False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_inherited)
