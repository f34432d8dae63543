"""A process of its own that forwards what a program prints, and hands the program a copy.

Started as a script by ``console_relay.py``, with nothing but the standard library. It goes on until
nobody can write any more: the program may be killed, its children may print for days. It is in a
session of its own, so that no Ctrl-C, Ctrl-Z or hang-up of the terminal meant for the program
reaches it. Forwarding comes first: the copy waits in memory, and gives way when it grows too large.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import sys
import termios
from collections import deque

READ_BYTES = 64 * 1024
COPY_BYTES_MAX = 8 * 2**20
"""So much of the copy waits for the program; beyond it the oldest gives way."""
SIZE_MS = 1000
FRAME = struct.Struct("=cQ")
"""Kind and number: the bytes that follow (data), lines (skipped), which one (mark)."""
DATA, SKIPPED, MARK = b"d", b"s", b"m"
COPY_ON, COPY_OFF = b"+", b"-"
"""What the program says between what it prints, beside MARK."""
WORD_BYTES = 9
"""Of a sign: one byte what, and eight digits."""
IGNORED = ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGTSTP", "SIGTTOU", "SIGTTIN", "SIGPIPE")


def sign_of(secret: bytes) -> bytes:
    """Return what a sign begins with: an escape sequence that nobody else writes."""
    return b"\x1b_epochlog:" + secret + b":"


SIGN_END = b"\x1b\\"


class Copy:
    """What the program has yet to read of what was printed."""

    def __init__(self, control: int) -> None:
        os.set_blocking(control, False)
        self._control = control
        self._on = False
        self._frames: deque[bytes] = deque()
        self._size = 0
        self._begun = b""

    def add(self, data: bytes) -> None:
        """Take what was printed."""
        if self._on and data:
            self._frames.append(FRAME.pack(DATA, len(data)) + data)
            self._size += len(data)
            if self._size > COPY_BYTES_MAX:
                self._drop()

    def obey(self, what: bytes, number: int) -> None:
        """Do what the program said at this place of what it printed."""
        if what == MARK:
            self._frames.append(FRAME.pack(MARK, number))
        else:
            self._on = what == COPY_ON

    def _drop(self) -> None:
        """Replace the oldest half by how many lines they were; marks stay in their places."""
        kept: deque[bytes] = deque()
        skipped = 0
        while self._frames:
            frame = self._frames.popleft()
            kind, number = FRAME.unpack_from(frame)
            if kind == DATA and self._size > COPY_BYTES_MAX // 2:
                self._size -= number
                skipped += frame.count(b"\n", FRAME.size)
                continue
            if kind == SKIPPED:
                skipped += number
                continue
            if skipped:
                kept.append(FRAME.pack(SKIPPED, skipped))
                skipped = 0
            kept.append(frame)
        self._frames = kept

    @property
    def waiting(self) -> bool:
        """Whether there is anything for the program."""
        return bool(self._frames or self._begun)

    def send(self) -> None:
        """Hand over what the program takes now.

        Raises:
            OSError: the program is gone.
        """
        while self.waiting:
            if not self._begun:
                self._begun = self._frames.popleft()
                if self._begun[:1] == DATA:
                    self._size -= len(self._begun) - FRAME.size
            try:
                self._begun = self._begun[os.write(self._control, self._begun) :]
            except BlockingIOError:
                return


class Relay:
    """From one descriptor to another, until nobody can write any more."""

    def __init__(self, source: int, target: int, control: int | None, secret: bytes) -> None:
        self._source, self._target, self._control = source, target, control
        self._copy = None if control is None else Copy(control)
        self._sign = sign_of(secret)
        self._held = b""
        self._terminal = os.isatty(target)
        self._size = b""

    def run(self) -> None:
        """Forward until the end.

        Raises:
            OSError: nobody takes it any more.
        """
        while True:
            poller = select.poll()
            poller.register(self._source, select.POLLIN)
            if self._copy is not None and self._control is not None:
                poller.register(self._control, select.POLLOUT if self._copy.waiting else 0)
            ready = poller.poll(SIZE_MS if self._terminal else None)
            if self._terminal:
                self._follow_size()
            if any(number == self._source for number, _ in ready):
                data = self._read()
                if not data:
                    self._forward(self._held)
                    return
                self._take(self._held + data)
            if any(number == self._control for number, _ in ready):
                self._hand_over()

    def _read(self) -> bytes:
        try:
            return os.read(self._source, READ_BYTES)
        except OSError:  # a terminal that nobody has open any more
            return b""

    def _take(self, data: bytes) -> None:
        """Forward data but for the signs in it, which are for us."""
        while (place := data.find(self._sign)) >= 0:
            word = place + len(self._sign)
            end = word + WORD_BYTES + len(SIGN_END)
            if len(data) < end:
                break
            self._forward(data[:place])
            if self._copy is not None:
                digits = data[word + 1 : word + WORD_BYTES]
                self._copy.obey(data[word : word + 1], int(digits, 16))
            data = data[end:]
        else:
            place = self._begun_sign(data)
        self._forward(data[:place])
        self._held = data[place:]

    def _begun_sign(self, data: bytes) -> int:
        """Return where a sign may begin whose rest has not come yet, or the end."""
        tail = max(0, len(data) - len(self._sign))
        place = data.find(b"\x1b", tail)
        while place >= 0 and not self._sign.startswith(data[place:]):
            place = data.find(b"\x1b", place + 1)
        return place if place >= 0 else len(data)

    def _forward(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(self._target, left) :]
            except BlockingIOError:  # somebody who shares it wants not to wait; we do
                poller = select.poll()
                poller.register(self._target, select.POLLOUT)
                poller.poll()
        if self._copy is not None:
            self._copy.add(data)

    def _hand_over(self) -> None:
        try:
            if self._copy is not None:
                self._copy.send()
        except OSError:  # the program is gone; who else has its streams may go on
            self._copy = None

    def _follow_size(self) -> None:
        """Let the program see the size of the terminal that it is shown on."""
        try:
            size = fcntl.ioctl(self._target, termios.TIOCGWINSZ, b"\0" * 8)
            if size != self._size:
                fcntl.ioctl(self._source, termios.TIOCSWINSZ, size)
                self._size = size
        except OSError:
            self._terminal = False


def main(arguments: list[str]) -> None:
    """Leave the program's family and forward; begin again if somebody kills the one who does."""
    if os.fork():
        os._exit(0)  # the program waits for this one, and has no child that it does not know of
    os.setsid()
    os.chdir("/")
    for name in IGNORED:
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    source, target, control = map(int, arguments[:3])
    while True:
        worker = os.fork()
        if not worker:
            try:
                Relay(
                    source, target, control if control >= 0 else None, arguments[3].encode()
                ).run()
            finally:
                os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
        if code >= 0:
            return
        if control >= 0:
            os.close(control)  # the copy may have stopped in the middle of a piece: no more of it
            control = -1


if __name__ == "__main__":
    main(sys.argv[1:])
