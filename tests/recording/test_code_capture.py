"""Facts about ``recording/code_capture.py``: what a run's record has of its code, and when."""

from __future__ import annotations

import os
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from processes import environment, run_python

import epochlog
from epochlog.query.code import RunCode
from epochlog.recording.notebook import executed_cells

SCRIPT = """
import epochlog, sys, pathlib
epochlog.autolog(hardware=False, first_flush_s=0.0)
import helper
with epochlog.start_run("first") as run:
    run.flush()
    pathlib.Path("helper.py").write_text("edited = 1")
    import late
with epochlog.start_run("second"):
    pass
"""


def run_in(folder: Path, script: str, store: Path, name: str = "train.py", **env: str) -> None:
    """Run a script that lies in a folder, started there."""
    import subprocess

    (folder / name).write_text(script)
    done = subprocess.run(
        [sys.executable, name],
        cwd=folder,
        env=environment(EPOCHLOG_STORE=str(store), **env),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder without git that has two modules."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("helper", "late"):
        (folder / f"{name}.py").write_text(f"{name} = 1\n")
    return folder


def content(run: Any) -> dict[str, bytes]:
    """Return the kept files of a run."""
    return {file.path: file.read_bytes() for file in RunCode(run).files}


def test_code_is_kept_as_it_was_imported_once_a_content(project: Path, store: Path) -> None:
    """Later edits don't count, later imports do; both runs refer to the same content."""
    run_in(project, SCRIPT, store)
    runs = {run.name: run for run in epochlog.runs(store=store)}
    expected = {
        "train.py": SCRIPT.encode(),
        "helper.py": b"helper = 1\n",
        "late.py": b"late = 1\n",
    }

    assert content(runs["first"]) == expected
    assert content(runs["second"]) == expected
    assert {i.id for i in runs["first"].inputs} == {i.id for i in runs["second"].inputs}
    assert runs["first"].artifacts == []


def test_a_script_above_the_working_directory_is_kept_with_every_run(
    project: Path, store: Path
) -> None:
    """``python ../train.py`` leaves ``..`` in the names of modules; their content is found."""
    (project / "below").mkdir()

    run_in(project / "below", SCRIPT, store, name="../train.py")

    for run in epochlog.runs(store=store):
        assert content(run)["train.py"] == SCRIPT.encode()


@pytest.mark.parametrize(
    ("capture", "has_argv", "has_files"),
    [("none", False, False), ("-code", True, False), ("-arguments", False, True)],
)
def test_the_setting_capture_is_respected(
    project: Path, store: Path, capture: str, has_argv: bool, has_files: bool
) -> None:
    """Neither code nor arguments are recorded where they are switched off."""
    script = "import epochlog\nwith epochlog.start_run('one'): pass\n"
    run_in(project, script, store, EPOCHLOG_CAPTURE=capture)
    (run,) = epochlog.runs(store=store)

    assert ("argv" in run.code, bool(RunCode(run).files)) == (has_argv, has_files)


@pytest.mark.parametrize(
    ("arguments", "module"), [(["-m", "pack.train"], "pack.train"), (["-c", "CODE"], None)]
)
def test_modules_and_commands_are_entries(
    project: Path, store: Path, arguments: list[str], module: str | None
) -> None:
    """``python -m`` keeps the module's file, ``python -c`` has its code in the arguments."""
    import subprocess

    program = "import epochlog\nimport helper\nwith epochlog.start_run('one'): pass\n"
    (project / "pack").mkdir()
    (project / "pack" / "__init__.py").touch()
    (project / "pack" / "train.py").write_text(program)
    arguments = [program if each == "CODE" else each for each in arguments]
    subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env=environment(EPOCHLOG_STORE=str(store)),
        check=True,
        timeout=120,
    )
    (run,) = epochlog.runs(store=store)

    assert run.code["argv"][1:] == arguments
    assert run.code["entry"].get("module") == module
    wanted = {"helper.py"} | ({"pack/train.py", "pack/__init__.py"} if module else set())
    assert set(content(run)) == wanted


def fake_notebook(monkeypatch: pytest.MonkeyPatch, cells: list[str]) -> None:
    """Stand in for IPython: it is no dependency, and its history is a plain list."""
    shell = types.SimpleNamespace(history_manager=types.SimpleNamespace(input_hist_raw=cells))
    ipython = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", ipython)


def test_cells_of_a_notebook_are_kept_at_the_end_of_a_run(
    monkeypatch: pytest.MonkeyPatch, store: Path
) -> None:
    """All cells up to the end of the run, in the order of execution, without secrets."""
    cells = ["", "%pip install x", "token = 'hunter22'"]
    fake_notebook(monkeypatch, cells)
    epochlog.autolog(hardware=False, first_flush_s=0.0, capture="code")
    run = epochlog.start_run("one")
    run.flush()
    cells.append("train()")
    run.end()
    run.flush()
    found = RunCode(epochlog.get_run("one", store=store)).cells

    assert found == (
        "# %% In[1]\n%pip install x\n\n# %% In[2]\ntoken = '***'\n\n# %% In[3]\ntrain()\n"
    )


def test_of_a_long_session_the_newest_cells_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit on bytes, and a word about what is missing."""
    fake_notebook(monkeypatch, ["", "a" * 600_000, "b" * 600_000, "c"])

    kept = executed_cells()

    assert kept.startswith("# cells up to In[1] are not kept")
    assert kept.endswith("# %% In[3]\nc\n")


def test_no_hook_filter_or_network_of_git_is_used(project: Path, store: Path) -> None:
    """Hooks, file system monitors and external diffs are other people's programs."""
    import subprocess

    def git(*arguments: str) -> None:
        who = ("-c", "user.name=me", "-c", "user.email=me@example.org")
        subprocess.run(["git", *who, *arguments], cwd=project, check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    trap = project.parent / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {project.parent / 'sprung'}\n")
    trap.chmod(0o755)
    for hook in ("post-index-change", "post-checkout", "reference-transaction"):
        os.symlink(trap, project / ".git" / "hooks" / hook)
    git("config", "core.fsmonitor", str(trap))
    git("config", "diff.external", str(trap))
    (project.parent / "sprung").unlink(missing_ok=True)
    run_in(project, SCRIPT, store)

    assert not (project.parent / "sprung").exists()
    run = epochlog.get_run("first", store=store)
    assert run.code["git"]["commit"]
    assert "train.py" in content(run)


def test_forked_children_describe_their_own_runs(store: Path) -> None:
    """A child after ``fork`` doesn't rely on what its parent staged in another journal."""
    done = run_python(
        """
import os, epochlog
epochlog.autolog(hardware=False, first_flush_s=0.0)
with epochlog.start_run("parent") as run:
    run.flush()
pid = os.fork()
if pid == 0:
    with epochlog.start_run("child") as run:
        pass
    run.flush()
    os._exit(0)
os.waitpid(pid, 0)
""",
        EPOCHLOG_STORE=str(store),
    )
    assert done.returncode == 0, done.stderr
    runs = {run.name: content(run) for run in epochlog.runs(store=store)}

    assert runs["child"] == runs["parent"] != {}
