"""Only lines that differ are written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from live_terminal import Screen

from epochlog.cli.top.terminal import difference

LINES = st.lists(st.text("ab ●日", max_size=12), max_size=6)


@given(LINES, LINES, LINES)
def test_the_screen_shows_what_was_painted_last(
    first: list[str], second: list[str], third: list[str]
) -> None:
    """Whatever was there, after the differences the screen shows the new lines."""
    screen = Screen(12, 6)
    screen.wraps = False
    screen.feed("rubbish of some other program\r\n")
    before: list[str] | None = None
    for lines in (first, second, third):
        screen.feed(difference(before, lines))
        shown = Screen(12, 6)
        shown.wraps = False
        shown.feed("\r\n".join(lines))

        assert screen.lines == shown.lines
        before = lines


def test_nothing_differs() -> None:
    """Lines that stay cost no byte; one that changes costs little more than itself."""
    lines = ["one", "two", "three"]

    assert difference(lines, list(lines)) == ""
    assert difference(lines, ["one", "TWO", "three"]) == "\x1b[2;1H\x1b[0m\x1b[2KTWO"
