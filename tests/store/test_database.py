"""A store opens fast, by itself, safely side by side, and says clearly why if it can't."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from epochlog.base.errors import StoreCorrupt, StoreError, StoreUnavailable
from epochlog.contract.sink import StoreLocation
from epochlog.store.database import open_engine
from epochlog.store.migrations import HEAD, VERSION_TABLE


def location(root: Path) -> StoreLocation:
    return StoreLocation(f"sqlite:///{root}/epochlog.db", str(root), f"{root}/blobs")


def test_fresh_store_has_its_folders_and_is_ignored_by_git(tmp_path: Path) -> None:
    """Opening makes blobs, journals, staging and a .gitignore that ignores everything."""
    open_engine(location(tmp_path / "a" / "b")).dispose()

    made = {path.name for path in (tmp_path / "a" / "b").iterdir()}
    assert {"blobs", "journals", "staging", ".gitignore", "epochlog.db"} <= made
    assert (tmp_path / "a" / "b" / ".gitignore").read_text() == "*\n"


def test_writer_uses_wal_and_checks_references(tmp_path: Path) -> None:
    """A writer's connection has the journal mode, timeout and checks that are promised."""
    engine = open_engine(location(tmp_path))
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "busy_timeout", "foreign_keys", "synchronous")
        }
    engine.dispose()

    assert pragmas == {
        "journal_mode": "wal",
        "busy_timeout": 60_000,
        "foreign_keys": 1,
        "synchronous": 1,
    }


def test_opening_an_existing_store_does_not_import_alembic(tmp_path: Path) -> None:
    """Neither making a store nor opening one that is up to date pays for Alembic."""
    script = (
        "import sys; from epochlog.store.database import open_engine\n"
        "from epochlog.contract.sink import StoreLocation\n"
        "root = sys.argv[1]\n"
        "for _ in range(2): open_engine(StoreLocation(f'sqlite:///{root}/x.db', root)).dispose()\n"
        "print('alembic' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    result = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": f"{root / 'core'}"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert result.stdout == "False\n", result.stderr


def test_reader_of_a_missing_store_says_what_to_do(tmp_path: Path) -> None:
    """A reader makes nothing; it says that there is no store and where to point."""
    with pytest.raises(StoreError, match=r"no store at .*record a run first.*EPOCHLOG_STORE"):
        open_engine(location(tmp_path / "none"), readonly=True)

    assert not (tmp_path / "none").exists()


def test_reader_can_not_write(tmp_path: Path) -> None:
    """A reader's connection refuses every change."""
    open_engine(location(tmp_path)).dispose()
    engine = open_engine(location(tmp_path), readonly=True)

    with pytest.raises(Exception, match=r"readonly|read-only"), engine.begin() as connection:
        connection.execute(text("DELETE FROM execution"))
    engine.dispose()


def test_reader_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    """While a writer holds its lock, readers see the last committed state at once."""
    writer = open_engine(location(tmp_path))
    reader = open_engine(location(tmp_path), readonly=True)
    with writer.begin() as busy:
        busy.execute(text("INSERT INTO project (id, name) VALUES ('p', 'p')"))
        with reader.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM project")).scalar() == 0
    with reader.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM project")).scalar() == 1
    writer.dispose()
    reader.dispose()


@pytest.mark.parametrize("content", [b"not a database at all " * 400, b"\x00" * 5000])
@pytest.mark.parametrize("readonly", [True, False])
def test_foreign_file_is_named_as_damaged(tmp_path: Path, content: bytes, readonly: bool) -> None:
    """A file that is no database gives StoreCorrupt with its path and a way out."""
    (tmp_path / "epochlog.db").write_bytes(content)

    with pytest.raises(StoreCorrupt, match=r"epochlog\.db is damaged.*move it away"):
        open_engine(location(tmp_path), readonly=readonly)

    assert (tmp_path / "epochlog.db").read_bytes() == content


def test_damaged_schema_page_is_named(tmp_path: Path) -> None:
    """Garbage in the middle of a store's first pages is reported, not crashed on."""
    open_engine(location(tmp_path)).dispose()
    data = bytearray((tmp_path / "epochlog.db").read_bytes())
    data[100:3000] = b"\xa5" * 2900
    (tmp_path / "epochlog.db").write_bytes(data)

    with pytest.raises(StoreCorrupt, match="damaged"):
        open_engine(location(tmp_path), readonly=True)


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    """A database with other tables is refused by name, and not changed."""
    with sqlite3.connect(tmp_path / "epochlog.db") as other:
        other.execute("CREATE TABLE customers (id INTEGER)")
    other.close()

    with pytest.raises(StoreCorrupt, match=r"something else.*'customers'.*EPOCHLOG_STORE"):
        open_engine(location(tmp_path))


def test_newer_store_asks_for_an_upgrade(tmp_path: Path) -> None:
    """A store of a later version is not touched; the message says how to upgrade."""
    engine = open_engine(location(tmp_path))
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    engine.dispose()

    for readonly in (True, False):
        with pytest.raises(StoreError, match=rf"newer epochlog \(revision 9999.*{HEAD}.*upgrade"):
            open_engine(location(tmp_path), readonly=readonly)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folder_without_permission_is_named(tmp_path: Path) -> None:
    """A folder that is not writable is named with what to do."""
    (tmp_path / "locked").mkdir(mode=0o500)

    with pytest.raises(StoreUnavailable, match=r"writable.*EPOCHLOG_STORE"):
        open_engine(location(tmp_path / "locked" / "store"))


def test_path_through_a_file_is_named(tmp_path: Path) -> None:
    """A store path below a file can't be made; the message says which and what to do."""
    (tmp_path / "file").write_text("x")

    with pytest.raises(StoreUnavailable, match=r"can't write to .*file.*EPOCHLOG_STORE"):
        open_engine(location(tmp_path / "file" / "store"))


def test_database_path_that_is_a_folder_is_named(tmp_path: Path) -> None:
    """A folder where the database should be gives StoreUnavailable, not a driver's error."""
    (tmp_path / "epochlog.db").mkdir()

    with pytest.raises(StoreUnavailable, match="unable to open"):
        open_engine(location(tmp_path))


def test_other_flavors_are_refused_clearly(tmp_path: Path) -> None:
    """A URL that no flavor serves is named, without its password."""
    wrong = StoreLocation("postgresql://me:secret@host/db", str(tmp_path))
    with pytest.raises(StoreError, match=r"postgresql://me:\*\*\*@host/db.*SQLite"):
        open_engine(wrong)


@pytest.mark.parametrize("name", ["with space", "100% #1? üñí", "a'b\"c"])
def test_odd_folder_names_work(tmp_path: Path, name: str) -> None:
    """Characters that mean something in URLs do nothing in a store's path."""
    root = tmp_path / name
    open_engine(location(root)).dispose()

    engine = open_engine(location(root), readonly=True)
    engine.dispose()
    assert (root / "epochlog.db").is_file()


def _open_and_write(root: str, barrier: Any, results: Any) -> None:
    barrier.wait(timeout=60)
    try:
        engine = open_engine(location(Path(root)))
        with engine.begin() as connection:
            row = {"id": str(os.getpid()), "name": str(os.getpid())}
            connection.execute(text("INSERT INTO project (id, name) VALUES (:id, :name)"), row)
        engine.dispose()
        results.put("ok")
    except BaseException as error:
        results.put(repr(error))


@pytest.mark.slow
def test_processes_that_open_an_empty_store_together_all_succeed(tmp_path: Path) -> None:
    """Four processes meet at an empty store: all get it, made once."""
    spawn = multiprocessing.get_context("spawn")
    barrier, results = spawn.Barrier(4), spawn.Queue()
    processes = [
        spawn.Process(target=_open_and_write, args=(str(tmp_path), barrier, results))
        for _ in range(4)
    ]
    for process in processes:
        process.start()
    found = [results.get(timeout=120) for _ in processes]
    for process in processes:
        process.join(timeout=60)

    assert found == ["ok"] * 4
    engine = open_engine(location(tmp_path), readonly=True)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM project")).scalar() == 4
    engine.dispose()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_forked_child_gets_connections_of_its_own(tmp_path: Path) -> None:
    """A child that uses an inherited engine opens new connections and harms the parent's not."""
    engine = open_engine(location(tmp_path))
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO project (id, name) VALUES ('a', 'a')"))
    child = os.fork()
    if child == 0:
        try:
            with engine.begin() as connection:
                connection.execute(text("INSERT INTO project (id, name) VALUES ('b', 'b')"))
            os._exit(0)
        except BaseException:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO project (id, name) VALUES ('c', 'c')"))
        names = connection.execute(text("SELECT name FROM project ORDER BY name")).scalars().all()
    engine.dispose()

    assert (status, names) == (0, ["a", "b", "c"])
