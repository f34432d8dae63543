"""Put all runs that match a filter in order at once, as an array of their pks.

`Runs` answers page by page and never looks at more than it needs; a table that people scroll
through needs to know where every run stands. Sets and orders come from the database as one text of
numbers each (a row object for each of 100,000 runs would take five times as long) and are put
together here: `and`, `or`, `not` are operations on sets, an order of one field is its index.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, and_, func, select

from epochlog.query.filters.compile import All, Condition, Leaf, Negated, Some, compile_filter
from epochlog.query.filters.keys import Keys, names_in, possible_keys
from epochlog.query.filters.names import Names
from epochlog.query.filters.nodes import Node
from epochlog.query.filters.sources import RUN, Bool, run
from epochlog.query.opening import Reader
from epochlog.query.ordering import DEFAULT_ORDER, Term, compile_order
from epochlog.store.schema import execution

Pks: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]

KEPT_MAX = 64
"""Sets and orders that are kept for the next question (0.8 MB each with 100,000 runs)."""


class Arranger:
    """Answers for one state of the store; what it read for one question serves the next.

    Args:
        reader: the store. Make a new arranger when the store has changed.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._kept: OrderedDict[Any, Any] = OrderedDict()
        newest = reader.rows(select(func.max(execution.c.pk)))[0][0]
        self.size = int(newest or 0) + 1

    def arrange(
        self,
        node: Node | None,
        order: str = DEFAULT_ORDER,
        *,
        always: Sequence[Bool] = (),
        expression: str = "",
    ) -> Pks:
        """Return the pks of the runs that match, in order.

        The order is that of `Runs`, but for params: equal numbers are told apart by the run alone,
        however they were written (1, 1.0).

        Args:
            node: a parsed filter; None = all runs.
            order: field or fields, ``-`` first for descending.
            always: conditions on the run's own row that hold besides.
            expression: the filter as written, for messages.

        Raises:
            FilterError: an expression names something that can't be.
        """
        found = self.select(node, always=always, expression=expression)
        keys = Keys(self._reader)
        terms = compile_order(self._reader, keys, order or DEFAULT_ORDER, missing_ok=True)
        fields = list(_fields(terms))
        if len(fields) == 1:
            return self._by_one(fields[0], found)
        return self._by_several(fields, found)

    def select(
        self, node: Node | None, *, always: Sequence[Bool] = (), expression: str = ""
    ) -> Mask:
        """Return which pks match, as an array of bool with a place for each pk from 0."""
        found = np.zeros(self.size, bool)
        found[self.pks(select(run.c.pk).where(*always))] = True
        if node is not None:
            keys = Keys(self._reader)
            keys.prefetch(text for name in names_in(node) for text in possible_keys(name))
            names = Names(self._reader, keys, expression, missing_ok=True)
            found &= self._mask(compile_filter(node, names))
        return found

    # --- sets

    def _mask(self, condition: Condition) -> Mask:
        if isinstance(condition, All):
            every: Mask = np.logical_and.reduce([self._mask(item) for item in condition.items])
            return every
        if isinstance(condition, Some):
            any_of: Mask = np.logical_or.reduce([self._mask(item) for item in condition.items])
            return any_of
        if isinstance(condition, Negated):
            return ~self._mask(condition.item)
        found = np.zeros(self.size, bool)
        found[self.pks(_members(condition))] = True
        return found

    # --- orders

    def _by_one(self, terms: Sequence[Term], found: Mask) -> Pks:
        left = found.copy()
        parts: list[Pks] = []
        for term in terms:
            if term is not terms[0] and not left[self._numberless(terms[0])].any():
                continue
            pks = self.pks(_sorted(term))
            pks = pks[left[pks]]
            if len(pks) and np.bincount(pks).max() > 1:  # runs that have the curve under two names
                pks = pks[np.sort(np.unique(pks, return_index=True)[1])]
            left[pks] = False
            parts.append(pks)
        return np.concatenate([*parts, np.flatnonzero(left)[::-1]])

    def _by_several(self, fields: Sequence[Sequence[Term]], found: Mask) -> Pks:
        """Sort by ranks; a run without a value comes after all others."""
        pks = np.flatnonzero(found)
        ranks = []
        tie = -pks
        given = np.zeros(len(pks), bool)
        for terms in fields:
            rank = self._ranks(terms)[pks]
            here = rank >= 0
            descending = terms[0].descending
            tie = np.where(here & ~given & (not descending), pks, tie)
            given |= here
            ranks.append(np.where(here, -rank if descending else rank, self.size * 2))
        return pks[np.lexsort((tie, *reversed(ranks)))]

    def _ranks(self, terms: Sequence[Term]) -> NDArray[np.int64]:
        """Return the rank of each pk's value, from 0 (equal values share one); -1 without any."""
        ranks = np.full(self.size, -1, np.int64)
        # Numbers come before texts either way, so texts get the higher ranks or the lower ones.
        for term in reversed(terms) if terms[0].descending else terms:
            pks, places = self._ranked(term)
            if term is not terms[0]:
                texts = np.zeros(self.size, bool)
                texts[self._numberless(terms[0])] = True
                pks, places = pks[texts[pks]], places[texts[pks]]
            ranks[pks] = places + (ranks.max() + 1)
        return ranks

    # --- reading

    def pks(self, statement: Select[Any]) -> Pks:
        """Return the one column of a statement, in its order."""
        found: Pks = self._columns(statement, (int,))[0]
        return found

    def numbers(self, statement: Select[Any]) -> tuple[Pks, NDArray[np.float64]]:
        """Return the two columns of a statement: pks and numbers, none of them NULL."""
        pks, numbers = self._columns(statement, (int, float))
        return pks, numbers.copy()

    def texts(self, statement: Select[Any]) -> tuple[Pks, Pks, list[str]]:
        """Return a statement's runs by their text: pks, places of their texts, the texts."""
        inner = statement.subquery()
        pk, text = inner.c
        if self._reader.engine.dialect.name == "sqlite":
            grouped = select(text, func.count(), func.group_concat(pk)).group_by(text)
            rows = self._reader.tuples(grouped)
            pks: Pks = np.fromstring(",".join(row[2] for row in rows), np.int64, sep=",")
            codes = np.repeat(np.arange(len(rows)), [row[1] for row in rows])
            return *self._known([pks, codes]), [row[0] for row in rows]
        places: dict[str, int] = {}
        pairs = self._reader.tuples(statement)
        pks = np.array([row[0] for row in pairs], np.int64)
        codes = np.array([places.setdefault(each, len(places)) for _, each in pairs], np.int64)
        return *self._known([pks, codes]), [*places]

    def _ranked(self, term: Term) -> tuple[Pks, Pks]:
        plain = _sorted(term)
        place = func.dense_rank().over(order_by=_value(plain)).label("place")
        statement = plain.order_by(None).add_columns(place)
        pks, places = self._columns(statement, (int, int))
        return pks, places

    def _numberless(self, numbers: Term) -> Pks:
        """Return the pks of the runs whose param is no number."""
        source = numbers.source
        return self.pks(source.members(lambda rows: numbers.expression(rows).is_(None)))

    def keep(self, key: Any, make: Callable[[], Any]) -> Any:
        """Return what was made before under ``key``, or make it now."""
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = make()
            if len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        else:
            with suppress(KeyError):  # another thread has just let go of it
                self._kept.move_to_end(key)
        return found

    def _columns(self, statement: Select[Any], kinds: Sequence[type]) -> list[Any]:
        """Return columns of integers and floats; kept until the arranger goes."""
        compiled = statement.compile(self._reader.engine)
        key = (str(compiled), tuple(map(str, compiled.params.values())))
        found: list[Any] = self.keep(key, lambda: self._known(self._read(statement, kinds)))
        return list(found)

    def _known(self, columns: list[Any]) -> list[Any]:
        """Return columns without the runs that were made after this arranger was."""
        known = columns[0] < self.size
        return columns if known.all() else [column[known] for column in columns]

    def _read(self, statement: Select[Any], kinds: Sequence[type]) -> list[Any]:
        if self._reader.engine.dialect.name != "sqlite":
            rows: Any = self._reader.rows(statement)
            return [np.array([row[i] for row in rows], kind) for i, kind in enumerate(kinds)]
        inner = statement.subquery()
        texts = [
            func.group_concat(func.printf("%!.17g", column) if kind is float else column)
            for column, kind in zip(inner.c, kinds, strict=True)
        ]
        row = self._reader.rows(select(*texts))[0]
        return [
            np.fromstring(text or "", kind, sep=",") for text, kind in zip(row, kinds, strict=True)
        ]


def _fields(terms: Sequence[Term]) -> Iterator[list[Term]]:
    """Yield the terms field by field: a param has two, its numbers and its texts."""
    field: list[Term] = []
    for term in terms:
        if field and not (
            len(field) == 1
            and term.source.identity == field[0].source.identity
            and term.source.identity[0] == "param"
        ):
            yield field
            field = []
        field.append(term)
    if field:
        yield field


def _members(leaf: Leaf) -> Select[Any]:
    source = leaf.source
    if source.run_pk is not None:
        return source.members(leaf.predicate)
    if source is RUN:
        return select(run.c.pk).where(leaf.predicate(run))
    return select(run.c.pk).where(source.exists(leaf.predicate))


def _sorted(term: Term) -> Select[Any]:
    """Return the statement for the pks of all runs with a value, in the order of their values."""
    source = term.source
    if source is RUN:
        value = term.expression(run)
        pk: ColumnElement[Any] = run.c.pk
        statement = select(pk).select_from(run)
    else:
        rows = source.make("x")
        value = term.expression(rows)
        if source.run_pk is not None:
            pk = source.run_pk(rows)
            statement = select(pk).select_from(rows).where(*source.own(rows))
        else:
            pk = run.c.pk
            joined = run.join(rows, and_(source.link(rows), *source.own(rows)))
            statement = select(pk).select_from(joined)
    way: Callable[[ColumnElement[Any]], ColumnElement[Any]]
    way = (lambda c: c.desc()) if term.descending else (lambda c: c.asc())
    return statement.where(value.is_not(None)).order_by(way(value), way(pk))


def _value(statement: Select[Any]) -> Any:
    """Return what a statement of `_sorted` sorts by first, ascending."""
    return statement._order_by_clauses[0].element.asc()
