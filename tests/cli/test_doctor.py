"""``epochlog doctor``."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from epochlog.cli import checks
from epochlog.store.migrations import VERSION_TABLE

Call = Callable[..., Result]


def states(result: Result) -> dict[str, str]:
    """Return check -> worst state."""
    order = [checks.OK, checks.INFO, checks.WARNING, checks.BAD]
    found: dict[str, str] = {}
    for check in json.loads(result.stdout)["checks"]:
        found[check["name"]] = max(
            check["state"], found.get(check["name"], checks.OK), key=order.index
        )
    return found


def test_a_sound_store_is_well(call: Call, filled: Path) -> None:
    """Everything is looked at, nothing is wrong, exit code 0; --deep too."""
    for args in ([], ["--deep"]):
        found = call("doctor", *args)
        assert found.exit_code == 0, found.output
        assert found.output.endswith("all is well\n")
        for name in (
            "versions",
            "settings",
            "store",
            "file system",
            "disk",
            "database",
            "integrity",
            "journals",
            "clock",
            "plugins",
        ):
            assert f" {name} " in found.output
        assert "7 runs (0 in the bin)" in found.output


def test_no_store_yet_is_not_wrong(call: Call, store: Path) -> None:
    """A place without a store is told, with what to do, and nothing is created."""
    found = call("doctor")
    assert found.exit_code == 0
    assert f"none at {store} yet" in found.output
    assert not store.exists()


def test_settings_tell_their_source(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings that differ from the defaults are shown with the file or variable that says so."""
    (tmp_path / "epochlog.toml").write_text("flush_interval_s = 2.5\nproject = 'a'\n")
    monkeypatch.setenv("EPOCHLOG_PROJECT", "b")
    output = call("doctor").output
    assert f"flush_interval_s = 2.5  (from {tmp_path / 'epochlog.toml'})" in output
    assert "project = b  (from environment)" in output
    (tmp_path / "epochlog.toml").write_text("flsh = 1\n")
    found = call("doctor")
    assert found.exit_code == 1
    assert "unknown setting 'flsh'" in found.output


def test_missing_and_changed_blobs(call: Call, filled: Path) -> None:
    """A stored file that is gone is found; one whose content changed is found by --deep."""
    files = sorted(
        (p for p in (filled / "blobs").rglob("*") if p.is_file()), key=lambda p: p.stat().st_size
    )
    changed = files[0]
    changed.chmod(0o644)
    changed.write_bytes(bytes(reversed(changed.read_bytes())))
    assert states(call("doctor", "--json")).get("blobs") is None
    found = call("doctor", "--deep", "--json")
    assert found.exit_code == 1
    assert states(found)["blobs"] == checks.BAD
    changed.unlink()
    found = call("doctor")
    assert found.exit_code == 1
    assert "1 wrong" in found.output
    assert "restore the file from a backup" in found.output


def test_a_damaged_database(call: Call, filled: Path) -> None:
    """A file that is no database is told; the other checks are done all the same."""
    for path in filled.glob("epochlog.db*"):
        path.unlink()
    (filled / "epochlog.db").write_bytes(b"garbage" * 1000)
    found = call("doctor", "--json")
    assert found.exit_code == 1
    assert states(found)["database"] == checks.BAD
    assert states(found)["plugins"] == checks.OK


def test_a_store_from_the_future(call: Call, filled: Path) -> None:
    """A newer schema is told with what to do; an event ahead of the clock is a warning."""
    with sqlite3.connect(filled / "epochlog.db") as db:
        db.execute("UPDATE execution SET updated_at = updated_at + 3600000000")
    found = call("doctor", "--json")
    assert states(found)["clock"] == checks.WARNING
    assert found.exit_code == 0
    with sqlite3.connect(filled / "epochlog.db") as db:
        db.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    from epochlog.query import opening

    opening._engines.clear()
    found = call("doctor")
    assert found.exit_code == 1
    assert "newer epochlog" in found.output


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_store_that_is_not_writable(call: Call, filled: Path) -> None:
    """A folder without write permission is wrong."""
    filled.chmod(0o500)
    try:
        found = call("doctor")
    finally:
        filled.chmod(0o700)
    assert found.exit_code == 1
    assert "is not writable" in found.output


def test_live_writers_are_seen(call: Call, store: Path) -> None:
    """A process that is recording is named with what it wrote."""
    from epochlog import end_run, flush, start_run

    start_run("busy").log_metrics({"x": 1.0})
    flush()
    assert f"process {os.getpid()} on " in call("doctor").output
    end_run()


def test_network_file_systems_are_warned_of(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """On a network file system the advice is a local disk; the kind is that of the innermost mount."""
    import psutil

    mounts = [("/", "ext4"), (str(tmp_path), "nfs4"), ("/elsewhere", "cifs")]
    monkeypatch.setattr(
        psutil,
        "disk_partitions",
        lambda all: [type("M", (), {"mountpoint": p, "fstype": k}) for p, k in mounts],
    )
    [check] = checks._file_system(tmp_path / "store")
    assert check.state == checks.WARNING
    assert "nfs4" in check.text
    assert "local disk" in check.advice
    assert checks.file_system(Path("/usr")) == ("ext4", "/")


def test_little_space_is_warned_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A nearly full disk is a warning, a full one is wrong."""
    import shutil

    for free, state in ((10 * 2**30, checks.OK), (2**29, checks.WARNING), (2**20, checks.BAD)):
        monkeypatch.setattr(
            shutil, "disk_usage", lambda path, free=free: type("U", (), {"free": free})
        )
        assert next(checks._disk(tmp_path)).state == state
