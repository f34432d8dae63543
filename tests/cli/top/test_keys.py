"""Bytes of terminals become keys."""

from __future__ import annotations

import pytest

from epochlog.cli.top.keys import Keys


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b"q", ["q"]),
        (b"\x1b[A\x1b[B", ["up", "down"]),
        (b"\x1bOA\x1bOH", ["up", "home"]),
        (b"\x1b[5~\x1b[6~\x1b[3~", ["page up", "page down", "delete"]),
        (b"\r\n\x7f\x08\t", ["enter", "enter", "backspace", "backspace", "tab"]),
        ("é日".encode(), ["é", "日"]),
        (b"\x1b[1;5A!", ["!"]),
        (b"\x1b[<0;10;10Mx", ["x"]),
        (b"\x1b\x1b[A", ["escape", "up"]),
        (b"\x1bq", ["escape", "q"]),
        (b"\x00\x01a\xff\xfeb", ["a", "b"]),
    ],
)
def test_keys(data: bytes, keys: list[str]) -> None:
    """Sequences have names, printable characters are themselves, all else is nothing."""
    assert Keys().feed(data, final=True) == keys


def test_pieces_are_put_together() -> None:
    """A sequence or a character that comes in pieces is one key."""
    keys = Keys()

    assert keys.feed(b"\x1b") == []
    assert keys.waiting
    assert keys.feed(b"[") == []
    assert keys.feed(b"A") == ["up"]
    assert not keys.waiting
    assert keys.feed("日".encode()[:2]) == []
    assert keys.feed("日".encode()[2:]) == ["日"]


def test_a_lone_escape_is_a_key() -> None:
    """ESC is the key itself once nothing follows; an unfinished sequence is dropped."""
    keys = Keys()
    keys.feed(b"\x1b")

    assert keys.feed(b"", final=True) == ["escape"]
    keys.feed(b"\x1b[1")
    assert keys.feed(b"", final=True) == []
    assert keys.feed(b"a") == ["a"]
