"""Runs as plain data, for ``--json`` and for exports."""

from __future__ import annotations

from typing import Any

from epochlog.cli.console import console_records
from epochlog.query.artifacts import ArtifactView
from epochlog.query.metrics import STATS, MetricSummary
from epochlog.query.run_view import RunView

OWN = (
    "id",
    "name",
    "status",
    "status_reason",
    "kind",
    "source",
    "experiment",
    "project",
    "user",
    "host",
    "pid",
    "position",
    "parent_id",
    "created",
    "started",
    "ended",
    "deleted",
    "duration",
    "tags",
    "note",
)


def run_record(run: RunView) -> dict[str, Any]:
    """Return what is known of a run without reading curves: its fields, params and metrics."""
    return {
        **{name: getattr(run, name) for name in OWN},
        "params": dict(run.params),
        "metrics": metrics_record(run.metrics.all()),
    }


def full_record(run: RunView) -> dict[str, Any]:
    """Return everything of a run but its curves and the content of its artifacts."""
    return {
        **run_record(run),
        "system_metrics": metrics_record(run.system_metrics.all()),
        "datasets": [artifact_record(each) for each in run.datasets],
        "artifacts": [artifact_record(each) for each in run.artifacts],
        "inputs": [artifact_record(each) for each in run.inputs if each.type != "dataset"],
        "plots": [
            {"key": p.key, "kind": p.kind, "step": p.step, "at": p.at, "data": p.data}
            for p in run.plots
        ],
        "texts": [{"key": t.key, "step": t.step, "at": t.at, "text": t.text} for t in run.texts],
        "notices": [
            {"level": n.level, "source": n.source, "at": n.at, "text": n.text} for n in run.notices
        ],
        "console": console_records(run.console),
        "children": [
            {name: getattr(child, name) for name in ("id", "name", "kind", "position", "status")}
            for child in run.children()
        ],
        "environment": dict(run.environment),
        "code": dict(run.code),
        "traceback": run.traceback,
    }


def metrics_record(summaries: list[MetricSummary]) -> dict[str, Any]:
    """Return name -> statistics; a curve of another context is called "name [context]"."""
    return {
        f"{each.key} [{each.context}]" if each.context else each.key: metric_record(each)
        for each in summaries
    }


def metric_record(summary: MetricSummary) -> dict[str, Any]:
    """Return the statistics of one curve, each with the step at which it was reached."""
    found: dict[str, Any] = {"count": summary.count, "nan_count": summary.nan_count}
    for stat in STATS:
        value = getattr(summary, stat)
        found[stat] = value
        found[f"{stat}_step"] = None if value is None else value.step
    return {**found, "mean": summary.mean}


def artifact_record(artifact: ArtifactView) -> dict[str, Any]:
    """Return what is known of an artifact."""
    names = (
        "id",
        "name",
        "type",
        "version",
        "role",
        "digest",
        "size",
        "uri",
        "format",
        "serializer",
        "schema",
        "stats",
        "meta",
        "aliases",
        "description",
        "step",
        "state",
        "created",
    )
    record = {name: getattr(artifact, name) for name in names}
    if artifact.files:
        record["files"] = {path: size for path, (_, size) in artifact.files.items()}
    return record
