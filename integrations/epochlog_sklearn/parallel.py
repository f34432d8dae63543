"""Carry the current run into joblib's workers, be they threads or processes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from epochlog.plugins.api import attach_context, export_context, guard, paused, pausing
from epochlog_sklearn import scope as scopes
from epochlog_sklearn.scope import Scope, current_scope, entering

Task = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]
Wrap = Callable[[Task], Task]


def run_parallel(original: Callable[..., Any], parallel: Any, iterable: Iterable[Any]) -> Any:
    """Stand in for ``joblib.Parallel.__call__``: tasks carry where they belong."""
    scope = current_scope()
    plan = scope.plan if scope is not None and not paused() else None
    with guard("sklearn parallel"):
        batch = plan.start_batch() if plan is not None else None
        wrap = batch.wrap if batch is not None else _carrying(nested=scope is not None)
        kind = _SizedTasks if hasattr(iterable, "__len__") else _Tasks
        iterable = kind(iterable, wrap)
    results = original(parallel, iterable)
    if plan is not None and batch is not None:
        with guard("sklearn parallel results"):
            batch.collect(results)
    return results


def _carrying(*, nested: bool) -> Wrap:
    context = {"paused": True} if paused() else export_context()

    def wrap(task: Task) -> Task:
        function, args, kwargs = task
        return Carry(function, context, nested=nested), args, kwargs

    return wrap


class _Tasks:
    """The user's tasks, wrapped one by one while joblib consumes them."""

    def __init__(self, tasks: Iterable[Any], wrap: Wrap) -> None:
        self._tasks = tasks
        self._wrap = wrap

    def __iter__(self) -> Iterator[Any]:
        for task in self._tasks:
            wrapped = task
            with guard("sklearn parallel task"):
                wrapped = self._wrap(task)
            yield wrapped


class _SizedTasks(_Tasks):
    """Tasks whose number joblib can ask for, for its progress messages."""

    def __len__(self) -> int:
        return len(self._tasks)  # type: ignore[arg-type]


class Carry:
    """A function together with the run it belongs to; pickles, so process pools take it too.

    While recording is paused it carries just that: a worker may have been armed by an earlier task.
    """

    __slots__ = ("_context", "_function", "_home", "_nested")

    def __init__(
        self, function: Callable[..., Any], context: dict[str, Any], *, nested: bool
    ) -> None:
        self._function = function
        self._context = context
        self._nested = nested
        self._home = (os.getpid(), threading.get_ident())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function where its run is known."""
        if self._home == (
            os.getpid(),
            threading.get_ident(),
        ):  # n_jobs=1: everything is here already
            return self._function(*args, **kwargs)
        if "paused" in self._context:
            with pausing():
                return self._function(*args, **kwargs)
        scope = Scope() if self._nested else None
        with attach_context(self._context), scopes.in_task(), entering(scope):
            return self._function(*args, **kwargs)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickle, (self._function, self._context, self._nested)


def _unpickle(function: Callable[..., Any], context: dict[str, Any], nested: bool) -> Carry:
    carry = Carry(function, context, nested=nested)
    carry._home = (0, 0)  # a forked worker may have the same thread ident as its parent
    scopes.note_worker(context)
    return carry
