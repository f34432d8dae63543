"""Long lines of prose are broken between words."""

from __future__ import annotations

import pytest

from epochlog.cli.folding import folded, shown_width
from epochlog.cli.screen import Screen


@pytest.mark.parametrize("width", [40, 41, 57, 80])
@pytest.mark.parametrize("color", [True, False])
def test_words_stay_whole(width: int, color: bool) -> None:
    """Every line fits, every word is there once, further lines stand a little to the right."""
    screen = Screen(width, color)
    words = [screen.style(f"word-{i}", bold=True) for i in range(40)]
    lines = folded("  " + " ".join(words), screen)

    assert max(map(shown_width, lines)) <= width
    assert " ".join(line.strip() for line in lines).split(" ") == words
    assert {line[: len(line) - len(line.lstrip(" "))] for line in lines[1:]} == {" " * 4}


def test_what_fits_stays() -> None:
    """Lines that fit, and all lines of a pipe, are as they were, gaps included."""
    line = "  a   b  " + "c" * 100

    assert folded(line, Screen(None)) == [line]
    assert folded(line[:30], Screen(40)) == [line[:30]]


def test_gaps_between_columns_stay() -> None:
    """Two spaces between names and values are kept within a line."""
    lines = folded(
        "12:00:00  step 1      " + "  ".join(f"m{i} 0.{i}" for i in range(9)), Screen(50), 22, gap=2
    )

    assert lines[0] == "12:00:00  step 1      m0 0.0  m1 0.1  m2 0.2"
    assert lines[1] == " " * 22 + "m3 0.3  m4 0.4  m5 0.5"


def test_a_word_that_is_too_long_has_a_line_of_its_own() -> None:
    """What can't be broken is left to the terminal."""
    lines = folded("  id " + "x" * 60, Screen(40))

    assert lines == ["  id", "    " + "x" * 60]
