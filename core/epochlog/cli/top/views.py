"""Fill the screen of ``epochlog top``: one function for each view, all pure."""

from __future__ import annotations

from collections.abc import Sequence

from epochlog.cli import formats
from epochlog.cli.screen import Screen
from epochlog.cli.tables import Cell
from epochlog.cli.top import detail as details
from epochlog.cli.top import listing, pieces
from epochlog.cli.top.cards import Scene
from epochlog.cli.top.pieces import DIM
from epochlog.cli.top.state import HELP, State

MESSAGE_LINES_MAX = 6
HINTS = {
    "list": (
        "q quit",
        "? help",
        "Enter open",
        "f console",
        "/ filter",
        "s sort",
        "x stop",
        "p pause",
    ),
    "run": ("q back", "? help", "f console", "j k scroll", "x stop", "p pause"),
    "console": ("q back", "? help", "f run", "j k scroll", "End follow", "p pause"),
    "help": ("q back",),
}


def screen_lines(scene: Scene, state: State, screen: Screen, rows: int, now: float) -> list[str]:
    """Return what fills the screen: at most ``rows`` lines of at most the screen's width."""
    foot = foot_lines(scene, state, screen)
    room = max(rows - len(foot), 1)
    cards = state.arranged(scene, now)
    state.settle(cards)
    state.page = max(room // 2, 1)
    if state.view == "help":
        body = _window(help_lines(screen), state, room)
    elif state.view == "list":
        body = list_lines(scene, state, screen, room, now)
    else:
        body = run_lines(scene, state, screen, room, now)
    body = [*body, *[""] * (room - len(body))][:room]
    return [*body, *foot][:rows]


def foot_lines(scene: Scene, state: State, screen: Screen) -> list[str]:
    """Return the last lines: what is wrong, what is typed, or which keys there are."""
    lines = [
        pieces.fitted([Cell(formats.clean(line), {"fg": "yellow"})], screen)
        for line in state.message.splitlines()[:MESSAGE_LINES_MAX]
    ]
    if scene.error:
        lines.append(pieces.fitted([Cell(formats.clean(scene.error), {"fg": "red"})], screen))
    if state.prompt is not None:
        return [*lines, _prompt(state.prompt, screen)]
    if state.asking:
        card = scene.find(state.asking)
        name = formats.clean(card.name) if card is not None else "the run"
        question = Cell(f"Ask {name} to end early? y / n", {"bold": True, "fg": "yellow"})
        return [*lines, pieces.fitted([question], screen)]
    left: list[Cell | str] = []
    if state.paused:
        left.append(Cell("paused", {"fg": "yellow", "bold": True}))
    left += [Cell(hint, DIM) for hint in HINTS[state.view]]
    right: list[Cell | str] = []
    if state.where:
        room = max(screen.columns(120) // 3, 12)
        text = formats.cut(f"/{formats.clean(state.where)}", room, screen.pick("…", "~"))
        right.append(Cell(text, {"fg": "yellow"}))
    return [*lines, pieces.ends(left, right, screen)]


def _prompt(text: str, screen: Screen) -> str:
    """Return the line being typed; of a long one the end."""
    width = screen.columns(10**6) - len("filter: ") - 1
    shown = formats.clean(text)
    while formats.cell_width(shown) > width:
        shown = shown[1:]
    cursor = screen.style(" ", reverse=True) if screen.color else "_"
    return screen.style("filter: ", bold=True) + shown + cursor


def list_lines(scene: Scene, state: State, screen: Screen, room: int, now: float) -> list[str]:
    """Return the list, scrolled so that the marked run is seen."""
    head = [*listing.header_lines(scene, screen), ""]
    if not scene.cards:
        text = "no run matches the filter" if state.where else "no runs yet; waiting for the first"
        return [*head, pieces.fitted([Cell(text, DIM)], screen)] if not scene.error else head
    space = max(room - len(head), 1)
    found = listing.blocks(state.arranged(scene, now), screen, now, space)
    lines: list[str] = []
    first, last = 0, 0
    for block in found:
        marked = bool(block.id) and block.id == state.chosen
        gutter = screen.style(screen.pick("▌ ", "> "), fg="cyan", bold=True) if marked else "  "
        if marked:
            first, last = len(lines), len(lines) + len(block.lines)
        lines += [(gutter + line) if marked or line else line for line in block.lines]
    top = min(state.list_scroll, max(len(lines) - space, 0))
    top = min(max(top, last - space), first)
    if first <= 1:
        top = 0
    state.list_scroll = top
    return [*head, *lines[top : top + space]]


def run_lines(scene: Scene, state: State, screen: Screen, room: int, now: float) -> list[str]:
    """Return the view of one run, or of its console alone."""
    detail = scene.detail
    if detail is None or detail.card.id != state.chosen:
        card = scene.find(state.chosen)
        return details.head_lines(card, screen, now) if card is not None else [""]
    head = [*details.head_lines(detail.card, screen, now), ""]
    space = max(room - len(head), 1)
    if state.view == "console":
        console = details.console_lines(detail, screen)
        state.scroll = min(state.scroll, max(len(console) - space, 0))
        end = len(console) - state.scroll
        shown = console[max(end - space, 0) : end]
        return [*head, *(shown or [screen.style("nothing was printed yet", **DIM)])]
    return [*head, *_window(details.body_lines(detail, screen, space), state, space)]


def help_lines(screen: Screen) -> list[str]:
    """Return what the keys do."""
    lines = [screen.style("keys", bold=True, fg="blue")]
    for symbols, text in HELP:
        keys = symbols if screen.rich else symbols.replace("↑ ↓", "Up Down")
        if screen.columns() < 60:
            lines.append(f"  {screen.style(keys, bold=True)}")
            lines += pieces.wrapped([Cell(word) for word in text.split()], screen, " ", " " * 6)
        else:
            cells: list[Cell | str] = [Cell(f"  {keys:<20}", {"bold": True}), text]
            lines.append(pieces.fitted(cells, screen))
    return lines


def _window(lines: Sequence[str], state: State, room: int) -> list[str]:
    """Return the lines that are seen; scrolling ends at the last line."""
    state.scroll = min(state.scroll, max(len(lines) - room, 0))
    return list(lines[state.scroll : state.scroll + room])
