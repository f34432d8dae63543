"""Tell samplers in this process at once that a run opened or is about to end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from epochlog.base.guard import guard

if TYPE_CHECKING:
    from epochlog.recording.run import Run

Listener = Callable[["Run"], None]


@dataclass(frozen=True, slots=True)
class _Pair:
    owner: str
    opened: Listener | None
    closing: Listener | None


_listeners: list[_Pair] = []


def add_run_listener(
    opened: Listener | None = None, closing: Listener | None = None, *, owner: str
) -> None:
    """Call ``opened`` when a run starts in this process and ``closing`` before it ends.

    Both are called on the user's thread, so they must return within microseconds (wake a thread).
    """
    _listeners.append(_Pair(owner, opened, closing))


def remove_run_listeners(owner: str) -> None:
    """Remove the listeners that ``owner`` added."""
    _listeners[:] = [pair for pair in _listeners if pair.owner != owner]


def tell_opened(run: Run) -> None:
    """Call all ``opened`` listeners, each under guard."""
    for pair in _listeners:
        if pair.opened is not None:
            with guard(f"{pair.owner} run opened"):
                pair.opened(run)


def tell_closing(run: Run) -> None:
    """Call all ``closing`` listeners, each under guard."""
    for pair in _listeners:
        if pair.closing is not None:
            with guard(f"{pair.owner} run closing"):
                pair.closing(run)
