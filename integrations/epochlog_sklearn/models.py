"""Remember which run a fitted model belongs to; nothing is stored on the model itself."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable
from typing import Any

from epochlog.plugins.api import Budget, guard
from epochlog_sklearn import extract

SEEN_MAX = 8  # data sets of one model that are told apart; of more, the newest


class Fitted:
    """A model that was fitted in this process and the run that recorded it.

    Attributes:
        run: where its test metrics go.
        train: the very object it was trained on, while that lives.
        step: calls of ``partial_fit`` so far, the x-axis of its test metrics; None for plain fits.
        split: name for scores that aren't on training data; "" = ask the variable's name.
        budget: seconds for evaluations, as far as the work after the fit left some.
        model: finds the model while it lives, once it is described.
        kind: classifier, regressor, clusterer …; "" if the model does not say.
        classes: what the columns of its scores stand for, or None.
        seen: data sets that it predicted lately.
        told: what was said once.
    """

    __slots__ = (
        "_described", "budget", "classes", "kind", "model", "ovo", "run", "seen", "split", "step",
        "told", "train",
    )  # fmt: skip

    def __init__(
        self,
        run: Any,
        train: Any,
        *,
        step: int | None = None,
        split: str = "",
        budget: Budget | None = None,
    ) -> None:
        self.run = run
        self.train = reference(train)
        self.step = step
        self.split = split
        self.budget = Budget(0.0) if budget is None else budget
        self.model: Callable[[], Any] = _nothing
        self.kind = ""
        self.classes: Any = None
        self.ovo = False
        self.seen: deque[Any] = deque(maxlen=SEEN_MAX)
        self.told: set[tuple[Any, ...]] = set()
        self._described = False

    def describe(self, model: Any) -> None:
        """Note what kind of model it is, once."""
        if not self._described:
            self._described = True
            self.model = reference(model)
            self.kind, self.classes, self.ovo = extract.nature(model)

    def first_time(self, *description: Any) -> bool:
        """Return whether this is said of this model for the first time, and note it."""
        if description in self.told:
            return False
        self.told.add(description)
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

cross_validated = WeakIdentityMap()
"""Estimator of the first fold that ``cross_validate`` returned -> the run of that call."""

predictions = WeakIdentityMap()
"""Returned array -> `epochlog_sklearn.evaluation_outputs.Output`."""
