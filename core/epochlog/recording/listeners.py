"""Tell listeners in this process at once that a run opened, is about to end, or fitted a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from epochlog.base.guard import guard

if TYPE_CHECKING:
    from epochlog.recording.run import Run

Listener = Callable[["Run"], None]
FittedListener = Callable[["Run", Any, Any], None]


@dataclass(frozen=True, slots=True)
class _Pair:
    owner: str
    opened: Listener | None
    closing: Listener | None


_listeners: list[_Pair] = []
_fitted_listeners: list[tuple[str, FittedListener]] = []


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
    _fitted_listeners[:] = [pair for pair in _fitted_listeners if pair[0] != owner]


def add_fitted_listener(listener: FittedListener, *, owner: str) -> None:
    """Call ``listener(run, model, data)`` when an integration says that a run fitted a model.

    Called on the user's thread. Keep weak references only: the objects are the user's.
    """
    _fitted_listeners.append((owner, listener))


def tell_fitted(run: Run, model: Any, data: Any) -> None:
    """Say that ``model`` was fitted in ``run``: metrics of its predictions belong there.

    Args:
        run: where the fit was recorded.
        model: the user's object, which has ``predict``.
        data: what it was trained on, as the user passed it.
    """
    for owner, listener in _fitted_listeners:
        with guard(f"{owner} fitted"):
            listener(run, model, data)


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
