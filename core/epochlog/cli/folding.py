"""Break lines of prose between words where the terminal would break them anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable

from epochlog.cli.formats import cell_width
from epochlog.cli.screen import Screen

_STYLE = re.compile(r"\x1b\[[\d;]*m")


def folded(line: str, screen: Screen, indent: int | None = None, gap: int = 1) -> list[str]:
    """Return a line as lines that fit the screen; as it is where nothing limits it.

    Args:
        line: text, styles of `Screen.style` included.
        screen: where it is shown.
        indent: of the lines after the first; by default two more than that of the first.
        gap: break only where there are at least so many spaces.
    """
    if screen.width is None or shown_width(line) <= screen.width:
        return [line]
    own = len(line) - len(line.lstrip(" "))
    after = " " * (own + 2 if indent is None else indent)
    first, *rest = re.split(f"( {{{gap},}})", line.strip(" "))
    lines, used = [" " * own + first], own + shown_width(first)
    for space, word in zip(rest[::2], rest[1::2], strict=True):
        size = shown_width(word)
        if used + len(space) + size > screen.width:
            lines.append(after + word)
            used = len(after) + size
        else:
            lines[-1] += space + word
            used += len(space) + size
    return lines


def all_folded(lines: Iterable[str], screen: Screen) -> list[str]:
    """Return several lines, each folded."""
    return [part for line in lines for part in folded(line, screen)]


def shown_width(text: str) -> int:
    """Return how many columns a text takes, styles aside."""
    return cell_width(_STYLE.sub("", text))
