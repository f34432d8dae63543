"""The migrations and the short cut for fresh stores make the same tables."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from epochlog.contract.sink import StoreLocation
from epochlog.store.database import create_or_migrate, open_engine
from epochlog.store.migrations import HEAD, VERSION_TABLE
from epochlog.store.migrations.run import upgrade
from epochlog.store.schema import metadata
from epochlog.store.views import VIEWS, drop_views


def fresh(root: Path) -> Engine:
    return open_engine(StoreLocation(f"sqlite:///{root}/epochlog.db", str(root)))


def emptied(engine: Engine) -> None:
    """Drop everything, so that migrations start from nothing."""
    with engine.begin() as connection:
        drop_views(connection)
        metadata.drop_all(connection)
        connection.exec_driver_sql(f"DROP TABLE {VERSION_TABLE}")


def objects(engine: Engine) -> dict[tuple[str, str], str]:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master").all()
    return {
        (kind, name): " ".join((sql or "").replace('"', "").split()) for kind, name, sql in rows
    }


def test_migrations_give_the_schema_of_a_fresh_store(tmp_path: Path) -> None:
    """Every table, index and view is the same, word by word, whichever way it was made."""
    short, long = fresh(tmp_path / "short"), fresh(tmp_path / "long")
    emptied(long)
    with long.begin() as connection:
        upgrade(connection)

    assert objects(long) == objects(short)
    with long.connect() as connection:
        found = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()
    assert found == HEAD
    short.dispose()
    long.dispose()


def test_older_store_is_migrated_on_opening(tmp_path: Path) -> None:
    """A store at the first revision is brought to the newest by opening it for writing."""
    engine = fresh(tmp_path)
    emptied(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("SELECT 1")
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", "epochlog.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")

    create_or_migrate(engine)

    assert {("view", name) for name in VIEWS} <= objects(engine).keys()
    assert ("table", "artifact_version") in objects(engine)
    engine.dispose()
