"""A program in a terminal of its own: keys go in, and what its screen shows can be read."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
import unicodedata
from collections.abc import Iterator, Sequence

from processes import environment

COMMAND = [sys.executable, "-c", "from epochlog.cli.main import main; main()"]
PATIENCE_S = 90.0
_SEQUENCE = re.compile(r"\x1b\[([?\d;]*)([A-Za-z])|\x1b[()][A-Z0-9]|\x1b[=>]")


class Screen:
    """What a terminal shows after the text it was sent; knows the sequences that `top` writes."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.alternate = False
        self.cursor_shown = True
        self.wraps = True
        self._rest = ""
        self._clear()

    def _clear(self) -> None:
        self.cells = [[" "] * self.columns for _ in range(self.rows)]
        self.row = self.column = 0

    def feed(self, text: str) -> None:
        """Show text; a sequence that is cut waits for its rest."""
        text, self._rest = self._rest + text, ""
        while text:
            if text[0] == "\x1b":
                found = _SEQUENCE.match(text)
                if found is None:
                    self._rest = text
                    return
                if found[2]:
                    self._control(found[1], found[2])
                text = text[found.end() :]
            else:
                self._put(text[0])
                text = text[1:]

    def _put(self, char: str) -> None:
        if char == "\r":
            self.column = 0
        elif char == "\n":
            self.row += 1
            if self.row == self.rows:
                self.cells = [*self.cells[1:], [" "] * self.columns]
                self.row -= 1
        elif char == "\x08":
            self.column = max(self.column - 1, 0)
        elif char.isprintable():
            width = 1 + (unicodedata.east_asian_width(char) in "WF")
            if self.column + width > self.columns:
                if not self.wraps:
                    return
                self._put("\r")
                self._put("\n")
            self.cells[self.row][self.column] = char
            if width == 2:
                self.cells[self.row][self.column + 1] = ""
            self.column += width

    def _control(self, numbers: str, final: str) -> None:
        if final in "hl":
            self._mode(numbers, final == "h")
        elif final == "H":
            row, _, column = numbers.partition(";")
            self.row = min(int(row or 1), self.rows) - 1
            self.column = min(int(column or 1), self.columns) - 1
        elif final == "J":
            if numbers == "2":
                self.cells = [[" "] * self.columns for _ in range(self.rows)]
            else:
                self.cells[self.row][self.column :] = [" "] * (self.columns - self.column)
                self.cells[self.row + 1 :] = [
                    [" "] * self.columns for _ in range(self.row + 1, self.rows)
                ]
        elif final == "K":
            start = 0 if numbers == "2" else self.column
            self.cells[self.row][start:] = [" "] * (self.columns - start)

    def _mode(self, numbers: str, on: bool) -> None:
        if numbers == "?1049":
            self.alternate = on
            self._clear()
        elif numbers == "?25":
            self.cursor_shown = on
        elif numbers == "?7":
            self.wraps = on

    @property
    def lines(self) -> list[str]:
        """The rows as text."""
        return ["".join(row).rstrip() for row in self.cells]


class LiveTerminal:
    """A process that leads a terminal.

    Attributes:
        screen: what is shown.
        output: everything that was written, in pieces.
        code: exit code, or minus the signal, once it has ended.
    """

    def __init__(self, args: Sequence[str], columns: int = 80, rows: int = 24, **env: str) -> None:
        seen = {**environment(TERM="xterm-256color"), **env}
        for name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"):
            if name not in env:
                seen.pop(name, None)
        self.screen = Screen(columns, rows)
        self.output: list[str] = []
        self.code: int | None = None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.execvpe(args[0], list(args), seen)
            finally:
                os._exit(127)
        self.modes = termios.tcgetattr(self.fd)
        self._bytes = b""

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.fd, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Change the size, as dragging a window does."""
        self.screen = Screen(columns, rows)
        self.screen.alternate, self.screen.wraps = True, False
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def signal(self, signum: int) -> None:
        """Send a signal to the process."""
        os.kill(self.pid, signum)

    def read(self, wait_s: float = 0.1) -> bool:
        """Take in what was written; False once nothing more can come."""
        if not self.has_more(wait_s):
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        if not data:
            return False
        self._bytes += data
        text = self._bytes.decode("utf-8", "ignore")
        if text.encode() == self._bytes:  # else a character is cut in two
            self._bytes = b""
            self.output.append(text)
            self.screen.feed(text)
        return True

    def has_more(self, wait_s: float) -> bool:
        """Wait until there is something to read, or its end."""
        poller = select.poll()
        poller.register(self.fd, select.POLLIN)
        return bool(poller.poll(wait_s * 1000))

    def until(self, *words: str) -> list[str]:
        """Wait until all words are on the screen; return its lines."""
        return self.when(lambda lines: all(any(w in line for line in lines) for w in words), words)

    def when(self, fits, what: object = "") -> list[str]:
        """Wait until the lines of the screen fit."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if fits(self.screen.lines):
                return self.screen.lines
            if not self.read():
                break
        raise AssertionError(f"never seen: {what}\n" + "\n".join(self.screen.lines))

    def quiet(self, seconds: float = 1.0) -> None:
        """Take in what comes until nothing has come for a while."""
        while self.has_more(seconds):
            if not self.read():
                return

    def end(self) -> int:
        """Wait for the end; return the exit code, or minus the signal."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self.code is None:
            more = self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                while more and self.has_more(0):
                    more = self.read()
                self.code = os.waitstatus_to_exitcode(status)
        assert self.code is not None, "it did not end"
        return self.code

    def close(self) -> None:
        """Kill what still runs."""
        if self.code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


@contextlib.contextmanager
def live_terminal(
    *args: str, columns: int = 80, rows: int = 24, **env: str
) -> Iterator[LiveTerminal]:
    """Run ``epochlog`` with arguments in a terminal of its own."""
    terminal = LiveTerminal([*COMMAND, *args], columns, rows, **env)
    try:
        yield terminal
    finally:
        terminal.close()
