"""The bin hides and restores runs; collection removes what nobody needs, and only that."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from epochlog.base.errors import RunNotFound
from epochlog.base.ids import new_id
from epochlog.contract.events import (
    Artifact,
    Environment,
    MetricPoints,
    Model,
    Notice,
    Params,
    Plot,
    RunStarted,
    Tags,
    Text,
)
from epochlog.store.checkup import check_store
from epochlog.store.maintenance import collect_garbage, delete_runs, restore_runs

TABLES = [
    "execution",
    "param",
    "series",
    "series_chunk",
    "tag",
    "text",
    "plot",
    "notice",
    "io",
    "artifact_version",
]


def full_run(desk: Any, name: str) -> str:
    """A run with a row in every table, and a child."""
    run, child = desk.start(name=name), new_id()
    desk.write(
        Params(run, 2, {"a": 1}),
        MetricPoints(run, 3, 0, {"m": 1.0}),
        Tags(run, 4, ["t"]),
        Text(run, 5, "k", "x"),
        Plot(run, 6, "k", "importance", {}),
        Notice(run, 7, "info", "s", "n"),
        Environment(run, 8, {"of": name}),
        Model(run, 9, name, type="model", staged=desk.stage(name, name.encode() * 100)),
        RunStarted(child, 10, "child", parent=run),
    )
    return run


def counts(desk: Any) -> dict[str, int]:
    return {table: desk.one(f"SELECT count(*) FROM {table}") for table in TABLES}


def age(root: Path, seconds: float) -> None:
    then = time.time() - seconds
    for path in (root / "blobs").rglob("*"):
        os.utime(path, (then, then))


def test_bin_hides_a_run_and_all_inside_it(desk: Any) -> None:
    """Deleted runs vanish from the views with their children, and come back whole."""
    run = full_run(desk, "one")
    assert delete_runs(desk.location, [run]) == 2
    assert desk.rows("SELECT * FROM v_runs") == []
    assert desk.rows("SELECT * FROM v_metrics") == []

    assert restore_runs(desk.location, [run]) == 2
    assert len(desk.rows("SELECT * FROM v_runs")) == 2
    assert restore_runs(desk.location, [run]) == 0


def test_unknown_run_is_named_and_nothing_is_deleted(desk: Any) -> None:
    """If one id is unknown, none is deleted."""
    run = desk.start()

    with pytest.raises(RunNotFound, match=r"no run 'nope'.*epochlog ls"):
        delete_runs(desk.location, [run, "nope"])
    assert len(desk.rows("SELECT * FROM v_runs")) == 1


def test_dry_run_tells_what_collection_does(desk: Any) -> None:
    """The dry run changes nothing and reports what the collection then removes."""
    run = full_run(desk, "one")
    kept = counts(desk)
    delete_runs(desk.location, [run])
    age(desk.root, 9_999)
    dry = collect_garbage(desk.location)
    assert counts(desk) == kept

    wet = collect_garbage(desk.location, dry_run=False)

    parts = ("runs", "versions", "blobs", "blob_bytes", "staged", "staged_bytes")
    assert [getattr(dry, part) for part in parts] == [getattr(wet, part) for part in parts]
    assert [getattr(wet, part) for part in parts] == [2, 1, 1, 300, 0, 0]
    assert (dry.dry_run, wet.dry_run) == (True, False)


def test_collection_removes_every_row_of_a_binned_run_and_no_other(desk: Any) -> None:
    """After the collection the store is as if the binned run had never been."""
    full_run(desk, "stays")
    kept = counts(desk)
    delete_runs(desk.location, [full_run(desk, "goes")])
    collect_garbage(desk.location, dry_run=False)

    assert counts(desk) == kept
    assert desk.one("SELECT count(*) FROM environment") == 1
    assert desk.one("SELECT count(*) FROM blob") == 1
    assert check_store(desk.location, deep=True) == []


def test_blob_that_another_run_needs_stays(desk: Any) -> None:
    """Shared content is removed only with its last version."""
    runs = [desk.start(), desk.start()]
    for number, run in enumerate(runs):
        desk.write(Artifact(run, 2, f"f{number}", staged=desk.stage(str(number), b"same")))
    delete_runs(desk.location, runs[:1])
    assert collect_garbage(desk.location, dry_run=False).blobs == 0

    delete_runs(desk.location, runs[1:])
    assert collect_garbage(desk.location, dry_run=False).blobs == 1
    assert not [path for path in (desk.root / "blobs").rglob("*") if path.is_file()]


def test_running_writer_goes_on_after_its_run_was_purged(desk: Any) -> None:
    """Points for a purged run make it anew; no row of another run is touched."""
    run, other = desk.start(), desk.start()
    desk.write(MetricPoints(run, 2, 0, {"m": 1.0}), MetricPoints(other, 2, 0, {"m": 5.0}))
    delete_runs(desk.location, [run])
    collect_garbage(desk.location, dry_run=False)
    desk.write(MetricPoints(run, 3, 1, {"m": 2.0}))

    assert desk.series("m", run).values.tolist() == [2.0]
    assert desk.series("m", other).values.tolist() == [5.0]


def test_child_opened_after_the_deletion_survives_alone(desk: Any) -> None:
    """A child that is not in the bin outlives its parent as a run of its own."""
    run, child = desk.start(), new_id()
    delete_runs(desk.location, [run])
    desk.write(RunStarted(child, 2, "c", parent=run))
    collect_garbage(desk.location, dry_run=False)

    assert desk.rows("SELECT id, parent_id, root_id FROM v_runs") == [(child, None, child)]


def test_stray_files_are_removed_only_when_old(desk: Any) -> None:
    """Blobs without a row and staged copies go once they are older than the grace time."""
    stray = desk.root / "blobs" / "sha256" / "ab" / "cd.part"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"x" * 10)
    staged = Path(desk.stage("old", {"a": b"12345"}))

    young = collect_garbage(desk.location, dry_run=False)
    assert (young.blobs, young.staged) == (0, 0)
    assert stray.exists()

    old = collect_garbage(desk.location, dry_run=False, grace_s=-60)
    assert (old.blobs, old.blob_bytes, old.staged, old.staged_bytes) == (1, 10, 1, 5)
    assert not stray.exists()
    assert not staged.exists()


def test_staged_copy_waits_for_its_journal(desk: Any) -> None:
    """While a journal older than a staged copy is there, the copy may still be asked for."""
    (desk.root / "journals" / f"{new_id()}.journal").write_bytes(b"")
    staged = Path(desk.stage("waiting", b"x"))
    collect_garbage(desk.location, dry_run=False, grace_s=-60)

    assert staged.exists()


def test_database_shrinks(desk: Any) -> None:
    """The space of purged runs goes back to the disk."""
    run = desk.start()
    desk.write(Text(run, 2, "k", "x" * 2_000_000))
    delete_runs(desk.location, [run])

    assert collect_garbage(desk.location, dry_run=False).database_bytes > 1_900_000


def test_check_finds_lost_points_and_blobs(desk: Any) -> None:
    """Missing chunks, missing and changed blobs are each named."""
    run = full_run(desk, "one")
    desk.write(Artifact(run, 20, "b", staged=desk.stage("b", b"bbbb")))
    assert check_store(desk.location, deep=True) == []

    locations = dict(desk.rows("SELECT size, location FROM blob"))
    (desk.root / "blobs" / locations[300]).unlink()
    blob = desk.root / "blobs" / locations[4]
    blob.chmod(0o600)
    blob.write_bytes(b"bbbX")
    with desk.sink._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM series_chunk")

    parts = sorted(problem.part for problem in check_store(desk.location, deep=True))
    assert parts == ["blobs", "blobs", "points"]
    assert sorted(p.part for p in check_store(desk.location)) == ["blobs", "points"]
