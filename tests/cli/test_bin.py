"""``epochlog rm``, ``restore`` and ``gc``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Call = Callable[..., Result]


def names(call: Call, *args: str) -> set[str]:
    """Return the names that ``ls`` lists."""
    return {run["name"] for run in json.loads(call("ls", *args, "--json").stdout)}


def test_rm_shows_first_and_does_with_yes(call: Call, filled: Path) -> None:
    """Without --yes nothing happens; with it, the run and all inside it go to the bin."""
    found = call("rm", "search")
    assert found.exit_code == 0
    assert "would move 1 run with 3 runs inside to the bin; add --yes" in found.stderr
    assert "search" in names(call)
    assert "moved 4 runs to the bin" in call("rm", "search", "--yes").output
    assert "search" not in names(call)
    assert names(call, "--deleted") == {"search"}


def test_restore_brings_back(call: Call, filled: Path) -> None:
    """Runs come back by name or by filter, with what is inside them."""
    call("rm", "search", "base", "--yes")
    assert call("restore", "base").output == "brought back 1 run\n"
    assert call("restore", "-w", "kind == 'search'").output == "brought back 4 runs\n"
    assert {"base", "search"} <= names(call)
    assert call("restore", "base").output == "none of them was in the bin\n"
    assert call("restore", "-w", "kind == 'search'").exit_code == 3


def test_rm_by_filter(call: Call, filled: Path) -> None:
    """--where selects top-level runs; a filter that matches none is not found."""
    call("rm", "--where", "status == 'failed'", "--yes")
    assert names(call) == {"base", "worse", "search"}
    assert call("rm", "--where", "status == 'lost'").exit_code == 3
    assert call("rm").exit_code == 2


def test_running_runs_are_left_alone(call: Call, store: Path) -> None:
    """A run that is still written is not taken away."""
    from epochlog import end_run, flush, start_run

    start_run("busy")
    flush()
    found = call("rm", "busy", "--yes")
    assert found.exit_code == 1
    assert "still running" in found.stderr
    assert "busy" in names(call)
    end_run()


def test_gc_spares_what_is_young(call: Call, filled: Path) -> None:
    """By default only runs that are long in the bin would go; a dry run removes nothing."""
    call("rm", "base", "--yes")
    assert call("gc").output == "nothing to remove\n"
    dry = call("gc", "--older-than", "0s")
    assert "would remove:\n  1 run from the bin" in dry.output
    assert names(call, "--deleted") == {"base"}


def test_gc_purges_and_frees(call: Call, filled: Path) -> None:
    """With --yes runs go for good, and their stored files with them."""

    def stored() -> int:
        return sum(1 for path in (filled / "blobs").rglob("*") if path.is_file())

    before = stored()
    call("rm", "base", "--yes")
    report = json.loads(call("gc", "--older-than", "0s", "--yes", "--json").stdout)
    assert report["runs"] == 1
    assert report["dry_run"] is False
    assert stored() < before
    assert call("show", "base").exit_code == 3


@pytest.mark.parametrize("args", [["--older-than", "soon"], ["--yes", "--dry-run"]])
def test_gc_refuses_nonsense(call: Call, filled: Path, args: list[str]) -> None:
    """An age that is none, or both yes and dry run, is wrong usage."""
    assert call("gc", *args).exit_code == 2


def test_gc_makes_no_store(call: Call, store: Path) -> None:
    """Where there is no store, gc says so rather than make one."""
    assert call("gc").exit_code == 1
    assert not store.exists()
