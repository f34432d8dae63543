"""Facts about ``recording/console_folding.py``: what a terminal would show is what is kept."""

from __future__ import annotations

import random

import pytest

from epochlog.recording.console_folding import LINE_CHARS_MAX, Folder


def folded(*pieces: bytes) -> list[str]:
    """Return the lines of an output that was written piece by piece."""
    folder = Folder()
    lines = []
    for piece in pieces:
        folder.feed(piece)
        lines += folder.take()
    return lines + folder.finish()


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        (b"one\ntwo\n", ["one", "two"]),
        (b"one\n\ntwo", ["one", "", "two"]),
        (b"dos\r\nline\r\n", ["dos", "line"]),
        (b"\r 10%\r 20%\r100%\n", ["100%"]),
        (b"long text\rshort\n", ["shorttext"]),
        (b"long text\r\x1b[Kshort\n", ["short"]),
        (b"\x1b[31mred\x1b[0m and \x1b[1;32mgreen\x1b[m\n", ["red and green"]),
        (b"\x1b]0;title\x07text\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n", ["textlink"]),
        (b"ab\b\bcd\n", ["cd"]),
        (b"a\tb\x00\x07\n", ["a\tb"]),
        ("grün ✔ 100%|██\n".encode(), ["grün ✔ 100%|██"]),
        (b"bad \xff byte\n", ["bad � byte"]),
    ],
)
def test_what_a_terminal_would_show(written: bytes, lines: list[str]) -> None:
    """Bars are folded, colours and titles are gone, text is whole."""
    assert folded(written) == lines


@pytest.mark.parametrize("seed", range(5))
def test_where_output_is_cut_makes_no_difference(seed: int) -> None:
    """Characters, control codes and lines may come in any pieces."""
    text = "\x1b[31mrot\x1b[0m ✔ 1%\r\x1b[K2% grün\nnext\r\nlast ▏█ \x1b]0;t\x07end\n".encode() * 3
    draw = random.Random(seed)
    cuts = sorted(draw.sample(range(1, len(text)), 30))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    assert folded(*pieces) == folded(text)


def test_nested_bars_are_folded() -> None:
    """Bars below one another, drawn by moving up, are one line each at the end."""
    pieces = []
    for outer in range(3):
        for inner in range(4):
            pieces.append(f"\router {outer}\n\rinner {inner}\x1b[A".encode())
    lines = folded(*pieces)

    assert lines == ["outer 2", "inner 3"]


def test_live_tables_are_folded() -> None:
    """A table that is drawn again and again is kept once, after its first drawing was read."""
    table = b"row 1\nrow 2\nrow 3"
    again = b"\r\x1b[2K\x1b[1A\x1b[2K\x1b[1A\x1b[2K" + table
    lines = folded(table, *[again] * 50, b"\nend\n")

    assert lines[-4:] == ["row 1", "row 2", "row 3", "end"]
    assert len(lines) <= 8


def test_the_line_under_the_cursor_is_known() -> None:
    """A bar that is not finished can be looked at."""
    folder = Folder()
    folder.feed(b"line\n\r50%")

    assert (folder.take(), folder.unfinished()) == (["line"], "50%")


def test_a_line_without_end_costs_bounded_memory() -> None:
    """A process that never ends its line fills no memory."""
    folder = Folder()
    for _ in range(100):
        folder.feed(b"x" * 10_000)

    assert len(folder.unfinished()) <= 2 * LINE_CHARS_MAX
