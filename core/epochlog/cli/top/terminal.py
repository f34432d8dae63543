"""Own the terminal for a while: keys, size, signals, few bytes per change; always give it back.

Not `rich.live`: that writes the whole screen whenever a character changes, which is felt over ssh,
and it reads no keys. This writes the lines that differ.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import tty
from collections.abc import Sequence
from types import FrameType, TracebackType
from typing import Any, Self

from epochlog.cli.top.keys import Keys

# Alternate screen, no cursor, no wrapping at the right edge.
ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J"
LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
ESCAPE_WAIT_S = 0.05
"""The rest of a key's sequence comes at once, also over ssh; after so long ESC was the key."""
ENDING = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGQUIT") if hasattr(signal, name)
)


class Ended(Exception):  # noqa: N818
    """The process was asked to end by a signal, or the terminal is gone."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum


class Terminal:
    """The terminal as a context: inside it, the screen is ours; outside, as it was before.

    Needs the main thread, and standard input and output to be a terminal.
    """

    def __init__(self) -> None:
        self._in, self._out = sys.stdin.fileno(), sys.stdout.fileno()
        self._encoding = sys.stdout.encoding or "utf-8"
        self._keys = Keys()
        self._shown: list[str] | None = None
        self._modes: list[Any] = []
        self._signals: list[int] = []
        self._handlers: dict[int, Any] = {}
        self._pipe: tuple[int, int] = (-1, -1)
        self._woken = -1

    # --- in and out

    def __enter__(self) -> Self:
        self._modes = termios.tcgetattr(self._in)
        self._pipe = os.pipe()
        for fd in self._pipe:
            os.set_blocking(fd, False)
        self._woken = signal.set_wakeup_fd(self._pipe[1], warn_on_full_buffer=False)
        for signum in (*ENDING, signal.SIGINT, signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH):
            self._handlers[signum] = signal.signal(signum, self._note)
        try:
            self._take()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._give_back()
        signal.set_wakeup_fd(self._woken)
        for signum, handler in self._handlers.items():
            signal.signal(signum, handler)
        for fd in self._pipe:
            os.close(fd)

    def _take(self) -> None:
        tty.setcbreak(self._in, termios.TCSADRAIN)
        self._shown = None
        self._write(ENTER)

    def _give_back(self) -> None:
        try:
            self._write(LEAVE)
            termios.tcsetattr(self._in, termios.TCSAFLUSH, self._modes)
        except (OSError, termios.error, Ended):  # the terminal is gone: nothing to give back
            pass

    def _note(self, signum: int, _: FrameType | None) -> None:
        self._signals.append(signum)

    def _suspend(self) -> None:
        """Stop as Ctrl-Z asks, with the terminal as it was; go on when the shell says so."""
        self._give_back()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._note)
        self._signals = [each for each in self._signals if each != signal.SIGCONT]
        self._take()

    # --- what happens

    def wake(self) -> None:
        """End a `wait`; other threads may call it."""
        try:
            os.write(self._pipe[1], b"\0")
        except OSError:  # full: it will wake up anyway; closed: nobody waits
            pass

    def wait(self, timeout_s: float) -> list[str]:
        """Return the keys that were pressed, or [] after ``timeout_s``, `wake` or a new size.

        Raises:
            Ended: a signal asks to end, or the terminal is gone.
            KeyboardInterrupt: Ctrl-C.
        """
        if not self._signals:
            ready, _, _ = select.select([self._in, self._pipe[0]], [], [], timeout_s)
            if self._pipe[0] in ready:
                self._drain()
            if self._in in ready:
                return self._read()
        self._heed()
        return []

    def _drain(self) -> None:
        try:
            os.read(self._pipe[0], 4096)
        except BlockingIOError:
            pass

    def _heed(self) -> None:
        while self._signals:
            signum = self._signals.pop(0)
            if signum == signal.SIGINT:
                raise KeyboardInterrupt
            if signum in ENDING:
                raise Ended(signum)
            if signum == signal.SIGTSTP:
                self._suspend()
            elif signum == signal.SIGCONT:  # the shell may have used the terminal meanwhile
                self._take()
            else:
                self._shown = None

    def _read(self) -> list[str]:
        try:
            data = os.read(self._in, 4096)
        except OSError:
            data = b""
        if not data:
            raise Ended(signal.SIGHUP)
        found = self._keys.feed(data)
        if self._keys.waiting:
            ready, _, _ = select.select([self._in], [], [], ESCAPE_WAIT_S)
            found += self._keys.feed(os.read(self._in, 4096) if ready else b"", final=not ready)
        return found

    # --- what is seen

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        try:
            size = os.get_terminal_size(self._out)
        except OSError:
            return 80, 24
        return size.columns or 80, size.lines or 24

    def redraw(self) -> None:
        """Write the whole screen next time, whatever was there."""
        self._shown = None

    def paint(self, lines: Sequence[str]) -> None:
        """Show these lines; writes only those that differ from what is shown."""
        text = difference(self._shown, lines)
        self._shown = list(lines)
        if text:
            self._write(text)

    def _write(self, text: str) -> None:
        data = text.encode(self._encoding, "backslashreplace")
        while data:
            try:
                data = data[os.write(self._out, data) :]
            except BlockingIOError:
                select.select([], [self._out], [])
            except OSError as error:
                raise Ended(signal.SIGHUP) from error


def difference(old: Sequence[str] | None, new: Sequence[str]) -> str:
    """Return what to write so that ``new`` is on a screen that shows ``old`` (None: anything)."""
    parts = ["\x1b[H\x1b[2J"] if old is None else []
    before = old or ()
    for row, line in enumerate(new):
        if old is None or row >= len(before) or before[row] != line:
            # Cleared first: behind a full line it would take the last character away.
            parts.append(f"\x1b[{row + 1};1H\x1b[0m\x1b[2K{line}")
    if len(before) > len(new):
        parts.append(f"\x1b[{len(new) + 1};1H\x1b[0m\x1b[J")
    return "".join(parts)
