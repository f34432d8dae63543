"""Know which recorded CatBoost call is on this thread's stack, innermost last."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol


class Session(Protocol):
    """What the wrapper around CatBoost's inner training tells the call that is being recorded."""

    def begins(self, train_pool: Any, eval_pools: list[Any], params: dict[str, Any]) -> None:
        """CatBoost made pools and complete parameters and is about to train."""
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
    """Return the recorded call that this thread is in, or None."""
    return _stack.sessions[-1] if _stack.sessions else None
