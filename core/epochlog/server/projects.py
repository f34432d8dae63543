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
    runs, last = func.count().label("runs"), func.max(c.updated_at).label("last")
    counted: Any = reader.rows(  # one look at the runs, however many things are counted
        select(c.project_pk, c.experiment_pk, c.status, top.label("top"), runs, last).group_by(
            c.project_pk, c.experiment_pk, c.status, top
        )
    )
    names = {row.pk: row.name for row in reader.rows(select(experiment.c.pk, experiment.c.name))}
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
    experiments: dict[tuple[Any, Any], dict[str, Any]] = {}
    for row in counted:
        each = found[row.project_pk]
        each["all_runs"] += row.runs
        each["last_activity"] = max(each["last_activity"] or 0, row.last)
        if not row.top:
            continue
        each["runs"] += row.runs
        each["statuses"][row.status] = each["statuses"].get(row.status, 0) + row.runs
        if row.experiment_pk in names:
            known = experiments.setdefault(
                (row.project_pk, row.experiment_pk),
                {"name": names[row.experiment_pk], "runs": 0, "last_activity": 0},
            )
            known["runs"] += row.runs
            known["last_activity"] = max(known["last_activity"], row.last)
    newest_first = sorted(experiments.items(), key=lambda item: -item[1]["last_activity"])
    for (pk, _), known in newest_first:
        found[pk]["experiments"].append(known)
    for pk, number, runs in by_day:
        if 0 <= today - int(number) < DAYS:
            found[pk]["days"][DAYS - 1 - (today - int(number))] = runs
    for pk, size in sizes:
        found[pk]["artifact_bytes"] = int(size or 0)
    return list(found.values())
