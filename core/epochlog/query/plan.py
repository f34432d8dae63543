"""Choose how the database finds a page of runs: from few matches, or along the order's index.

A filter with a part that few runs satisfy is answered from those runs: they are looked up, then
sorted. Otherwise runs are walked in their order, along the index of its first term, and each is
checked until the page is full. Which one it is, a bounded count of each part tells (at most
`PROBE_MAX` index entries each). In the walk, a part with few enough matches is checked against the
set of them, any other by looking up the one row that decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from sqlalchemy import FromClause, Select, and_, false, func, not_, null, or_, select

from epochlog.query.filters.compile import All, Condition, Leaf, Negated, Some
from epochlog.query.filters.sources import RUN, Bool, run
from epochlog.query.opening import Reader
from epochlog.query.ordering import Columns, Position, Term, is_own

FEW = 2_000
"""With at most so many matches, fetching and sorting all of them is fast enough."""

PROBE_MAX = 5_000
"""Sets beyond this size are not built for a page; their conditions are checked run by run."""


@dataclass(slots=True)
class Plan:
    """A filter and an order, ready to be asked for pages.

    Attributes:
        conditions: all must hold.
        always: conditions on the run's own row that come without the user's asking.
        terms: what to sort by.
    """

    reader: Reader
    conditions: tuple[Condition, ...]
    always: tuple[Bool, ...]
    terms: tuple[Term, ...]
    _matches: dict[int, int] = field(default_factory=dict)

    def page(self, size: int, after: Position | None = None) -> list[Position]:
        """Return the next up to ``size`` runs after ``after`` (None: from the beginning)."""
        driver = self.driver()
        if driver is not None:
            return self._fetch(self._sorted(driver, after).limit(size))
        found: list[Position] = []
        for statement in self._walks(after):
            found += self._fetch(statement.limit(size - len(found)))
            if len(found) >= size:
                break
        return found

    def count(self) -> int:
        """Return how many runs there are."""
        statement = select(func.count()).select_from(run).where(*self.always)
        statement = statement.where(*(self._sql(c, sets=True) for c in self.conditions))
        return int(self.reader.rows(statement)[0][0])

    # --- the two ways

    def driver(self) -> Leaf | None:
        """Return the part that fewest runs satisfy, if they are few enough to start from."""
        leaves = [c for c in self.conditions if isinstance(c, Leaf) and c.source.run_pk]
        best = min(leaves, key=self.matches, default=None)
        return best if best is not None and self.matches(best) <= FEW else None

    def matches(self, leaf: Leaf) -> int:
        """Return how many runs satisfy a part, or `PROBE_MAX` + 1 if more than that."""
        if not self._matches:
            self._probe([each for condition in self.conditions for each in _leaves(condition)])
        return self._matches[id(leaf)]

    def _probe(self, leaves: Sequence[Leaf]) -> None:
        """Count the matches of all parts with one statement."""
        probed = {id(leaf): leaf for leaf in leaves if leaf.source.run_pk}
        counts = [
            select(func.count())
            .select_from(leaf.source.members(leaf.predicate).limit(PROBE_MAX + 1).subquery())
            .scalar_subquery()
            for leaf in probed.values()
        ]
        self._matches = dict(zip(probed, self.reader.rows(select(*counts))[0], strict=True))

    def _sorted(self, driver: Leaf, after: Position | None) -> Select[Any]:
        tables, columns = self._joined(self.terms, {})
        statement = (
            select(*columns.values, run.c.pk)
            .select_from(tables)
            .where(run.c.pk.in_(driver.source.members(driver.predicate)), *self.always)
            .where(*(self._sql(c) for c in self.conditions if c is not driver))
            .order_by(*columns.order())
        )
        return statement if after is None else statement.where(columns.after(after))

    def _walks(self, after: Position | None) -> Iterator[Select[Any]]:
        """Yield statements whose results, one after another, are the runs in their order.

        The first has the runs with a value for the first term, sorted by an index; the next those
        without it but with one for the second, and so on; the last those without any value.
        """
        start = 0 if after is None else _first_given(after)
        for first in range(start, len(self.terms) + 1):
            here = after if first == start else None
            yield self._walk(first, here)

    def _walk(self, first: int, after: Position | None) -> Select[Any]:
        """Return the statement for the runs whose first value that is there is number ``first``."""
        missing, terms = self.terms[:first], self.terms[first:]
        bound: dict[tuple[Any, ...], FromClause] = {}
        tables, columns = self._joined(terms, bound, inner=True)
        statement = select(*columns.values, run.c.pk).select_from(tables)
        if not terms:
            statement = statement.order_by(run.c.pk.desc())
        else:
            lead, descending = columns.values[0], terms[0].descending
            tie = bound_pk(terms[0], bound)
            rest = Columns(terms[1:], columns.values[1:]).order()[:-1]
            statement = statement.where(lead.is_not(None)).order_by(
                lead.desc() if descending else lead.asc(),
                *rest,
                tie.desc() if descending else tie.asc(),
            )
        statement = statement.where(*self.always, *(_lacks(term, bound) for term in missing))
        statement = statement.where(*(self._sql(c, bound=bound) for c in self.conditions))
        if after is not None:
            statement = statement.where(*_resume(columns, after, first))
        nulls = (null().label(f"n{place}") for place in range(first))
        shown = statement.with_only_columns(*nulls, *columns.values, run.c.pk)
        return cast("Select[Any]", shown)

    def _joined(
        self,
        terms: Sequence[Term],
        bound: dict[tuple[Any, ...], FromClause],
        *,
        inner: bool = False,
    ) -> tuple[FromClause, Columns]:
        """Join the rows that the terms sort by; the first term's comes first if ``inner``."""
        tables: FromClause = run
        values = []
        for place, term in enumerate(terms):
            if is_own(term):
                values.append(term.expression(run))
                continue
            rows = bound.get(term.source.identity)
            if rows is None:
                rows = bound[term.source.identity] = term.source.make(f"order{place}")
                condition = and_(term.source.link(rows), *term.source.own(rows))
                if place == 0 and inner:
                    tables = rows.join(run, condition)
                else:
                    tables = tables.outerjoin(rows, condition)
            values.append(term.expression(rows))
        return tables, Columns(tuple(terms), tuple(values))

    def _fetch(self, statement: Select[Any]) -> list[Position]:
        return [Position(tuple(row[:-1]), row[-1]) for row in self.reader.rows(statement)]

    # --- conditions

    def _sql(
        self,
        condition: Condition,
        *,
        sets: bool = False,
        negated: bool = False,
        bound: Mapping[tuple[Any, ...], FromClause] | None = None,
    ) -> Bool:
        """Return a condition on the run.

        Args:
            condition: what must hold.
            sets: always build sets.
            negated: the condition is part of a negated one, so NULL must become false.
            bound: rows that the statement has joined already.
        """
        if isinstance(condition, All):
            return and_(*(self._sql(i, sets=sets, negated=negated) for i in condition.items))
        if isinstance(condition, Some):
            return or_(*(self._sql(i, sets=sets, negated=negated) for i in condition.items))
        if isinstance(condition, Negated):
            return not_(self._sql(condition.item, sets=sets, negated=True))
        source = condition.source
        if source is RUN:
            own = condition.predicate(run)
            # Only where it must: coalesce() keeps the database from using an index.
            return func.coalesce(own, false()) if negated else own
        if bound and source.unique and source.identity in bound:
            return condition.predicate(bound[source.identity])
        if source.run_pk and (sets or self.matches(condition) <= PROBE_MAX):
            pk = run.c.pk if sets else run.c.pk + 0  # "+ 0": check with the set, don't start there
            return pk.in_(source.members(condition.predicate))
        return source.exists(condition.predicate)


def _leaves(condition: Condition) -> Iterator[Leaf]:
    if isinstance(condition, (All, Some)):
        for item in condition.items:
            yield from _leaves(item)
    elif isinstance(condition, Negated):
        yield from _leaves(condition.item)
    else:
        yield condition


def bound_pk(term: Term, bound: dict[tuple[Any, ...], FromClause]) -> Any:
    """Return the column that is the run's pk in the rows that the order walks along."""
    rows = bound.get(term.source.identity)
    if rows is None or term.source.run_pk is None:
        return run.c.pk
    return term.source.run_pk(rows)


def _first_given(position: Position) -> int:
    for place, value in enumerate(position.values):
        if value is not None:
            return place
    return len(position.values)


def _lacks(term: Term, bound: Mapping[tuple[Any, ...], FromClause]) -> Bool:
    rows = run if is_own(term) else bound.get(term.source.identity)
    if rows is not None:
        return term.expression(rows).is_(None)
    return not_(term.source.exists(lambda rows: term.expression(rows).is_not(None)))


def _resume(columns: Columns, after: Position, first: int) -> Iterator[Bool]:
    """Yield the conditions to go on after a position, the first one in terms of the index."""
    if not columns.terms:
        yield run.c.pk < after.pk
        return
    lead, last = columns.values[0], after.values[first]
    yield lead <= last if columns.terms[0].descending else lead >= last
    yield columns.after(replace(after, values=after.values[first:]))
