"""Orders of runs: what they sort by, and where a page goes on after the last run of the one before.

Missing values come last in both directions. Runs with equal values are told apart by their pk, in
the direction of their first value that is there; runs without any value come newest first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, or_

from epochlog.base.errors import FilterError
from epochlog.query.filters.keys import Keys, possible_keys
from epochlog.query.filters.names import Names
from epochlog.query.filters.parse import parse_order
from epochlog.query.filters.sources import RUN, Bool, Source, run
from epochlog.query.opening import Reader

DEFAULT_ORDER = "-started"


@dataclass(frozen=True, slots=True)
class Term:
    """One expression that an order sorts by."""

    source: Source
    expression: Callable[[FromClause], ColumnElement[Any]]
    descending: bool


@dataclass(frozen=True, slots=True)
class Position:
    """The last run of a page: its value for each term, and its pk."""

    values: tuple[Any, ...]
    pk: int


def compile_order(
    reader: Reader, keys: Keys, order_by: str | Sequence[str], *, missing_ok: bool = False
) -> tuple[Term, ...]:
    """Return the terms of an order: a string ("-metrics.acc.max, started") or several.

    Raises:
        FilterError: malformed, an unknown name, or a field that has no order.
    """
    terms: list[Term] = []
    for expression in [order_by] if isinstance(order_by, str) else order_by:
        names = Names(reader, keys, expression, missing_ok=missing_ok)
        parsed = parse_order(expression)
        keys.prefetch(text for name, _ in parsed for text in possible_keys(name))
        for name, descending in parsed:
            field = names.field(name)
            if field.many or field.type == "row":
                raise names.error(f"runs can't be ordered by {name.text!r}", name.column)
            # A param has numbers in some runs and texts in others: numbers come first.
            terms += [
                Term(field.source, column, descending)
                for column in (field.number, field.text)
                if column is not None
            ]
    if len(terms) > 10:
        raise FilterError("an order has at most 10 fields")
    return tuple(terms)


@dataclass(frozen=True, slots=True)
class Columns:
    """The terms of an order as columns of one statement."""

    terms: tuple[Term, ...]
    values: tuple[ColumnElement[Any], ...]

    def tie(self) -> ColumnElement[Any]:
        """Return what sorts runs of equal values, ascending."""
        pk: ColumnElement[Any] = run.c.pk
        if not self.terms:
            return -pk
        branches = [
            (value.is_not(None), -pk if term.descending else pk)
            for term, value in zip(self.terms, self.values, strict=True)
        ]
        return case(*branches, else_=-pk)

    def order(self) -> list[ColumnElement[Any]]:
        """Return the complete ORDER BY: for every term missing last, then value; then the tie."""
        found: list[ColumnElement[Any]] = []
        for term, value in zip(self.terms, self.values, strict=True):
            found.append(value.is_(None))
            found.append(value.desc() if term.descending else value.asc())
        return [*found, self.tie()]

    def after(self, position: Position) -> Bool:
        """Return the condition that a run comes after ``position``."""
        branches: list[Bool] = []
        equal: list[Bool] = []
        for term, value, last in zip(self.terms, self.values, position.values, strict=True):
            if last is None:
                equal.append(value.is_(None))
                continue
            beyond = value < last if term.descending else value > last
            branches.append(and_(*equal, or_(beyond, value.is_(None))))
            equal.append(value == last)
        branches.append(and_(*equal, self.tie() > tie_of(self.terms, position)))
        return or_(*branches)


def tie_of(terms: Sequence[Term], position: Position) -> int:
    """Return the value of `Columns.tie` for a position."""
    for term, value in zip(terms, position.values, strict=True):
        if value is not None:
            return -position.pk if term.descending else position.pk
    return -position.pk


def is_own(term: Term) -> bool:
    """Return whether the term is a column of the run's own row."""
    return term.source is RUN
