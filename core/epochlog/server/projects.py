"""Answer GET api/projects: what there is in a store, at a glance."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from epochlog.base.clock import now_us
from epochlog.server.library import Library
from epochlog.store.schema import artifact_version, execution, experiment, project

DAYS, DAY_US = 30, 86_400_000_000


def projects(library: Library) -> dict[str, Any]:
    """Answer GET api/projects."""
    cursor, arranger = library.arranger()
    found = arranger.keep("projects", lambda: _projects(library))
    return {"projects": found, "cursor": cursor}


def _projects(library: Library) -> list[dict[str, Any]]:
    reader = library.reader
    c = execution.c
    top = c.parent_pk.is_(None) & c.deleted_at.is_(None)
    everything: Any = reader.rows(
        select(c.project_pk, func.count(), func.max(c.updated_at)).group_by(c.project_pk)
    )
    by_status: Any = reader.rows(
        select(c.project_pk, c.status, func.count()).where(top).group_by(c.project_pk, c.status)
    )
    by_experiment: Any = reader.rows(
        select(c.project_pk, experiment.c.name, func.count(), func.max(c.updated_at))
        .join(experiment, experiment.c.pk == c.experiment_pk)
        .where(top)
        .group_by(c.project_pk, experiment.c.pk)
        .order_by(func.max(c.updated_at).desc())
    )
    today = now_us() // DAY_US
    day = (c.started_at // DAY_US).label("day")
    by_day: Any = reader.rows(
        select(c.project_pk, day, func.count())
        .where(top, c.started_at >= (today - DAYS + 1) * DAY_US)
        .group_by(c.project_pk, day)
    )
    sizes: Any = reader.rows(
        select(c.project_pk, func.sum(artifact_version.c.size))
        .join(artifact_version, artifact_version.c.producer_pk == c.pk)
        .where(artifact_version.c.state == "live")
        .group_by(c.project_pk)
    )
    found = {
        row.pk: {"name": row.name, "runs": 0, "all_runs": 0, "statuses": {}, "last_activity": None,
                 "days": [0] * DAYS, "experiments": [], "artifact_bytes": 0}
        for row in reader.rows(select(project.c.pk, project.c.name).order_by(project.c.name))
    }  # fmt: skip
    for pk, runs, last in everything:
        found[pk].update(all_runs=runs, last_activity=last)
    for pk, status, runs in by_status:
        found[pk]["statuses"][status] = runs
        found[pk]["runs"] += runs
    for pk, name, runs, last in by_experiment:
        found[pk]["experiments"].append({"name": name, "runs": runs, "last_activity": last})
    for pk, number, runs in by_day:
        if 0 <= today - int(number) < DAYS:
            found[pk]["days"][DAYS - 1 - (today - int(number))] = runs
    for pk, size in sizes:
        found[pk]["artifact_bytes"] = int(size or 0)
    return list(found.values())
