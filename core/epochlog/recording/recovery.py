"""Bring in other processes' journals: finish those of dead ones, catch up with live ones."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from epochlog.base.clock import now_us
from epochlog.base.errors import StoreError
from epochlog.base.guard import warn_once
from epochlog.contract.events import JournalOpened
from epochlog.contract.sink import JournalInfo, Sink
from epochlog.recording.drain import Drain
from epochlog.recording.frames import scan
from epochlog.recording.journal import JOURNALS_FOLDER, SUFFIX
from epochlog.recording.locks import try_lock
from epochlog.recording.machine import host_name

FOREIGN_STALE_S = 60.0
"""A journal of another host counts as dead if its writer has not touched it for this long."""

TERMINATED_SUFFIX = ".terminated"
"""Beside a journal: stack of the process at the moment of its SIGTERM (see `exits`)."""


@dataclass(slots=True)
class RecoveryReport:
    """What recovery did.

    Attributes:
        finished: ids of journals whose process is gone; their runs have a final status now.
        caught_up: ids of live journals that were behind.
        events: number of events stored.
        corrupt_bytes: damaged bytes that were skipped.
        errors: path -> why it could not be brought in.
    """

    finished: list[str] = field(default_factory=list)
    caught_up: list[str] = field(default_factory=list)
    events: int = 0
    corrupt_bytes: int = 0
    errors: dict[str, str] = field(default_factory=dict)


def stranded_root(url: str) -> Path:
    """Return the folder that keeps journals of a store whose own folder could not be written."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "epochlog" / hashlib.sha256(url.encode()).hexdigest()[:16]


def recover(
    root: Path,
    open_sink: Callable[[], Sink],
    *,
    url: str = "",
    skip: str = "",
    keep_open: bool = False,
) -> RecoveryReport:
    """Store what the journals below ``root`` hold beyond their committed positions.

    Called by whoever opens the store to read. Safe to run in many processes at once.

    Args:
        root: the store's local folder.
        url: the store's URL, to find journals that were kept elsewhere because ``root`` could not
            be written.
        open_sink: called only if there is a journal to look at; the sink is closed afterwards.
        skip: id of this process's own journal, which its own thread takes care of.
        keep_open: leave the sink open: the caller uses it again.

    Raises:
        StoreError: the sink could not be opened. Trouble with one journal is in the report instead.
    """
    report = RecoveryReport()
    roots = [root, stranded_root(url)] if url else [root]
    found = (path for folder in roots for path in (folder / JOURNALS_FOLDER).glob(f"*{SUFFIX}"))
    paths = sorted(path for path in found if path.stem != skip)
    if not paths:
        return report
    sink = open_sink()
    try:
        for path in paths:
            try:
                _recover_one(path, sink, report)
            except (StoreError, OSError) as error:
                report.errors[str(path)] = f"{type(error).__name__}: {error}"
    finally:
        if not keep_open:
            sink.close()
    return report


def _recover_one(path: Path, sink: Sink, report: RecoveryReport) -> None:
    try:
        fd = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return  # finished by somebody else meanwhile
    try:
        info = read_info(path)
        dead = try_lock(fd) and (info.host == host_name() or _is_stale(path))
        drain = Drain(info, sink)
        stored = drain.run(final=dead)
        report.events += stored
        report.corrupt_bytes += drain.corrupt_bytes
        if dead:
            _finish(info, sink, unreadable=drain.corrupt_bytes > 0 and not stored)
            report.finished.append(info.id)
        elif stored:
            report.caught_up.append(info.id)
    finally:
        os.close(fd)


def _is_stale(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > FOREIGN_STALE_S


def _finish(info: JournalInfo, sink: Sink, *, unreadable: bool) -> None:
    """Give the dead process's open runs their status, then delete its journal.

    A file in which nothing could be read is kept under another name, for whoever wants to look.
    """
    terminated = Path(info.path).with_suffix(TERMINATED_SUFFIX)
    stack = terminated.read_text("utf-8", "replace") if terminated.exists() else ""
    if stack:
        sink.close_journal(info, now_us(), status="canceled", reason="SIGTERM", traceback=stack)
    else:
        reason = "the process ended without a word (killed, crashed or out of memory)"
        sink.close_journal(info, now_us(), status="lost", reason=reason)
    path = Path(info.path)
    with suppress(FileNotFoundError):
        if unreadable:
            path.rename(path.with_suffix(".unreadable"))
            warn_once(
                info.path, f"nothing in the journal {path} is readable; kept beside as .unreadable"
            )
        else:
            path.unlink()
    terminated.unlink(missing_ok=True)


def is_alive(path: Path) -> bool:
    """Return whether the process that writes this journal still holds its lock."""
    fd = os.open(path, os.O_RDWR)
    try:
        return not try_lock(fd)
    finally:
        os.close(fd)


def read_info(path: Path) -> JournalInfo:
    """Return who writes the journal at ``path``; if its first frame is damaged, its name tells."""
    with path.open("rb") as file:
        found = scan(file.read(4096), final=False, events_max=1).events
    if found and isinstance(found[0], JournalOpened):
        first = found[0]
        return JournalInfo(first.id, first.host, first.boot, first.pid, first.at, str(path))
    return JournalInfo(path.stem, host_name(), "", 0, now_us(), str(path))
