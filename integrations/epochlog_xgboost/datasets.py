"""Fingerprint the data behind a `DMatrix`, which keeps a compressed copy but not the original."""

from __future__ import annotations

import collections
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from epochlog.plugins.api import Run, guard

BUDGET_S = 0.25  # for all sets of one call together
KEEP_MAX_BYTES = 4 * 2**20
"""Data up to this size are kept alive with their `DMatrix`: ``DMatrix(frame.drop(…))`` is usual."""
KEEP_MAX_MATRICES = 16  # so many of the newest ones

_Part = Callable[[], Any]


class Source:
    """What a `DMatrix` was made of: references to data, labels and weights, none of them copied."""

    __slots__ = ("__weakref__", "data", "label", "weight")

    def __init__(self, data: Any, label: Any, weight: Any) -> None:
        small = sum(_size(part) for part in (data, label, weight)) <= KEEP_MAX_BYTES
        refer = _strong if small else _weak
        self.data, self.label, self.weight = refer(data), refer(label), refer(weight)

    def weaken(self) -> None:
        """Keep nothing alive any longer."""
        self.data, self.label = _weak(self.data()), _weak(self.label())
        self.weight = _weak(self.weight())


def _strong(part: Any) -> _Part:
    return lambda: part


def _weak(part: Any) -> _Part:
    try:
        return weakref.ref(part)
    except TypeError:  # None, a list
        return _gone


def _gone() -> None:
    return None


def _size(part: Any) -> int:
    size = getattr(part, "nbytes", None)
    if isinstance(size, int):
        return size
    shape = getattr(part, "shape", None)
    if isinstance(shape, tuple) and all(isinstance(n, int) for n in shape):
        cells = 8
        for n in shape:
            cells *= n
        return cells
    if isinstance(part, (list, tuple)):
        width = len(part[0]) if part and isinstance(part[0], (list, tuple)) else 1
        return 32 * len(part) * width
    return 0 if part is None or isinstance(part, (str, Path)) else KEEP_MAX_BYTES + 1


_sources: weakref.WeakKeyDictionary[Any, Source] = weakref.WeakKeyDictionary()
_newest: collections.deque[weakref.ref[Source]] = collections.deque()


def remembering(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap ``DMatrix.__init__``: remember what it was made of, as long as it lives."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        original(self, *args, **kwargs)
        with guard("xgboost DMatrix"):
            data = args[0] if args else kwargs.get("data")
            label = args[1] if len(args) > 1 else kwargs.get("label")
            remember(self, Source(_usable(data), label, kwargs.get("weight")))

    return __init__


def _usable(data: Any) -> Any:
    """Return None for what has no content of its own: iterators, and the handle of a slice."""
    known = hasattr(data, "shape") or isinstance(data, (str, Path, list, tuple))
    return data if known or hasattr(data, "__array__") or hasattr(data, "schema") else None


def remember(matrix: Any, source: Source) -> None:
    """Note where a matrix comes from; the oldest of many lose what was only kept for us."""
    _sources[matrix] = source
    _newest.append(weakref.ref(source))
    if len(_newest) > KEEP_MAX_MATRICES:
        oldest = _newest.popleft()()
        if oldest is not None:
            oldest.weaken()


def forget() -> None:
    """Forget all matrices."""
    _sources.clear()
    _newest.clear()


def same_data(one: Any, other: Any) -> bool:
    """Whether two matrices are one, or were made of the same objects (data and labels)."""
    if one is other:
        return True
    a, b = _sources.get(one), _sources.get(other)
    if a is None or b is None or a.data() is None:
        return False
    return _same(a.data(), b.data()) and _same(a.label(), b.label())


def _same(one: Any, other: Any) -> bool:
    """Whether two objects are one, or two views (``X[:100]``) of the very same numbers."""
    if one is other:
        return True
    if not (isinstance(one, np.ndarray) and isinstance(other, np.ndarray)):
        return False
    a, b = one.__array_interface__, other.__array_interface__
    return all(a[key] == b[key] for key in ("data", "shape", "strides", "typestr"))


def named_sets(evals: Sequence[tuple[Any, str]], dtrain: Any) -> list[tuple[str, bool]]:
    """Return each evaluation set's name and whether it is the training data."""
    return [(name, same_data(matrix, dtrain)) for matrix, name in evals]


def log_datasets(
    run: Run,
    dtrain: Any,
    evals: Sequence[tuple[Any, str]],
    splits: Mapping[str, str],
    *,
    skip_train: bool,
) -> None:
    """Record training and evaluation sets of a call.

    ``skip_train``: an estimator's ``fit`` around this call has recorded the training set.
    """
    sets = [] if skip_train else [("train", "train", dtrain)]
    for matrix, name in evals:
        if not same_data(matrix, dtrain):
            split = splits.get(name, name)
            sets.append((split, "test" if split == "test" else "validation", matrix))
    for name, role, matrix in sets:
        log_dataset(run, matrix, name, role, BUDGET_S / len(sets))


def log_dataset(run: Run, matrix: Any, name: str, role: str, budget_s: float) -> None:
    """Record one `DMatrix`: by the content that it was made of while that is there, or by shape."""
    meta: dict[str, Any] = {
        "container": f"xgboost.{type(matrix).__name__}",
        "rows": matrix.num_row(),
        "columns": matrix.num_col(),
    }
    source = _sources.get(matrix)
    data = None if source is None else source.data()
    if source is None or data is None:
        meta["content"] = "not reachable any more: only XGBoost's own copy is left"
        run.log_dataset(matrix, name, role=role, meta=meta)
        return
    if isinstance(data, (str, Path)):
        data = str(data).partition("?")[0].partition("#")[0]
    label = source.label()
    if label is None and len(stored := matrix.get_label()):
        label = stored  # set later, or part of the file
    run.log_dataset(
        data, name, role=role, target=label, weight=source.weight(), budget_s=budget_s, meta=meta
    )
