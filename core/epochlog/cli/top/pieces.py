"""Small parts of the views of ``epochlog top``: bars, curves, hardware, times, lines that fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from epochlog.cli import formats
from epochlog.cli.numbers import quantity
from epochlog.cli.screen import Screen
from epochlog.cli.sparkline import bar, sparkline
from epochlog.cli.statuses import LOOKS, UNKNOWN, status_cell
from epochlog.cli.tables import Cell
from epochlog.cli.top.cards import Card, Curve, Hardware
from epochlog.query.progress import Progress

DIM = {"dim": True}
GAP = "  "
TROUBLE = {"silent": {"fg": "magenta", "bold": True}, "quiet": {"fg": "yellow", "bold": True}}


def fitted(cells: Iterable[Cell | str], screen: Screen, gap: str = GAP) -> str:
    """Return the cells on one line; what does not fit is cut with an ellipsis, or left out."""
    width = screen.columns(10**6)
    parts: list[str] = []
    used = 0
    for cell in cells:
        text, style = (cell, {}) if isinstance(cell, str) else (cell.text, cell.style)
        if not text:
            continue
        space = gap if parts else ""
        room = width - used - len(space)
        if room < min(formats.cell_width(text), 4):
            break
        text = formats.cut(text, room, screen.pick("…", "~"))
        parts.append(space + screen.style(text, **style))
        used += len(space) + formats.cell_width(text)
    return "".join(parts)


def ends(left: Sequence[Cell | str], right: Sequence[Cell | str], screen: Screen) -> str:
    """Return a line with cells at both ends; the left ones give way."""
    plain = Screen(screen.width, False, screen.rich)
    size = formats.cell_width(fitted(right, plain))
    if screen.width is None or not size:
        return fitted([*left, *right], screen)
    room = screen.width - size - len(GAP)
    head = Screen(max(room, 0), screen.color, screen.rich)
    used = formats.cell_width(fitted(left, Screen(head.width, False, screen.rich)))
    space = " " * (screen.width - size - used)
    return fitted(left, head) + space + fitted(right, screen)


def wrapped(cells: Iterable[Cell], screen: Screen, gap: str = GAP, indent: str = "") -> list[str]:
    """Return the cells on as many lines as they need."""
    width = screen.columns(10**6) - len(indent)
    lines: list[list[Cell]] = [[]]
    used = 0
    for cell in cells:
        size = formats.cell_width(cell.text)
        if lines[-1] and used + len(gap) + size > width:
            lines.append([])
            used = 0
        used += size + (len(gap) if lines[-1] else 0)
        lines[-1].append(cell)
    inner = Screen(None if screen.width is None else width, screen.color, screen.rich)
    return [indent + fitted(line, inner, gap) for line in lines if line]


def status(card: Card, screen: Screen, now: float, *, short: bool = False) -> Cell:
    """Return a run's status; "! silent" or "! quiet" where something seems wrong.

    ``short`` leaves the word out.
    """
    trouble = card.trouble(now)
    if trouble:
        return Cell("!" if short else f"! {trouble}", TROUBLE[trouble])
    if not short:
        return status_cell(card.status, screen)
    look = LOOKS.get(card.status, UNKNOWN)
    return Cell(screen.pick(look.symbol, look.plain), look.style)


def clock(seconds: float | None) -> str:
    """Return a duration without fractions that only flicker: "42s", "3m10s", "2h05m"."""
    if seconds is None:
        return ""
    return f"{seconds:.0f}s" if seconds < 60 else formats.took(timedelta(seconds=round(seconds)))


def rough(seconds: float) -> str:
    """Return a duration that is not exact anyway: "42s", "4m10s", "51m", "2h05m"."""
    return f"{seconds / 60:.0f}m" if 600 <= seconds < 3570 else clock(seconds)


def place_of(progress: Progress | None, *, short: bool = False) -> str:
    """Return "epoch 12/50", "step 1,204" or "trial 7/20"; "" if there is nothing to say.

    ``short`` leaves the word out where the total tells enough.
    """
    if progress is None:
        return ""
    done = int(progress.done)
    if progress.total is None:
        return f"{progress.unit} {done:,}"
    text = f"{done:,}/{int(progress.total):,}"
    return text if short else f"{progress.unit} {text}"


def pace_of(progress: Progress | None) -> str:
    """Return "3.2/s", "14/min" or "2.5/h"; "" if it is not known."""
    if progress is None or not progress.per_s:
        return ""
    for factor, unit in ((1, "s"), (60, "min"), (3600, "h")):
        if progress.per_s * factor >= 1 or unit == "h":
            break
    value = progress.per_s * factor
    return f"{value:,.0f}/{unit}" if value >= 100 else f"{value:.2g}/{unit}"


def left_of(card: Card, now: float, screen: Screen) -> str:
    """Return "4m10s left", "≤ 2h05m left", or ""."""
    progress = card.progress
    if not card.active or progress is None or card.trouble(now) == "silent":
        return ""
    seconds = progress.left_s(now)
    if seconds is None:
        return ""
    bound = screen.pick("≤ ", "<= ") if progress.at_most else ""
    return f"{bound}{rough(seconds)} left"


def meter(share: float | None, width: int, screen: Screen) -> str:
    """Return a bar with its share as a number, "▓▓▓░░░ 24 %"; "" if the share is not known."""
    if share is None:
        return ""
    full = min(int(share * width + 0.5), width)
    blocks = screen.pick("━", "#") * full + screen.pick("╌", ".") * (width - full)
    return f"{blocks} {share * 100:3.0f} %"


def shape(curve: Curve, width: int, screen: Screen) -> str:
    """Return the picture of a curve in ``width`` characters."""
    return sparkline(curve.values, width, rich=screen.rich)


def hardware_cells(hardware: Hardware, screen: Screen) -> list[Cell]:
    """Return what a run itself uses: processors, memory, each GPU and its share of it."""
    cells = []
    if hardware.cpu_percent is not None:
        cells.append(Cell(f"cpu {hardware.cpu_percent:.0f} %"))
    if hardware.memory_bytes is not None:
        cells.append(Cell(f"mem {formats.size(hardware.memory_bytes)}"))
    for gpu in hardware.gpus:
        parts = [f"gpu{gpu.index}"]
        if gpu.used_percent is not None:
            parts.append(f"{gpu.used_percent:.0f} %")
        if gpu.memory_bytes is not None:
            parts.append(formats.size(gpu.memory_bytes) + _of_total(gpu.memory_percent))
        own = []
        if gpu.own_percent is not None:
            own.append(f"{gpu.own_percent:.0f} %")
        if gpu.own_bytes is not None:
            own.append(formats.size(gpu.own_bytes))
        if own:
            parts.append(f"(own {', '.join(own)})")
        cells.append(Cell(" ".join(parts)))
    return [Cell(cell.text, DIM if screen.color else {}) for cell in cells]


def machine_cells(hardware: Hardware, screen: Screen, width: int = 10) -> list[Cell]:
    """Return what the whole machine uses, with bars."""
    cells = []
    percent = hardware.machine_cpu_percent
    if percent is not None:
        cells.append(Cell(f"cpu {gauge(percent, width, screen)}"))
    percent = hardware.machine_memory_percent
    if percent is not None:
        used = formats.size(hardware.machine_memory_bytes)
        cells.append(Cell(f"mem {gauge(percent, width, screen)} {used}".rstrip()))
    for gpu in hardware.gpus:
        if gpu.used_percent is not None:
            memory = formats.size(gpu.memory_bytes) + _of_total(gpu.memory_percent)
            bar_ = gauge(gpu.used_percent, width, screen)
            cells.append(Cell(f"gpu{gpu.index} {bar_} {memory}".rstrip()))
    return cells


def gauge(percent: float, width: int, screen: Screen) -> str:
    """Return a bar of fixed width with its percentage."""
    filled = bar(percent / 100, width, rich=screen.rich)
    return f"{filled}{screen.pick('·', '.') * (width - len(filled))} {percent:3.0f} %"


def _of_total(percent: float | None) -> str:
    return "" if percent is None else f" ({percent:.0f} %)"


def trouble_text(card: Card, now: float) -> str:
    """Return what is wrong with a run in a few words; "" if nothing is."""
    trouble = card.trouble(now)
    if trouble == "silent":
        return f"no sign of life for {clock(now - card.heard)}"
    if trouble == "quiet" and card.progress is not None:
        return f"no new points for {clock(now - card.progress.at)}"
    if card.status == "lost":
        return "process gone"
    return formats.clean(card.reason) if card.status in ("failed", "canceled") else ""


def value_text(name: str, value: float, *, system: bool = False) -> str:
    """Return a value of a metric, with its unit if it is hardware's."""
    return quantity(name, value) if system else formats.number(value, 4)
