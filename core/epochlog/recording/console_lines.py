"""Number, bound and log one run's console lines: all of the beginning, then the latest."""

from __future__ import annotations

import string
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from epochlog.base.clock import now_us
from epochlog.base.redaction import REDACTED
from epochlog.recording.console_folding import CUT_MARK, LINE_CHARS_MAX, RAW_LINE_MAX

if TYPE_CHECKING:
    from epochlog.recording.run import Run

CHUNK_CHARS = 64 * 1024
TAIL_BYTES_A_SECOND = 32 * 1024
"""A flood of lines is logged at this rate at most, so that it does not fill the journal."""
UNFINISHED_S = 2.0
"""How often a progress bar's state is logged while its line is not finished."""
PRIVATE_KEY_LINES_MAX = 200
_SECRETS_CHARS = string.ascii_letters + string.digits + "_+/.~:@=-"
_HALF_SECRET_CHARS = 8


@dataclass(slots=True)
class Batch:
    """Lines in a row that were seen at one time: number of the first, stream, microseconds."""

    first: int
    stream: int
    at: int
    lines: list[str]
    chars: int


class RunConsole:
    """The console of one run. For one thread at a time."""

    def __init__(self, run: Run, limit_bytes: int) -> None:
        self.run = run
        self.sources = 0
        """How many sources have not finished with this run yet."""
        self._limit = limit_bytes
        self._head_left = limit_bytes
        self._pending: deque[Batch] = deque()
        self._pending_chars = 0
        self._kept: deque[tuple[int, int]] = deque()  # of the tail: last number, characters
        self._kept_chars = 0
        self._number = 0
        self._quiet_until = 0.0
        self._unfinished = self._logged_unfinished = ""
        self._unfinished_at = 0.0
        self._in_key = 0

    @property
    def head_left(self) -> int:
        """How many more bytes are kept for being among the first."""
        return max(0, self._head_left - self._pending_chars)

    def add(self, lines: list[str], stream: int, skipped: int = 0) -> None:
        """Take finished lines; ``skipped`` others came before them and were lost."""
        self._number += skipped
        if self._in_key or any("-----BEGIN" in line for line in lines):
            found = [self._without_private_key(line) for line in lines]
            lines = [line for line in found if line is not None]
        if not lines:
            return
        chars = sum(map(len, lines)) + len(lines)
        self._pending.append(Batch(self._number + 1, stream, now_us(), lines, chars))
        self._pending_chars += chars
        self._number += len(lines)
        self._trim()

    def _trim(self) -> None:
        """Of lines that are too many, let go of the oldest: the latest are wanted."""
        while self._head_left <= 0 and self._pending_chars - self._pending[0].chars > self._limit:
            self._pending_chars -= self._pending.popleft().chars

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
            self._trim()
            while self._pending:
                self._log_chunk(tail=True)
        self._log_unfinished(now, final=final)

    def _log_chunk(self, *, tail: bool) -> None:
        """Log some batches without a gap between them."""
        batches: list[Batch] = []
        size, following = 0, self._pending[0].first
        while self._pending and size < CHUNK_CHARS and self._pending[0].first == following:
            batches.append(batch := self._pending.popleft())
            size += batch.chars
            following = batch.first + len(batch.lines)
        self._pending_chars -= size
        self._head_left -= 0 if tail else size
        at = batches[0].at
        self.run.log_console(
            [
                line if len(line) <= LINE_CHARS_MAX else _bounded(line)
                for batch in batches
                for line in batch.lines
            ],
            first=batches[0].first,
            spans=[(len(b.lines), b.stream, (b.at - at) // 1000) for b in batches],
            at=at,
            keep_from=self._keep(following - 1, size) if tail else None,
        )
        self._logged_unfinished = ""

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
        text = "" if final or self._in_key else _without_half_word(self._unfinished)
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
    from epochlog.base.redaction import redact_text

    clean = redact_text(text)
    # A secret at the raw end may be half a secret: that end never moves up into what is kept.
    unsure = RAW_LINE_MAX - LINE_CHARS_MAX if len(text) >= RAW_LINE_MAX else 0
    return clean[: min(LINE_CHARS_MAX, len(clean) - unsure)] + CUT_MARK


def _without_half_word(text: str) -> str:
    """Return a line that goes on without what may be half a secret: nobody would recognize it."""
    kept = text.rstrip(_SECRETS_CHARS)
    word = text[len(kept) :]
    if len(word) < _HALF_SECRET_CHARS or not any(char.isalpha() for char in word):
        return text
    return f"{kept}…"
