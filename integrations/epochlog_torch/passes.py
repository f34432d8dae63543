"""Passes over data: iterations of data loaders, and losses computed without gradients in them."""

from __future__ import annotations

import weakref
from typing import Any

from epochlog_torch.scalars import read

VALUES_MAX = 4096
"""Scalars on a device take half a kilobyte each; more of them are reduced to their mean."""


class Pass:
    """One iteration over a data loader.

    Attributes:
        loader: weak reference to it.
        without_grad: it was begun where gradients are off: nobody trains on it.
    """

    def __init__(self, loader: Any, iterator: Any, *, without_grad: bool) -> None:
        self.loader = weakref.ref(loader)
        self.loader_id = id(loader)
        self.iterator = weakref.ref(iterator)
        self.without_grad = without_grad

    def alive(self) -> bool:
        """Whether somebody still holds the iterator."""
        return self.iterator() is not None


class Evaluation:
    """Losses that were computed without gradients, between two steps, on one loader's data.

    Attributes:
        source: id of the loader; 0 without one.
        loader: weak reference to it, or a function that returns None.
    """

    def __init__(self, source: int, loader: Any) -> None:
        self.source, self.loader = source, loader
        self._found: dict[int, tuple[Any, list[Any], list[float]]] = {}

    def add(self, criterion: Any, value: Any, weight: float) -> None:
        """Take one result of a loss module; ``weight`` is the number of rows it was made of."""
        found = self._found.setdefault(id(criterion), (weakref.ref(criterion), [], []))
        found[1].append(value)
        found[2].append(weight)
        if len(found[1]) >= VALUES_MAX and (total := sum(found[2])) > 0:
            found[1][:] = [_mean(found[1], found[2])]
            found[2][:] = [total]

    def means(self, trained_on: set[int]) -> dict[str, float]:
        """Return weighted means: ``loss`` for the training's own criterion, else by class.

        Args:
            trained_on: ids of the criteria that the training called.
        """
        known = [key for key in self._found if key in trained_on]
        main = known[0] if len(known) == 1 else None
        if main is None and not trained_on and len(self._found) == 1:
            main = next(iter(self._found))
        means = {}
        for key, (ref, values, weights) in self._found.items():
            criterion = ref()
            name = "loss" if key == main else type(criterion).__name__
            if sum(weights) > 0:
                means[name] = _mean(values, weights)
        return means


def _mean(values: list[Any], weights: list[float]) -> float:
    pairs = zip(read(values), weights, strict=True)
    return sum(value * weight for value, weight in pairs) / sum(weights)


def rows_of(args: tuple[Any, ...], reduction: str) -> tuple[float, float]:
    """Return (weight, factor on the value) of one result, so that weighted means are per row."""
    shape = list(getattr(args[0], "shape", ())) if args else []
    rows = float(shape[0]) if shape else 1.0
    return rows, (1.0 / rows if reduction == "sum" and rows else 1.0)
