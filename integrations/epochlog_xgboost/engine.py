"""Know which `train` or `cv` call of ours is on this thread's stack, innermost last."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol


class Session(Protocol):
    """What the wrappers around XGBoost's methods tell a call that is being recorded.

    Attributes:
        container: XGBoost's container of callbacks that belongs to this very call.
        rate: the learning rate as it was set last, None while it is not known.
        stoppable: whether ``run.stop_requested`` is to be looked at after an iteration.
    """

    container: Any
    rate: Any
    stoppable: bool
    run: Any

    def iterated(self, model: Any) -> None:
        """One more iteration was trained, and is about to be evaluated."""
        ...

    def before_training(self, container: Any, model: Any) -> None:
        """XGBoost is about to train ``model``, one booster or the pack of all folds."""
        ...

    def after_iteration(self, epoch: int, evals: Any, rate: Any) -> None:
        """One iteration was evaluated on ``evals``, which are None in ``cv``."""
        ...

    def saw_folds(self, lines: list[str]) -> None:
        """XGBoost evaluated the boosters of all folds."""
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
