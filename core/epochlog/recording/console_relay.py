"""See all that is written to a terminal or a pipe, by a process that stands in between.

Only if the setting ``console_relay`` asks for it. A descriptor then leads to a pipe, or to a
terminal of our own where the user has one (same size, same modes, the bytes pass unchanged), and
`relay_process` carries on what comes out. A process, not a thread: C code that prints holds the
GIL, and what a killed program has printed must still arrive.
"""

from __future__ import annotations

import fcntl
import os
import pty
import secrets
import select
import stat
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from epochlog.base.guard import guard, warn_once
from epochlog.recording import relay_process
from epochlog.recording.console_sources import BOTH, Mark, Piece, Plan, Skipped, Want
from epochlog.recording.relay_process import (
    COPY_OFF,
    COPY_ON,
    DATA,
    FRAME,
    MARK,
    SIGN_END,
    SKIPPED,
    sign_of,
)

RELAYED_ENV = "EPOCHLOG_RELAYED"
"""What relays read (device.inode …), for child processes: they put none behind it."""
ANSWER_S = 2.0
"""The longest that the end of a run or of the process waits for the relay."""
START_S = 20.0


class Relay:
    """The source of what is written to descriptors of one terminal or pipe, by whoever has them."""

    def __init__(self, numbers: tuple[int, ...]) -> None:
        """Put a relay behind the descriptors.

        Raises:
            OSError: that is not possible here.
        """
        self._stream = BOTH if len(numbers) == 2 else numbers[0]
        self.streams = (self._stream,)
        self._numbers = numbers
        self._marks: dict[int, tuple[Mark, float]] = {}
        self._asked = 0
        self._received = b""
        self._left = 0
        self._closing = False
        self._pid = os.getpid()
        secret = secrets.token_hex(8).encode()
        self._sign = sign_of(secret)
        self._entry, self._control = _start(numbers[0], secret)
        self.identity = identity_of(self._entry)
        self._user = fcntl.fcntl(numbers[0], fcntl.F_DUPFD_CLOEXEC, 3)
        for number in numbers:
            os.dup2(self._entry, number)
        _set_relayed(add=self.identity)

    # -- what every source does ------------------------------------------------------------------

    def install(self) -> None:
        """Ask for a copy of what is printed."""
        self._say(COPY_ON)

    def remove(self) -> None:
        """Ask for no more copies; the relay stays until the process ends."""
        self._say(COPY_OFF)

    def mark(self, mark: Mark) -> None:
        """Note a place: what was printed by now."""
        self._asked += 1
        self._marks[self._asked] = mark, time.monotonic() + ANSWER_S
        self._say(MARK, self._asked)

    def take(self, want: Want) -> Iterator[Piece]:
        """Return some of what came since the last call, in order."""
        budget = want.budget
        while budget > 0:
            for number, piece in self._pieces():
                if isinstance(piece, bytes):
                    budget -= len(piece)
                yield number, piece
                if isinstance(piece, Mark):
                    return  # what is wanted changes here
            if not self._receive():
                break
        now = time.monotonic()
        for number, (mark, deadline) in list(self._marks.items()):
            if self._control < 0 or now > deadline:  # it hangs, as the terminal does
                del self._marks[number]
                yield 0, mark
                return

    @property
    def waiting(self) -> bool:
        """Whether more came than was taken."""
        return bool(self._marks) or len(self._received) >= FRAME.size

    # -- the relay -------------------------------------------------------------------------------

    def _say(self, what: bytes, number: int = 0) -> None:
        """Write a sign between what is printed: it stands exactly where it was written."""
        if os.getpid() != self._pid:
            return
        with suppress(OSError):  # nobody reads any more: the user's next print will say so
            os.write(self._entry, self._sign + what + b"%08x" % number + SIGN_END)

    def _receive(self, wait_s: float = 0.05) -> bool:
        """Take what the relay sent; wait a moment for it if a mark is on its way."""
        if self._control < 0:
            return False
        try:
            if self._marks:
                _wait_readable(self._control, wait_s)
            received = os.read(self._control, 256 * 1024)
        except BlockingIOError:
            return False
        if not received:
            self._lost()
        self._received += received
        return bool(received)

    def _pieces(self) -> Iterator[Piece]:
        """Return what stands in the bytes received, which may end anywhere."""
        while self._received:
            if self._left:
                data = self._received[: self._left]
                self._received = self._received[self._left :]
                self._left -= len(data)
                yield self._stream, data.replace(b"\0", b"")
                continue
            if len(self._received) < FRAME.size:
                return
            kind, number = FRAME.unpack_from(self._received)
            self._received = self._received[FRAME.size :]
            if kind == DATA:
                self._left = number
            elif kind == SKIPPED:
                yield self._stream, Skipped(number)
            elif number in self._marks:
                yield 0, self._marks.pop(number)[0]

    def _lost(self) -> None:
        """No copy comes any more."""
        os.close(self._control)
        self._control = -1
        poller = select.poll()
        poller.register(self._entry, 0)
        if not self._closing and not poller.poll(0):  # a pipe that nobody reads is an error there
            warn_once("console relay", "the console's relay was ended: no more is captured")

    # -- the end ---------------------------------------------------------------------------------

    def close(self) -> None:
        """Give the descriptors back, and wait until what was printed has reached its place.

        In a child process, what is printed still goes to the relay, which is the parent's.
        """
        if os.getpid() == self._pid:
            self._closing = True
            for number in self._numbers:
                if identity_of(number) == self.identity:  # else the user has put another there
                    os.dup2(self._user, number)
            _set_relayed(remove=self.identity)
            self._wait()
        for number in {self._user, self._entry, self._control} - {-1}:
            with guard("closing a descriptor of the console's relay"):
                os.close(number)
        self._user = self._entry = self._control = -1

    def _wait(self) -> None:
        """Wait until the relay has forwarded everything, but not for ever."""
        self.mark(Mark(None, opens=False))
        number, until = self._asked, time.monotonic() + ANSWER_S
        while number in self._marks and self._control >= 0 and time.monotonic() < until:
            for _ in self._pieces():
                pass
            if number in self._marks:
                self._receive(until - time.monotonic())


def _start(number: int, secret: bytes) -> tuple[int, int]:
    """Start a relay to what is behind a descriptor; return where to write, and its copy."""
    source, entry = _terminal_like(number) if os.isatty(number) else os.pipe()
    control, theirs = os.pipe()
    arguments = [str(source), str(number), str(theirs), secret.decode()]
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", relay_process.__file__, *arguments],
            pass_fds=(source, theirs), stdin=subprocess.DEVNULL, timeout=START_S, check=False,
        )  # fmt: skip
        if done.returncode:
            raise OSError(f"it ended with {done.returncode}")
    except (OSError, subprocess.SubprocessError) as error:
        os.close(entry)
        os.close(control)
        raise OSError(str(error)) from error
    finally:
        os.close(source)
        os.close(theirs)
    os.set_blocking(control, False)
    return entry, control


def _wait_readable(number: int, wait_s: float) -> None:
    poller = select.poll()  # select() fails where more than 1,024 files are open
    poller.register(number, select.POLLIN)
    poller.poll(max(0.0, wait_s) * 1000)


def _set_relayed(*, add: str = "", remove: str = "") -> None:
    known = [one for one in os.environ.get(RELAYED_ENV, "").split() if one != remove]
    if known or add:
        os.environ[RELAYED_ENV] = " ".join([*known, *([add] if add else [])])
    else:
        os.environ.pop(RELAYED_ENV, None)


def identity_of(number: int) -> str:
    """Return what tells the terminal or pipe behind a descriptor from others; "" if none."""
    try:
        found = os.fstat(number)
    except OSError:
        return ""
    return f"{found.st_dev}.{found.st_ino}"


def relayed(plans: list[Plan], own: set[str]) -> list[Plan]:
    """Return plans with a relay where one can stand: before a terminal or a pipe.

    Where an ancestor's stands already (not one of our ``own``), none is put behind it: its process
    records what is printed there, and this one what its Python writes.
    """
    taken = set(os.environ.get(RELAYED_ENV, "").split()) - own
    return [_relayed(plan, taken) for plan in plans]


def _relayed(plan: Plan, taken: set[str]) -> Plan:
    number = plan.stream
    terminal = plan.how == "tee" and os.isatty(number)
    if plan.how != "tee" or not (terminal or stat.S_ISFIFO(os.fstat(number).st_mode)):
        return plan
    if identity_of(number) in taken or not sys.executable:
        return plan
    where = "a terminal" if terminal else "a pipe"
    return replace(plan, how="relay", why=f"{where}, through a process of epochlog's: everything")


def _terminal_like(number: int) -> tuple[int, int]:
    """Return both ends of a new terminal that looks like the one behind a descriptor."""
    source, entry = pty.openpty()
    try:
        modes = termios.tcgetattr(number)
        modes[1] &= ~termios.OPOST  # the user's terminal does that; twice would be once too often
        termios.tcsetattr(entry, termios.TCSANOW, modes)
        size = fcntl.ioctl(number, termios.TIOCGWINSZ, b"\0" * 8)
        fcntl.ioctl(entry, termios.TIOCSWINSZ, size)
    except (OSError, termios.error) as error:
        os.close(source)
        os.close(entry)
        raise OSError(str(error)) from error
    return source, entry
