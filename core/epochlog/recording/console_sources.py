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

CHUNKS_MAX = 50_000
"""Writes that wait for our thread; beyond it the oldest are lost."""
SLACK_BYTES = 256 * 1024
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


Piece = tuple[int, "bytes | Mark | Skipped"]
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
    """Sees what Python writes to its standard streams, at the moment they pass it on.

    The stream's buffer gets a ``write`` of its own, an attribute that is taken away again. The
    stream remains the same object on the same descriptor: terminals remain terminals.
    """

    def __init__(self, streams: dict[int, Any]) -> None:
        self.streams = tuple(streams)
        self._buffers = {number: stream.buffer for number, stream in streams.items()}
        self._chunks: deque[Any] = deque(maxlen=CHUNKS_MAX)
        self._backlog: deque[Any] = deque()
        self._size = 0
        self._ours: dict[int, Any] = {}

    def install(self) -> None:
        """Give each buffer our ``write``."""
        for number, buffer in self._buffers.items():
            self._ours[number] = ours = _seen_write(buffer.write, self._chunks.append, number)
            buffer.write = ours

    def remove(self) -> None:
        """Take our ``write`` away, unless somebody put theirs on top."""
        for number, ours in self._ours.items():
            attributes = getattr(self._buffers[number], "__dict__", {})
            if attributes.get("write") is ours:
                del self._buffers[number].write
        self._ours = {}

    def mark(self, mark: Mark) -> None:
        """Note a place."""
        self._chunks.append((0, mark))

    def take(self, want: Want) -> Iterator[Piece]:
        """Return some of what came since the last call, in order."""
        self._gather()
        if self._size > want.head + want.tail + SLACK_BYTES:
            self._drop(want)
        budget, backlog = want.budget, self._backlog
        while backlog and budget > 0:
            number, data = backlog.popleft()
            if isinstance(data, bytes):
                parts = [data]
                while backlog and backlog[0][0] == number and len(data) < budget:
                    if not isinstance(backlog[0][1], bytes):
                        break
                    parts.append(backlog.popleft()[1])
                    budget -= len(parts[-1])
                data = b"".join(parts)
                budget -= len(parts[0])
                self._size -= len(data)
            yield number, data
            if isinstance(data, Mark):
                return  # what is wanted changes here

    @property
    def waiting(self) -> bool:
        """Whether more came than was taken."""
        return bool(self._backlog or self._chunks)

    def _gather(self) -> None:
        pop = self._chunks.popleft
        for _ in range(len(self._chunks)):
            piece = pop()
            if type(piece) is tuple:
                self._size += 0 if isinstance(piece[1], Mark) else len(piece[1])
                self._backlog.append(piece)
            else:
                self._size += len(piece)
                self._backlog.append((STDOUT, piece))

    def _drop(self, want: Want) -> None:
        """Let go of what is neither among the first nor among the last bytes, and count lines.

        Only up to the next mark: behind it, something else is wanted.
        """
        before = list(itertools.takewhile(lambda piece: piece[0], self._backlog))
        end = sum(len(data) for _, data in before if isinstance(data, bytes)) - want.tail
        if end - want.head <= SLACK_BYTES:
            return
        kept: list[Any] = []
        seen, lost = 0, 0
        for number, data in before:
            if isinstance(data, bytes):
                start, seen = seen, seen + len(data)
                if want.head <= start and seen <= end:
                    lost += data.count(b"\n")
                    self._size -= len(data)
                    continue
            if lost:
                kept.append((number, Skipped(lost)))
                lost = 0
            kept.append((number, data))
        self._backlog = deque([*kept, *itertools.islice(self._backlog, len(before), None)])


def _seen_write(
    write: Callable[[Any], int], note: Callable[[Any], None], number: int
) -> Callable[[Any], int]:
    """Return a ``write`` that passes on first and notes then; nothing of it can fail."""
    if number == STDOUT:

        def seen(data: Any, /) -> int:
            count = write(data)
            note(data if type(data) is bytes else bytes(data))
            return count

    else:

        def seen(data: Any, /) -> int:
            count = write(data)
            note((STDERR, data if type(data) is bytes else bytes(data)))
            return count

    return seen


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
            if end - self._position > want.head + want.tail + SLACK_BYTES and not want.head:
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


def _hindrance() -> str:
    if "ipykernel" in sys.modules or "google.colab" in sys.modules:
        return "a notebook keeps its output itself"
    modules = {type(sys.stdout).__module__, type(sys.stderr).__module__}
    if any(name.startswith("_pytest") for name in modules):
        return "pytest captures the output"
    return ""


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
                if stream.fileno() == number and hasattr(stream.buffer, "__dict__"):
                    return stream
            except (OSError, ValueError):
                continue
    return None
