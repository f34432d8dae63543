"""Know which call of a Trainer is being recorded on this thread, innermost last."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from epochlog_transformers.session import Session


class _Stack(threading.local):
    def __init__(self) -> None:
        self.sessions: list[Session] = []


_stack = _Stack()
_searching: weakref.WeakSet[Any] = weakref.WeakSet()
_latest: weakref.WeakKeyDictionary[Any, Session] = weakref.WeakKeyDictionary()


@contextmanager
def entered(session: Session) -> Iterator[None]:
    """Make ``session`` the innermost one of this thread."""
    _stack.sessions.append(session)
    try:
        yield
    finally:
        _stack.sessions.pop()


def innermost() -> Session | None:
    """Return the session of the call that is being recorded on this thread."""
    return _stack.sessions[-1] if _stack.sessions else None


def session_of(trainer: Any) -> Session | None:
    """Return the session that records a call of this very Trainer right now."""
    return next((s for s in reversed(_stack.sessions) if s.trainer is trainer), None)


@contextmanager
def searching(trainer: Any) -> Iterator[None]:
    """Say that trainings of ``trainer`` inside the block are trials of a search that we record."""
    _searching.add(trainer)
    try:
        yield
    finally:
        _searching.discard(trainer)


def is_searching(trainer: Any) -> bool:
    """Return whether a search that we record runs with this Trainer."""
    return trainer in _searching


def remember(trainer: Any, session: Session) -> None:
    """Keep which training was the latest of ``trainer``: later evaluations belong to it."""
    try:
        _latest[trainer] = session
    except TypeError:  # a subclass without hash
        return


def latest_of(trainer: Any) -> Session | None:
    """Return the session of the Trainer's latest training, if it was recorded."""
    try:
        return _latest.get(trainer)
    except TypeError:
        return None


def forget_all() -> None:
    """Forget finished trainings: their store may not be the current one any more."""
    _latest.clear()
