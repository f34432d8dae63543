"""Answer for one run: what it was, its texts, plots, console, code, study."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import bindparam, func, select

from epochlog.base.errors import RunNotFound, StoreError
from epochlog.query.console import ConsoleLine
from epochlog.query.loading import Page
from epochlog.query.lookup import find_run
from epochlog.query.metrics import Metrics, Stat
from epochlog.query.opening import Reader
from epochlog.query.plots import PlotHead, list_plots, read_plots
from epochlog.query.run_view import RunView
from epochlog.server.answers import Refused
from epochlog.server.artifacts import artifact_links
from epochlog.server.library import Library
from epochlog.server.links import run_link
from epochlog.server.selecting import pks_of
from epochlog.server.values import cell, cut, document, micros, number
from epochlog.store.schema import console, execution

TEXT_SHOWN = 20_000
DIFF_CHARS_MAX = 2_000_000
PATTERN_MAX = 500

_KINDS = (
    select(execution.c.kind, func.count())
    .where(execution.c.parent_pk == bindparam("pk"), execution.c.deleted_at.is_(None))
    .group_by(execution.c.kind)
)
_LINES = select(func.sum(console.c.line_count)).where(console.c.execution_pk == bindparam("pk"))


def run_of(library: Library, ref: str) -> RunView:
    """Return a run by id, the beginning or end of an id, or its name.

    Raises:
        RunNotFound: none or several fit.
    """
    reader = library.reader
    pk = pks_of(reader, [ref]).get(ref)  # what pages ask for, in a fraction of the time
    return find_run(reader, ref) if pk is None else RunView(Page(reader, [pk]), pk)


def run_detail(library: Library, ref: str) -> dict[str, Any]:
    """Answer GET api/runs/{id}."""
    cursor = library.cursor
    view = run_of(library, ref)
    children = _children(view)
    return {
        **run_link(view),
        **{
            name: cut(getattr(view, name) or "")
            for name in ("status_reason", "source", "project", "experiment", "user", "host")
        },
        "traceback": cut(view.traceback, TEXT_SHOWN),
        "note": cut(view.note, 1_000_000),
        "pid": view.pid,
        "position": view.position,
        **{
            name: micros(getattr(view, name))
            for name in ("created", "started", "ended", "updated")
        },
        "archived": micros(view.deleted),
        "duration_s": None if view.duration is None else view.duration.total_seconds(),
        "tags": [cut(tag) for tag in view.tags],
        "ancestors": _ancestors(view),
        "children": sum(children.values()),
        "children_kinds": children,
        "params": {cut(name): cell(value) for name, value in view.params.items()},
        "metrics": metric_facts(view.metrics),
        "system_metrics": metric_facts(view.system_metrics),
        "notices": [
            {"level": n.level, "source": n.source, "at": micros(n.at),
             "text": cut(n.text, TEXT_SHOWN)}
            for n in view.notices
        ],
        "texts": [
            {"index": place, "key": cut(t.key), "step": t.step, "at": micros(t.at),
             "text": cut(t.text, TEXT_SHOWN), "length": len(t.text)}
            for place, t in enumerate(view.texts)
        ],
        "plots": [plot_link(each) for each in list_plots(view.reader, [view.pk])],
        "artifacts": artifact_links(view.reader, view.artifacts),
        "inputs": artifact_links(view.reader, view.inputs),
        "environment": document(view.environment),
        "code": document(view.code),
        "console_lines": _console_lines(view),
        "is_study": view.kind == "study" and isinstance(view.params.get("directions"), list),
        "cursor": cursor,
    }  # fmt: skip


def _ancestors(view: RunView) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    seen = {view.pk}
    above = view.parent
    while above is not None and above.pk not in seen:
        seen.add(above.pk)
        found.insert(0, run_link(above))
        above = above.parent
    return found


def _children(view: RunView) -> dict[str, int]:
    return dict(view.reader.tuples(_KINDS, {"pk": view.pk}))


def _console_lines(view: RunView) -> int:
    return int(view.reader.tuples(_LINES, {"pk": view.pk})[0][0] or 0)


def metric_facts(metrics: Metrics) -> list[dict[str, Any]]:
    """Return `MetricFacts` of every curve."""
    aliases: dict[str, list[str]] = {}
    for own, name in metrics.aliases.items():
        aliases.setdefault(name, []).append(own)
    return [
        {
            "key": cut(each.key),
            "context": cut(each.context),
            "count": each.count,
            "nan_count": each.nan_count,
            "direction": each.direction,
            **{name: _stat(getattr(each, name)) for name in ("first", "last", "min", "max")},
            "best": None if each.best is None else _stat(each.best),
            "mean": number(each.mean),
            "last_at": micros(each.last_at),
            "aliases": sorted(aliases.get(each.key, ())),
        }
        for each in metrics.all()
    ]


def _stat(stat: Stat) -> dict[str, Any]:
    return {"value": number(float(stat)), "step": None if stat.step is None else cell(stat.step)}


# --- texts and plots


def full_text(library: Library, ref: str, index: int) -> dict[str, Any]:
    """Answer GET api/runs/{id}/text."""
    texts = run_of(library, ref).texts
    if index >= len(texts):
        raise Refused(f"there is no text number {index}", status=404, kind="not_found")
    return {"key": cut(texts[index].key), "text": cut(texts[index].text, 50_000_000)}


def plot_link(plot: PlotHead) -> dict[str, Any]:
    """Return a `PlotLink`."""
    return {"index": plot.index, "key": cut(plot.key), "kind": plot.kind, "step": plot.step,
            "at": micros(plot.at)}  # fmt: skip


def one_plot(
    library: Library, ref: str, index: int | None, key: str, step: float | None
) -> dict[str, Any]:
    """Answer GET api/runs/{id}/plot."""
    pk = run_of(library, ref).pk
    found = _latest_plots(library.reader, [pk], index, key, step)
    if pk not in found:
        raise Refused("there is no such plot", status=404, kind="not_found")
    return found[pk]


def _latest_plots(
    reader: Reader, pks: list[int], index: int | None, key: str, step: float | None
) -> dict[int, dict[str, Any]]:
    """Return the pk of a run -> its newest plot that fits."""
    heads: dict[int, PlotHead] = {}
    for head in list_plots(reader, pks):
        wanted = head.index == index if index is not None else head.key == key
        if wanted and (step is None or index is not None or head.step == step):
            heads[head.run_pk] = head
    plots = read_plots(reader, heads.values())
    return {
        head.run_pk: {**plot_link(head), "data": document(plots[head.pk].data)}
        for head in heads.values()
        if head.pk in plots
    }


def plots_of(library: Library, ids: list[str], key: str, step: float | None) -> dict[str, Any]:
    """Answer POST api/plots."""
    pks = pks_of(library.reader, ids)
    if missing := [each for each in ids if each not in pks]:
        raise RunNotFound(f"no run {missing[0]!r}")
    found = _latest_plots(library.reader, list(pks.values()), None, key, step)
    return {"plots": [found.get(pks[each]) for each in ids]}


def plot_keys(library: Library, ids: list[str]) -> dict[str, Any]:
    """Answer POST api/plots/keys."""
    from epochlog.store.schema import key, plot

    pks = list(pks_of(library.reader, ids).values())
    steps = func.count(func.distinct(plot.c.step))
    statement = (
        select(key.c.name, plot.c.kind, func.count(func.distinct(plot.c.execution_pk)), steps)
        .join(key, key.c.pk == plot.c.key_pk)
        .where(plot.c.execution_pk.in_(pks))
        .group_by(key.c.pk, plot.c.kind)
        .order_by(key.c.name)
    )
    rows: Any = library.reader.rows(statement)
    return {
        "keys": [
            {"key": cut(name), "kind": kind, "runs": runs, "steps": int(count)}
            for name, kind, runs, count in rows
        ]
    }


# --- console and code


def console_page(library: Library, ref: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Answer GET api/runs/{id}/console; ``asked`` has after, before, limit, search and so on."""
    view = run_of(library, ref)
    found = view.console
    lines: list[ConsoleLine] = list(found)
    contexts = list(dict.fromkeys(line.context for line in lines))
    if asked["context"] is not None:
        lines = [line for line in lines if line.context == asked["context"]]
    total = len(lines)
    if asked["search"]:
        pattern = _pattern(asked["search"], ignore_case=asked["ignore_case"])
        lines = [line for line in lines if pattern.search(line.text)]
    page, more_before, more_after = _slice(lines, asked)
    return {
        "lines": [
            {"number": line.number, "at": micros(line.at), "stream": line.stream,
             "text": cut(line.text, TEXT_SHOWN), "context": line.context}
            for line in page
        ],
        "total": total,
        "matching": len(lines),
        "left_out": found.left_out,
        "contexts": contexts,
        "unfinished": cut(found.unfinished, TEXT_SHOWN),
        "more_before": more_before,
        "more_after": more_after,
    }  # fmt: skip


def _slice(lines: list[ConsoleLine], asked: dict[str, Any]) -> tuple[list[ConsoleLine], bool, bool]:
    limit = asked["limit"]
    if asked["before"]:
        earlier = [line for line in lines if line.number < asked["before"]]
        page = earlier[-limit:] if limit else []
        return page, len(earlier) > len(page), len(lines) > len(earlier)
    if asked["tail"] and not asked["after"]:
        page = lines[-limit:] if limit else []
        return page, len(lines) > len(page), False
    later = [line for line in lines if line.number > asked["after"]]
    page = later[:limit]
    return page, len(lines) > len(later), len(later) > len(page)


def _pattern(text: str, *, ignore_case: bool) -> re.Pattern[str]:
    """Compile what people search for; a plain text where it is no regular expression.

    Nested repeats could take forever on one line, so such a pattern is taken as plain text, too.
    """
    flags = re.IGNORECASE if ignore_case else 0
    text = text[:PATTERN_MAX]
    if re.search(r"[*+}]\)?[*+{]|\)[*+{]", text):
        return re.compile(re.escape(text), flags)
    try:
        return re.compile(text, flags)
    except (re.error, RecursionError, OverflowError):
        return re.compile(re.escape(text), flags)


def code_of(library: Library, ref: str) -> dict[str, Any]:
    """Answer GET api/runs/{id}/code."""
    from epochlog.query.code import RunCode

    code = RunCode(run_of(library, ref))
    return {
        "facts": document(code.facts),
        "commit": code.commit,
        "files": [
            {"index": place, "root": file.root, "path": cut(file.path), "state": file.state,
             "redacted": file.redacted}
            for place, file in enumerate(code.files)
        ],
        "cells": cut(code.cells, DIFF_CHARS_MAX),
    }  # fmt: skip


def code_file(library: Library, ref: str, index: int) -> dict[str, Any]:
    """Answer GET api/runs/{id}/code/file."""
    from epochlog.query.code import RunCode

    files = RunCode(run_of(library, ref)).files
    if index >= len(files):
        raise Refused(f"there is no file number {index}", status=404, kind="not_found")
    path = cut(files[index].path)
    try:
        text = files[index].read_bytes().decode()
    except UnicodeDecodeError:
        return {"path": path, "text": None, "problem": "not a text"}
    except StoreError as error:
        return {"path": path, "text": None, "problem": str(error)}
    return {"path": path, "text": cut(text, DIFF_CHARS_MAX), "problem": ""}


def diff_of(library: Library, ref: str, other: str) -> dict[str, Any]:
    """Answer GET api/runs/{id}/diff."""
    text = run_of(library, ref).code_diff(run_of(library, other))
    return {"diff": cut(text, DIFF_CHARS_MAX), "truncated": len(text) > DIFF_CHARS_MAX}
