"""Artifacts, what runs used and produced, pipelines."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, UniqueConstraint

from epochlog.store.migrations.frozen import PK, Body, Digest, Id, Number, Short, table

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _part_1()
    _part_2()


def downgrade() -> None:
    """There is nothing before the first tables."""
    raise NotImplementedError("restore a copy of the store instead")


def _part_1() -> None:
    table(
        "blob",
        Column("digest", Digest, primary_key=True),
        Column("algo", String(16), nullable=False),
        Column("size", BigInteger, nullable=False),
        Column("location", Short, nullable=False),
        Column("created_at", BigInteger, nullable=False),
    )
    table(
        "artifact",
        Column("pk", PK, primary_key=True),
        Column("id", Id, nullable=False, unique=True),
        Column("project_pk", PK, ForeignKey("project.pk"), nullable=False),
        Column("type", String(32), nullable=False),
        Column("name", Short, nullable=False),
        Column("long_name", Body),
        Column("last_version", Integer, nullable=False, default=0),
        UniqueConstraint("project_pk", "type", "name"),
    )
    table(
        "artifact_version",
        Column("pk", PK, primary_key=True),
        Column("id", Id, nullable=False, unique=True),
        Column("artifact_pk", PK, ForeignKey("artifact.pk"), nullable=False),
        Column("version", Integer, nullable=False),
        Column("producer_pk", PK, ForeignKey("execution.pk")),
        Column("origin", String(16), nullable=False),
        Column("digest", Digest, nullable=False, default=""),
        Column("digest_algo", String(32), nullable=False, default=""),
        Column("size", BigInteger),
        Column("uri", Body),
        Column("manifest", Body),
        Column("format", String(32), nullable=False, default=""),
        Column("serializer", Short, nullable=False, default=""),
        Column("schema", Body),
        Column("stats", Body),
        Column("meta", Body),
        Column("preview_blob", Digest),
        Column("description", Body),
        Column("step", Number),
        Column("aliases", Body),
        Column("state", String(16), nullable=False),
        Column("retain_until", BigInteger),
        Column("created_at", BigInteger, nullable=False),
        Column("actor_pk", PK, ForeignKey("actor.pk")),
        UniqueConstraint("artifact_pk", "version"),
        Index(None, "producer_pk"),
        Index(None, "digest"),
    )
    table(
        "io",
        Column("execution_pk", PK, ForeignKey("execution.pk"), primary_key=True),
        Column("direction", String(3), primary_key=True),
        Column("slot", String(190), primary_key=True),
        Column("idx", Integer, primary_key=True),
        Column("artifact_version_pk", PK, ForeignKey("artifact_version.pk"), nullable=False),
        Column("role", String(32), nullable=False, default=""),
        Column("origin", String(16), nullable=False, default="own"),
        Column("at", BigInteger, nullable=False),
        Index(None, "artifact_version_pk", "direction", "execution_pk"),
    )


def _part_2() -> None:
    table(
        "pipeline",
        Column("pk", PK, primary_key=True),
        Column("id", Id, nullable=False, unique=True),
        Column("project_pk", PK, ForeignKey("project.pk"), nullable=False),
        Column("name", Short, nullable=False),
        UniqueConstraint("project_pk", "name"),
    )
    table(
        "pipeline_version",
        Column("pk", PK, primary_key=True),
        Column("id", Id, nullable=False, unique=True),
        Column("pipeline_pk", PK, ForeignKey("pipeline.pk"), nullable=False),
        Column("version", Integer, nullable=False),
        Column("spec_digest", Digest, nullable=False),
        Column("spec", Body, nullable=False),
        Column("code_pk", PK, ForeignKey("code.pk")),
        UniqueConstraint("pipeline_pk", "spec_digest"),
    )
