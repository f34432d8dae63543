"""What the keys of ``epochlog top`` change: view, chosen run, filter, order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from epochlog.cli.top.cards import Card, Scene

HELP = (
    ("↑ ↓  or  k j", "choose a run; scroll"),
    ("PgUp PgDn Home End", "farther"),
    ("Enter", "all of the run: curves, hardware, what it prints"),
    ("f", "follow what the run prints"),
    ("/", 'filter, e.g. params.lr < 1e-3 and "vision" in tags'),
    ("s", "next order: activity, started, name, time left, memory"),
    ("x", "ask the run to end early, in order (epochlog stop)"),
    ("p", "pause; again: go on"),
    ("r", "look again now, draw anew"),
    ("?", "this help"),
    ("q  or  Esc", "back; from the list: quit"),
)

ORDERS = ("activity", "started", "name", "time left", "memory")
"""What the runs at the top can be sorted by; open ones stay in front."""


def rank(card: Card, order: str, now: float) -> tuple[float | str, ...]:
    """Return what a run is sorted by: equal ranks stay as they came, in the order of activity."""
    if order == "started":
        return (-(card.started or 0.0),)
    if order == "name":
        return (card.name.lower(),)
    if order == "time left":
        left = card.progress.left_s(now) if card.progress is not None else None
        return (float("inf") if left is None else left,)
    return (-(card.hardware.memory_bytes or 0.0),) if order == "memory" else ()


@dataclass
class State:
    """Everything that keys change.

    Attributes:
        check: returns what is wrong with a filter, "" if nothing.
        view: "list", "run", "console" or "help".
        before: the view that help goes back to.
        chosen: id of the run that is marked, or opened.
        order: place in `ORDERS`.
        where: the filter in force; prompt: the one being typed, None if none is.
        scroll: first line of the view that is seen; of the console, lines above its end.
        follow: whether the console stays at its end.
        message: one line for the user until the next key.
        fresh: look at the store now.
        asking: id of the run that x was pressed for, until y or another key; stopping: then that.
        moved: whether another run than the first was chosen; until then the mark stays on top.
    """

    check: Callable[[str], str]
    view: str = "list"
    before: str = "list"
    chosen: str = ""
    order: int = 0
    where: str = ""
    prompt: str | None = None
    scroll: int = 0
    list_scroll: int = 0
    page: int = 10
    paused: bool = False
    quit: bool = False
    fresh: bool = False
    redraw: bool = False
    message: str = ""
    asking: str = ""
    stopping: str = ""
    moved: bool = False
    shown: list[str] = field(default_factory=list)

    @property
    def order_name(self) -> str:
        """The name of the order in force."""
        return ORDERS[self.order]

    def press(self, key: str) -> None:
        """Do what a key means here."""
        self.message = ""
        asked, self.asking = self.asking, ""
        if self.prompt is not None:
            self._type(key)
        elif asked:
            self.stopping = asked if key in ("y", "Y") else ""
            self.message = "asking it …" if self.stopping else "not stopped"
        elif key in ("q", "escape"):
            self._back()
        elif key in ("?", "h"):
            if self.view != "help":
                self.before, self.view, self.scroll = self.view, "help", 0
        elif key == "x" and self.chosen and self.view != "help":
            self.asking = self.chosen
        elif key == "p":
            self.paused = not self.paused
        elif key in ("r", "redraw"):
            self.fresh = self.redraw = True
        elif self.view == "list":
            self._press_list(key)
        else:
            self._press_view(key)

    def _back(self) -> None:
        if self.view == "list":
            self.quit = True
        elif self.view == "help":
            self.view = self.before
        else:
            self.view = "list"
        self.scroll = 0

    def _press_list(self, key: str) -> None:
        step = self._step(key)
        if step is not None:
            self._move(step)
        elif key in ("enter", "right") and self.chosen:
            self.view, self.scroll, self.fresh = "run", 0, True
        elif key == "f" and self.chosen:
            self.view, self.scroll, self.fresh = "console", 0, True
        elif key == "s":
            self.order = (self.order + 1) % len(ORDERS)
            self.message = f"ordered by {self.order_name}"
        elif key == "/":
            self.prompt = self.where

    def _press_view(self, key: str) -> None:
        step = self._step(key)
        if self.view == "console" and step is not None:
            self.scroll = 0 if key in ("end", "G") else max(self.scroll - step, 0)
        elif step is not None:
            self.scroll = max(self.scroll + step, 0)
        elif key == "left":
            self._back()
        elif key == "f" and self.view != "help":
            self.view, self.scroll = ("console" if self.view == "run" else "run"), 0
        elif key == "enter" and self.view == "console":
            self.view, self.scroll = "run", 0

    def _step(self, key: str) -> int | None:
        """Return by how many lines or runs a key moves; None if it does not."""
        far = 10**6
        return {
            "up": -1, "k": -1, "down": 1, "j": 1,
            "page up": -self.page, "page down": self.page, " ": self.page,
            "home": -far, "g": -far, "end": far, "G": far,
        }.get(key)  # fmt: skip

    def _move(self, step: int) -> None:
        if self.shown:
            here = self.shown.index(self.chosen) if self.chosen in self.shown else 0
            self.chosen = self.shown[min(max(here + step, 0), len(self.shown) - 1)]
            self.moved = self.chosen != self.shown[0]

    def _type(self, key: str) -> None:
        assert self.prompt is not None
        if key == "escape":
            self.prompt = None
        elif key == "enter":
            text = self.prompt.strip()
            self.message = self.check(text) if text else ""
            if not self.message:
                self.where, self.prompt, self.fresh = text, None, True
                self.list_scroll = 0
        elif key == "backspace":
            self.prompt = self.prompt[:-1]
        elif key == "clear":
            self.prompt = ""
        elif len(key) == 1:
            self.prompt += key

    def arranged(self, scene: Scene, now: float) -> list[Card]:
        """Return the cards in the order in force; what is below a run stays with it."""
        groups: list[list[Card]] = []
        for card in scene.cards:
            if card.level and groups:
                groups[-1].append(card)
            else:
                groups.append([card])
        order = self.order_name
        groups.sort(key=lambda group: (not group[0].active, *rank(group[0], order, now)))
        return [card for group in groups for card in group]

    def settle(self, cards: Sequence[Card]) -> None:
        """Keep the marked run among those that are listed."""
        before, self.shown = self.shown, [card.id for card in cards]
        if self.view != "list" or (self.moved and self.chosen in self.shown):
            return
        if not self.moved:
            self.chosen = self.shown[0] if self.shown else ""
            return
        place = before.index(self.chosen) if self.chosen in before else 0
        self.chosen = self.shown[min(place, len(self.shown) - 1)] if self.shown else ""
