"""Read the file that CatBoost writes while it trains: curves so far, and the time of each point."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "catboost_training.json"
READ_BYTES_MAX = 2**28

_META = re.compile(rb'^"meta":(\{.*\}),?\r?$', re.MULTILINE)
_BEGIN = re.compile(rb'^"iterations":\[', re.MULTILINE)
# CatBoost goes on by writing a comma over the newline behind the last row.
_ROW = re.compile(rb",?\r?\n(\{.+\})(?=,?\r?\n)")
_TIME = re.compile(rb'"iteration":(\d+),"passed_time":([-+.\deE]+)')

Curve = tuple[str, str]
Stamp = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class Row:
    """One evaluated iteration.

    Attributes:
        iteration: 0-based.
        at: when it was done, in microseconds since the epoch.
        values: (set, metric) -> value in ten digits; sets are ``learn``, ``test``, ``test1`` …
    """

    iteration: int
    at: int
    values: dict[Curve, float]


def stamp(path: Path) -> Stamp:
    """Return what changes when a file is written, None if there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


class Progress:
    """The growing file of one training. What an earlier training left there is not read.

    Attributes:
        path: of the file.
        broken: the file is not the work of one training alone; nothing more is read.
        iterations: those that were read, in order.
    """

    def __init__(self, train_dir: str | os.PathLike[str]) -> None:
        self.path = Path(train_dir, FILE)
        self.broken = False
        self.iterations: list[int] = []
        self._before = stamp(self.path)
        self._offset = 0
        self._columns: dict[str, list[str]] = {}

    def read(self) -> list[Row]:
        """Return the rows that were written since the last call."""
        data, written = self._new_bytes()
        if not data:
            return []
        if not self._columns and (meta := _META.search(data)):
            self._columns = columns_of(_loads(meta[1]) or {})
        begin = _BEGIN.search(data) if self._offset == 0 else None
        end = begin.end() if begin is not None else 0
        records = []
        # Row by row, each where the one before ends: a read while CatBoost writes may see the old
        # end of the file and then new rows. What makes no sense now is read again the next time.
        while (match := _ROW.match(data, end)) and (record := _loads(match[1])) is not None:
            if not self._follows(record):
                self.broken = True
                return []
            records.append(record)
            self.iterations.append(record["iteration"])
            end = match.end()
        if not records:
            return []
        self._offset += end
        # A pause of this process shifts nothing: the file's time belongs to its last row.
        zero = written - round(records[-1]["passed_time"] * 1e6)
        return [row_of(record, self._columns, zero) for record in records]

    def times(self) -> dict[int, int]:
        """Return iteration -> microseconds since the epoch, of all rows; quicker than `read`."""
        self._offset = 0
        data, written = self._new_bytes()
        found = [(int(i), float(passed)) for i, passed in _TIME.findall(data)]
        if not found:
            return {}
        zero = written - found[-1][1] * 1e6
        return {i: round(zero + passed * 1e6) for i, passed in found}

    def _new_bytes(self) -> tuple[bytes, int]:
        """Return what is behind the offset, and when the file was written last."""
        now = stamp(self.path)
        if self.broken or now is None or now == self._before:
            return b"", 0
        if now[1] < self._offset:  # somebody began it anew
            self.broken = True
            return b"", 0
        try:
            with self.path.open("rb") as file:
                file.seek(self._offset)
                return file.read(READ_BYTES_MAX), now[2] // 1000
        except OSError:
            return b"", 0

    def _follows(self, record: Any) -> bool:
        if not isinstance(record, dict) or "passed_time" not in record:
            return False
        iteration = record.get("iteration")
        return isinstance(iteration, int) and iteration > (self.iterations or [-1])[-1]


def columns_of(meta: dict[str, Any]) -> dict[str, list[str]]:
    """Return set -> names of its metrics, in the order of the values in each row."""
    learn, test = (
        [metric["name"] for metric in meta.get(key) or ()]
        for key in ("learn_metrics", "test_metrics")
    )
    columns = dict.fromkeys(meta.get("learn_sets") or (), learn)
    return columns | dict.fromkeys(meta.get("test_sets") or (), test)


def row_of(record: dict[str, Any], columns: dict[str, list[str]], zero: int) -> Row:
    """Return a line of the file as a row; ``zero`` is when CatBoost began to count, in µs."""
    values = {
        (name, metric): float(value)
        for name, metrics in columns.items()
        for metric, value in zip(metrics, record.get(name) or (), strict=False)
        if isinstance(value, (int, float))
    }
    return Row(record["iteration"], zero + round(record["passed_time"] * 1e6), values)


def _loads(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
