"""Read the points of many curves; of those that grew, only what was added to them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Executable, bindparam, select

from epochlog.query.opening import Reader
from epochlog.store import codec
from epochlog.store.codec import decode, join
from epochlog.store.schema import series_chunk

BATCH = 400
SPARE = 1.5
"""How much more room than it needs a curve gets when it has outgrown its own."""

Array = NDArray[np.float64]
Read = Callable[[Executable, Any], list[tuple[Any, ...]]]

_c = series_chunk.c
_of_some = _c.series_pk.in_(bindparam("pks", expanding=True))
_order = (_c.series_pk, _c.writer_pk, _c.seq)
_CHUNKS = select(_c.series_pk, _c.writer_pk, _c.count, _c.data).where(_of_some).order_by(*_order)
_SIZES = select(_c.series_pk, _c.writer_pk, _c.seq, _c.count).where(_of_some).order_by(*_order)
_TAIL = (
    select(_c.data)
    .where(
        _c.series_pk == bindparam("series"),
        _c.writer_pk == bindparam("writer"),
        _c.seq >= bindparam("first"),
    )
    .order_by(_c.seq)
)


@dataclass(slots=True, eq=False)
class _Room:
    """Arrays with space at their end; several `Points` may look at their beginnings."""

    steps: Array
    values: Array
    times: Array
    epochs: Array | None
    used: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """All points of a curve by step: float64 arrays of one length; times are in seconds.

    Attributes:
        seen: writer -> how many of its points are in it; each writer only ever adds to its end.
    """

    steps: Array
    values: Array
    times: Array
    epochs: Array | None
    seen: Mapping[int, int]
    _room: _Room

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        room = self._room
        arrays = (room.steps, room.values, room.times, room.epochs)
        return sum(array.nbytes for array in arrays if array is not None)


_NONE = np.empty(0)
NO_POINTS = Points(_NONE, _NONE, _NONE, None, {}, _Room(_NONE, _NONE, _NONE, None))


def read_points(reader: Reader, pks: Sequence[int], old: Mapping[int, Points]) -> dict[int, Points]:
    """Return pk of the curve -> its points as they are now; curves without points are left out.

    Args:
        reader: the store.
        pks: the curves.
        old: what is known of some of them.
    """
    found: dict[int, Points] = {}
    with reader.snapshot() as read:
        grown = {pk: old[pk] for pk in pks if pk in old}
        for batch in _batches(list(grown)):
            found.update(_continued(read, batch, grown))
        fresh = [pk for pk in pks if pk not in found]
        for batch in _batches(fresh):
            found.update(_whole(read, batch))
    return found


def _batches(pks: Sequence[int]) -> Iterator[Sequence[int]]:
    return (pks[start : start + BATCH] for start in range(0, len(pks), BATCH))


def _whole(read: Read, pks: Sequence[int]) -> Iterator[tuple[int, Points]]:
    for pk, group in groupby(read(_CHUNKS, {"pks": pks}), key=itemgetter(0)):
        rows = list(group)
        seen = _counted((writer, count) for _, writer, count, _ in rows)
        room = _room(sum(seen.values()))
        for *_, data in rows:
            _put(room, decode(data))
        yield pk, _sorted(room, seen)


def _continued(
    read: Read, pks: Sequence[int], old: Mapping[int, Points]
) -> Iterator[tuple[int, Points]]:
    """Yield the curves to which points were added; those that are others by now are left out."""
    for pk, group in groupby(read(_SIZES, {"pks": pks}), key=itemgetter(0)):
        chunks = [row[1:] for row in group]
        seen = _counted((writer, count) for writer, _, count in chunks)
        known = old[pk].seen
        if any(seen.get(writer, 0) < count for writer, count in known.items()):
            continue
        parts = []
        for writer, count in seen.items():
            wanted = count - known.get(writer, 0)
            if wanted:
                first = _first(wanted, [(seq, n) for own, seq, n in chunks if own == writer])
                parts.append(_tail(read, pk, writer, first, wanted))
        yield pk, _extended(old[pk], join(parts), seen) if parts else old[pk]


def _first(wanted: int, chunks: Sequence[tuple[int, int]]) -> int:
    """Return the chunk (seq, count) from which on there are ``wanted`` points."""
    for seq, count in reversed(chunks):
        wanted -= count
        if wanted <= 0:
            return seq
    return chunks[0][0]


def _tail(read: Read, pk: int, writer: int, first: int, wanted: int) -> codec.Points:
    rows = read(_TAIL, {"series": pk, "writer": writer, "first": first})
    points = join([decode(data) for (data,) in rows])
    return points.slice(len(points) - wanted, len(points))


def _counted(sizes: Iterable[tuple[int, int]]) -> dict[int, int]:
    seen: dict[int, int] = {}
    for writer, count in sizes:
        seen[writer] = seen.get(writer, 0) + count
    return seen


# --- arrays


def _room(size: int) -> _Room:
    return _Room(np.empty(size), np.empty(size), np.empty(size), None)


def _put(room: _Room, points: codec.Points) -> None:
    """Add points behind those that are there; there must be space."""
    part = slice(room.used, room.used + len(points))
    room.steps[part] = points.steps
    room.values[part] = points.values
    np.divide(points.times, 1e6, out=room.times[part])
    if points.epochs is not None and room.epochs is None:
        room.epochs = np.full(len(room.steps), np.nan)
    if room.epochs is not None:
        room.epochs[part] = np.nan if points.epochs is None else points.epochs
    room.used = part.stop


def _sorted(room: _Room, seen: Mapping[int, int]) -> Points:
    """Return the points by step, equal steps by time."""
    n = room.used
    if not _rises(room.steps[:n], room.times[:n]):
        order = np.lexsort((room.times[:n], room.steps[:n]))  # NaN comes last
        for array in (room.steps, room.values, room.times, room.epochs):
            if array is not None:
                array[:n] = array[order]
    return _view(room, n, seen)


def _rises(steps: Array, times: Array) -> bool:
    rises = steps[1:] > steps[:-1]
    if rises.all():
        return True
    return bool((rises | ((steps[1:] == steps[:-1]) & (times[1:] >= times[:-1]))).all())


def _view(room: _Room, n: int, seen: Mapping[int, int]) -> Points:
    epochs = None if room.epochs is None else room.epochs[:n]
    return Points(room.steps[:n], room.values[:n], room.times[:n], epochs, seen, room)


def _extended(old: Points, added: codec.Points, seen: Mapping[int, int]) -> Points:
    """Return the curve with further points, in the same arrays where they simply follow."""
    size = len(old.steps) + len(added)
    steps, times = (
        np.append(old.steps[-1:], added.steps.astype(float)),
        np.append(old.times[-1:], added.times / 1e6),
    )
    if not _rises(steps, times):
        room = _copied(old, size)
        _put(room, added)
        return _sorted(room, seen)
    room = old._room
    with room.lock:
        taken = room.used != len(old.steps)  # another thread was faster, and these arrays go on
        if taken or size > len(room.steps) or (added.epochs is not None and room.epochs is None):
            room = _copied(old, int(size * SPARE))
        _put(room, added)
    return _view(room, size, seen)


def _copied(points: Points, size: int) -> _Room:
    n = len(points.steps)
    room = _room(size)
    room.steps[:n], room.values[:n], room.times[:n] = points.steps, points.values, points.times
    if points.epochs is not None:
        room.epochs = np.full(size, np.nan)
        room.epochs[:n] = points.epochs
    room.used = n
    return room
