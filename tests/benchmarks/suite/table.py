"""Print rows as one table, a column for each subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from suite.results import OURS, Row, Value

VERDICTS = {True: "met", False: "MISSED", None: ""}


def heading(facts: Mapping[str, str]) -> str:
    """Return the lines above the table that describe the machine."""
    width = max(map(len, facts))
    return "\n".join(f"{name:{width}}  {fact}" for name, fact in facts.items())


def table(rows: Iterable[Row], peers: Sequence[str]) -> str:
    """Return the table; a peer's column appears when it was measured at least once."""
    rows = list(rows)
    shown = [peer for peer in peers if any(peer in row.values for row in rows)]
    lines = [["benchmark", "quantity", "target", OURS, "(min–max)", "", *shown]]
    previous = ""
    for row in rows:
        ours = row.values.get(OURS)
        target = "" if row.target is None else f"≤ {number(row.target)} {row.unit}"
        lines.append(
            [
                "" if row.benchmark == previous else row.benchmark,
                row.quantity,
                target,
                "" if ours is None else f"{number(ours.median)} {row.unit}",
                "" if ours is None else spread(ours),
                VERDICTS[row.met],
                *(_cell(row, peer) for peer in shown),
            ]
        )
        previous = row.benchmark
    return _aligned(lines)


def notes(rows: Iterable[Row]) -> str:
    """Return the rows' notes, one a line."""
    return "\n".join(f"  {row.benchmark}, {row.quantity}: {row.note}" for row in rows if row.note)


def _cell(row: Row, peer: str) -> str:
    value = row.values.get(peer)
    return "" if value is None else f"{number(value.median)} {row.unit}"


def spread(value: Value) -> str:
    """Return the smallest and largest repetition, "" for a single one."""
    return "" if value.repeats < 2 else f"({number(value.low)}–{number(value.high)})"


def number(value: float) -> str:
    """Return three digits that matter; no exponent, thousands apart."""
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if size >= 0.1 else f"{value:.3g}"


def _aligned(lines: list[list[str]]) -> str:
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    out = []
    for line in lines:
        left = [f"{cell:<{width}}" for cell, width in zip(line[:2], widths[:2], strict=True)]
        right = [f"{cell:>{width}}" for cell, width in zip(line[2:], widths[2:], strict=True)]
        out.append("  ".join([*left, *right]).rstrip())
    out.insert(1, "─" * max(map(len, out)))
    return "\n".join(out)
