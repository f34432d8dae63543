"""Lay out the list of runs: open ones with progress, curves and hardware, ended ones below."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from epochlog.cli import formats
from epochlog.cli.screen import Screen
from epochlog.cli.statuses import status_cell
from epochlog.cli.tables import Cell, Column, table_lines
from epochlog.cli.top import pieces
from epochlog.cli.top.cards import Card, Curve, Scene
from epochlog.cli.top.pieces import DIM, TROUBLE

NARROW, WIDE = 64, 120
"""Below the one, symbols replace words; from the other on there is room for more."""
CURVE_CHARS, CURVES_A_LINE = 36, 4
"""Each curve gets at least so much of a line; at most so many share one."""
VALUE_CHARS, PICTURE_CHARS = 7, 40
DEPTHS = (3, 2, 1)
"""Lines of an open run: with curves and hardware, with curves, alone."""
OPEN_COLUMNS = (
    Column("", keep=20),  # status
    Column("", shrink_to=10, keep=20),  # name
    Column("", shrink_to=8, keep=3),  # source
    Column("", keep=9),  # progress
    Column("", keep=6),  # bar
    Column("", right=True, keep=4),  # pace
    Column("", right=True, keep=5),  # took
    Column("", right=True, keep=8),  # left
    Column("", shrink_to=12, keep=7),  # trouble
)
ENDED_COLUMNS = (
    Column("", keep=20),  # status
    Column("", shrink_to=10, keep=20),  # name
    Column("", shrink_to=8, keep=3),  # source
    Column("", right=True, keep=8),  # when
    Column("", right=True, keep=6),  # took
    Column("", shrink_to=12, keep=7),  # trouble or result
    Column("", shrink_to=8, keep=4),  # how far it came
)


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one run, or of a heading (then without id)."""

    id: str
    lines: tuple[str, ...]


def header_lines(scene: Scene, screen: Screen) -> list[str]:
    """Return title, what there is, and the machines that the open runs are on."""
    counts = [
        Cell(f"{count} {status}", status_cell(status, screen).style)
        for status, count in sorted(scene.counts.items(), key=lambda item: item[0] != "running")
    ]
    title = Cell("epochlog top", {"bold": True})
    place = Cell(formats.clean(scene.place), DIM)
    lines = [pieces.ends([title, place], counts, screen)]
    machines: dict[str, Card] = {}
    for card in scene.cards:
        if card.active and card.hardware.machine_cpu_percent is not None:
            newest = machines.setdefault(card.host, card)
            machines[card.host] = max(newest, card, key=lambda each: each.heard)
    for host, card in machines.items():
        width = 10 if screen.columns() >= NARROW else 5
        cells = pieces.machine_cells(card.hardware, screen, width)
        name = [Cell(formats.clean(host), DIM)] if len(machines) > 1 else []
        lines.append(pieces.fitted([*name, *cells], screen))
    return lines


def blocks(cards: Sequence[Card], screen: Screen, now: float, room: int) -> list[Block]:
    """Return the lines of all runs; open ones get as many as there is room for."""
    inner = dataclasses.replace(screen, width=None if screen.width is None else screen.width - 2)
    heads = _heads(cards, inner, now)
    found: list[Block] = []
    for depth in DEPTHS:
        found = _stacked(cards, heads, inner, depth)
        open_lines = sum(len(b.lines) for b, c in zip(found, cards, strict=True) if c.active)
        if open_lines + min(3, sum(not card.active for card in cards)) <= room:
            break
    active = [block for block, card in zip(found, cards, strict=True) if card.active]
    ended = [block for block, card in zip(found, cards, strict=True) if not card.active]
    if active and ended:
        ended.insert(0, Block("", (screen.style("ended", **DIM),)))
    return [*active, *ended]


def _stacked(
    cards: Sequence[Card], heads: Sequence[str], screen: Screen, depth: int
) -> list[Block]:
    found = []
    for card, head in zip(cards, heads, strict=True):
        lines = [head]
        indent = "    " if card.level else "  "
        room = dataclasses.replace(
            screen, width=None if screen.width is None else screen.width - len(indent)
        )
        if card.active and depth > 1 and card.curves:
            lines.append(indent + curves_line(card.curves, room))
        if card.active and depth > 2:
            hardware = pieces.fitted(pieces.hardware_cells(card.hardware, screen), room)
            lines += [indent + hardware] if hardware else []
        if card.hidden:
            more = f"{card.hidden} more running below"
            lines.append(indent + screen.style(more, **DIM))
        found.append(Block(card.id, tuple(lines)))
    return found


def _heads(cards: Sequence[Card], screen: Screen, now: float) -> list[str]:
    """Return the first line of each run: open ones and ended ones are tables of their own."""
    heads: dict[int, str] = {}
    for active, columns, row in ((True, OPEN_COLUMNS, _open), (False, ENDED_COLUMNS, _ended)):
        places = [place for place, card in enumerate(cards) if card.active == active]
        rows = [row(cards[place], screen, now) for place in places]
        heads |= dict(zip(places, table_lines(columns, rows, screen, header=False), strict=True))
    return [heads[place] for place in range(len(cards))]


def _first(card: Card, screen: Screen, now: float) -> list[Cell | str]:
    below = screen.pick("└ ", "- ") if card.level else ""
    return [
        pieces.status(card, screen, now, short=screen.columns() < NARROW),
        Cell(below + formats.clean(card.name), {"bold": True}),
        Cell(formats.clean(card.source), DIM),
    ]


def _open(card: Card, screen: Screen, now: float) -> list[Cell | str]:
    width = 20 if screen.columns() >= WIDE else 6
    share = card.progress.share if card.progress is not None else None
    return [
        *_first(card, screen, now),
        pieces.place_of(card.progress, short=screen.columns() < NARROW),
        Cell(pieces.meter(share, width, screen), {"fg": "cyan"}),
        Cell(pieces.pace_of(card.progress), DIM),
        pieces.clock(card.took_s(now)),
        Cell(pieces.left_of(card, now, screen), {"bold": True}),
        Cell(pieces.trouble_text(card, now), TROUBLE.get(card.trouble(now), {})),
    ]


def _ended(card: Card, screen: Screen, now: float) -> list[Cell | str]:
    when = datetime.fromtimestamp(card.ended or card.heard, UTC)
    progress = card.progress if card.status != "completed" else None
    remark = Cell(pieces.trouble_text(card, now), {"fg": "red"})
    if not remark.text and card.result is not None:
        name, value = card.result
        remark = Cell(f"{formats.clean(name)} {formats.number(value, 4)}")
    came = pieces.place_of(progress)
    return [
        *_first(card, screen, now),
        Cell(formats.ago(when, datetime.fromtimestamp(now, UTC)), DIM),
        pieces.clock(card.took_s(now)),
        remark,
        Cell(f"at {came}" if came else "", DIM),
    ]


def curves_line(curves: Sequence[Curve], screen: Screen) -> str:
    """Return as many curves as one line has room for: name, picture, newest value."""
    width = screen.columns(120 if screen.width is None else 10**3)
    count = min(len(curves), max(width // CURVE_CHARS, 1), CURVES_A_LINE)
    each = (width - 3 * (count - 1)) // count
    return (" " * 3).join(_curve(curve, each, screen) for curve in curves[:count])


def _curve(curve: Curve, width: int, screen: Screen) -> str:
    """Return one curve in exactly ``width`` characters."""
    value = f"{formats.number(curve.last, 4):<{VALUE_CHARS}}"
    name = formats.cut(formats.clean(curve.name), max(width // 3, 10), screen.pick("…", "~"))
    room = max(width - formats.cell_width(name) - len(value) - 2, 4)
    picture = pieces.shape(curve, min(room, PICTURE_CHARS), screen)
    space = " " * (width - formats.cell_width(name) - len(picture) - len(value) - 2)
    colour = {"fg": "red"} if curve.nan_count else {"fg": "cyan"}
    return (
        f"{screen.style(name, **DIM)} {screen.style(value, bold=True)} "
        f"{screen.style(picture, **colour)}{space}"
    )


def snapshot_lines(scene: Scene, screen: Screen, now: float) -> list[str]:
    """Return the list once, in full, for pipes and files."""
    lines = header_lines(scene, screen)
    if not scene.cards:
        return [*lines, "no runs"]
    found = blocks(scene.cards, screen, now, room=10**6)
    return [*lines, "", *(line.rstrip() for block in found for line in block.lines)]
