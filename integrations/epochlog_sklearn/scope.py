"""Know what this context is inside of: a fit, a search, a fold, or a call that stays unrecorded."""

from __future__ import annotations

import os
from contextvars import ContextVar, Token
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from epochlog_sklearn.searches import Plan

SOURCE = "sklearn"

options: dict[str, Any] = {}
"""The integration's options, set when it is switched on; empty means the defaults, all on."""


def wanted(option: str) -> bool:
    """Return whether an option of the integration is on."""
    return bool(options.get(option, True))


def is_model(estimator: Any) -> bool:
    """Whether this estimator predicts or is no transformer; pure transformers are no models.

    Asked of the class, because stacking only knows after the fit whether it predicts; but a
    pipeline is what its last step is.
    """
    asked = estimator if hasattr(estimator, "steps") else type(estimator)
    if hasattr(asked, "predict") or hasattr(asked, "fit_predict"):
        return True
    return not (hasattr(asked, "transform") or hasattr(asked, "fit_transform"))


class Scope:
    """One recorded call while it runs; fits inside it are its own affair and only counted.

    Args:
        owner: ``id`` of the estimator, whose ``super().fit`` is not a nested fit.

    Attributes:
        plan: turns joblib's tasks into folds, for searches and cross-validations.
        searches_inside: a search that starts in here gets a run (nested cross-validation).
        nested: fits of other models so far, transformers left out.
    """

    __slots__ = ("_inside", "nested", "plan", "searches_inside")

    def __init__(
        self, owner: int = 0, plan: Plan | None = None, *, searches_inside: bool = False
    ) -> None:
        self._inside = {owner}
        self.plan = plan
        self.searches_inside = searches_inside
        self.nested = 0

    def run_nested(self, original: Any, estimator: Any, args: Any, kwargs: Any) -> Any:
        """Run a fit inside this one: count it, unless it is the same object's ``super().fit``."""
        ident = id(estimator)
        if ident in self._inside:
            return original(estimator, *args, **kwargs)
        self._inside.add(ident)
        self.nested += is_model(estimator)
        try:
            return original(estimator, *args, **kwargs)
        finally:
            self._inside.discard(ident)


_in_worker = False
_in_task: ContextVar[bool] = ContextVar("epochlog_sklearn_task", default=False)


def note_worker(context: dict[str, Any]) -> None:
    """Note that this process works for another: it records only tasks that say where they belong.

    A reused worker stays armed after ``uninstrument()`` in its parent.
    """
    global _in_worker
    _in_worker = _in_worker or context.get("pid", os.getpid()) != os.getpid()


class in_task:  # noqa: N801 - used as a statement
    """Context manager around a task that brought its run along."""

    def __enter__(self) -> None:
        self._token = _in_task.set(True)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        _in_task.reset(self._token)


def recording_here() -> bool:
    """Return whether a fit that starts here and now is to be recorded."""
    return not _in_worker or _in_task.get()


_scope: ContextVar[Scope | None] = ContextVar("epochlog_sklearn_scope", default=None)
current_scope = _scope.get


class entering:  # noqa: N801 - used as a statement: ``with entering(Scope()):``
    """Context manager: make ``scope`` the current one."""

    __slots__ = ("_scope", "_token")

    def __init__(self, scope: Scope | None) -> None:
        self._scope = scope

    def __enter__(self) -> Scope | None:
        self._token: Token[Scope | None] = _scope.set(self._scope)
        return self._scope

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        _scope.reset(self._token)
