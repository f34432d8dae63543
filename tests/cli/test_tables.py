"""Tables that fit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from epochlog.cli.formats import cell_width, clean
from epochlog.cli.screen import Screen
from epochlog.cli.tables import Cell, Column, table_lines

COLUMNS = [
    Column("name", shrink_to=6),
    Column("value", right=True),
    Column("tags", shrink_to=5, keep=3),
]
ROWS = [["a rather long name", "1.5", "vision, baseline"], ["b", "12", ""]]


def test_without_limit_nothing_is_cut() -> None:
    """Into a pipe every name goes whole, columns aligned by spaces."""
    assert table_lines(COLUMNS, ROWS, Screen()) == [
        "name                value  tags",
        "a rather long name    1.5  vision, baseline",
        "b                      12",
    ]


def test_what_may_shrink_does_first() -> None:
    """A narrow terminal shortens names and tags, never numbers."""
    lines = table_lines(COLUMNS, ROWS, Screen(30))
    assert lines[1] == "a rather …    1.5  vision, ba…"
    assert max(map(len, lines)) == 30


def test_what_is_worth_least_goes() -> None:
    """Where not even shortened columns fit, the one worth least is left out."""
    assert table_lines(COLUMNS, ROWS, Screen(16))[0].split() == ["name", "value"]


def test_empty_columns_are_left_out() -> None:
    """A column without any content takes no place."""
    assert table_lines(COLUMNS, [["x", "", ""]], Screen()) == ["name", "x"]


def test_colour_does_not_count_as_width() -> None:
    """Escape sequences do not disturb the alignment."""
    rows = [[Cell("ab", {"fg": "red"}), "1", ""], ["abcd", "2", ""]]
    plain = table_lines(COLUMNS, rows, Screen())
    colored = table_lines(COLUMNS, rows, Screen(color=True))
    import click

    assert [click.unstyle(line) for line in colored] == plain
    assert "\x1b[" in "".join(colored)


def test_ascii_terminals_get_an_ascii_ellipsis() -> None:
    """Where only ASCII can be written, cut names end in ~."""
    assert "~" in table_lines(COLUMNS, ROWS, Screen(20, rich=False))[1]


@given(
    st.lists(
        st.tuples(st.text(max_size=30), st.integers(), st.text(max_size=30)), min_size=1, max_size=8
    ),
    st.integers(45, 120),
)
def test_tables_fit_any_terminal(rows: list[tuple[str, int, str]], width: int) -> None:
    """No line is wider than the terminal, whatever the cells hold, as long as fixed columns fit."""
    cells = [[clean(a), str(b)[:20], clean(c)] for a, b, c in rows]
    assert all(cell_width(line) <= width for line in table_lines(COLUMNS, cells, Screen(width)))
