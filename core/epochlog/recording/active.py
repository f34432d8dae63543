"""Know which run is current in this context or else the main thread, and whether we pause."""

from __future__ import annotations

import threading
from contextvars import ContextVar, Token
from types import TracebackType
from typing import TYPE_CHECKING

from epochlog.base import owntime

if TYPE_CHECKING:
    from epochlog.recording.run import Run

_current: ContextVar[Run | None] = ContextVar("epochlog_run", default=None)
_paused: ContextVar[bool] = ContextVar("epochlog_paused", default=False)
_attached: ContextVar[bool] = ContextVar("epochlog_attached", default=False)
_borrowed = False
"""This worker process records only what was sent here with a context: it may outlive that."""

_main_runs: list[Run] = []
"""Runs that the user opened in the main thread, innermost last: ContextVars don't reach threads."""


def current_run() -> Run | None:
    """Return the run that events without an explicit run go to.

    It is the innermost open run of this context (thread, task); else, in a thread that has none,
    the one that the user opened in the main thread; else None.
    """
    run = _current.get()
    if run is not None and run.active:
        return run
    for candidate in reversed(_main_runs):
        if candidate.active:
            return candidate
    return None


def context_run() -> Run | None:
    """Return the innermost open run of this context alone, without the main thread's fallback."""
    run = _current.get()
    return run if run is not None and run.active else None


def enter_run(run: Run, *, by_user: bool) -> Token[Run | None]:
    """Make ``run`` current in this context; returns the token for `leave_run`."""
    if by_user and threading.current_thread() is threading.main_thread():
        _main_runs.append(run)
    owntime.enter(run.own_time)
    return _current.set(run)


def leave_run(run: Run, token: Token[Run | None] | None) -> None:
    """Make current again what was before `enter_run`."""
    if run in _main_runs:
        _main_runs.remove(run)
    owntime.leave(run.own_time)
    if token is not None:
        try:
            _current.reset(token)
        except ValueError:  # ended in another thread or task than it was started in
            if _current.get() is run:
                _current.set(None)


def forget_runs() -> None:
    """Forget all current runs (used by tests and after `uninstrument`)."""
    _main_runs.clear()
    _current.set(None)


def paused() -> bool:
    """Return whether automatic recording is switched off in this context."""
    return _paused.get() or (_borrowed and not _attached.get())


def set_borrowed(*, borrowed: bool) -> None:
    """Say whether this process was set up for recording by a context that was sent to it."""
    global _borrowed
    _borrowed = borrowed


def enter_attached() -> Token[bool]:
    """Work that was sent here with a context begins; returns the token for `leave_attached`."""
    return _attached.set(True)


def leave_attached(token: Token[bool]) -> None:
    """The work that was sent here is done."""
    _attached.reset(token)


class pausing:  # noqa: N801 - used as a statement: ``with epochlog.paused():``
    """Context manager: inside it no integration records; explicit ``log_*`` calls still do."""

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token = _paused.set(True)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        _paused.reset(self._token)
