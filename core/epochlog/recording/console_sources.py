"""Where console output can be seen without standing in its way, stream by stream."""

from __future__ import annotations

import fcntl
import io
import itertools
import os
import stat
import sys
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

PIECES_MAX = 400_000
"""Writes that wait for our thread; beyond it the oldest are lost."""
SLACK_CHARS = 256 * 1024
STDOUT, STDERR, BOTH = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the output: here a run began to be open, or ended."""

    console: Any
    opens: bool


@dataclass(frozen=True, slots=True)
class Skipped:
    """So many lines were not read: there were too many at once."""

    lines: int


Piece = tuple[int, "str | bytes | Mark | Skipped"]
"""Stream, and what was written there."""


class Source(Protocol):
    """Sees the output of one or two streams."""

    streams: tuple[int, ...]

    def install(self) -> None:
        """Begin; called on the user's thread, like `remove` and `mark`."""

    def remove(self) -> None:
        """Stop, and leave no trace."""

    def mark(self, mark: Mark) -> None:
        """Note a place."""

    def take(self, want: Want) -> Iterator[Piece]:
        """Return some of what came since the last call, in order."""

    @property
    def waiting(self) -> bool:
        """Whether more came than was taken."""


@dataclass(frozen=True, slots=True)
class Want:
    """How much is wanted: ``budget`` bytes now; in all the first ``head`` and last ``tail``."""

    budget: int
    head: int
    tail: int


class Tee:
    """Sees what Python writes to its standard streams.

    The text stream gets a ``write`` of its own, an attribute that is taken away again; it remains
    the same object on the same descriptor, so that terminals remain terminals. Not one floor below,
    at its buffer: before Python 3.12.4, threads that print at once corrupt each other's text
    whenever the GIL is let go in there.
    """

    def __init__(self, streams: dict[int, Any]) -> None:
        self.streams = tuple(streams)
        self._texts = streams
        self._pieces: deque[Any] = deque(maxlen=PIECES_MAX)
        self._backlog: deque[Any] = deque()
        self._size = 0
        self._ours: dict[int, Any] = {}
        self._stops: list[Callable[[], None]] = []

    def install(self) -> None:
        """Give each stream our ``write``."""
        for number, text in self._texts.items():
            ours, stop = _seen_write(text.write, self._pieces.append, number)
            self._ours[number] = text.write = ours
            self._stops.append(stop)

    def remove(self) -> None:
        """Take our ``write`` away; where somebody kept it, it only passes on."""
        for number, ours in self._ours.items():
            if vars(self._texts[number]).get("write") is ours:
                del self._texts[number].write
        self._ours = {}
        while self._stops:
            self._stops.pop()()

    def mark(self, mark: Mark) -> None:
        """Note a place."""
        self._pieces.append((0, mark))

    def take(self, want: Want) -> Iterator[Piece]:
        """Return some of what came since the last call, in order."""
        self._gather()
        if self._size > want.head + want.tail + SLACK_CHARS:
            self._drop(want)
        budget, backlog = want.budget, self._backlog
        while backlog and budget > 0:
            number, data = backlog.popleft()
            if isinstance(data, str):
                if len(data) > budget:
                    backlog.appendleft((number, data[budget:]))
                    data = data[:budget]
                budget -= len(data)
                self._size -= len(data)
            yield number, data
            if isinstance(data, Mark):
                return  # what is wanted changes here

    @property
    def waiting(self) -> bool:
        """Whether more came than was taken."""
        return bool(self._backlog or self._pieces)

    def _gather(self) -> None:
        """Join what came since the last time, piece by piece only where streams alternate."""
        count, pop = len(self._pieces), self._pieces.popleft
        pieces = [pop() for _ in range(count)]
        if not pieces:
            return
        if count == PIECES_MAX:
            self._backlog.append((STDOUT, Skipped(0)))  # nobody knows how many
        of_one = itertools.groupby(
            pieces, lambda piece: piece[0] if type(piece) is tuple else STDOUT
        )
        for number, some in [(STDOUT, pieces)] if _all_stdout(pieces) else of_one:
            if number == 0:
                self._backlog.extend(some)
                continue
            text = _joined(some)
            self._size += len(text)
            self._backlog.append((number, text))

    def _drop(self, want: Want) -> None:
        """Let go of what is neither among the first nor among the last characters.

        Only up to the next mark: behind it, something else is wanted.
        """
        before = list(itertools.takewhile(lambda piece: piece[0], self._backlog))
        end = sum(len(data) for _, data in before if isinstance(data, str)) - want.tail
        if end - want.head <= SLACK_CHARS:
            return
        kept: list[Any] = []
        lost: dict[int, int] = {}
        seen = 0
        for number, data in before:
            if isinstance(data, Skipped):  # left out earlier; gaps that meet are one
                lost[number] = lost.get(number, 0) + data.lines
                continue
            first = max(0, min(want.head - seen, len(data)))
            last = max(first, min(end - seen, len(data)))
            seen += len(data)
            if first:
                kept += [*_gaps(lost), (number, data[:first])]
            if first < last:
                lost[number] = lost.get(number, 0) + data.count("\n", first, last)
                self._size -= last - first
            if last < len(data):
                kept += [*_gaps(lost), (number, data[last:])]
        kept += _gaps(lost)
        self._backlog = deque([*kept, *itertools.islice(self._backlog, len(before), None)])


def _gaps(lost: dict[int, int]) -> list[tuple[int, Skipped]]:
    """Return what was left out of each stream, and begin to count anew."""
    gaps = [(number, Skipped(lines)) for number, lines in lost.items()]
    lost.clear()
    return gaps


def _all_stdout(pieces: list[Any]) -> bool:
    """Return whether no piece is a mark or of another stream (those are tuples)."""
    return tuple not in set(map(type, pieces))


def _joined(pieces: Any) -> str:
    """Return pieces of one stream as one text."""
    return "".join([piece[1] if type(piece) is tuple else piece for piece in pieces])


def _seen_write(
    write: Callable[[str], int], note: Callable[[Any], None], number: int
) -> tuple[Callable[[str], int], Callable[[], None]]:
    """Return a ``write`` that passes on first, so that nothing changes, and notes then.

    And a function after which nothing is noted any more.
    """
    if number == STDOUT:

        def seen(text: str, /) -> int:
            count = write(text)
            note(text)
            return count

    else:

        def seen(text: str, /) -> int:
            count = write(text)
            note((STDERR, text))
            return count

    def stop() -> None:
        nonlocal note
        note = _forget

    return seen, stop


def _forget(_: Any) -> None:
    """Note nothing."""


class File:
    """Sees a file that the output goes to, by reading it: C libraries and children included."""

    def __init__(self, number: int, seen_as: int) -> None:
        """Begin at the end of the file behind descriptor ``number``.

        Raises:
            OSError: the file can't be read, or isn't written at its end.
        """
        self.streams = (seen_as,)
        self._number = seen_as
        self._fd = os.open(f"/proc/self/fd/{number}", os.O_RDONLY | os.O_CLOEXEC)
        self._position = self._end = os.fstat(self._fd).st_size
        self._marks: deque[tuple[int, Mark]] = deque()
        appends = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_APPEND
        if not appends and os.lseek(number, 0, os.SEEK_CUR) != self._position:
            os.close(self._fd)
            raise OSError("not written at its end")

    def install(self) -> None:
        """Nothing stands in the way of the output."""

    def remove(self) -> None:
        """Nothing was changed; the file is read to its last mark."""

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._fd)

    def mark(self, mark: Mark) -> None:
        """Note a place: what is in the file by now."""
        self._marks.append((os.fstat(self._fd).st_size, mark))

    def take(self, want: Want) -> Iterator[Piece]:
        """Return some of what came since the last call, in order."""
        self._end = os.fstat(self._fd).st_size
        if self._end < self._position:  # emptied meanwhile
            self._position = 0
        budget = want.budget
        while budget > 0:
            end = min(self._marks[0][0], self._end) if self._marks else self._end
            if end - self._position > want.head + want.tail + SLACK_CHARS and not want.head:
                yield self._number, Skipped(self._skip_to(end - want.tail))
            data = os.pread(self._fd, max(0, min(budget, end - self._position)), self._position)
            self._position += len(data)
            budget -= len(data)
            if data:
                yield self._number, data.replace(b"\0", b"")
            elif self._marks:
                yield 0, self._marks.popleft()[1]
                return  # what is wanted changes here
            else:
                return

    @property
    def waiting(self) -> bool:
        """Whether more came than was taken."""
        return bool(self._marks) or self._position < self._end

    def _skip_to(self, position: int) -> int:
        """Pass over what nobody wants; return the number of lines."""
        lines = 0
        while self._position < position:
            data = os.pread(self._fd, min(2**20, position - self._position), self._position)
            if not data:
                break
            lines += data.count(b"\n")
            self._position += len(data)
        return lines


@dataclass(frozen=True, slots=True)
class Plan:
    """How a stream is seen here: "file", "tee" or "" (not at all), and why."""

    stream: int
    how: str
    why: str
    text: Any = None


def plan_streams() -> list[Plan]:
    """Say how standard output and standard error would be captured in this process."""
    if why := _hindrance():
        return [Plan(STDOUT, "", why), Plan(STDERR, "", why)]
    return [_plan(STDOUT, "stdout"), _plan(STDERR, "stderr")]


_KEEPERS = {
    "ipykernel": "a notebook keeps its output itself",
    "google": "a notebook keeps its output itself",
    "_pytest": "pytest captures the output",
}
"""Packages whose streams take the place of the console's, and why those are left alone."""


def _hindrance() -> str:
    # Streams, not imports: a script may well import a widget for notebooks.
    packages = {type(s).__module__.partition(".")[0] for s in (sys.stdout, sys.stderr)}
    return next((why for package, why in _KEEPERS.items() if package in packages), "")


def _plan(number: int, name: str) -> Plan:
    text = _standard(number, name)
    if text is None:
        return Plan(number, "", f"sys.{name} is not this process's {name}")
    try:
        kind = os.fstat(number).st_mode
    except OSError:
        return Plan(number, "", "closed")
    if stat.S_ISREG(kind):
        if sys.platform == "linux" and _is_readable(number):
            return Plan(number, "file", "read from the file that it goes to", text)
        return Plan(number, "tee", "goes to a file that can't be read", text)
    if os.isatty(number):
        return Plan(number, "tee", "a terminal, which stays one: what Python writes", text)
    where = "a pipe" if stat.S_ISFIFO(kind) else "a device"
    return Plan(number, "tee", f"{where}: what Python writes", text)


def _is_readable(number: int) -> bool:
    return os.access(f"/proc/self/fd/{number}", os.R_OK)


def _standard(number: int, name: str) -> Any:
    """Return the text stream that writes to a standard descriptor, or None."""
    for stream in (getattr(sys, name), getattr(sys, f"__{name}__")):
        if isinstance(stream, io.TextIOWrapper):
            try:
                if stream.fileno() == number and hasattr(stream, "__dict__"):
                    return stream
            except (OSError, ValueError):
                continue
    return None
