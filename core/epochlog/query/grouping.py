"""Put runs into groups of equal values, and say of each what its runs have in common."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, and_, select

from epochlog.base.errors import FilterError
from epochlog.query.arranging import Arranger, Pks
from epochlog.query.filters.sources import RUN, run
from epochlog.query.opening import Reader
from epochlog.query.table import Column, parse_columns
from epochlog.store.schema import SEARCH_CHARS
from epochlog.store.typed import NAN

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Values:
    """A column of all runs, by pk.

    Attributes:
        numbers: NaN where there is no number.
        given: whether the run has a value, which may be NaN.
        texts: places in ``distinct``; -1 where the value is no text.
        distinct: the texts.
    """

    numbers: Numbers
    given: NDArray[np.bool_]
    texts: NDArray[np.int64]
    distinct: list[str]


@dataclass(frozen=True, slots=True)
class Summary:
    """One column over the runs of each group; arrays with a place for each group.

    Attributes:
        n: runs with a finite number.
        mean, std, min, max: of these; NaN without any (std, of the sample, with fewer than two).
        nan: runs whose value is NaN or infinite.
        same: whether all runs of the group have one and the same value.
    """

    n: NDArray[np.int64]
    mean: Numbers
    std: Numbers
    min: Numbers
    max: Numbers
    nan: NDArray[np.int64]
    same: NDArray[np.bool_]


class Groups:
    """Runs in groups of equal values, sorted by value (of several fields, the first counts most).

    Attributes:
        sizes: number of runs of each group.
        firsts: pk of a run of each group: the first in the order given.
    """

    def __init__(
        self, reader: Reader, arranger: Arranger, pks: Pks, fields: Sequence[Column]
    ) -> None:
        self._reader, self._arranger, self._pks = reader, arranger, pks
        codes = np.zeros(len(pks), np.int64)
        for field in fields:
            own = _codes(read_values(arranger, field), pks)
            codes = codes * (int(own.max(initial=0)) + 1) + own
            codes = np.unique(codes, return_inverse=True)[1].astype(np.int64)
        self._order = np.argsort(codes, kind="stable")
        self._starts = np.flatnonzero(np.diff(codes[self._order], prepend=-1))
        self.sizes = np.diff(self._starts, append=len(pks))
        self.firsts = pks[self._order[self._starts]]

    def __len__(self) -> int:
        return len(self._starts)

    def members(self, group: int) -> Pks:
        """Return the runs of one group, in the order given."""
        start = self._starts[group]
        return self._pks[self._order[start : start + self.sizes[group]]]

    def summarize(self, column: Column) -> Summary:
        """Return what the runs of each group have in a column."""
        values = read_values(self._arranger, column)
        pks = self._pks[self._order]
        x, given, texts = values.numbers[pks], values.given[pks], values.texts[pks]
        none = np.zeros(len(self), np.int64)
        if not len(self):
            empty = np.empty(0)
            return Summary(none, empty, empty, empty, empty, none, none.astype(bool))
        add, starts = np.add.reduceat, self._starts
        finite = np.isfinite(x)
        n = add(finite.astype(np.int64), starts)
        low = np.minimum.reduceat(np.where(finite, x, np.inf), starts)
        high = np.maximum.reduceat(np.where(finite, x, -np.inf), starts)
        low, high = np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)
        with np.errstate(all="ignore"):
            # Counted from the smallest, so that the mean of equal numbers is that number.
            off = np.where(finite, x - np.repeat(low, self.sizes), 0.0)
            mean = add(off, starts) / n
            spread = np.where(finite, off - np.repeat(mean, self.sizes), 0.0)
            std = np.sqrt(add(spread**2, starts) / np.where(n > 1, n - 1, np.nan))
            mean = low + mean
        odd = add((given & ~finite & (texts < 0)).astype(np.int64), starts)
        one_text = np.minimum.reduceat(texts, starts) == np.maximum.reduceat(texts, starts)
        every = add(given.astype(np.int64), starts) == self.sizes
        no_number = n == 0
        same = every & one_text & ((no_number & (odd == 0)) | ((n == self.sizes) & (low == high)))
        return Summary(n, mean, std, low, high, odd, same)

    def statuses(self, group: int) -> dict[str, int]:
        """Return status -> number of runs of one group."""
        status = parse_columns(self._reader, ["status"])[0]
        values = read_values(self._arranger, status)
        found, counts = np.unique(values.texts[self.members(group)], return_counts=True)
        pairs = zip(found.tolist(), counts.tolist(), strict=True)
        return {values.distinct[place]: count for place, count in pairs if place >= 0}


def read_values(arranger: Arranger, column: Column) -> Values:
    """Return a column of all runs.

    Raises:
        FilterError: runs may have several values of it.
    """
    if column.field.many or column.field.type == "row":
        raise FilterError(f"a run may have several values of {column.id!r}", column.id, 0)
    kept: Values = arranger.keep(("values", column.id), lambda: _read(arranger, column))
    return kept


def _read(arranger: Arranger, column: Column) -> Values:
    size = arranger.size
    numbers = np.full(size, np.nan)
    given = np.zeros(size, bool)
    field = column.field
    if field.number is not None:
        statement = _statement(column, field.number)
        pks, found = arranger.numbers(statement)
        # What the store has for infinities, see `epochlog.store.typed.encode_number`.
        found[np.abs(found) == sys.float_info.max] *= np.inf
        numbers[pks], given[pks] = found, True
    texts = np.full(size, -1, np.int64)
    distinct: list[str] = []
    if field.text is not None:
        pks, codes, distinct = _texts(arranger, column)
        texts[pks], given[pks], numbers[pks] = codes, True, np.nan
    if field.flags is not None:  # NaN is NULL, but there
        given[arranger.pks(_statement(column, None, nan=True))] = True
    return Values(numbers, given, texts, distinct)


def _texts(arranger: Arranger, column: Column) -> tuple[Pks, Pks, list[str]]:
    """Return the runs whose value is a text (`Arranger.texts`), whole texts if any was cut."""
    field = column.field
    found = arranger.texts(_statement(column, field.text, texts=True))
    if field.whole is not None and any(len(text) >= SEARCH_CHARS for text in found[2]):
        found = arranger.texts(_statement(column, field.whole, texts=True))
    return found


def _statement(
    column: Column, value: Any, *, texts: bool = False, nan: bool = False
) -> Select[Any]:
    """Return the statement for (pk, value) of the runs that have such a value."""
    field, source = column.field, column.field.source
    rows = run if source is RUN else source.make("x")
    pk = source.run_pk(rows) if source.run_pk is not None else run.c.pk
    shown = [pk] if value is None else [pk, value(rows)]
    if source is RUN or source.run_pk is not None:
        statement = select(*shown).select_from(rows).where(*source.own(rows))
    else:
        link = and_(source.link(rows), *source.own(rows))
        statement = select(*shown).select_from(run.join(rows, link))
    if texts and field.is_text is not None:
        statement = statement.where(field.is_text(rows))
    if nan and field.flags is not None and field.number is not None:
        # The first condition is what an index answers, the second looks at the rows.
        indexed = field.number(rows).is_(None) if field.text is None else field.text(rows) == "nan"
        statement = statement.where(indexed, field.flags(rows) == NAN)
    return statement if value is None else statement.where(value(rows).is_not(None))


def _codes(values: Values, pks: Pks) -> NDArray[np.int64]:
    """Return a number for each distinct value, in their order: numbers, texts, nothing."""
    texts, numbers = values.texts[pks], values.numbers[pks]
    by_name = np.argsort(np.argsort(np.array(values.distinct, object)))
    codes = np.unique(numbers, return_inverse=True)[1].astype(np.int64)  # NaN is one value, last
    top = int(codes.max(initial=0)) + 1
    if len(by_name):
        codes = np.where(texts >= 0, top + by_name[texts], codes)
    return np.where(values.given[pks], codes, top + len(by_name))
