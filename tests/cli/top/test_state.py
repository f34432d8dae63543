"""Keys change what they should, and nothing else."""

from __future__ import annotations

import pytest

from epochlog.cli.top.cards import Card, Scene
from epochlog.cli.top.state import State
from epochlog.query.progress import Progress

NOW = 1000.0


def card(name: str, status: str = "running", level: int = 0, **more: object) -> Card:
    """Return a card whose id is its name."""
    return Card(pk=len(name), id=name, name=name, status=status, level=level, **more)  # type: ignore[arg-type]


CARDS = (
    card("b", started=3.0, progress=Progress("step", 1, 10, 0.1, NOW)),
    card("b1", level=1),
    card("c", started=9.0, progress=Progress("step", 9, 10, 0.1, NOW)),
    card("a", started=5.0),
    card("old", "completed", started=99.0),
)


def ready(**values: object) -> State:
    """Return a state that has seen the cards."""
    state = State(check=lambda text: "wrong" if "?" in text else "", **values)  # type: ignore[arg-type]
    state.settle(state.arranged(Scene(cards=CARDS), NOW))
    return state


def test_the_mark_moves_and_stops_at_the_ends() -> None:
    """j, k, arrows, pages, Home and End choose a run."""
    state = ready(page=2)
    seen = []
    for key in ("k", "j", "down", "page down", "page down", "up", "home", "G"):
        state.press(key)
        seen.append(state.chosen)

    assert seen == ["b", "b1", "c", "old", "old", "a", "b", "old"]


def test_the_mark_stays_on_top_until_it_is_moved() -> None:
    """A new run takes the mark unless the user has chosen another; then the mark stays there."""
    state = ready()
    newer = (card("newest"), *CARDS)
    state.settle(newer)
    assert state.chosen == "newest"
    state.press("j")
    state.settle((card("even newer"), *newer))
    assert state.chosen == "b"


def test_the_mark_goes_on_when_its_run_is_gone() -> None:
    """If the chosen run leaves the list, the one in its place is chosen."""
    state = ready()
    state.press("j")
    state.press("j")
    state.settle([each for each in CARDS if each.id != "c"])
    assert state.chosen == "a"
    state.settle([])
    assert state.chosen == ""
    state.press("enter")
    assert state.view == "list"


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (0, ["b", "b1", "c", "a", "old"]),
        (1, ["c", "a", "b", "b1", "old"]),
        (2, ["a", "b", "b1", "c", "old"]),
        (3, ["c", "b", "b1", "a", "old"]),
    ],
)
def test_orders(order: int, names: list[str]) -> None:
    """Open runs come first in every order, and what is below a run stays there."""
    state = ready(order=order)

    assert [each.name for each in state.arranged(Scene(cards=CARDS), NOW)] == names


def test_views_lead_back_to_where_they_were_opened() -> None:
    """Enter, f and ? open views; q and Esc close one at a time; from the list they quit."""
    state = ready()
    views = []
    for key in ("enter", "f", "?", "q", "f", "escape", "f", "q", "q"):
        state.press(key)
        views.append(state.view)

    assert views == ["run", "console", "help", "console", "run", "list", "console", "list", "list"]
    assert state.quit


def test_a_filter_is_typed() -> None:
    """Keys are text while a filter is typed; mistakes keep it open; Esc leaves it as it was."""
    state = ready()
    for key in ("/", "q", "?", "backspace", "x", "enter"):
        state.press(key)
    assert (state.where, state.prompt, state.fresh, state.quit) == ("qx", None, True, False)
    for key in ("/", "?", "enter"):
        state.press(key)
    assert (state.where, state.prompt, state.message) == ("qx", "qx?", "wrong")
    state.press("escape")
    assert (state.where, state.prompt, state.message) == ("qx", None, "")


def test_stopping_needs_a_yes() -> None:
    """x asks; only y stops, any other key does not, and does nothing else."""
    state = ready()
    state.press("x")
    state.press("q")
    assert (state.stopping, state.asking, state.quit) == ("", "", False)
    state.press("x")
    state.press("y")
    assert state.stopping == "b"
