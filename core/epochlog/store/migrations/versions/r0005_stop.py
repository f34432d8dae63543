"""Requests to stop."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index

from epochlog.store.migrations.frozen import PK, Body, Short, table

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    table(
        "stop",
        Column("execution_pk", PK, ForeignKey("execution.pk"), primary_key=True),
        Column("accepted_at", BigInteger),
        Column("requested_at", BigInteger),
        Column("requested_by", Short, nullable=False, default=""),
        Column("reason", Body),
        Index(None, "requested_at"),
    )


def downgrade() -> None:
    """Nothing leads back: what the table holds would be lost."""
    raise NotImplementedError("restore a copy of the store instead")
