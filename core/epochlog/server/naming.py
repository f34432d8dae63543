"""Names of columns that people can choose from: fields, params and metrics."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from sqlalchemy import func, select

from epochlog.query.filters.fields import FIELDS, NUMBERS, STATS
from epochlog.query.filters.keys import PARAM, has_curves, used
from epochlog.query.loading import METRIC, SYSTEM_METRIC
from epochlog.query.opening import Reader
from epochlog.server.library import Library
from epochlog.server.values import cut
from epochlog.store.schema import key, param, series

CONTEXTS_MAX = 20
COUNTED_MAX = 1_000

HEADS = {"param": "params", "metric": "metrics", "system_metric": "system_metrics"}


_TAKEN = {*STATS, *NUMBERS, "step"}


def field_id(kind: str, name: str) -> str:
    """Return how a param or metric is written in the filter language."""
    head = HEADS[kind]
    parts = name.split(".")
    plain = re.fullmatch(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", name, re.ASCII) is not None
    if plain and not any(keyword.iskeyword(part) or part in _TAKEN for part in parts):
        return f"{head}.{name}"
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    escaped = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped)
    return f'{head}["{escaped}"]'


def known_names(library: Library) -> list[dict[str, Any]]:
    """Return all params and metrics by name; kept until the store changes."""
    _, arranger = library.arranger()
    found: list[dict[str, Any]] = arranger.keep("names", lambda: list(_read_names(library)))
    return found


def _read_names(library: Library) -> Iterator[dict[str, Any]]:
    kinds = {"param": PARAM, "metric": METRIC, "system_metric": SYSTEM_METRIC}
    uses = [used(kind).label(f"used{place}") for place, kind in enumerate(kinds.values())]
    curves = has_curves(METRIC).label("curves")
    rows: Any = library.reader.rows(select(key.c.pk, key.c.name, curves, *uses))
    for pk, name, own, *flags in sorted(rows, key=lambda row: row[1]):
        for kind, flag in zip(kinds, flags, strict=True):
            if flag:
                found = {"pk": pk, "kind": kind, "name": name, "id": field_id(kind, name)}
                yield found if own or kind != "metric" else {**found, "alias": True}


def _counted(library: Library, each: dict[str, Any]) -> dict[str, Any]:
    """Return a `Column`: with how many runs have it (up to `COUNTED_MAX`), and its contexts."""
    if each["kind"] == "field":
        return each
    _, arranger = library.arranger()
    key_pk, kind = each["pk"], each["kind"]
    found: dict[str, Any] = arranger.keep(
        ("count", key_pk, kind), lambda: _count(library.reader, key_pk, kind)
    )
    return {**_shown(each), **found}


def _named(each: dict[str, Any]) -> dict[str, Any]:
    """Return a `Column` of which nothing was counted."""
    if each["kind"] == "field":
        return each
    return {**_shown(each), "runs": None}


def _shown(each: dict[str, Any]) -> dict[str, Any]:
    word = "any" if each["kind"] == "param" else "number"
    shown = {"id": each["id"], "kind": each["kind"], "name": cut(each["name"]), "type": word}
    return {**shown, "alias": True} if "alias" in each else shown


def _count(reader: Reader, key_pk: int, kind: str) -> dict[str, Any]:
    table = param if kind == "param" else series
    inner = select(table.c.execution_pk).where(table.c.key_pk == key_pk)
    if kind != "param":
        inner = inner.where(series.c.kind == (METRIC if kind == "metric" else SYSTEM_METRIC))
        inner = inner.where(series.c.context == "")
    counted = inner.limit(COUNTED_MAX + 1).subquery()
    runs = int(reader.rows(select(func.count()).select_from(counted))[0][0])
    found: dict[str, Any] = {"runs": min(runs, COUNTED_MAX), "more": runs > COUNTED_MAX}
    if kind != "param":
        word = METRIC if kind == "metric" else SYSTEM_METRIC
        others = (
            select(series.c.context)
            .where(series.c.key_pk == key_pk, series.c.kind == word, series.c.context > "")
            .distinct()
            .limit(CONTEXTS_MAX)
        )
        found["stats"] = [*STATS, *NUMBERS]
        found["contexts"] = [cut(row.context) for row in reader.rows(others)]
    return found


def columns(
    library: Library, search: str, kind: str, limit: int, *, counted: bool = True
) -> dict[str, Any]:
    """Answer GET api/columns: those whose name contains the words of ``search``.

    Without ``counted`` only what they are called: fast for any number of them.
    """
    own = [
        {
            "id": ".".join(path),
            "kind": "field",
            "name": ".".join(path),
            "type": f.type,
            "runs": None,
        }
        for path, f in FIELDS.items()
    ]
    words = search.lower().split()
    fitting = [
        each
        for each in (*own, *known_names(library))
        if (not kind or each["kind"] == kind)
        and all(word in f"{each['id']} {each['name']}".lower() for word in words)
    ]
    describe = partial(_counted, library) if counted else _named
    return {"columns": [describe(each) for each in fitting[:limit]], "total": len(fitting)}
