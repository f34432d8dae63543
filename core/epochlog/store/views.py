"""The SQL views for anyone with a SQL client: what they are called and what their columns mean."""

from __future__ import annotations

from sqlalchemy import Connection

_RUN_NAME = "coalesce(e.long_name, e.name)"
_NAN_INF = "(in SQL NaN is NULL and ±Inf is ±1.797…e308, the largest double)"

VIEWS: dict[str, tuple[str, str, dict[str, str]]] = {
    "v_runs": (
        "One row a run, search, fold, trial …; runs in the bin are left out.",
        f"""
SELECT e.id, {_RUN_NAME} AS name, e.kind, e.source, e.status, e.status_reason,
  coalesce(x.long_name, x.name) AS experiment, p.name AS project, u.id AS parent_id,
  r.id AS root_id, e.position, e.created_at, e.started_at, e.ended_at, e.updated_at,
  (coalesce(e.ended_at, e.updated_at) - e.started_at) / 1000000.0 AS duration_s,
  a.name AS actor, e.host, e.pid, e.note
FROM execution e
JOIN experiment x ON x.pk = e.experiment_pk
JOIN project p ON p.pk = e.project_pk
LEFT JOIN execution u ON u.pk = e.parent_pk
LEFT JOIN execution r ON r.pk = e.root_pk
LEFT JOIN actor a ON a.pk = e.actor_pk
WHERE e.deleted_at IS NULL""",
        {
            "id": "the run's id (UUIDv7: sorts by time)",
            "name": "its name",
            "kind": "run fit search candidate fold study trial eval pipeline step deploy monitor",
            "source": "framework that opened it, '' = the user's own start_run",
            "status": "pending running completed cached failed canceled skipped pruned lost",
            "status_reason": "one line on why it ended so",
            "experiment": "its experiment",
            "project": "its project",
            "parent_id": "the run it is a part of, or NULL",
            "root_id": "the topmost run above it (itself if there is none)",
            "position": "place among its siblings: number of fold, candidate or trial",
            "created_at": "when it was first seen, in microseconds since 1970 (UTC), as all times",
            "started_at": "when it was opened",
            "ended_at": "when it ended, or NULL",
            "updated_at": "time of its last event",
            "duration_s": "seconds from start to end (to the last event while it is open)",
            "actor": "who ran it",
            "host": "on which machine",
            "pid": "in which process",
            "note": "its note (Markdown)",
        },
    ),
    "v_params": (
        "One row a parameter of a run.",
        f"""
SELECT e.id AS run_id, {_RUN_NAME} AS run_name, k.name AS param, p.vtype AS type, p.num AS number,
  CASE WHEN p.vtype IN ('str', 'json') THEN coalesce(p.body, p.text) ELSE p.text END AS value
FROM param p
JOIN execution e ON e.pk = p.execution_pk
JOIN "key" k ON k.pk = p.key_pk
WHERE e.deleted_at IS NULL""",
        {
            "run_id": "the run's id",
            "run_name": "its name",
            "param": "name of the parameter",
            "type": "null bool int float str json opaque",
            "number": f"value of bool, int and float as a number {_NAN_INF}",
            "value": "value as text",
        },
    ),
    "v_metrics": (
        "One row a curve: a metric of a run, or a system metric.",
        f"""
SELECT e.id AS run_id, {_RUN_NAME} AS run_name, k.name AS metric,
  coalesce(s.long_context, s.context) AS context, s.kind AS is_system, s."count" AS points,
  s.nan_count, s.last_value AS latest, s.last_step AS latest_step, s.first_value, s.first_step,
  s.min_value, s.min_step, s.max_value, s.max_step, s.best_value, s.best_step, s.direction,
  s."sum" / nullif(s."count" - s.nan_count, 0) AS mean, s.first_at, s.last_at
FROM series s
JOIN execution e ON e.pk = s.execution_pk
JOIN "key" k ON k.pk = s.key_pk
WHERE e.deleted_at IS NULL""",
        {
            "run_id": "the run's id",
            "run_name": "its name",
            "metric": "name of the metric",
            "context": "what separates several curves of one name, '' usually",
            "is_system": "1 for hardware metrics, 0 for those of the training",
            "points": "number of points",
            "nan_count": "how many of them are NaN",
            "latest": f"value at the largest step {_NAN_INF}",
            "latest_step": "that step",
            "first_value": "value at the smallest step",
            "first_step": "that step",
            "min_value": "smallest value, NaN left out",
            "min_step": "its step",
            "max_value": "largest value, NaN left out",
            "max_step": "its step",
            "best_value": "the smaller or larger of the two, by direction; NULL if it isn't known",
            "best_step": "its step",
            "direction": "-1 smaller is better, 1 larger is better, 0 not known",
            "mean": "mean of all points, NaN left out",
            "first_at": "time of the first point by step",
            "last_at": "time of the last point by step",
        },
    ),
    "v_tags": (
        "One row a tag of a run.",
        f"""
SELECT e.id AS run_id, {_RUN_NAME} AS run_name, k.name AS tag, t.at
FROM tag t
JOIN execution e ON e.pk = t.entity_pk
JOIN "key" k ON k.pk = t.key_pk
WHERE t.entity_kind = 'execution' AND e.deleted_at IS NULL""",
        {
            "run_id": "the run's id",
            "run_name": "its name",
            "tag": "the tag",
            "at": "when it was set",
        },
    ),
    "v_artifacts": (
        "One row a version of an artifact: file, model, checkpoint, data set.",
        """
SELECT v.id, a.type, coalesce(a.long_name, a.name) AS name, v.version, e.id AS producer_id,
  v.origin, v.state, v.digest, v.digest_algo, v.size, v.format, v.serializer, v.uri, v.step,
  v.aliases, v.description, v.created_at
FROM artifact_version v
JOIN artifact a ON a.pk = v.artifact_pk
LEFT JOIN execution e ON e.pk = v.producer_pk""",
        {
            "id": "id of this version",
            "type": "dataset model checkpoint file directory figure …",
            "name": "name of the artifact in its project",
            "version": "1, 2, 3 …",
            "producer_id": "the run that produced it; NULL if none here did",
            "origin": "produced registered observed",
            "state": "pending live missing expired deleted",
            "digest": "digest of its content",
            "digest_algo": "how the digest was made",
            "size": "bytes",
            "format": "json text pickle npz …",
            "serializer": "library and version that wrote it",
            "uri": "where the user's own copy is",
            "step": "training step of a checkpoint",
            "aliases": 'JSON list of names for this version ("best")',
            "description": "free text",
            "created_at": "when it was logged",
        },
    ),
    "v_run_io": (
        "One row for each version of an artifact that a run used or produced.",
        f"""
SELECT e.id AS run_id, {_RUN_NAME} AS run_name, i.direction, i.slot, i.idx, i.role, i.origin,
  v.id AS artifact_version_id, a.type, coalesce(a.long_name, a.name) AS artifact, v.version,
  v.digest, v.state, i.at,
  CASE WHEN i.direction = 'out' AND (v.producer_pk IS NULL OR v.producer_pk <> e.pk)
    THEN 1 ELSE 0 END AS reused
FROM io i
JOIN execution e ON e.pk = i.execution_pk
JOIN artifact_version v ON v.pk = i.artifact_version_pk
JOIN artifact a ON a.pk = v.artifact_pk
WHERE e.deleted_at IS NULL""",
        {
            "run_id": "the run's id",
            "run_name": "its name",
            "direction": "in (used) or out (produced)",
            "slot": "place among the run's inputs or outputs",
            "idx": "number within the slot",
            "role": "train validation test weights checkpoint predictions …",
            "origin": "own, inherited from the parent run, or observed",
            "artifact_version_id": "id of the version",
            "type": "type of the artifact",
            "artifact": "its name",
            "version": "its version",
            "digest": "digest of its content",
            "state": "pending live missing expired deleted",
            "at": "when",
            "reused": "1 for an output that another run produced",
        },
    ),
    "v_lineage": (
        "One row a hop: an artifact version and an input of the run that produced it.",
        """
SELECT o.id AS artifact_version_id, e.id AS producer_id, w.id AS input_version_id, i.slot, i.role
FROM artifact_version o
JOIN execution e ON e.pk = o.producer_pk
JOIN io i ON i.execution_pk = e.pk AND i.direction = 'in'
JOIN artifact_version w ON w.pk = i.artifact_version_pk""",
        {
            "artifact_version_id": "what was made",
            "producer_id": "the run that made it",
            "input_version_id": "what that run used",
            "slot": "in which slot",
            "role": "in which role",
        },
    ),
    "v_ready": (
        "One row a step that may start: it waits, and all that it depends on has succeeded.",
        f"""
SELECT e.id AS run_id, {_RUN_NAME} AS run_name, r.id AS root_id
FROM execution e
LEFT JOIN execution r ON r.pk = e.root_pk
WHERE e.status = 'pending' AND e.deleted_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM depends d JOIN execution u ON u.pk = d.upstream_pk
  WHERE d.execution_pk = e.pk AND u.status NOT IN ('completed', 'cached', 'skipped'))""",
        {
            "run_id": "the step's id",
            "run_name": "its name",
            "root_id": "the pipeline run it belongs to",
        },
    ),
}
"""Name → (what a row is, the statement, what each column means)."""


def create_views(connection: Connection) -> None:
    """Create all views in the transaction of ``connection``."""
    for name, (_, statement, _) in VIEWS.items():
        quoted = _quote_for(connection, statement)
        connection.exec_driver_sql(f"CREATE VIEW {name} AS {quoted.strip()}")


def drop_views(connection: Connection) -> None:
    """Drop all views that exist, as migrations that rebuild tables must."""
    for name in VIEWS:
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")


def _quote_for(connection: Connection, statement: str) -> str:
    # Words like "key" are reserved in MySQL, whose quotes are different.
    return statement.replace('"', connection.dialect.identifier_preparer.initial_quote)
