"""Runs that match a filter, in an order: lazy, never capped, read page by page."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, overload

from sqlalchemy import select

from epochlog.base.errors import EpochlogError
from epochlog.query.display import runs_html, runs_text
from epochlog.query.filters.compile import All, Condition, compile_filter
from epochlog.query.filters.keys import Keys, names_in, possible_keys
from epochlog.query.filters.names import Names
from epochlog.query.filters.parse import parse_filter
from epochlog.query.filters.sources import run
from epochlog.query.frames import Columns, frame
from epochlog.query.loading import BATCH, Page
from epochlog.query.opening import Reader
from epochlog.query.optional import require
from epochlog.query.ordering import DEFAULT_ORDER, Position, compile_order
from epochlog.query.plan import Plan
from epochlog.query.run_view import RunView
from epochlog.store.schema import execution

FIRST_PAGE, LARGEST_PAGE = 50, BATCH


class Runs:
    """The runs of a store that match a filter. No run is read before it is looked at.

    Iterating, indexing and slicing give `RunView` objects; ``len()`` counts. Each look reads the
    store anew. A run that appears, ends or goes while pages are read disturbs none of the others:
    pages go on after the last run, not after a number of runs.

    Args:
        reader: the store.
        where: a filter expression; "" = all.
        order_by: "-started" (the default), "-metrics.acc.max, name" or several such strings.
            Missing values come last.
        limit: at most so many runs; None = all.
        nested: False leaves out runs that are part of another (folds, candidates, trials).
        deleted: include runs in the bin (a filter that mentions ``deleted`` decides for itself).
        missing_ok: accept names of params and metrics that no run has.

    Raises:
        FilterError: an expression is malformed or names something unknown.
    """

    def __init__(
        self,
        reader: Reader,
        where: str = "",
        order_by: str | Sequence[str] = DEFAULT_ORDER,
        limit: int | None = None,
        *,
        nested: bool = True,
        deleted: bool = False,
        missing_ok: bool = False,
    ) -> None:
        if limit is not None and limit < 0:
            raise EpochlogError(f"limit must be 0 or more, not {limit}")
        self._reader = reader
        self._limit = limit
        self._question = (where, [order_by] if isinstance(order_by, str) else list(order_by))
        node = parse_filter(where)
        conditions: tuple[Condition, ...] = ()
        keys = Keys(reader)
        fields = [] if node is None else list(names_in(node))
        if node is not None:
            keys.prefetch(text for name in fields for text in possible_keys(name))
            found = compile_filter(node, Names(reader, keys, where, missing_ok=missing_ok))
            conditions = found.items if isinstance(found, All) else (found,)
        always = [] if nested else [run.c.parent_pk.is_(None)]
        if not deleted and not any(name.path[0] in ("deleted", "archived") for name in fields):
            always.append(run.c.deleted_at.is_(None))
        terms = compile_order(reader, keys, order_by or DEFAULT_ORDER, missing_ok=missing_ok)
        self._plan = Plan(reader, conditions, tuple(always), terms)

    # --- reading

    def __iter__(self) -> Iterator[RunView]:
        for page in self._pages(FIRST_PAGE, LARGEST_PAGE):
            yield from page

    def pages(self, size: int = FIRST_PAGE) -> Iterator[list[RunView]]:
        """Yield the runs in lists of ``size`` (the last may be shorter)."""
        return self._pages(size, size)

    def page(self, size: int = FIRST_PAGE, cursor: str = "") -> tuple[list[RunView], str]:
        """Return up to ``size`` runs and the cursor of the next page ("" after the last).

        Args:
            size: runs a page, 1 to 500.
            cursor: what the page before returned; "" for the first page.

        Raises:
            EpochlogError: the cursor belongs to another filter or order.
        """
        size = max(1, min(size, LARGEST_PAGE))
        positions = self._plan.page(size + 1, self._parse_cursor(cursor))
        more = len(positions) > size
        positions = positions[:size]
        return self._views(positions), self._cursor(positions[-1]) if more else ""

    def _positions(self, first: int, largest: int) -> Iterator[list[Position]]:
        """Yield pages of positions; each run once, even if its place changes meanwhile."""
        left, size = self._limit, first
        after: Position | None = None
        seen: set[int] = set()
        while left is None or left > 0:
            wanted = size if left is None else min(size, left)
            page = self._plan.page(wanted, after)
            fresh = [position for position in page if position.pk not in seen]
            seen.update(position.pk for position in fresh)
            if fresh:
                yield fresh
            if len(page) < wanted:
                return
            after = page[-1]
            left = None if left is None else left - len(fresh)
            size = min(size * 2, largest)

    def _pages(self, first: int, largest: int) -> Iterator[list[RunView]]:
        for positions in self._positions(first, largest):
            yield self._views(positions)

    def _views(self, positions: Sequence[Position]) -> list[RunView]:
        page = Page(self._reader, [position.pk for position in positions])
        return [RunView(page, position.pk) for position in positions if position.pk in page.runs]

    def count(self) -> int:
        """Return how many runs match, without reading them."""
        if self._limit is None:
            return self._plan.count()
        if self._limit <= LARGEST_PAGE:  # one page answers it sooner than counting them all
            return len(self._plan.page(self._limit)) if self._limit else 0
        return min(self._plan.count(), self._limit)

    def __len__(self) -> int:
        return self.count()

    def __bool__(self) -> bool:
        return self._limit != 0 and bool(self._plan.page(1))

    @overload
    def __getitem__(self, index: int) -> RunView: ...
    @overload
    def __getitem__(self, index: slice) -> list[RunView]: ...
    def __getitem__(self, index: int | slice) -> RunView | list[RunView]:
        """Return one run or several, by place in the order."""
        if isinstance(index, slice):
            bounds = (index.start, index.stop, index.step)
            if all(bound is None or bound >= 0 for bound in bounds):
                return list(islice(self, index.start, index.stop, index.step))
            return list(self)[index]
        if index < 0:
            return list(self)[index]
        for run_view in islice(self, index, index + 1):
            return run_view
        raise IndexError(f"there are {len(self)} runs, none at {index}")

    @property
    def first(self) -> RunView | None:
        """The first run in the order, or None."""
        return next(iter(self._views(self._plan.page(1))), None) if self._limit != 0 else None

    @property
    def ids(self) -> list[str]:
        """Ids of all matching runs, in order."""
        found: list[str] = []
        for positions in self._positions(LARGEST_PAGE, LARGEST_PAGE):
            pks = [position.pk for position in positions]
            statement = select(execution.c.pk, execution.c.id).where(execution.c.pk.in_(pks))
            ids = {row.pk: row.id for row in self._reader.rows(statement)}
            found += [ids[pk] for pk in pks if pk in ids]
        return found

    # --- cursors

    @cached_property
    def _mark(self) -> str:
        return hashlib.sha256(json.dumps(self._question).encode()).hexdigest()[:12]

    def _cursor(self, position: Position) -> str:
        text = json.dumps([self._mark, position.pk, *position.values])
        return base64.urlsafe_b64encode(text.encode()).decode()

    def _parse_cursor(self, cursor: str) -> Position | None:
        if not cursor:
            return None
        try:
            mark, pk, *values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        except (ValueError, TypeError) as error:
            raise EpochlogError(f"the cursor {cursor!r} is malformed") from error
        if mark != self._mark or len(values) != len(self._plan.terms) or not isinstance(pk, int):
            raise EpochlogError("the cursor belongs to another filter or order; begin anew")
        return Position(tuple(values), pk)

    # --- as tables

    def to_pandas(self, metrics: str | Sequence[str] = "last") -> Any:
        """Return a pandas DataFrame: one row a run.

        Columns are id, name, status …, ``params.NAME``, and ``metrics.NAME`` with the last value;
        other statistics that ``metrics`` asks for ("min", "max", "best", "first", "mean",
        "count") come as ``metrics.NAME.min`` …

        Raises:
            EpochlogError: pandas is not installed.
        """
        return require("pandas").DataFrame(self._columns(metrics))

    def to_polars(self, metrics: str | Sequence[str] = "last") -> Any:
        """Return a polars DataFrame (see `to_pandas`); params of mixed types come as text."""
        polars = require("polars")
        return polars.DataFrame(frame(self._columns(metrics)), strict=False)

    def to_arrow(self, metrics: str | Sequence[str] = "last") -> Any:
        """Return a pyarrow Table (see `to_pandas`); params of mixed types come as text."""
        return require("pyarrow").table(frame(self._columns(metrics)))

    def _columns(self, metrics: str | Sequence[str]) -> dict[str, list[Any]]:
        columns = Columns((metrics,) if isinstance(metrics, str) else tuple(metrics))
        for page in self._pages(LARGEST_PAGE, LARGEST_PAGE):
            for run_view in page:
                columns.add(run_view)
        return columns.filled()

    def __repr__(self) -> str:
        return runs_text(self[:10], self.count())

    def _repr_html_(self) -> str:
        return runs_html(self[:20], self.count())
