"""Runs and all that describes them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, UniqueConstraint

from epochlog.store.migrations.frozen import PK, Blob, Body, Digest, Id, Number, Short, table

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _part_1()
    _part_2()
    _part_3()
    _part_4()


def downgrade() -> None:
    """There is nothing before the first tables."""
    raise NotImplementedError("restore a copy of the store instead")


def _part_1() -> None:
    table(
        "project",
        Column("pk", PK, primary_key=True),
        Column("id", Id, nullable=False, unique=True),
        Column("name", Short, nullable=False, unique=True),
        Column("settings", Body),
    )
    table(
        "actor",
        Column("pk", PK, primary_key=True),
        Column("kind", String(16), nullable=False),
        Column("name", Short, nullable=False, unique=True),
        Column("email", Short),
    )
    table(
        "experiment",
        Column("pk", PK, primary_key=True),
        Column("project_pk", PK, ForeignKey("project.pk"), nullable=False),
        Column("name", Short, nullable=False),
        Column("long_name", Body),
        Column("created_at", BigInteger, nullable=False),
        UniqueConstraint("project_pk", "name"),
    )
    table(
        "environment",
        Column("pk", PK, primary_key=True),
        Column("digest", Digest, nullable=False, unique=True),
        Column("data", Body, nullable=False),
    )
    table(
        "code",
        Column("pk", PK, primary_key=True),
        Column("digest", Digest, nullable=False, unique=True),
        Column("data", Body, nullable=False),
    )
    table(
        "journal",
        Column("pk", PK, primary_key=True),
        Column("id", Id, nullable=False, unique=True),
        Column("host", Short, nullable=False),
        Column("boot", Short, nullable=False),
        Column("pid", Integer, nullable=False),
        Column("opened_at", BigInteger, nullable=False),
        Column("heartbeat_at", BigInteger, nullable=False),
        Column("closed_at", BigInteger),
        Column("position", BigInteger, nullable=False),
        Column("corrupt_bytes", BigInteger, nullable=False, default=0),
    )


def _part_2() -> None:
    table(
        "execution",
        Column("pk", PK, primary_key=True),
        Column("id", Id, nullable=False, unique=True),
        Column("project_pk", PK, ForeignKey("project.pk"), nullable=False),
        Column("experiment_pk", PK, ForeignKey("experiment.pk"), nullable=False),
        Column("kind", String(16), nullable=False),
        Column("name", Short, nullable=False),
        Column("long_name", Body),
        Column("source", Short, nullable=False, default=""),
        Column("parent_pk", PK, ForeignKey("execution.pk")),
        Column("root_pk", PK),
        Column("position", Integer),
        Column("status", String(16), nullable=False),
        Column("status_reason", Short, nullable=False, default=""),
        Column("traceback", Body),
        Column("created_at", BigInteger, nullable=False),
        Column("started_at", BigInteger),
        Column("ended_at", BigInteger),
        Column("updated_at", BigInteger, nullable=False),
        Column("deleted_at", BigInteger),
        Column("actor_pk", PK, ForeignKey("actor.pk")),
        Column("host", Short, nullable=False, default=""),
        Column("pid", Integer),
        Column("note", Body),
        Column("code_pk", PK, ForeignKey("code.pk")),
        Column("environment_pk", PK, ForeignKey("environment.pk")),
        Column("journal_pk", PK, ForeignKey("journal.pk")),
        Column("pipeline_version_pk", PK),
        Column("node", Short),
        Column("attempt", Integer, nullable=False, default=1),
        Column("trigger_kind", String(16)),
        Column("trigger_ref", Short),
        Column("cache_key", Digest),
        Column("cache_key_parts", Body),
        Column("cache_mode", String(16)),
        Column("reused_from_pk", PK, ForeignKey("execution.pk")),
        Column("purity", String(20)),
        Index(None, "parent_pk", "pk"),
        Index(None, "root_pk"),
        Index(None, "started_at", "pk"),
        Index(None, "status", "started_at"),
        Index(None, "name"),
        Index(None, "journal_pk", "status"),
        Index(None, "cache_key"),
        Index(None, "reused_from_pk"),
    )
    table(
        "depends",
        Column("execution_pk", PK, ForeignKey("execution.pk"), primary_key=True),
        Column("upstream_pk", PK, ForeignKey("execution.pk"), primary_key=True),
        Column("kind", String(16), primary_key=True),
        Index(None, "upstream_pk"),
    )
    table(
        "key",
        Column("pk", PK, primary_key=True),
        Column("digest", Digest, nullable=False, unique=True),
        Column("name", Body, nullable=False),
    )


def _part_3() -> None:
    table(
        "param",
        Column("execution_pk", PK, ForeignKey("execution.pk"), primary_key=True),
        Column("key_pk", PK, ForeignKey("key.pk"), primary_key=True),
        Column("vtype", String(8), nullable=False),
        Column("num", Number),
        Column("text", Short),
        Column("body", Body),
        Column("flags", Integer, nullable=False, default=0),
        Index(None, "key_pk", "num", "execution_pk"),
        Index(None, "key_pk", "text", "vtype", "execution_pk"),
        sqlite_with_rowid=False,
    )
    table(
        "series",
        Column("pk", PK, primary_key=True),
        Column("execution_pk", PK, ForeignKey("execution.pk"), nullable=False),
        Column("key_pk", PK, ForeignKey("key.pk"), nullable=False),
        Column("kind", Integer, nullable=False, default=0),
        Column("context", Short, nullable=False, default=""),
        Column("long_context", Body),
        Column("direction", Integer, nullable=False, default=0),
        Column("count", BigInteger, nullable=False),
        Column("nan_count", BigInteger, nullable=False, default=0),
        *(
            Column(f"{stat}_{part}", Number)
            for stat in ("first", "last", "min", "max")
            for part in ("value", "step")
        ),
        Column("best_value", Number),
        Column("best_step", Number),
        Column("sum", Number),
        Column("first_at", BigInteger),
        Column("last_at", BigInteger),
        Column("flags", Integer, nullable=False, default=0),
        UniqueConstraint("execution_pk", "key_pk", "kind", "context"),
        *(
            Index(None, "key_pk", "kind", "context", f"{stat}_value", "execution_pk")
            for stat in ("last", "min", "max", "best")
        ),
    )
    table(
        "series_chunk",
        Column("series_pk", PK, ForeignKey("series.pk"), primary_key=True),
        Column("writer_pk", PK, primary_key=True),
        Column("seq", Integer, primary_key=True),
        Column("count", Integer, nullable=False),
        Column("data", Blob, nullable=False),
    )
    table(
        "tag",
        Column("entity_kind", String(16), primary_key=True),
        Column("entity_pk", PK, primary_key=True),
        Column("key_pk", PK, ForeignKey("key.pk"), primary_key=True),
        Column("at", BigInteger, nullable=False),
        Index(None, "key_pk", "entity_kind", "entity_pk"),
    )


def _part_4() -> None:
    table(
        "fact",
        Column("entity_kind", String(16), primary_key=True),
        Column("entity_pk", PK, primary_key=True),
        Column("key_pk", PK, ForeignKey("key.pk"), primary_key=True),
        Column("vtype", String(8), nullable=False),
        Column("num", Number),
        Column("text", Short),
        Column("body", Body),
        Column("flags", Integer, nullable=False, default=0),
        Column("at", BigInteger, nullable=False),
        Column("actor_pk", PK, ForeignKey("actor.pk")),
    )
    table(
        "text",
        Column("pk", PK, primary_key=True),
        Column("execution_pk", PK, ForeignKey("execution.pk"), nullable=False),
        Column("key_pk", PK, ForeignKey("key.pk"), nullable=False),
        Column("step", Number),
        Column("at", BigInteger, nullable=False),
        Column("body", Body, nullable=False),
        Index(None, "execution_pk", "key_pk"),
    )
    table(
        "plot",
        Column("pk", PK, primary_key=True),
        Column("execution_pk", PK, ForeignKey("execution.pk"), nullable=False),
        Column("key_pk", PK, ForeignKey("key.pk"), nullable=False),
        Column("kind", String(64), nullable=False),
        Column("step", Number),
        Column("at", BigInteger, nullable=False),
        Column("data", Blob, nullable=False),
        Index(None, "execution_pk", "key_pk"),
    )
    table(
        "notice",
        Column("pk", PK, primary_key=True),
        Column("execution_pk", PK, ForeignKey("execution.pk"), nullable=False),
        Column("level", String(8), nullable=False),
        Column("source", Short, nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("body", Body, nullable=False),
        Index(None, "execution_pk"),
    )
