"""The checks of ``epochlog doctor``, each a function that returns what it found."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from epochlog.base.clock import now_us
from epochlog.base.errors import EpochlogError
from epochlog.base.redaction import redact_url
from epochlog.base.settings import Settings, load_settings, settings_sources
from epochlog.cli import formats
from epochlog.cli.app import App
from epochlog.cli.versions import version
from epochlog.contract.sink import StoreLocation

OK, INFO, WARNING, BAD = "ok", "info", "warning", "bad"

NETWORK_FILE_SYSTEMS = (
    "nfs",
    "nfs4",
    "cifs",
    "smb",
    "smb3",
    "smbfs",
    "afs",
    "ceph",
    "lustre",
    "gpfs",
    "beegfs",
    "glusterfs",
    "fuse.glusterfs",
    "fuse.sshfs",
    "fuse.s3fs",
    "fuse.gcsfuse",
    "fuse.rclone",
    "9p",
    "davfs",
    "fuse.davfs2",
)
LITTLE_SPACE, NO_SPACE = 2**30, 100 * 2**20
SKEW_US = 60_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found.

    Attributes:
        name: what was looked at.
        state: ok, info, warning or bad.
        text: what was found, one or several lines.
        advice: what to do, if something is wrong.
    """

    name: str
    state: str
    text: str
    advice: str = ""


def all_checks(app: App, *, deep: bool = False) -> list[Check]:
    """Run all checks; one that fails itself is a finding and stops no other."""
    found = [Check("versions", OK, _versions())]
    try:
        location = _location(app)
    except EpochlogError as error:  # the settings are unusable: nothing else can be looked at
        return [*found, Check("settings", BAD, str(error), "mend the setting that is named here")]
    root = Path(location.root)
    steps: list[tuple[str, Callable[[], Iterator[Check]]]] = [
        ("settings", lambda: _settings(app)),
        ("folder", lambda: _folder(location, root)),
        ("file system", lambda: _file_system(root)),
        ("disk", lambda: _disk(root)),
        ("database", lambda: _database(app, location, deep=deep)),
        ("journals", lambda: _journals(root)),
        ("clock", lambda: _clock(app)),
        ("plugins", lambda: _plugins(app)),
    ]
    for name, step in steps:
        try:
            found += step()
        except EpochlogError as error:
            found.append(Check(name, BAD, str(error)))
        except Exception as error:
            found.append(Check(name, BAD, f"could not be checked: {type(error).__name__}: {error}"))
    return found


def _location(app: App) -> StoreLocation:
    from epochlog.session import locate_store

    return locate_store(app.settings)


def _versions() -> str:
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return (
        f"epochlog {version()}, Python {platform.python_version()} ({sys.executable}), "
        f"SQLite {sqlite3.sqlite_version}, {system}"
    )


def _settings(app: App) -> Iterator[Check]:
    """Say which settings differ from the defaults, and who says so."""
    origin: dict[str, str] = {}
    for source, values in settings_sources(store=app.store):
        origin |= {name: source for name, value in values.items() if value is not None}
    load_settings(store=app.store)
    lines = [
        f"{each.name} = {_shown(app.settings, each.name)}  (from {origin[each.name]})"
        for each in fields(Settings)
        if each.name in origin
    ]
    yield Check("settings", INFO, "\n".join(lines) or "all at their defaults")


def _shown(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    return redact_url(value) if isinstance(value, str) and "://" in value else str(value)


def _folder(location: StoreLocation, root: Path) -> Iterator[Check]:
    if not location.url.startswith("sqlite"):
        yield Check("store", INFO, redact_url(location.url))
        return
    if not root.exists():
        advice = (
            'run "epochlog demo" or a training to make it, or point elsewhere with EPOCHLOG_STORE'
        )
        yield Check("store", INFO, f"none at {root} yet", advice)
        root = next(folder for folder in root.parents if folder.exists())
        if not os.access(root, os.W_OK):
            yield Check(
                "folder", BAD, f"{root} is not writable", "choose another with EPOCHLOG_STORE"
            )
        return
    try:
        with tempfile.TemporaryFile(dir=root):
            yield Check("store", OK, f"{root} is writable")
    except OSError as error:
        advice = "nothing is recorded; make it writable, or choose another with EPOCHLOG_STORE"
        yield Check("store", BAD, f"{root} is not writable: {error.strerror}", advice)


def _file_system(root: Path) -> Iterator[Check]:
    kind, place = file_system(root)
    if not kind:
        return
    if kind in NETWORK_FILE_SYSTEMS:
        advice = (
            "SQLite's locks are not reliable over a network: keep the store on a local disk "
            "(EPOCHLOG_STORE), or let one machine at a time write"
        )
        yield Check("file system", WARNING, f"{kind}, mounted at {place}", advice)
    else:
        yield Check("file system", OK, f"{kind}, mounted at {place}")


def file_system(path: Path) -> tuple[str, str]:
    """Return (kind, mount point) of the file system that ``path`` is on; ("", "") if unknown."""
    import psutil

    path = path.resolve()
    best = ("", "")
    for mount in psutil.disk_partitions(all=True):
        if path.is_relative_to(mount.mountpoint) and len(mount.mountpoint) >= len(best[1]):
            best = (mount.fstype.lower(), mount.mountpoint)
    return best


def _disk(root: Path) -> Iterator[Check]:
    import shutil

    folder = next(each for each in (root, *root.parents) if each.exists())
    free = shutil.disk_usage(folder).free
    state = BAD if free < NO_SPACE else WARNING if free < LITTLE_SPACE else OK
    advice = "" if state == OK else 'free some space; "epochlog gc" purges the bin'
    yield Check("disk", state, f"{formats.size(free)} free", advice)


def _database(app: App, location: StoreLocation, *, deep: bool) -> Iterator[Check]:
    if (
        location.url.startswith("sqlite")
        and not Path(location.url.removeprefix("sqlite:///")).exists()
    ):
        return
    from sqlalchemy import func, select

    from epochlog.store.checkup import check_store
    from epochlog.store.migrations import HEAD
    from epochlog.store.schema import blob, execution

    reader = app.reader  # brings in the journals of dead processes
    runs = reader.rows(
        select(func.count().label("total"), func.count(execution.c.deleted_at).label("binned"))
    )[0]
    stored = reader.rows(
        select(func.count().label("total"), func.coalesce(func.sum(blob.c.size), 0).label("size"))
    )[0]
    file = Path(location.url.removeprefix("sqlite:///"))
    size = f", {formats.size(file.stat().st_size)}" if file.exists() else ""
    many = f"{formats.plural(runs.total, 'run')} ({runs.binned} in the bin)"
    files = f"{formats.plural(stored.total, 'file')} of {formats.size(stored.size)}"
    yield Check("database", OK, f"{many}, {files}{size}, revision {HEAD}")
    problems = check_store(location, deep=deep)
    for problem in problems[:20]:
        yield Check(problem.part, BAD, problem.text, _advice(problem.part))
    if len(problems) > 20:
        yield Check("database", BAD, f"and {len(problems) - 20:,} more problems")
    if not problems:
        yield Check(
            "integrity",
            OK,
            "checked, every point and file read" if deep else "checked (--deep reads all)",
        )


def _advice(part: str) -> str:
    return {
        "database": "copy the store's folder before anything else",
        "points": "that curve is damaged, all others are readable",
        "blobs": "its run stays readable; restore the file from a backup of the store's folder",
    }.get(part, "")


def _journals(root: Path) -> Iterator[Check]:
    from epochlog.recording.journal import JOURNALS_FOLDER, SUFFIX
    from epochlog.recording.recovery import is_alive, read_info

    folder = root / JOURNALS_FOLDER
    live = sorted(folder.glob(f"*{SUFFIX}"))
    lines = []
    for path in live:
        try:
            info = read_info(path)
            doing = "writes" if is_alive(path) else "is gone; not stored yet:"
            size = formats.size(path.stat().st_size)
            lines.append(f"process {info.pid} on {info.host} {doing} {size}")
        except FileNotFoundError:  # ended meanwhile
            continue
        except Exception as error:
            yield Check(
                "journals", BAD, f"{path} can't be read: {error}", "keep the file and report it"
            )
    if folder.exists():
        yield Check("journals", OK, "\n".join(lines) or "nothing waits to be stored")
    for path in sorted(folder.glob("*.unreadable")):
        yield Check(
            "journals",
            WARNING,
            f"{path} ({formats.size(path.stat().st_size)}) is damaged; its events are lost",
            "delete it when you don't need to look at it any more",
        )


def _clock(app: App) -> Iterator[Check]:
    from sqlalchemy import func, select

    from epochlog.store.schema import execution

    try:
        latest = app.reader.rows(select(func.max(execution.c.updated_at).label("at")))[0].at
    except EpochlogError:  # told above
        return
    ahead = (latest or 0) - now_us()
    if ahead > SKEW_US:
        text = f"the newest event in the store is {ahead / 1e6:,.0f} s in the future"
        yield Check(
            "clock", WARNING, text, "set this machine's clock, or that of the one that wrote it"
        )
    else:
        yield Check("clock", OK, "no event is in the future")


def _plugins(app: App) -> Iterator[Check]:
    from epochlog.cli.plugins import READY, UNSUPPORTED, find_integrations
    from epochlog.plugins.manager import get_plugins

    manager = get_plugins()
    found = find_integrations(manager, app.settings.disable, hardware=app.settings.hardware)
    manager.stores()
    ready = [f"{item.name} {item.version}".strip() for item in found if item.state == READY]
    state = OK if ready else WARNING
    advice = "" if found else 'install the distribution: pip install "epochlog[all]"'
    yield Check("plugins", state, f"ready: {', '.join(ready) or 'none'}", advice)
    for item in found:
        if item.state == UNSUPPORTED:
            yield Check(
                "plugins", WARNING, f"{item.name}: {item.reason}", "it is not recorded until then"
            )
    for problem in manager.problems:
        text = f"{problem.plugin}: {formats.clean(problem.reason)}"
        yield Check(
            "plugins", BAD, text, "mend or uninstall the package that brings it; all others work"
        )
