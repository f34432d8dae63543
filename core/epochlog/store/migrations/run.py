"""Create the tables of an empty store, or bring an older store's tables up to date."""

from __future__ import annotations

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table

from epochlog.store.migrations import HEAD, VERSION_TABLE
from epochlog.store.schema import metadata
from epochlog.store.views import create_views, drop_views


def create_all(connection: Connection) -> None:
    """Create everything at revision `HEAD` in the transaction of ``connection``.

    This gives what all migrations one after another give (a test compares them), but without
    importing Alembic, which would cost a fresh store a quarter of a second.
    """
    metadata.create_all(connection, checkfirst=False)
    create_views(connection)
    version = Table(
        VERSION_TABLE,
        MetaData(),
        Column("version_num", String(32), nullable=False),
        PrimaryKeyConstraint("version_num", name=f"{VERSION_TABLE}_pkc"),
    )
    version.create(connection)
    connection.execute(version.insert(), {"version_num": HEAD})


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to ``revision`` in the transaction of ``connection``.

    Views are not migrated but made anew: they hold nothing, and SQLite can't change a table
    under a view.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "epochlog.store:migrations")
    config.attributes["connection"] = connection
    drop_views(connection)
    command.upgrade(config, revision)
    create_views(connection)
