"""Find the field that a name means, with a message that helps if there is none."""

from __future__ import annotations

from sqlalchemy import select

from epochlog.base.errors import FilterError
from epochlog.query.filters.fields import (
    FIELDS,
    KEYED,
    NUMBERS,
    STATS,
    Field,
    field_names,
    metric_field,
    param_field,
)
from epochlog.query.filters.keys import PARAM, Keys
from epochlog.query.filters.nodes import Name
from epochlog.query.filters.sources import param_source, series_source
from epochlog.query.loading import METRIC, SYSTEM_METRIC
from epochlog.query.opening import Reader
from epochlog.query.suggest import did_you_mean
from epochlog.store.schema import SEARCH_CHARS, execution

NO_KEY = -1
"""Stands for a name that no run has: its conditions are false for every run."""


class Names:
    """Resolves the names of one expression against one store.

    Args:
        reader: the store.
        keys: names of params and metrics in that store.
        expression: for messages.
        missing_ok: accept params and metrics that no run has; conditions on them are false.
    """

    def __init__(
        self, reader: Reader, keys: Keys, expression: str, *, missing_ok: bool = False
    ) -> None:
        self.reader = reader
        self.keys = keys
        self.expression = expression
        self.missing_ok = missing_ok

    def field(self, name: Name) -> Field:
        """Return the field.

        Raises:
            FilterError: there is none of this name.
        """
        if name.path[0] in KEYED and len(name.path) > 1:
            return self._param(name) if name.path[0] == "params" else self._metric(name)
        field = FIELDS.get(name.path)
        if field is None or name.context or any(name.quoted):
            raise self.error(self._unknown(name), name.column)
        return field

    def error(self, message: str, column: int) -> FilterError:
        """Return an error that points at ``column`` of the expression."""
        return FilterError(message, self.expression, column)

    def _unknown(self, name: Name) -> str:
        head = name.path[0]
        if head in KEYED:
            example = '["NAME"]' if head == "params" else '["NAME"].min'
            return f"{head} needs a name: {head}.NAME or {head}{example}"
        lowered = name.text.lower()
        if lowered in ("true", "false", "none", "null"):
            word = {"true": "True", "false": "False"}.get(lowered, "None")
            return f"{name.text!r} is written {word}"
        known = field_names()
        near = did_you_mean(name.text, known) or self._keyed_hint(name.text)
        return f"unknown field {name.text!r}{near or '; there are ' + ', '.join(known)}"

    def _keyed_hint(self, text: str) -> str:
        found = [
            f"{head}.{text}" if text.isidentifier() else f'{head}["{text}"]'
            for head, kind in (("params", PARAM), ("metrics", METRIC))
            if self.keys.find(text, kind) is not None
        ]
        return f"; did you mean {' or '.join(found)}?" if found else ""

    def _param(self, name: Name) -> Field:
        text = ".".join(name.path[1:])
        key_pk = self.keys.find(text, PARAM)
        if key_pk is None:
            self._refuse(name, "param", text, PARAM)
        return param_field(param_source(NO_KEY if key_pk is None else key_pk))

    def _metric(self, name: Name) -> Field:
        kind = METRIC if name.path[0] == "metrics" else SYSTEM_METRIC
        text, stat, part = self.split(name)
        key_pk = self.keys.find(text, kind)
        if key_pk is None:
            self._refuse(name, "metric" if kind == METRIC else "system metric", text, kind)
        aliased = self.keys.aliased(key_pk) if key_pk is not None and kind == METRIC else ()
        source = series_source(
            NO_KEY if key_pk is None else key_pk, kind, name.context[:SEARCH_CHARS], aliased
        )
        return metric_field(source, stat, part)

    def split(self, name: Name) -> tuple[str, str, str]:
        """Return (name of the metric, statistic, "value" or "step")."""
        path, quoted = list(name.path[1:]), list(name.quoted[1:])
        stat, part = "last", "value"
        if path[-1] == "step" and not quoted[-1] and len(path) > 1:
            if path[-2] in STATS and not quoted[-2] and len(path) > 2:
                stat, part = path[-2], "step"
                del path[-2:], quoted[-2:]
            elif quoted[-2]:
                part = "step"
                del path[-1], quoted[-1]
        elif path[-1] in (*STATS, *NUMBERS) and not quoted[-1] and len(path) > 1:
            stat = path.pop()
            quoted.pop()
        if len(path) > 1 and any(quoted):  # metrics["val/loss"].minimum
            self._refuse_stat(name, ".".join(path[:-1]), path[-1])
        return ".".join(path), stat, part

    def _refuse_stat(self, name: Name, text: str, stat: str) -> None:
        stats = (*STATS, *NUMBERS)
        near = did_you_mean(stat, stats)
        raise self.error(
            f"metric {text!r} has no statistic {stat!r}{near}; there are {', '.join(stats)}",
            name.column,
        )

    def _refuse(self, name: Name, noun: str, text: str, kind: int) -> None:
        """Raise for a name that no run has, unless that is allowed or there are no runs at all."""
        if self.missing_ok or not self.reader.rows(select(execution.c.pk).limit(1)):
            return
        head, dot, stat = text.rpartition(".")
        if kind != PARAM and dot and self.keys.find(head, kind) is not None:
            self._refuse_stat(name, head, stat)
        known = self.keys.all(kind)
        near = did_you_mean(text, known) or (f"; there are {_listed(known)}" if known else "")
        raise self.error(f"no run has a {noun} {text!r}{near}", name.column)


def _listed(names: list[str], most: int = 12) -> str:
    shown = ", ".join(sorted(names)[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
