"""Answer for several runs side by side, and for which params explain a metric."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from epochlog.base.errors import FilterError, RunNotFound
from epochlog.query import table
from epochlog.query.compare import SECTIONS, STATISTICS, compare
from epochlog.query.loading import Page
from epochlog.query.run_view import RunView
from epochlog.query.studies_importance import METHOD, explained
from epochlog.server.asking import CompareRequest, ImportanceRequest
from epochlog.server.library import Library
from epochlog.server.links import run_link
from epochlog.server.selecting import arrange, pks_of
from epochlog.server.values import cell, cut, micros

IMPORTANCE_RUNS_MAX = 10_000


def views_of(library: Library, ids: Sequence[str]) -> list[RunView]:
    """Return runs by id, in the order asked for.

    Raises:
        RunNotFound: one of them isn't there.
    """
    reader = library.reader
    found = pks_of(reader, list(ids))
    missing = [each for each in ids if each not in found]
    if missing:
        raise RunNotFound(f"no run {missing[0]!r}")
    page = Page(reader, list(found.values()))
    return [RunView(page, found[each]) for each in ids]


def comparison(library: Library, asked: CompareRequest) -> dict[str, Any]:
    """Answer POST api/compare."""
    began = time.perf_counter()
    found = compare(
        views_of(library, asked.runs),
        baseline=asked.baseline,
        sections=SECTIONS if asked.sections is None else asked.sections,
        statistics=STATISTICS if asked.statistics is None else asked.statistics,
    )
    counts: dict[str, dict[str, int]] = {}
    rows = []
    for row in found:
        count = counts.setdefault(row.section, {"all": 0, "differing": 0})
        count["all"] += 1
        count["differing"] += row.differs
        if not row.differs and not asked.all:
            continue
        deltas = None if all(delta is None for delta in row.deltas) else row.deltas
        rows.append(
            {
                "section": row.section,
                "name": cut(row.name),
                "differs": row.differs,
                "values": [cell(value) for value in row.values],
                "deltas": deltas and [d if d is None or math.isfinite(d) else None for d in deltas],
            }
        )
    return {
        "runs": [{**run_link(run), "started": micros(run.started)} for run in found.runs],
        "baseline": found.baseline % len(found.runs),
        "rows": rows,
        "counts": counts,
        "took_ms": round((time.perf_counter() - began) * 1e3, 2),
    }


def importance(library: Library, asked: ImportanceRequest) -> dict[str, Any]:
    """Answer POST api/importance."""
    reader = library.reader
    _, arranger = library.arranger()
    if asked.runs is None:
        pks = arrange(reader, arranger, asked)[:IMPORTANCE_RUNS_MAX].tolist()
    else:
        pks = list(pks_of(reader, asked.runs).values())
    columns = table.parse_columns(reader, [asked.metric])
    if columns[0].field.number is None or columns[0].field.many:
        raise FilterError(f"{asked.metric!r} is no number", asked.metric, 0)
    views = table.views_of(reader, pks)
    targets = [row[0] for row in table.cells(views, columns)]
    data = [
        (view.params, float(y))
        for view, y in zip(views, targets, strict=True)
        if isinstance(y, (int, float)) and math.isfinite(y)
    ]
    rows = [
        _param(name, data) for name in dict.fromkeys(name for params, _ in data for name in params)
    ]
    rows = [row for row in rows if row is not None]
    total = sum(row["explained"] for row in rows)
    for row in rows:
        row["importance"] = row["explained"] / total if total else 0.0
    rows.sort(key=lambda row: -row["explained"])
    return {"metric": asked.metric, "method": METHOD, "runs": len(data), "params": rows}


def _param(name: str, data: Sequence[tuple[Mapping[str, Any], float]]) -> Any:
    """Return the facts about one param; None for one that is the same in all runs."""
    pairs = [(params[name], y) for params, y in data if name in params]
    values = [x for x, _ in pairs]
    numeric = all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in values)
    if len({repr(x) for x in values}) < 2:
        return None
    if numeric:
        pairs = [(x, y) for x, y in pairs if math.isfinite(x)]
        values = [x for x, _ in pairs]
    y = np.array([each for _, each in pairs])
    return {
        "name": cut(name),
        "explained": explained(values, y, numeric),
        "correlation": _spearman(np.array(values, float), y) if numeric else None,
        "runs": len(pairs),
    }


def _spearman(x: Any, y: Any) -> float | None:
    if len(x) < 3:
        return None
    a, b = _ranks(x), _ranks(y)
    if not a.std() > 0 or not b.std() > 0:
        return None
    return float(((a - a.mean()) * (b - b.mean())).mean() / (a.std() * b.std()))


def _ranks(values: Any) -> Any:
    """Return ranks; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[inverse]
