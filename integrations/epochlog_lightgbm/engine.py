"""Know which `train` or `cv` call of ours is on this thread's stack, innermost last."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol


class Session(Protocol):
    """What the wrappers around LightGBM's inner functions tell a call that is being recorded."""

    def saw_text(self, booster: Any, text: str) -> None:
        """LightGBM itself made the model's text."""
        ...

    def saw_folds(self, raw_results: list[Any]) -> None:
        """LightGBM evaluated the boosters of all folds."""
        ...


class _Stack(threading.local):
    def __init__(self) -> None:
        self.sessions: list[Session] = []


_stack = _Stack()


@contextmanager
def entered(session: Session) -> Iterator[None]:
    """Make ``session`` the innermost one of this thread."""
    _stack.sessions.append(session)
    try:
        yield
    finally:
        _stack.sessions.pop()


def innermost() -> Session | None:
    """Return the call of `train` or `cv` that this thread is in, or None."""
    return _stack.sessions[-1] if _stack.sessions else None
