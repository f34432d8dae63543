"""Alembic's way in: runs migrations on the connection that it is given."""

from __future__ import annotations

from alembic import context

from epochlog.store.migrations import VERSION_TABLE
from epochlog.store.schema import metadata


def run() -> None:
    """Run the wanted migrations inside the transaction that the caller holds."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        version_table=VERSION_TABLE,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
