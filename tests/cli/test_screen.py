"""What the terminal can show."""

from __future__ import annotations

import io
import sys

import pytest

from epochlog.cli.screen import Screen, current_screen, write


class Terminal(io.TextIOWrapper):
    """An output that says it is a terminal."""

    def __init__(self, encoding: str, *, terminal: bool = True) -> None:
        super().__init__(io.BytesIO(), encoding=encoding)
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(
    ("terminal", "env", "color"),
    [(True, {}, True), (True, {"NO_COLOR": "1"}, False), (True, {"TERM": "dumb"}, False), (False, {}, False),
     (False, {"FORCE_COLOR": "1"}, True), (True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False)],
)  # fmt: skip
def test_colour(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, env: dict[str, str], color: bool
) -> None:
    """Colour goes to terminals alone, NO_COLOR over FORCE_COLOR over that."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", Terminal("utf-8", terminal=terminal))
    screen = current_screen()
    assert screen.color == color
    assert (screen.width is None) == (not terminal)


@pytest.mark.parametrize(
    ("encoding", "rich"), [("utf-8", True), ("ascii", False), ("cp1252", False)]
)
def test_symbols_need_an_encoding(
    monkeypatch: pytest.MonkeyPatch, encoding: str, rich: bool
) -> None:
    """Symbols are used only where they can be written; other characters are escaped, no error."""
    stream = Terminal(encoding, terminal=False)
    monkeypatch.setattr(sys, "stdout", stream)
    assert current_screen().rich == rich
    write("a ✔ 模")
    stream.flush()
    written = stream.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]
    assert written == ("a ✔ 模\n" if rich else "a \\u2714 \\u6a21\n")


def test_styles_only_where_wanted() -> None:
    """Without colour a style changes nothing."""
    assert Screen().style("x", fg="red") == "x"
    assert Screen(color=True).style("x", fg="red") == "\x1b[31mx\x1b[0m"
    assert (Screen(50).columns(), Screen().columns(70)) == (50, 70)
