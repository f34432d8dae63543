"""Remember which run a fitted model belongs to; nothing is stored on the model itself."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from epochlog.plugins.api import guard


class Fitted:
    """A model that was fitted in this process and the run that recorded it.

    Attributes:
        run: where its test metrics go.
        train: the very object it was trained on, while that lives.
        step: calls of ``partial_fit`` so far, the x-axis of its test metrics; None for plain fits.
        split: name for scores that aren't on training data; "" = ask the variable's name.
    """

    __slots__ = ("_seen", "logged", "run", "split", "step", "train")

    def __init__(self, run: Any, train: Any, *, step: int | None = None, split: str = "") -> None:
        self.run = run
        self.train = reference(train)
        self.step = step
        self.split = split
        self.logged: dict[tuple[str, int], Any] = {}
        self._seen: set[tuple[Any, ...]] = set()

    def first_time(self, *description: Any) -> bool:
        """Return whether a data set of this description is new to this model, and note it."""
        if description in self._seen:
            return False
        self._seen.add(description)
        return True


def reference(value: Any) -> Callable[[], Any]:
    """Return a weak reference, or for what has none (a list) one that never finds anything."""
    try:
        return weakref.ref(value)
    except TypeError:
        return _nothing


def _nothing() -> None:
    return None


class WeakIdentityMap:
    """Object -> value by identity; objects need not be hashable, and entries die with them."""

    def __init__(self) -> None:
        self._items: dict[int, tuple[weakref.ref[Any], Any]] = {}

    def set(self, key: Any, value: Any) -> None:
        """Remember ``value`` for ``key``; objects without weak references are not remembered."""
        ident = id(key)
        items = self._items

        def forget(dead: weakref.ref[Any]) -> None:
            # The id may be another object's by now.
            if (known := items.get(ident)) is not None and known[0] is dead:
                del items[ident]

        with guard("sklearn model map"):
            try:
                items[ident] = (weakref.ref(key, forget), value)
            except TypeError:
                return

    def get(self, key: Any) -> Any:
        """Return what is remembered for this very object, or None."""
        known = self._items.get(id(key))
        return known[1] if known is not None and known[0]() is key else None

    def clear(self) -> None:
        """Forget everything."""
        self._items.clear()


fitted = WeakIdentityMap()
"""Estimator -> `Fitted`."""

predictions = WeakIdentityMap()
"""Returned array -> (`Fitted`, weak reference to the X it was predicted from)."""
