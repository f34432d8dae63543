"""Facts about ``recording/code_state.py``: real git repositories in every state."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from epochlog.recording import code_state
from epochlog.recording import git as git_calls
from epochlog.recording.code_state import capture_code, capture_git

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8"


def git(folder: Path, *arguments: str) -> str:
    """Run git and return what it says."""
    who = ("-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with one commit of two files."""
    folder = tmp_path / "repo"
    (folder / "sub").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "trunk")
    (folder / "train.py").write_text("lr = 1\n")
    (folder / "data.csv").write_text("1\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first: ünicode")
    return folder


def test_a_clean_commit_is_described(repository: Path) -> None:
    """Commit, branch, message and top; seen from a folder below, too."""
    found = capture_git(repository / "sub")

    assert found["commit"] == git(repository, "rev-parse", "HEAD")
    assert (found["branch"], found["dirty"], found["changed"]) == ("trunk", False, 0)
    assert (found["message"], found["top"]) == ("first: ünicode", str(repository))
    assert found["committed_at"].startswith("20")
    assert "diff" not in found


def test_changes_are_kept_as_a_diff(repository: Path) -> None:
    """Staged and unstaged changes of tracked files are in the diff, new files are named."""
    (repository / "train.py").write_text("lr = 2\n")
    (repository / "data.csv").write_text("2\n")
    git(repository, "add", "data.csv")
    (repository / "new.py").write_text("x\n")
    found = capture_git(repository / "sub")

    assert (found["dirty"], found["changed"], found["untracked"]) == (True, 2, ["new.py"])
    assert "-lr = 1\n+lr = 2\n" in found["diff"]
    assert "+2\n" in found["diff"]
    assert found["diff_truncated"] is False


def test_long_diffs_are_cut(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed table of gigabytes neither fills the memory nor the record."""
    monkeypatch.setattr(code_state, "DIFF_BYTES_MAX", 1000)
    (repository / "data.csv").write_text("1234567\n" * 1_000_000)
    found = capture_git(repository)

    assert found["diff_truncated"] is True
    assert 0 < len(found["diff"]) <= 1001


def test_secrets_are_taken_out(repository: Path) -> None:
    """Neither the remote's password nor keys in the diff or the message are recorded."""
    git(repository, "remote", "add", "origin", f"https://me:{SECRET}@example.org/r.git")
    git(repository, "commit", "-q", "--allow-empty", "-m", f"oops {SECRET}")
    (repository / "train.py").write_text(f'key = "{SECRET}"\npassword = "hunter2"\n')
    found = capture_git(repository)

    assert found["remote"] == "https://me:***@example.org/r.git"
    assert SECRET not in str(found)
    assert "hunter2" not in str(found)


def test_renames_conflicts_and_odd_names_are_counted(repository: Path) -> None:
    """A rename is one change; names with spaces and line breaks are no trap."""
    git(repository, "mv", "data.csv", "a b\n.csv")
    (repository / "train.py").write_text("lr = 3\n")

    assert capture_git(repository)["changed"] == 2


def test_a_detached_head_has_no_branch(repository: Path) -> None:
    """As after the checkout of a CI job."""
    git(repository, "checkout", "-q", "--detach")
    found = capture_git(repository)

    assert (found["branch"], len(found["commit"])) == ("", 40)


def test_a_work_tree_beside_the_repository_is_seen(repository: Path, tmp_path: Path) -> None:
    """``git worktree`` has a file in place of the folder .git."""
    git(repository, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    found = capture_git(tmp_path / "side")

    assert (found["branch"], found["top"]) == ("side", str(tmp_path / "side"))


def test_an_empty_repository_has_no_commit(tmp_path: Path) -> None:
    """Before the first commit the reason is given."""
    git(tmp_path, "init", "-q")

    assert capture_git(tmp_path)["reason"] == "no commit yet"


def test_without_a_repository_the_reason_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of any work tree, git's own words say so."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    assert "not a git repository" in capture_git(tmp_path)["reason"]


def test_without_git_the_reason_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without git is no problem."""
    monkeypatch.setenv("PATH", str(tmp_path))

    assert capture_git(tmp_path) == {"reason": "git is not installed"}


def test_a_hanging_git_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a dead network drive git may never answer."""
    fake = tmp_path / "git"
    fake.write_text("#!/bin/sh\nexec sleep 60\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(git_calls, "TIMEOUT_S", 0.2)

    assert capture_git(tmp_path)["reason"] == git_calls.too_long()


def test_nothing_in_the_repository_is_touched(repository: Path) -> None:
    """Not even the index is refreshed."""
    (repository / "train.py").touch()
    index = repository / ".git" / "index"
    before = index.stat().st_mtime_ns, index.read_bytes()
    capture_git(repository)

    assert (index.stat().st_mtime_ns, index.read_bytes()) == before


def run_script(script: Path, *arguments: str) -> dict[str, Any]:
    """Run a script that prints `capture_code` as JSON, and return that."""
    path = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, str(script), *arguments],
        cwd=script.parent,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        check=True,
        timeout=60,
    )
    found: dict[str, Any] = msgspec.json.decode(done.stdout)
    return found


PROGRAM = """import sys, msgspec
from epochlog.recording.code_state import capture_code
password = "hunter2"
sys.stdout.buffer.write(msgspec.json.encode(capture_code()))
"""


def test_script_and_arguments_are_captured(repository: Path) -> None:
    """Entry script with its digest, arguments without secrets, working directory."""
    script = repository / "train.py"
    script.write_text(PROGRAM)
    found = run_script(script, "--lr", "0.1", "--api-key", "abc")

    assert found["entry"]["script"] == str(script)
    assert found["entry"]["sha256"] == hashlib.sha256(PROGRAM.encode()).hexdigest()
    assert "source" not in found["entry"]
    assert found["argv"][1:] == [str(script), "--lr", "0.1", "--api-key", "***"]
    assert (found["working_directory"], found["notebook"]) == (str(repository), "")
    assert "capture_code" in found["git"]["diff"]


@pytest.mark.parametrize("place", ["beside", "new folder", "new file"])
def test_a_script_that_git_has_not_is_kept_itself(repository: Path, place: str) -> None:
    """Outside of git, or not added yet, the source is recorded, without secrets."""
    folders = {"beside": repository.parent, "new folder": repository / "new"}
    script = folders.get(place, repository) / "other.py"
    script.parent.mkdir(exist_ok=True)
    script.write_text(PROGRAM)
    entry = run_script(script)["entry"]

    assert entry["source"] == PROGRAM.replace("hunter2", "***")


def test_capturing_never_raises(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A working directory that is gone is no reason to fail."""
    monkeypatch.setenv("EPOCHLOG_RAISE", "0")
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    assert isinstance(capture_code(), dict)
    assert capture_code(tmp_path / "nothing")["git"]["reason"]
