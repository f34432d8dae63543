"""Know predictions again: the array itself, views and copies of it, and what is derived from it."""

from __future__ import annotations

import weakref
from collections import deque
from typing import Any

import numpy as np

from epochlog_sklearn.evaluation_matching import (
    Candidate,
    checksums,
    derives,
    equal,
    holds,
)
from epochlog_sklearn.models import Fitted, predictions, reference

BASES_MAX = 4  # views of views; numpy itself keeps chains short
OUTPUTS_MAX = 100  # arrays that one call of predict may return
RECENT_MAX = 16  # predictions whose copies are known again
DERIVED_MAX = 4  # newest predictions of which thresholds and roundings are tried
COPY_BYTES = 256 * 1024  # larger predictions are known by checksum
TELLING_ROWS = 8  # shorter predictions, and constant ones, may be anybody's


class Kept:
    """An array of the user: a weak reference, and while it is recent a private copy if small."""

    __slots__ = ("_refs", "copy")

    def __init__(self, value: Any) -> None:
        self._refs = [reference(value)]
        base = getattr(value, "base", None)  # what ``value[:, 1]`` keeps alive when value is a view
        if isinstance(base, np.ndarray) and base.shape == value.shape:
            self._refs.append(reference(base))
        self.copy = None
        if _bytes_of(value) <= COPY_BYTES and _is_plain(value):
            try:
                self.copy = np.array(value)
            except ValueError:  # lists of unequal length
                return
            _hold(self)

    def get(self) -> Any:
        """Return the user's object while it lives, else the copy, else None."""
        for find in self._refs:
            value = find()
            if value is not None:
                return value
        return self.copy

    def is_object(self, other: Any) -> bool:
        """Return whether this is the user's object ``other``."""
        return any(find() is other for find in self._refs)

    def is_same(self, other: Any) -> bool:
        """Return whether this is the user's object ``other``, or at least of equal content."""
        if self.is_object(other):
            return True
        value = self.get()
        if value is None or not _is_plain(other) or len(value) != len(other):
            return False
        return equal(np.asarray(value), np.asarray(other))


_held: deque[Kept] = deque()


def _hold(kept: Kept) -> None:
    """Let go of the oldest copy: however many models there are, there are few copies."""
    _held.append(kept)
    if len(_held) > 2 * RECENT_MAX:
        _held.popleft().copy = None


class Seen:
    """A data set that a model predicted.

    Attributes:
        x: finds the user's object while it lives.
        step: of the model, when it last predicted these data.
        outputs: method -> weak reference to what it returned.
        truth, weight: what the predictions were compared with, or None.
        done: what was evaluated: labels, scores.
        evaluated_step: of the model, when that was.
        logged: key -> value (None for plots) logged of these data.
    """

    __slots__ = (
        "_ident", "_owner", "done", "evaluated_step", "logged", "outputs", "step", "truth",
        "weight", "x",
    )  # fmt: skip

    def __init__(self, x: Any, step: int | None) -> None:
        owner, self._ident = _identity(x)
        self._owner = reference(owner)
        self.x = reference(x)
        self.step = step
        self.outputs: dict[tuple[str, int], weakref.ref[Output]] = {}
        self.truth: Kept | None = None
        self.weight: Kept | None = None
        self.done: set[str] = set()
        self.evaluated_step = 0
        self.logged: dict[str, Any] = {}

    def is_of(self, owner: Any, ident: Any) -> bool:
        """Return whether these are the data of this identity."""
        return self._owner() is owner and self._ident == ident

    def output(self, method: str, part: int = 0) -> Any:
        """Return the array that a method returned for these data, if it is still known."""
        found = self.outputs.get((method, part))
        output = None if found is None else found()
        return None if output is None else output.kept.get()

    def parts(self, method: str) -> list[Any]:
        """Return the arrays of a method that returned several, as far as they are known."""
        count = sum(name == method for name, _ in self.outputs)
        return [self.output(method, part) for part in range(count)]


def _identity(x: Any) -> tuple[Any, Any]:
    """Return (object, description) that tell data apart: memory and a few rows, or the object."""
    if type(x) is not np.ndarray:
        return x, id(x)
    root = x
    while isinstance(root.base, np.ndarray):
        root = root.base
    if not x.ndim:
        return x, id(x)
    few = (slice(None, None, max(1, len(x) // 8)), slice(64), slice(4), slice(4))
    some = x[few[: x.ndim]]  # a refilled buffer holds other data
    return root, (x.__array_interface__["data"][0], x.shape, x.strides, some.tobytes())


def seen_of(known: Fitted, x: Any) -> Seen:
    """Return what is known of a model's predictions for X, a new entry if it is new."""
    owner, ident = _identity(x)
    for seen in known.seen:
        if seen.is_of(owner, ident):
            _age(seen, known.step)
            return seen  # type: ignore[no-any-return]
    fresh = Seen(x, known.step)
    known.seen.append(fresh)
    return fresh


def _age(seen: Seen, step: int | None) -> None:
    """Forget what a model predicted before it learned more; evaluate again after twice as much."""
    if step is None or seen.step == step:
        return
    seen.step = step
    seen.outputs.clear()
    again = step >= 2 * seen.evaluated_step
    if again:
        seen.done.clear()
    seen.logged = {} if again else {k: v for k, v in seen.logged.items() if v is None}


class Output:
    """One array that a model returned.

    Attributes:
        known: the model.
        seen: what it was predicted from.
        method: predict, predict_proba …
        kept: the array.
        rows: its length.
    """

    __slots__ = ("__weakref__", "_sums", "kept", "known", "method", "rows", "seen")

    def __init__(self, known: Fitted, seen: Seen, method: str, array: Any) -> None:
        self.known = known
        self.seen = seen
        self.method = method
        self.kept = Kept(array)
        self.rows = len(array)
        self._sums = [] if self.kept.copy is not None else list(checksums(array))

    def holds(self, candidate: Candidate) -> bool:
        """Return whether an array of equal length has this content, or that of a column."""
        values = self.kept.get()
        if values is None:
            return any(candidate.checksum(dtype) == total for dtype, total in self._sums)
        return holds(np.asarray(values), candidate)

    def derives(self, candidate: Candidate) -> bool:
        """Return whether a threshold, a rounding, a largest column … gives the array."""
        values = self.kept.get()
        if values is None:
            return False
        numbers = self.known.kind != "classifier"
        return derives(np.asarray(values), candidate, self.known.classes, numbers=numbers)


_recent: deque[Output] = deque(maxlen=RECENT_MAX)


def remember(known: Fitted, seen: Seen, method: str, arrays: Any, x: Any) -> None:
    """Remember the array (or the arrays of a list) that a model returned."""
    several = isinstance(arrays, list) and 0 < len(arrays) <= OUTPUTS_MAX
    several = several and isinstance(arrays[0], np.ndarray)
    for part, array in enumerate(arrays if several else [arrays]):
        sparse = hasattr(array, "toarray")  # neither digested nor compared without densifying
        if sparse or not hasattr(array, "__len__") or not getattr(array, "ndim", 1):
            continue
        output = Output(known, seen, method, array)
        _replace(seen.outputs.get((method, part)))
        seen.outputs[method, part] = weakref.ref(output)
        predictions.set(array, output)
        base = getattr(array, "base", None)
        if isinstance(base, np.ndarray) and base is not x:  # slices of a view point at its base
            predictions.set(base, output)
        _recent.append(output)


def _replace(former: weakref.ref[Output] | None) -> None:
    """Leave the recent ones to different predictions: the same were made again."""
    output = None if former is None else former()
    if output is not None and output in _recent:
        _recent.remove(output)


def forget_all() -> None:
    """Forget all predictions."""
    _recent.clear()
    _held.clear()
    predictions.clear()


def find(array: Any) -> Output | None:
    """Return which prediction an array is, or is a view of."""
    for _ in range(BASES_MAX):
        if array is None:
            return None
        output: Output | None = predictions.get(array)
        if output is not None:
            return output
        array = getattr(array, "base", None)
    return None


def any_recent(candidate: Any) -> bool:
    """Return whether there are recent predictions of as many rows."""
    rows = length(candidate)
    return any(output.rows == rows for output in _recent)


def find_like(candidate: Any, truth: Any) -> tuple[Output, int] | None:
    """Return the newest prediction that an array is a copy of or was derived from.

    Args:
        candidate: what the user passed as predictions.
        truth: what it is compared with; predictions known to have another truth are left out.

    Returns:
        The prediction, and how many other models' predictions would do as well.
    """
    rows = length(candidate)
    recent = [output for output in reversed(_recent) if output.rows == rows]
    if not _is_plain(candidate):
        return None
    array = np.asarray(candidate)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.dtype.kind == "O":
        array = array.astype(str)
    if not _is_telling(array):
        return None
    sought = Candidate(array)
    for test, some in ((Output.holds, recent), (Output.derives, recent[:DERIVED_MAX])):
        fitting = [output for output in some if test(output, sought)]
        found = [each for each in fitting if each.seen.truth is None or _agrees(each, truth)]
        if found:
            return found[0], len({id(each.known) for each in found} - {id(found[0].known)})
    return None


def _agrees(output: Output, truth: Any) -> bool:
    known = output.seen.truth
    return known is None or known.get() is None or known.is_same(truth)


def _is_plain(value: Any) -> bool:
    """Return whether NumPy reads this without computing or copying between devices."""
    package = type(value).__module__.partition(".")[0]
    return isinstance(value, (np.ndarray, list, tuple)) or (
        package in ("pandas", "polars") and hasattr(value, "__array__")
    )


def length(value: Any) -> int:
    """Return the number of rows, -1 if there are none to count."""
    try:
        return len(value)
    except TypeError:
        return -1


def _bytes_of(value: Any) -> int:
    nbytes = getattr(value, "nbytes", None)
    return nbytes if isinstance(nbytes, int) else 8 * max(length(value), 0)


def _is_telling(array: np.ndarray) -> bool:
    if array.ndim > 2 or len(array) < TELLING_ROWS:
        return False
    return bool((array != array[0]).any())
