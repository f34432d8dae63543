"""Artifacts: versions, blobs by content, and who used or made them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from epochlog.base.errors import PositionMoved
from epochlog.base.ids import new_id
from epochlog.contract.events import (
    Artifact,
    ArtifactRemoved,
    Checkpoint,
    Dataset,
    Model,
    RunEnded,
    RunStarted,
)
from epochlog.contract.sink import Batch
from epochlog.store.blobs import digest_file, location_of


def dataset(run: str, at: int, name: str = "iris", digest: str = "d1", **fields: Any) -> Dataset:
    return Dataset(
        run,
        at,
        name,
        type="dataset",
        direction="in",
        role="train",
        digest=digest,
        origin="observed",
        **fields,
    )


def inputs_of(desk: Any, run: str) -> list[tuple[Any, ...]]:
    return desk.rows(
        "SELECT artifact, origin FROM v_run_io WHERE run_id = ? AND direction = 'in' ORDER BY 1",
        run,
    )


def test_staged_file_becomes_a_blob(desk: Any) -> None:
    """The content moves to its place by digest; the staged copy is gone after the commit."""
    run, staged = desk.start(), desk.stage("a", b"weights" * 1000)
    desk.write(
        Model(run, 5, "model", type="model", staged=staged, format="pickle", serializer="x 1")
    )

    digest, location = desk.one("SELECT digest, location FROM blob")
    assert location == location_of(digest)
    assert (desk.root / "blobs" / location).read_bytes() == b"weights" * 1000
    assert not Path(staged).exists()
    assert desk.one("SELECT version, state, size, digest, producer_id FROM v_artifacts") == (
        1, "live", 7000, digest, run,
    )  # fmt: skip


def test_equal_content_is_stored_once_but_versions_differ(desk: Any) -> None:
    """Two outputs of the same bytes are two versions with one producer each and one blob."""
    one, two = desk.start(), desk.start()
    for number, run in enumerate((one, two, one)):
        desk.write(Model(run, 5, "m", type="model", staged=desk.stage(str(number), b"same")))

    assert desk.rows("SELECT version, producer_id FROM v_artifacts ORDER BY 1") == [
        (1, one), (2, two), (3, one),
    ]  # fmt: skip
    assert desk.one("SELECT count(*) FROM blob") == 1


def test_folder_becomes_a_manifest(desk: Any) -> None:
    """Each file of a folder is a blob; the version lists them with digests and sizes."""
    run = desk.start()
    staged = desk.stage("dir", {"a.txt": b"1", "sub/b.txt": b"22", "sub/copy.txt": b"1"})
    desk.write(Artifact(run, 5, "out", type="directory", staged=staged))

    manifest, size, algo = desk.one("SELECT manifest, size, digest_algo FROM artifact_version")
    assert {name: entry[1] for name, entry in json.loads(manifest).items()} == {
        "a.txt": 1, "sub/b.txt": 2, "sub/copy.txt": 1,
    }  # fmt: skip
    assert (size, algo) == (4, "sha256-manifest")
    assert desk.one("SELECT count(*) FROM blob") == 2
    assert not Path(staged).exists()


def test_missing_staged_file_is_said_and_stops_nothing(desk: Any) -> None:
    """A staged copy that is gone gives a missing version and a notice; the batch goes on."""
    run = desk.start()
    desk.write(
        Artifact(run, 5, "lost", staged=str(desk.root / "staging" / "nope")),
        Artifact(run, 6, "here", staged=desk.stage("b", b"x")),
    )

    assert desk.rows("SELECT name, state FROM v_artifacts ORDER BY 1") == [
        ("here", "live"),
        ("lost", "missing"),
    ]
    assert "'lost' is gone" in desk.one("SELECT body FROM notice")


def test_failed_batch_keeps_the_staged_copy(desk: Any) -> None:
    """Until the commit the staged copy stays, so that the batch can be written again."""
    run, staged = desk.start(), desk.stage("a", b"keep me")
    event = Artifact(run, 5, "f", staged=staged)
    with pytest.raises(PositionMoved):
        desk.sink.write(Batch(desk.info, 99, 100, [event]))
    assert Path(staged).exists()

    desk.write(event)
    assert desk.one("SELECT state FROM artifact_version") == "live"


def test_users_own_file_is_copied_not_linked(desk: Any, tmp_path: Path) -> None:
    """A staged hard link of the user's checkpoint does not tie the blob to later changes of it."""
    own, run = tmp_path / "last.ckpt", desk.start()
    own.write_bytes(b"first")
    staged = desk.root / "staging" / "linked"
    os.link(own, staged)
    desk.write(Checkpoint(run, 5, "ckpt", type="checkpoint", staged=str(staged), step=1))
    own.write_bytes(b"changed in place")

    location = desk.one("SELECT location FROM blob")
    assert (desk.root / "blobs" / location).read_bytes() == b"first"


def test_observed_data_is_shared_by_content(desk: Any) -> None:
    """The same data set in two runs is one version without a producer; other content is another."""
    one, two = desk.start(), desk.start()
    desk.write(dataset(one, 5), dataset(two, 6), dataset(two, 7, digest="d2"), dataset(two, 8))

    assert desk.rows("SELECT version, digest, producer_id FROM v_artifacts ORDER BY 1") == [
        (1, "d1", None),
        (2, "d2", None),
    ]
    assert inputs_of(desk, one) == [("iris", "observed")]
    assert inputs_of(desk, two) == [("iris", "observed")] * 2


def test_slots_number_their_outputs(desk: Any) -> None:
    """Several versions in one slot get numbers in order; names may be longer than the column."""
    run = desk.start()
    name = "n" * 5_000
    desk.write(*(Artifact(run, 5 + n, name, uri=f"/x/{n}") for n in range(3)))

    assert desk.rows("SELECT artifact, idx, version FROM v_run_io ORDER BY idx") == [
        (name, n, n + 1) for n in range(3)
    ]


def test_alias_names_one_version(desk: Any) -> None:
    """A new version takes an alias over from an older one."""
    run = desk.start()
    desk.write(Checkpoint(run, 5, "c", type="checkpoint", step=1, aliases=["best", "last"]))
    desk.write(Checkpoint(run, 6, "c", type="checkpoint", step=2, aliases=["last"]))

    assert desk.rows("SELECT version, aliases FROM v_artifacts ORDER BY 1") == [
        (1, '["best"]'),
        (2, '["last"]'),
    ]


def test_removed_checkpoint_leaves_a_tombstone(desk: Any) -> None:
    """Removing marks the right version as deleted; its row and edges stay."""
    run = desk.start()
    desk.write(
        *(Checkpoint(run, 5, "c", type="checkpoint", uri=f"/c/{n}.pt") for n in range(3)),
        ArtifactRemoved(run, 9, "c", "checkpoint", "/c/1.pt"),
        ArtifactRemoved(run, 9, "c", "checkpoint", "/c/unknown.pt"),
    )

    assert desk.rows("SELECT version, state FROM v_artifacts ORDER BY 1") == [
        (1, "live"), (2, "deleted"), (3, "live"),
    ]  # fmt: skip
    assert desk.one("SELECT count(*) FROM io") == 3


def test_child_inherits_inputs_when_opened_and_while_open(desk: Any) -> None:
    """A nested run has its parent's inputs from before and after its start, none after its end."""
    parent, child, grandchild, ended = desk.start(), new_id(), new_id(), new_id()
    desk.write(dataset(parent, 2_000, "before"))
    desk.write(
        RunStarted(ended, 2_100, "ended", parent=parent),
        RunEnded(ended, 2_200, "completed"),
        RunStarted(child, 2_300, "child", parent=parent),
        dataset(parent, 2_400, "while"),
        RunStarted(grandchild, 2_500, "grandchild", parent=child),
        dataset(child, 2_600, "childs"),
    )

    assert inputs_of(desk, ended) == [("before", "inherited")]
    assert inputs_of(desk, child) == [
        ("before", "inherited"), ("childs", "observed"), ("while", "inherited"),
    ]  # fmt: skip
    assert inputs_of(desk, grandchild) == [
        ("before", "inherited"), ("childs", "inherited"), ("while", "inherited"),
    ]  # fmt: skip
    assert inputs_of(desk, parent) == [("before", "observed"), ("while", "observed")]


def test_nothing_passes_sideways_or_from_a_pipeline_root(desk: Any) -> None:
    """Trial 2 does not see trial 1's data, and steps do not see what the pipeline's root noted."""
    root = desk.start(kind="pipeline")
    desk.write(dataset(root, 1_500, "roots"))
    one, two = new_id(), new_id()
    desk.write(RunStarted(one, 2_000, "1", kind="step", parent=root), dataset(one, 2_100, "ones"))
    desk.write(RunStarted(two, 2_200, "2", kind="step", parent=root), dataset(root, 2_300, "late"))

    assert inputs_of(desk, one) == [("ones", "observed")]
    assert inputs_of(desk, two) == []


def test_lineage_reaches_from_a_nested_model_to_its_data(desk: Any) -> None:
    """A model that a nested run made has the parent's data set as its origin."""
    parent, child = desk.start(), new_id()
    desk.write(dataset(parent, 2_000))
    desk.write(RunStarted(child, 2_100, "c", parent=parent), Model(child, 2_200, "m", type="model"))

    found = desk.rows(
        "SELECT a.name, b.name FROM v_lineage l JOIN v_artifacts a ON a.id = l.artifact_version_id "
        "JOIN v_artifacts b ON b.id = l.input_version_id"
    )
    assert found == [("m", "iris")]


def test_digest_is_of_the_content(tmp_path: Path) -> None:
    """The digest is SHA-256 of the bytes."""
    (tmp_path / "f").write_bytes(b"abc")

    assert digest_file(tmp_path / "f") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        3,
    )
