"""Answer POST api/filter: whether an expression is right, and what could stand at the caret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import func, select

from epochlog.base.errors import FilterError
from epochlog.query.filters.compile import compile_filter
from epochlog.query.filters.fields import FIELDS, NUMBERS, STATS
from epochlog.query.filters.keys import Keys
from epochlog.query.filters.names import Names
from epochlog.query.filters.parse import parse_filter, parse_order
from epochlog.query.filters.sources import RUN, run
from epochlog.query.ordering import compile_order
from epochlog.query.table import parse_columns
from epochlog.server.answers import describe
from epochlog.server.asking import FilterRequest
from epochlog.server.library import Library
from epochlog.server.naming import HEADS, known_names
from epochlog.store.schema import key, tag

COMPLETIONS_MAX = 50

_FUNCTIONS = {
    "between(": "between(x, a, b)",
    "contains(": 'contains(x, "a")',
    "startswith(": 'startswith(x, "a")',
    "endswith(": 'endswith(x, "a")',
    "like(": 'like(x, "%a%"), ignores case',
    "matches(": 'matches(x, "regex")',
    "isnan(": "isnan(x)",
    "isinf(": "isinf(x)",
    "ago(": 'ago("7d"), a moment before now',
    "now()": "this moment",
}
_OPERATORS = ("and", "or", "not", "in", "not in", "is None", "is not None", "True", "False")

_WORD = re.compile(r"[\w.]*(?:\[\"?[^\]\"]*\"?\]?)?[\w.]*$")
_VALUE = re.compile(r"([\w.]+(?:\[\"[^\"]*\"\])?[\w.]*)\s*(?:==|!=|in\s*\[?)\s*\"([^\"]*)$")
_STAT = re.compile(r"((?:system_)?metrics(?:\.[\w.]+|\[\"[^\"]*\"\]))\.(\w*)")
_HEAD = re.compile(r"^(params|metrics|system_metrics)[.\[]\"?")

Item = tuple[str, str, str]
"""Text, kind, detail."""


def check(library: Library, asked: FilterRequest) -> dict[str, Any]:
    """Return a `FilterAnswer`."""
    answer: dict[str, Any] = {"ok": True, "completions": []}
    for field, expression in (("where", asked.where), ("order", asked.order)):
        try:
            _check(library, field, expression)
        except FilterError as error:
            answer.update(ok=False, error={**describe(error)[1], "field": field})
            break
    if asked.caret is not None:
        text = asked.where or asked.order
        found = islice(_completions(library, text, asked.caret), COMPLETIONS_MAX)
        answer["completions"] = list(found)
    return answer


def _check(library: Library, field: str, expression: str) -> None:
    reader = library.reader
    if field == "order":
        if parse_order(expression):
            compile_order(reader, Keys(reader), expression)
        return
    node = parse_filter(expression)
    if node is not None:
        compile_filter(node, Names(reader, Keys(reader), expression))


def _completions(library: Library, text: str, caret: int) -> Iterator[dict[str, Any]]:
    """Yield what could replace the word before the caret (a place in UTF-16 units)."""
    before = text.encode("utf-16-le", "surrogatepass")[: 2 * caret].decode("utf-16-le", "replace")
    word = _WORD.search(before)
    typed = word[0] if word else ""
    value = _VALUE.search(before)
    quoted = re.search(r"\"([^\"]*)$", before)
    if value is not None:
        typed, items = value[2], _values(library, value[1], value[2])
    elif before.count('"') % 2 and quoted is not None and "[" not in typed:
        typed, items = quoted[1], _tags(library, quoted[1])
    else:
        items = _words(library, typed)
    start = caret - len(typed.encode("utf-16-le", "surrogatepass")) // 2
    for shown, kind, detail in items:
        yield {"text": shown, "from": start, "to": caret, "kind": kind, "detail": detail}


def _words(library: Library, typed: str) -> Iterator[Item]:
    lowered = typed.lower()
    yield from _stats(library, typed)
    for path, field in FIELDS.items():
        name = ".".join(path)
        if name.startswith(lowered):
            yield name, "field", field.type
    needle = _HEAD.sub("", lowered)
    head = re.split(r"[.\[]", lowered)[0] if needle != lowered else ""
    needle = needle.rstrip('"]')
    for each in known_names(library):
        fits = needle in each["name"].lower() and head in ("", HEADS[each["kind"]])
        if (fits or each["id"].lower().startswith(lowered)) and each["id"] != typed:
            yield each["id"], each["kind"], ""
    if not typed:
        return
    for name, detail in _FUNCTIONS.items():
        if name.startswith(lowered):
            yield name, "function", detail
    for name in _OPERATORS:
        if name.startswith(lowered):
            yield name, "operator", ""


def _stats(library: Library, typed: str) -> Iterator[Item]:
    metric = _STAT.fullmatch(typed)
    if metric is None or all(each["id"] != metric[1] for each in known_names(library)):
        return
    for stat in (*STATS, *NUMBERS):
        if stat.startswith(metric[2]):
            yield f"{metric[1]}.{stat}", "stat", ""


def _tags(library: Library, typed: str) -> Iterator[Item]:
    statement = (
        select(key.c.name, func.count())
        .join(tag, tag.c.key_pk == key.c.pk)
        .where(tag.c.entity_kind == "execution")
        .group_by(key.c.pk)
        .order_by(func.count().desc())
        .limit(500)
    )
    rows: Any = library.reader.rows(statement)
    for name, runs in rows:
        if typed.lower() in name.lower():
            yield _in_quotes(name), "value", f"tag of {runs:,} runs"


def _values(library: Library, id: str, typed: str) -> Iterator[Item]:
    """Yield texts that the field has in some runs."""
    reader = library.reader
    try:
        field = parse_columns(reader, [id])[0].field
    except FilterError:
        return
    if field.text is None:
        return
    found: list[str] = list(field.values)
    if not found:
        rows = run if field.source is RUN else field.source.make("x")
        text = field.text(rows)
        statement = select(text).distinct().select_from(rows).where(*field.source.own(rows))
        if typed:
            statement = statement.where(text.startswith(typed, autoescape=True))
        if field.is_text is not None:
            statement = statement.where(field.is_text(rows))
        found = [row[0] for row in reader.rows(statement.limit(COMPLETIONS_MAX)) if row[0]]
    for value in found:
        if typed.lower() in value.lower():
            yield _in_quotes(value), "value", ""


def _in_quotes(text: str) -> str:
    """Return a text as it stands between double quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
