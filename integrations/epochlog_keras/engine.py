"""Know which recorded Keras call is on this thread's stack, and which run a model belongs to."""

from __future__ import annotations

import inspect
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from epochlog.plugins.api import IntegrationOptions, Run

VIEWS_MAX = 20  # of views of views


class Session(Protocol):
    """What the wrappers around Keras's inner functions tell a call that is being recorded."""

    model: Any

    def attach(self, callbacks: Any) -> None:
        """Keras made a list of callbacks."""
        ...

    def saw_file(self, model: Any, path: Any) -> None:
        """A model was written to a file."""
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


def session_of(model: Any) -> Session | None:
    """Return the recorded call of this thread that is about ``model``, innermost first."""
    return next((s for s in reversed(_stack.sessions) if s.model is model), None)


def arguments_of(
    original: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any] | None:
    """Return a method call's arguments by name, defaults included; None if Keras will refuse it."""
    try:
        call = inspect.signature(original).bind(*args, **kwargs)
    except TypeError:
        return None
    call.apply_defaults()
    found: dict[str, Any] = dict(call.arguments)
    more: dict[str, Any] = found.pop("kwargs", {})
    return found | more


class Fitted:
    """What is remembered of a model's last recorded training, for evaluations that come later."""

    def __init__(self, run: Run, options: IntegrationOptions) -> None:
        self.run = run
        self.options = options
        self.step = 0
        self.epoch = 0
        self.tests = 0  # data sets that were neither trained on nor validated with
        self.predicted = False
        self._seen: list[tuple[str, Any, weakref.ref[Any] | None]] = []

    def saw(self, data: Any, split: str) -> None:
        """Remember by identity that ``data`` is the set called ``split``."""
        if data is None:
            return
        place, owner = _identity(data)
        try:
            self._seen.append((split, place, weakref.ref(owner)))
        except TypeError:  # lists and dicts can't be referred to weakly; then the place has to do
            self._seen.append((split, place, None))

    def split_of(self, data: Any) -> str | None:
        """Return under which name these very data were seen."""
        place, owner = _identity(data)
        for split, seen, reference in self._seen:
            if seen == place and (reference is None or reference() is owner):
                return split
        return None


def _identity(data: Any) -> tuple[Any, Any]:
    """Return where data lie in memory, and the object that keeps them there.

    ``X[80:]`` is a new object each time it is written, but always the same rows of the same ``X``.
    """
    owner = data
    for _ in range(VIEWS_MAX):
        base = getattr(owner, "base", None)
        base = getattr(owner, "_base", None) if base is None else base
        if base is None or not hasattr(base, "shape"):
            break
        owner = base
    interface = getattr(data, "__array_interface__", None)
    if isinstance(interface, dict):
        return (interface["data"][0], data.shape, data.strides), owner
    if hasattr(data, "data_ptr"):
        return (data.data_ptr(), tuple(data.shape), data.stride()), owner
    return id(data), data


_fitted: dict[int, tuple[weakref.ref[Any], Fitted]] = {}


def remember(model: Any, fitted: Fitted) -> None:
    """Keep the run of ``model``, as long as the model lives."""
    address = id(model)
    # A finalizer may run anywhere and takes no lock: a plain pop from a dict does not.
    _fitted[address] = (weakref.ref(model, lambda _: _fitted.pop(address, None)), fitted)


def recall(model: Any) -> Fitted | None:
    """Return what is remembered of ``model``."""
    reference, fitted = _fitted.get(id(model), (None, None))
    return fitted if reference is not None and reference() is model else None
