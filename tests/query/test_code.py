"""Facts about ``query/code.py``: the diff of two runs' code, with git's objects and without."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from processes import environment

import epochlog
from epochlog.contract.sink import StoreLocation
from epochlog.query.code import RunCode
from epochlog.query.run_view import RunView
from epochlog.store import maintenance

SCRIPT = "import epochlog\nimport helper\nwith epochlog.start_run(NAME): pass\n"


def git(folder: Path, *arguments: str) -> None:
    """Run git."""
    who = ("-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, check=True)


def record(folder: Path, store: Path, name: str) -> RunView:
    """Run the project's script; return its run."""
    (folder / "train.py").write_text(
        SCRIPT.replace("NAME", "sys.argv[1]").replace("epochlog\n", "epochlog, sys\n", 1)
    )
    subprocess.run(
        [sys.executable, "train.py", name],
        cwd=folder,
        env=environment(EPOCHLOG_STORE=str(store)),
        check=True,
        timeout=120,
    )
    return epochlog.get_run(name, store=store)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a module."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "helper.py").write_text("one = 1\ntwo = 2\n")
    return folder


CHANGED = """\
--- a/helper.py\tfirst
+++ b/helper.py\tsecond
@@ -1,2 +1,2 @@
-one = 1
+one = 11
 two = 2
"""


def test_without_git_the_kept_files_are_compared(project: Path, store: Path) -> None:
    """What both imported, line by line; equal code has no diff."""
    first = record(project, store, "first")
    again = record(project, store, "again")
    (project / "helper.py").write_text("one = 11\ntwo = 2\n")
    second = record(project, store, "second")

    assert first.code_diff(again) == ""
    assert first.code_diff(second) == CHANGED


def test_a_lost_file_is_named_and_hides_no_other(project: Path, store: Path) -> None:
    """The diff of the others is there."""
    (project / "other.py").write_text("lost = 1\n")
    (project / "helper.py").write_text("import other\none = 1\n")
    first = record(project, store, "first")
    (project / "other.py").write_text("lost = 2\n")
    (project / "helper.py").write_text("import other\none = 2\n")
    second = record(project, store, "second")
    digest = hashlib.sha256(b"lost = 1\n").hexdigest()
    (lost,) = (path for path in (store / "blobs").rglob("*") if digest.endswith(path.name[-32:]))
    lost.unlink()
    lines = first.code_diff(second).splitlines()

    assert {"-one = 1", "+one = 2"} <= set(lines)
    assert lines[-1].startswith("# other.py: can't be compared: ")


def test_commits_and_uncommitted_changes_are_compared(project: Path, store: Path) -> None:
    """Across two commits, of which one has changes on top, even for files no run imported."""
    git(project, "init", "-q")
    (project / "settings.cfg").write_text("password = hunter22\nlr = 1\n")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "one")
    first = record(project, store, "first")
    (project / "settings.cfg").write_text("password = hunter22\nlr = 2\n")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "two")
    (project / "helper.py").write_text("one = 11\ntwo = 2\n")
    (project / "new.sh").write_text("exit 1")
    second = record(project, store, "second")
    lines = first.code_diff(second).splitlines()

    assert lines[0].startswith("# commit ")
    assert CHANGED in first.code_diff(second)
    assert [line for line in lines if line[:3] in ("---", "+++")] == [
        "--- a/helper.py\tfirst",
        "+++ b/helper.py\tsecond",
        "--- /dev/null\tfirst",
        "+++ b/new.sh\tsecond",
        "--- a/settings.cfg\tfirst",
        "+++ b/settings.cfg\tsecond",
    ]
    assert lines[-3:] == [" password = ***", "-lr = 1", "+lr = 2"]
    assert "+exit 1" in lines
    assert "\\ No newline at end of file" in lines

    shutil.rmtree(project / ".git")
    without = first.code_diff(second)
    assert "# git no longer has both commits" in without
    assert CHANGED in without


def test_kept_files_say_what_they_are(project: Path, store: Path) -> None:
    """Root, path, state and content."""
    code = RunCode(record(project, store, "first"))

    assert [(f.root, f.path, f.state, f.redacted) for f in code.files] == [
        (0, "helper.py", "imported", False),
        (0, "train.py", "script", False),
    ]
    assert code.files[0].read_bytes() == b"one = 1\ntwo = 2\n"
    assert code.commit == ""
    assert code.repository() is None


def test_kept_files_go_with_the_last_run_that_had_them(
    project: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another run still uses stays; young content stays, a live process may name it."""
    first = record(project, store, "first")
    (project / "helper.py").write_text("other = 1\n")
    second = record(project, store, "second")
    location = StoreLocation(f"sqlite:///{store / 'epochlog.db'}", str(store), str(store / "blobs"))
    maintenance.delete_runs(location, [first.id])

    young = maintenance.collect_garbage(location, dry_run=True, grace_s=0)
    monkeypatch.setattr(maintenance, "CODE_GRACE_S", 0.0)
    done = maintenance.collect_garbage(location, dry_run=False, grace_s=0)

    assert (young.versions, young.blobs) == (0, 0)
    assert (done.versions, done.blobs) == (1, 1)
    assert [file.path for file in RunCode(second.refresh()).files] == ["helper.py", "train.py"]
    assert RunCode(second.refresh()).files[1].read_bytes()
