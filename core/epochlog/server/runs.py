"""Answer for the runs table: windows of rows, groups, ids, names of columns, projects."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from epochlog.query.grouping import Groups, Summary
from epochlog.query.opening import Reader
from epochlog.query.table import Column, cells, parse_columns, views_of
from epochlog.server.asking import GroupsRequest, IdsRequest, RunsRequest
from epochlog.server.library import Library
from epochlog.server.selecting import Snapshots, arrange
from epochlog.server.values import cell, cut, number
from epochlog.store.schema import execution


def runs_window(library: Library, snapshots: Snapshots, asked: RunsRequest) -> dict[str, Any]:
    """Answer POST api/runs."""
    began = time.perf_counter()
    reader = library.reader
    snapshot = snapshots.find(asked, asked.snapshot)
    columns = _columns(library, asked.columns)
    pks = snapshot.pks[asked.offset : asked.offset + asked.limit].tolist()
    cursor = library.cursor
    return {
        "snapshot": snapshot.id,
        "moved": bool(asked.snapshot) and snapshot.id != asked.snapshot,
        "total": len(snapshot.pks),
        "offset": asked.offset,
        "rows": rows_of(reader, pks, columns, asked.offset),
        "stale": cursor != snapshot.cursor,
        "cursor": cursor,
        "took_ms": _since(began),
    }


def _columns(library: Library, ids: list[str]) -> list[Column]:
    """Return parsed columns; kept until the store changes."""
    _, arranger = library.arranger()
    found: list[Column] = arranger.keep(
        ("columns", *ids), lambda: parse_columns(library.reader, ids)
    )
    return found


def rows_of(
    reader: Reader, pks: Sequence[int], columns: Sequence[Column], offset: int = 0
) -> list[dict[str, Any]]:
    """Return `RunRow` objects for runs, ``offset`` being the place of the first."""
    places = {pk: at for at, pk in enumerate(pks, offset)}
    children = _children(reader, pks)
    views = views_of(reader, pks)
    return [
        {
            "at": places[view.pk],
            "id": view.id,
            "name": cut(view.name),
            "status": view.status,
            "kind": view.kind,
            "source": view.source,
            "parent": view.parent_id,
            "children": children.get(view.pk, 0),
            "archived": view.deleted is not None,
            "cells": [cell(value) for value in values],
        }
        for view, values in zip(views, cells(views, columns), strict=True)
    ]


def _children(reader: Reader, pks: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    c = execution.c
    for start in range(0, len(pks), 500):
        statement = (
            select(c.parent_pk, func.count())
            .where(c.parent_pk.in_(pks[start : start + 500]), c.deleted_at.is_(None))
            .group_by(c.parent_pk)
        )
        rows: Any = reader.rows(statement)
        found.update((parent, count) for parent, count in rows)
    return found


def groups_window(library: Library, asked: GroupsRequest) -> dict[str, Any]:
    """Answer POST api/groups."""
    began = time.perf_counter()
    reader = library.reader
    cursor, arranger = library.arranger()
    pks = arrange(reader, arranger, asked)
    fields, columns = parse_columns(reader, asked.group), parse_columns(reader, asked.columns)
    groups = Groups(reader, arranger, pks, fields)
    numeric = [None if c.field.many else groups.summarize(c) for c in columns]
    order = _order(groups, numeric, asked)
    shown = order[asked.offset : asked.offset + asked.limit]
    firsts = [int(groups.firsts[g]) for g in shown]
    views = views_of(reader, firsts)
    rows = cells(views, [*fields, *columns])
    values = {view.pk: row for view, row in zip(views, rows, strict=True)}
    answers = []
    for group, first in zip(shown, firsts, strict=True):
        own = values.get(first, [None] * (len(fields) + len(columns)))
        answers.append(
            {
                "values": [cell(value) for value in own[: len(fields)]],
                "count": int(groups.sizes[group]),
                "statuses": groups.statuses(group),
                "columns": [
                    _aggregate(summary, group, value)
                    for summary, value in zip(numeric, own[len(fields) :], strict=True)
                ],
            }
        )
    return {
        "total": len(groups),
        "offset": asked.offset,
        "groups": answers,
        "runs": len(pks),
        "cursor": cursor,
        "took_ms": _since(began),
    }


def _order(groups: Groups, summaries: list[Summary | None], asked: GroupsRequest) -> list[int]:
    order = list(range(len(groups)))
    by = asked.sort.by
    if by == "count":
        order.sort(key=lambda g: groups.sizes[g])
    elif isinstance(by, int) and 0 <= by < len(summaries) and summaries[by] is not None:
        values = getattr(summaries[by], asked.sort.stat)
        there = [g for g in order if values[g] == values[g]]  # NaN comes last, both ways
        missing = [g for g in order if values[g] != values[g]]
        there.sort(key=lambda g: values[g], reverse=asked.sort.descending)
        return there + missing
    return order[::-1] if asked.sort.descending else order


def _aggregate(summary: Summary | None, group: int, first: Any) -> dict[str, Any]:
    if summary is None:
        return {"n": 0, "mean": None, "std": None, "min": None, "max": None, "nan": 0}
    found: dict[str, Any] = {"n": int(summary.n[group]), "nan": int(summary.nan[group])}
    for name in ("mean", "std", "min", "max"):
        value = float(getattr(summary, name)[group])
        found[name] = None if value != value else number(value)
    if summary.same[group]:
        found["same"] = cell(first)
    return found


def run_ids(library: Library, snapshots: Snapshots, asked: IdsRequest) -> dict[str, Any]:
    """Answer POST api/runs/ids."""
    snapshot = snapshots.find(asked)
    pks = snapshot.pks[: asked.limit].tolist()
    ids: dict[int, str] = {}
    for start in range(0, len(pks), 500):
        batch = pks[start : start + 500]
        rows: Any = library.reader.rows(
            select(execution.c.pk, execution.c.id).where(execution.c.pk.in_(batch))
        )
        ids.update({row.pk: row.id for row in rows})
    return {
        "ids": [ids[pk] for pk in pks if pk in ids],
        "total": len(snapshot.pks),
        "cursor": snapshot.cursor,
    }


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1e3, 2)
