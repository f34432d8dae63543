"""The tables, once, in SQLAlchemy Core, portable between SQLite, PostgreSQL and MySQL/MariaDB.

Rules that keep it portable: integer surrogate keys (``pk``) inside, UUIDv7 text (``id``) outside;
instants are integer microseconds UTC; searched strings are at most 255 characters and the whole
text stands beside them; no partial indexes; NULL is not relied on in unique keys; NaN and ±Inf are
kept by `FLAGS` columns because SQLite stores NaN as NULL and MySQL refuses both.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, UniqueConstraint

from epochlog.store.columns import (
    PK,
    SEARCH_CHARS,
    Blob,
    Body,
    Digest,
    Id,
    Number,
    Short,
    metadata,
)
from epochlog.store.columns import table as _table

__all__ = ["PK", "SEARCH_CHARS", "metadata"]

project = _table(
    "project",
    Column("pk", PK, primary_key=True),
    Column("id", Id, nullable=False, unique=True),
    Column("name", Short, nullable=False, unique=True),
    Column("settings", Body),
)
actor = _table(
    "actor",
    Column("pk", PK, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("name", Short, nullable=False, unique=True),
    Column("email", Short),
)
experiment = _table(
    "experiment",
    Column("pk", PK, primary_key=True),
    Column("project_pk", PK, ForeignKey("project.pk"), nullable=False),
    Column("name", Short, nullable=False),
    Column("long_name", Body),  # the whole name where ``name`` had to be cut
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("project_pk", "name"),
)
environment = _table(
    "environment",
    Column("pk", PK, primary_key=True),
    Column("digest", Digest, nullable=False, unique=True),
    Column("data", Body, nullable=False),
)
code = _table(
    "code",
    Column("pk", PK, primary_key=True),
    Column("digest", Digest, nullable=False, unique=True),
    Column("data", Body, nullable=False),
)

journal = _table(
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
"""How far each process's journal is committed; the row changes in the transaction of its events."""

execution = _table(
    "execution",
    Column("pk", PK, primary_key=True),
    Column("id", Id, nullable=False, unique=True),
    Column("project_pk", PK, ForeignKey("project.pk"), nullable=False),
    Column("experiment_pk", PK, ForeignKey("experiment.pk"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("name", Short, nullable=False),
    Column("long_name", Body),  # the whole name where ``name`` had to be cut
    Column("source", Short, nullable=False, default=""),
    Column("parent_pk", PK, ForeignKey("execution.pk")),
    Column("root_pk", PK),  # itself for a root
    Column("position", Integer),  # place among siblings: fold, candidate, trial number
    Column("status", String(16), nullable=False),
    Column("status_reason", Short, nullable=False, default=""),
    Column("traceback", Body),
    Column("created_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("updated_at", BigInteger, nullable=False),  # time of the last event
    Column("deleted_at", BigInteger),  # in the bin: hidden, restorable until gc
    Column("actor_pk", PK, ForeignKey("actor.pk")),
    Column("host", Short, nullable=False, default=""),
    Column("pid", Integer),
    Column("note", Body),
    Column("code_pk", PK, ForeignKey("code.pk")),
    Column("environment_pk", PK, ForeignKey("environment.pk")),
    Column("journal_pk", PK, ForeignKey("journal.pk")),  # its writer owns the run's end
    # For pipelines and their cache (one table for runs, pipelines and steps):
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
"""A training run is an execution; so are fits, folds, trials, pipelines and steps."""

depends = _table(
    "depends",
    Column("execution_pk", PK, ForeignKey("execution.pk"), primary_key=True),
    Column("upstream_pk", PK, ForeignKey("execution.pk"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Index(None, "upstream_pk"),
)

key = _table(
    "key",
    Column("pk", PK, primary_key=True),
    Column("digest", Digest, nullable=False, unique=True),
    Column("name", Body, nullable=False),
)
"""Interned names of params, metrics and tags. ``digest`` is the SHA-256 hex of the UTF-8 name."""
param = _table(
    "param",
    Column("execution_pk", PK, ForeignKey("execution.pk"), primary_key=True),
    Column("key_pk", PK, ForeignKey("key.pk"), primary_key=True),
    Column("vtype", String(8), nullable=False),  # null bool int float str json opaque
    Column("num", Number),  # of bool, int, float; NaN -> NULL with flag
    Column("text", Short),  # searchable form, cut to SEARCH_CHARS
    Column("body", Body),  # the whole value as JSON where num/text do not give it back
    Column("flags", Integer, nullable=False, default=0),
    # Each index answers conditions on one name alone, without a look at the rows.
    Index(None, "key_pk", "num", "execution_pk"),
    Index(None, "key_pk", "text", "vtype", "execution_pk"),
    sqlite_with_rowid=False,
)

series = _table(
    "series",
    Column("pk", PK, primary_key=True),
    Column("execution_pk", PK, ForeignKey("execution.pk"), nullable=False),
    Column("key_pk", PK, ForeignKey("key.pk"), nullable=False),
    Column("kind", Integer, nullable=False, default=0),  # 0 metric, 1 system metric
    Column("context", Short, nullable=False, default=""),
    Column("long_context", Body),  # the whole context where ``context`` had to be cut
    Column("direction", Integer, nullable=False, default=0),  # best is: -1 min, +1 max, 0 not known
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
"""Summary of one curve. ``first``/``last`` are by step (equal steps: by time) and ``first_at``/
``last_at`` their times; ``min``/``max``/``best``/``sum`` skip NaN (equal values: the smaller step).
±Inf are kept as ±the largest double, so that they sort and compare rightly, and told apart from it
by ``flags``; NaN is NULL with a flag."""

FLAG_STATS = ("first", "last", "min", "max", "best", "sum")
"""Two bits each in ``series.flags``, lowest first: 0 finite, 1 NaN, 2 +Inf, 3 −Inf."""

series_chunk = _table(
    "series_chunk",
    Column("series_pk", PK, ForeignKey("series.pk"), primary_key=True),
    Column("writer_pk", PK, primary_key=True),  # journal: processes never share a chunk
    Column("seq", Integer, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("data", Blob, nullable=False),
)
"""Points as compressed columns (see `epochlog.store.codec`)."""

metric_alias = _table(
    "metric_alias",
    Column("execution_pk", PK, ForeignKey("execution.pk"), primary_key=True),
    Column("alias_pk", PK, ForeignKey("key.pk"), primary_key=True),
    Column("key_pk", PK, ForeignKey("key.pk"), nullable=False),
    Index(None, "alias_pk", "key_pk", "execution_pk"),
    sqlite_with_rowid=False,
)
"""What a framework itself calls a curve that we named as all frameworks' curves are named."""

tag = _table(
    "tag",
    Column("entity_kind", String(16), primary_key=True),  # execution, artifact_version, model …
    Column("entity_pk", PK, primary_key=True),
    Column("key_pk", PK, ForeignKey("key.pk"), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Index(None, "key_pk", "entity_kind", "entity_pk"),
)
fact = _table(
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
"""Free-form typed metadata on any entity."""

text = _table(
    "text",
    Column("pk", PK, primary_key=True),
    Column("execution_pk", PK, ForeignKey("execution.pk"), nullable=False),
    Column("key_pk", PK, ForeignKey("key.pk"), nullable=False),
    Column("step", Number),
    Column("at", BigInteger, nullable=False),
    Column("body", Body, nullable=False),
    Index(None, "execution_pk", "key_pk"),
)
plot = _table(
    "plot",
    Column("pk", PK, primary_key=True),
    Column("execution_pk", PK, ForeignKey("execution.pk"), nullable=False),
    Column("key_pk", PK, ForeignKey("key.pk"), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("step", Number),
    Column("at", BigInteger, nullable=False),
    Column("data", Blob, nullable=False),  # zstd of MessagePack
    Index(None, "execution_pk", "key_pk"),
)
notice = _table(
    "notice",
    Column("pk", PK, primary_key=True),
    Column("execution_pk", PK, ForeignKey("execution.pk"), nullable=False),
    Column("level", String(8), nullable=False),
    Column("source", Short, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("body", Body, nullable=False),
    Index(None, "execution_pk"),
)
stop = _table(
    "stop",
    Column("execution_pk", PK, ForeignKey("execution.pk"), primary_key=True),
    Column("accepted_at", BigInteger),
    Column("requested_at", BigInteger),
    Column("requested_by", Short, nullable=False, default=""),
    Column("reason", Body),
    Index(None, "requested_at"),
)
"""Runs that would end early if somebody asked them to, and those that were asked."""

console = _table(
    "console",
    Column("pk", PK, primary_key=True),
    Column("execution_pk", PK, ForeignKey("execution.pk"), nullable=False),
    Column("context", Short, nullable=False, default=""),
    Column("at", BigInteger, nullable=False),
    Column("first_line", BigInteger, nullable=False),
    Column("line_count", Integer, nullable=False),
    Column("tail", Integer, nullable=False, default=0),
    Column("body", Body, nullable=False),  # the lines, for LIKE as well
    Column("spans", Body, nullable=False),  # JSON [[count, stream, ms after at], …]
    Column("unfinished", Body),
    Index(None, "execution_pk", "context", "first_line"),
)
"""What was printed, some lines a row; numbers missing in between were left out."""

blob = _table(
    "blob",
    Column("digest", Digest, primary_key=True),
    Column("algo", String(16), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("location", Short, nullable=False),  # path below the blob store's root
    Column("created_at", BigInteger, nullable=False),
)
artifact = _table(
    "artifact",
    Column("pk", PK, primary_key=True),
    Column("id", Id, nullable=False, unique=True),
    Column("project_pk", PK, ForeignKey("project.pk"), nullable=False),
    Column("type", String(32), nullable=False),
    Column("name", Short, nullable=False),
    Column("long_name", Body),  # the whole name where ``name`` had to be cut
    Column("last_version", Integer, nullable=False, default=0),
    UniqueConstraint("project_pk", "type", "name"),
)
artifact_version = _table(
    "artifact_version",
    Column("pk", PK, primary_key=True),
    Column("id", Id, nullable=False, unique=True),
    Column("artifact_pk", PK, ForeignKey("artifact.pk"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("producer_pk", PK, ForeignKey("execution.pk")),
    Column("origin", String(16), nullable=False),  # produced registered observed
    Column("digest", Digest, nullable=False, default=""),
    Column("digest_algo", String(32), nullable=False, default=""),
    Column("size", BigInteger),
    Column("uri", Body),
    Column("manifest", Body),  # JSON {relative path: [digest, size]}
    Column("format", String(32), nullable=False, default=""),
    Column("serializer", Short, nullable=False, default=""),
    Column("schema", Body),
    Column("stats", Body),
    Column("meta", Body),
    Column("preview_blob", Digest),
    Column("description", Body),
    Column("step", Number),
    Column("aliases", Body),  # JSON list
    Column("state", String(16), nullable=False),  # pending live missing expired deleted
    Column("retain_until", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("actor_pk", PK, ForeignKey("actor.pk")),
    UniqueConstraint("artifact_pk", "version"),
    Index(None, "producer_pk"),
    Index(None, "digest"),
)
"""Every output is a new row with one producer; only blobs are shared by content. Observed inputs
(data sets that a fit saw) with the same artifact and digest share a row: nobody here made them."""

io = _table(
    "io",
    Column("execution_pk", PK, ForeignKey("execution.pk"), primary_key=True),
    Column("direction", String(3), primary_key=True),  # in out
    Column("slot", String(190), primary_key=True),  # 190: MySQL's limit for composite keys
    Column("idx", Integer, primary_key=True),
    Column("artifact_version_pk", PK, ForeignKey("artifact_version.pk"), nullable=False),
    Column("role", String(32), nullable=False, default=""),
    Column("origin", String(16), nullable=False, default="own"),  # own inherited observed
    Column("at", BigInteger, nullable=False),
    Index(None, "artifact_version_pk", "direction", "execution_pk"),
)

pipeline = _table(
    "pipeline",
    Column("pk", PK, primary_key=True),
    Column("id", Id, nullable=False, unique=True),
    Column("project_pk", PK, ForeignKey("project.pk"), nullable=False),
    Column("name", Short, nullable=False),
    UniqueConstraint("project_pk", "name"),
)
pipeline_version = _table(
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
