"""Fence our own failures: logged once per site, raised under test, never into the user's code."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from threading import get_ident
from time import perf_counter
from types import TracebackType
from typing import Any, Self, TypeVar

from epochlog.base.owntime import threads

logger = logging.getLogger("epochlog")
# A library stays silent unless the application configures logging; but a first failure of ours
# must be seen once, and logging.lastResort shows warnings on stderr when nothing is configured.

_seen_sites: dict[str, str] = {}
_T = TypeVar("_T")

RAISE_ENV = "EPOCHLOG_RAISE"


def raises_under_test() -> bool:
    """Return whether fenced failures are raised (our own test suite sets ``EPOCHLOG_RAISE=1``)."""
    return os.environ.get(RAISE_ENV) == "1"


def warn_once(site: str, message: str, *, exc_info: BaseException | None = None) -> bool:
    """Log ``message`` as a warning the first time ``site`` is seen in this process.

    Returns:
        True if this was the first time.
    """
    if site in _seen_sites:
        return False
    _seen_sites[site] = message
    if exc_info is not None and logger.isEnabledFor(logging.DEBUG):
        logger.warning("epochlog: %s", message, exc_info=exc_info)
    else:
        logger.warning("epochlog: %s", message)
    return True


def reported() -> dict[str, str]:
    """Return what `warn_once` said in this process, by site, in order of the first time."""
    return dict(_seen_sites)


class guard:  # noqa: N801 - used as a statement: ``with guard("lightgbm after_iteration"):``
    """Context manager: an ``Exception`` of ours inside it is reported once and swallowed.

    ``KeyboardInterrupt`` and ``SystemExit`` always pass, they are the user's.
    Under test (``EPOCHLOG_RAISE=1``) everything passes, so that no bug stays unseen.
    The time inside is our own, and is added up (see ``base/owntime.py``).
    """

    __slots__ = ("_thread", "failed", "site")

    def __init__(self, site: str) -> None:
        self.site = site
        self.failed = False

    def __enter__(self) -> Self:
        self._thread = thread = threads[get_ident()]
        if not thread.depth:
            thread.began = perf_counter()
        thread.depth += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> bool:
        thread = self._thread
        thread.depth -= 1
        if not thread.depth:
            thread.account.seconds += perf_counter() - thread.began
        if error is None or not isinstance(error, Exception):
            return False
        self.failed = True
        if raises_under_test():
            return False
        report(self.site, error)
        return True


def report(site: str, error: BaseException) -> None:
    """Say once that recording failed at ``site``; training goes on. Never raises."""
    try:
        warn_once(
            site,
            f"recording failed in {site} ({type(error).__name__}: {error}); training goes on. "
            "Set logging level DEBUG for the traceback.",
            exc_info=error,
        )
    except Exception:  # an error that can't be printed, a log handler of the user's that fails
        pass


def guarded(site: str, function: Callable[..., _T], *args: Any, **kwargs: Any) -> _T | None:
    """Call ``function`` under `guard`; return None if it failed."""
    with guard(site):
        return function(*args, **kwargs)
    return None
