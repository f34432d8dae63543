"""What was printed while a run was open."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer

from epochlog.store.migrations.frozen import PK, Body, Short, table

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    table(
        "console",
        Column("pk", PK, primary_key=True),
        Column("execution_pk", PK, ForeignKey("execution.pk"), nullable=False),
        Column("context", Short, nullable=False, default=""),
        Column("at", BigInteger, nullable=False),
        Column("first_line", BigInteger, nullable=False),
        Column("line_count", Integer, nullable=False),
        Column("tail", Integer, nullable=False, default=0),
        Column("body", Body, nullable=False),
        Column("spans", Body, nullable=False),
        Column("unfinished", Body),
        Index(None, "execution_pk", "context", "first_line"),
    )


def downgrade() -> None:
    """Nothing leads back: what the table holds would be lost."""
    raise NotImplementedError("restore a copy of the store instead")
