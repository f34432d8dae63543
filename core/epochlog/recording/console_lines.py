"""Number, bound and log one run's console lines: all of the beginning, then the latest."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from epochlog.base.clock import now_us
from epochlog.base.redaction import REDACTED
from epochlog.recording.console_folding import CUT_MARK, LINE_CHARS_MAX

if TYPE_CHECKING:
    from epochlog.recording.run import Run

CHUNK_CHARS = 64 * 1024
TAIL_BYTES_A_SECOND = 32 * 1024
"""A flood of lines is logged at this rate at most, so that it does not fill the journal."""
UNFINISHED_S = 2.0
"""How often a progress bar's state is logged while its line is not finished."""
PRIVATE_KEY_LINES_MAX = 200

Line = tuple[int, int, int, str]
"""Number, stream, time in microseconds, text."""


class RunConsole:
    """The console of one run. For one thread at a time."""

    def __init__(self, run: Run, limit_bytes: int) -> None:
        self.run = run
        self.sources = 0
        """How many sources have not finished with this run yet."""
        self._limit = limit_bytes
        self._head_left = limit_bytes
        self._pending: deque[Line] = deque()
        self._pending_chars = 0
        self._kept: deque[tuple[int, int]] = deque()  # of the tail: last number, characters
        self._kept_chars = 0
        self._number = 0
        self._quiet_until = 0.0
        self._unfinished = self._logged_unfinished = ""
        self._unfinished_at = 0.0
        self._in_key = 0

    def add(self, lines: list[str], stream: int, skipped: int = 0) -> None:
        """Take finished lines; ``skipped`` others came before them and were lost."""
        now = now_us()
        self._number += skipped
        for line in lines:
            text = self._without_private_key(line)
            if text is None:
                continue
            self._number += 1
            self._pending.append((self._number, stream, now, text))
            self._pending_chars += len(text) + 1
        while self._head_left <= 0 and self._pending_chars > self._limit:
            self._pending_chars -= len(self._pending.popleft()[3]) + 1

    def set_unfinished(self, text: str) -> None:
        """Say what stands on the line that is being written."""
        self._unfinished = text if len(text) <= LINE_CHARS_MAX else ""

    def log(self, *, final: bool = False) -> None:
        """Log what is waiting, or at least so much as the rate allows."""
        now = time.monotonic()
        while self._pending and self._head_left > 0:
            self._log_chunk(tail=False)
        if self._pending and (final or now >= self._quiet_until):
            self._quiet_until = now + self._pending_chars / TAIL_BYTES_A_SECOND
            while self._pending_chars > self._limit:
                self._pending_chars -= len(self._pending.popleft()[3]) + 1
            while self._pending:
                self._log_chunk(tail=True)
        self._log_unfinished(now, final=final)

    def _log_chunk(self, *, tail: bool) -> None:
        chunk: list[Line] = [self._next()]
        size = len(chunk[0][3])
        while self._pending and size < CHUNK_CHARS and (tail or size < self._head_left):
            if self._pending[0][0] != chunk[-1][0] + 1:
                break  # lines are missing in between
            chunk.append(self._next())
            size += len(chunk[-1][3]) + 1
        keep_from = self._keep(chunk[-1][0], size) if tail else None
        self._head_left -= 0 if tail else size
        at = chunk[0][2]
        self.run.log_console(
            [_bounded(line[3]) for line in chunk],
            first=chunk[0][0],
            spans=_spans(chunk, at),
            at=at,
            keep_from=keep_from,
        )
        self._logged_unfinished = ""

    def _next(self) -> Line:
        line = self._pending.popleft()
        self._pending_chars -= len(line[3]) + 1
        return line

    def _keep(self, last: int, size: int) -> int:
        """Note a chunk of the tail; return the number of the first line that is still wanted."""
        self._kept.append((last, size))
        self._kept_chars += size
        first = 0
        while self._kept_chars - self._kept[0][1] >= self._limit:
            first, dropped = self._kept.popleft()
            self._kept_chars -= dropped
        return first + 1

    def _log_unfinished(self, now: float, *, final: bool) -> None:
        """Log the state of a progress bar now and then: the process may die in the middle of it."""
        text = "" if final or self._in_key else self._unfinished
        if text == self._logged_unfinished or (not final and now < self._unfinished_at):
            return
        self._unfinished_at = now + UNFINISHED_S
        self._logged_unfinished = text
        self.run.log_console([], first=self._number + 1, spans=[], unfinished=text, keep_from=None)

    def _without_private_key(self, line: str) -> str | None:
        """Return the line, REDACTED for the first line of a private key, None for its others."""
        if self._in_key:
            self._in_key = 0 if "-----END" in line else self._in_key - 1
            return None
        if "-----BEGIN" in line and "PRIVATE KEY" in line and "-----END" not in line:
            self._in_key = PRIVATE_KEY_LINES_MAX
            return line.partition("-----BEGIN")[0] + REDACTED
        return line


def _bounded(text: str) -> str:
    """Return a line at a bounded length; what is behind the bound served to tell secrets alone."""
    if len(text) <= LINE_CHARS_MAX:
        return text
    from epochlog.base.redaction import redact_text

    return redact_text(text)[:LINE_CHARS_MAX] + CUT_MARK


def _spans(lines: list[Line], at: int) -> list[tuple[int, int, int]]:
    spans: list[tuple[int, int, int]] = []
    for _, stream, seen, _ in lines:
        ms = (seen - at) // 1000
        if spans and spans[-1][1:] == (stream, ms):
            spans[-1] = (spans[-1][0] + 1, stream, ms)
        else:
            spans.append((1, stream, ms))
    return spans
