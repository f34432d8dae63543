"""Turn what is written to a terminal into lines: progress bars folded, control codes taken out."""

from __future__ import annotations

import codecs
import re

ROWS_MAX = 60
"""Rows above the cursor that may still change (several progress bars, live tables)."""
LINE_CHARS_MAX = 16_384
"""Longer lines are cut there, with a mark."""
RAW_LINE_MAX = LINE_CHARS_MAX + 4096
"""So much is looked at, since a secret that is cut in two would not be recognized."""
CUT_MARK = " …(line cut)"

_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\|$)|[PX^_][^\x1b]*(?:\x1b\\|$)"
    r"|[ -/]*[0-~]|$)"
)
_TOKENS = re.compile(rf"({_SEQUENCE.pattern}|[\r\n\b])")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_INCOMPLETE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*|[PX^_][^\x1b]*|[ -/]*)?$")


class Folder:
    """A terminal that knows of one column of rows: feed it bytes, take finished lines.

    A row is finished when the cursor is below it. Programs that draw several bars move up again:
    once that is seen, as many rows are held back until the end.
    """

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._above: list[str] = []
        self._row = ""
        self._column = 0
        self._below: list[str] = []
        self._held = 0
        self._rest = ""
        self._cutting = False

    def cut(self) -> None:
        """Output is missing here: drop what is left of the lines before and behind the gap."""
        self._row, self._column, self._rest = "", 0, ""
        self._below.clear()
        self._cutting = True

    def feed(self, data: bytes | str) -> None:
        """Take output as it was written, cut anywhere."""
        text = self._rest + (data if isinstance(data, str) else self._decode(data))
        self._rest = ""
        if self._cutting:
            _, end, text = text.partition("\n")
            self._cutting = not end
        if "\x1b" not in text and "\r" not in text and "\b" not in text:
            self._plain(text)
            return
        cut = _INCOMPLETE.search(text)
        if cut and len(text) - cut.start() < 200:
            text, self._rest = text[: cut.start()], text[cut.start() :]
        for piece in _TOKENS.split(text.replace("\r\n", "\n")):
            if piece:
                self._take_piece(piece)

    def take(self) -> list[str]:
        """Return the lines that are finished."""
        count = max(0, len(self._above) - self._held)
        lines, self._above = self._above[:count], self._above[count:]
        return _all_shown(lines)

    def unfinished(self) -> str:
        """Return the row that the cursor stands on."""
        return _shown(self._row)

    def finish(self) -> list[str]:
        """Return all that is left, and begin with an empty screen."""
        rows = [*self._above, self._row, *self._below]
        while rows and not rows[-1].strip():
            rows.pop()
        self.__init__()  # type: ignore[misc]
        return [_shown(row) for row in rows]

    def _plain(self, text: str) -> None:
        """The usual case: whole lines without control codes."""
        lines = text.split("\n")
        if self._below or self._column != len(self._row):
            for number, line in enumerate(lines):
                if number:
                    self._newline()
                self._write(line)
            return
        lines[0] = self._row + lines[0]
        self._above += lines[:-1]
        self._row = lines[-1][:RAW_LINE_MAX]
        self._column = len(self._row)

    def _take_piece(self, piece: str) -> None:
        if piece == "\n":
            self._newline()
        elif piece == "\r":
            self._column = 0
        elif piece == "\b":
            self._column = max(0, self._column - 1)
        elif piece[0] == "\x1b":
            self._control(piece)
        else:
            self._write(piece)

    def _write(self, text: str) -> None:
        row, column = self._row, self._column
        if len(row) < column:
            row += " " * (column - len(row))
        if column < RAW_LINE_MAX:
            self._row = row[:column] + text[:RAW_LINE_MAX] + row[column + len(text) :]
            self._column = column + len(text)

    def _newline(self) -> None:
        self._above.append(self._row)
        self._row = self._below.pop(0) if self._below else ""
        self._column = 0

    def _up(self, count: int) -> None:
        for _ in range(count):
            if not self._above:
                self._held = min(ROWS_MAX, max(self._held, len(self._below) + 1))
                return
            self._below.insert(0, self._row)
            self._row = self._above.pop()
            self._held = min(ROWS_MAX, max(self._held, len(self._below)))
        del self._below[ROWS_MAX:]

    def _control(self, piece: str) -> None:
        kind = piece[-1]
        if piece[1:2] != "[" or kind not in "ABEFGJKCD":
            return
        number = piece[2:-1]
        count = min(int(number), 1000) if number.isdigit() else 1
        if kind in "AF":
            self._up(count)
        elif kind in "BE":
            for _ in range(min(count, len(self._below))):
                column = self._column
                self._newline()
                self._column = column if kind == "B" else 0
        elif kind in "CD":
            self._column = max(0, self._column + (count if kind == "C" else -count))
        elif kind == "G":
            self._column = max(0, count - 1)
        if kind == "F":
            self._column = 0
        elif kind in "JK":
            self._erase(kind, number)

    def _erase(self, kind: str, number: str) -> None:
        if number == "2" and kind == "K":
            self._row = ""
        elif number in ("", "0"):
            self._row = self._row[: self._column]
            if kind == "J":
                self._below.clear()


def _all_shown(lines: list[str]) -> list[str]:
    text = "".join(lines)
    if text.isascii() and not _UNSEEN.search(text) and len(text) < RAW_LINE_MAX * 10:
        return [line[:RAW_LINE_MAX].rstrip() for line in lines]
    return [_shown(line) for line in lines]


def _shown(line: str) -> str:
    """Return a row as it is read: without invisible characters, at a bounded length."""
    if len(line) > RAW_LINE_MAX:
        line = line[:RAW_LINE_MAX]
    line = _UNSEEN.sub("", line).rstrip()
    # Surrogates can't be stored, and other line ends than \n would be lines of their own.
    return line.encode("utf-8", "replace").decode() if not line.isascii() else line
