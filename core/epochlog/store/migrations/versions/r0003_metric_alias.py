"""Frameworks' own names of curves."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index

from epochlog.store.migrations.frozen import PK, table

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    table(
        "metric_alias",
        Column("execution_pk", PK, ForeignKey("execution.pk"), primary_key=True),
        Column("alias_pk", PK, ForeignKey("key.pk"), primary_key=True),
        Column("key_pk", PK, ForeignKey("key.pk"), nullable=False),
        Index(None, "alias_pk", "key_pk", "execution_pk"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Nothing leads back: what the table holds would be lost."""
    raise NotImplementedError("restore a copy of the store instead")
