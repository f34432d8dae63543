"""``epochlog tag`` and ``epochlog note``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Call = Callable[..., Result]


def test_tags_are_added_and_removed(call: Call, filled: Path) -> None:
    """+TAG adds, -TAG removes, at once; status and times stay."""
    before = call("show", "broken", "--json", "-s", "params").output
    assert call("tag", "base", "+good", "best", "-vision").output == "base: baseline, best, good\n"
    assert call("tag", "base").output == "base: baseline, best, good\n"
    assert call("tag", "broken", "+x").output == "broken: x\n"
    assert "✘ failed" in call("show", "broken").output
    assert call("show", "broken", "--json", "-s", "params").output == before


def test_a_bare_sign_is_no_tag(call: Call, filled: Path) -> None:
    """+ or - alone is wrong usage."""
    assert call("tag", "base", "+").exit_code == 2


def test_notes(call: Call, filled: Path) -> None:
    """A note is set, appended to, read from standard input, and shown."""
    assert call("note", "base").output == "The *first* one.\n"
    call("note", "base", "better", "--append")
    assert call("note", "base").output == "The *first* one.\n\nbetter\n"
    call("note", "worse", "-", stdin="from\na pipe\n")
    assert call("note", "worse").output == "from\na pipe\n"
    assert call("note", "broken").output == "broken has no note\n"


def test_unknown_run(call: Call, filled: Path) -> None:
    """A run that isn't there is not found."""
    assert call("tag", "nope", "+x").exit_code == 3
    assert call("note", "nope", "x").exit_code == 3
