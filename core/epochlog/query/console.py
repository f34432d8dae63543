"""Read what was printed while a run was open."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from epochlog.base.clock import to_datetime
from epochlog.query.opening import Reader
from epochlog.store.schema import console

STREAMS = {1: "stdout", 2: "stderr", 3: "both"}


@dataclass(frozen=True, slots=True)
class ConsoleLine:
    """A line that was printed.

    Attributes:
        number: place among all lines of the run, from 1; missing numbers were left out.
        at: when it was seen.
        stream: "stdout", "stderr", or "both" where they go to the same file.
        text: without control codes and secrets; of a progress bar its last state.
        context: which process, e.g. "rank=1"; "" is the usual one.
    """

    number: int
    at: datetime | None
    stream: str
    text: str
    context: str = ""


class ConsoleView(Sequence[ConsoleLine]):
    """The lines that are kept of a run's console, in order.

    Attributes:
        unfinished: the line that the cursor stood on when the run was last heard of.
    """

    def __init__(self, lines: Sequence[ConsoleLine], unfinished: str = "") -> None:
        self._lines = list(lines)
        self.unfinished = unfinished

    def __getitem__(self, place: Any) -> Any:
        return self._lines[place]

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def text(self) -> str:
        """All lines as one text."""
        return "".join(f"{line.text}\n" for line in self._lines)

    @property
    def left_out(self) -> int:
        """How many lines were left out because there were too many."""
        return sum(size for _, size in self.gaps())

    def gaps(self) -> list[tuple[int, int]]:
        """Return (number of the line before, lines left out) of each cut."""
        return [
            (one.number, two.number - one.number - 1)
            for one, two in pairwise(self._lines)
            if one.context == two.context and two.number > one.number + 1
        ]

    def search(self, pattern: str, *, ignore_case: bool = False) -> list[ConsoleLine]:
        """Return the lines in which the regular expression ``pattern`` is found."""
        found = re.compile(pattern, re.IGNORECASE if ignore_case else 0)
        return [line for line in self._lines if found.search(line.text)]

    def after(self, number: int) -> list[ConsoleLine]:
        """Return the lines behind number ``number``."""
        return [line for line in self._lines if line.number > number]

    def __repr__(self) -> str:
        cut = f", {self.left_out:,} left out" if self.left_out else ""
        return f"<Console of {len(self):,} lines{cut}>"


def load_console(reader: Reader, run_pk: int, *, after: int = 0) -> ConsoleView:
    """Return the console of a run, with ``after`` only lines behind that number."""
    c = console.c
    statement = (
        select(console)
        .where(c.execution_pk == run_pk, c.first_line + c.line_count > after)
        .order_by(c.context, c.first_line, c.pk)
    )
    lines: list[ConsoleLine] = []
    newest: tuple[int, str] = (0, "")
    for row in reader.rows(statement):
        lines += (line for line in _lines(row) if line.number > after)
        newest = max(newest, (row.pk, row.unfinished or ""))
    return ConsoleView(lines, newest[1])


def _lines(row: Any) -> Iterator[ConsoleLine]:
    if not row.line_count:
        return
    texts = iter(row.body.split("\n"))
    number = row.first_line
    for count, stream, ms in json.loads(row.spans):
        at = to_datetime(row.at + ms * 1000)
        for _ in range(count):
            yield ConsoleLine(number, at, STREAMS.get(stream, ""), next(texts, ""), row.context)
            number += 1
