"""Facts about ``cli/reproduction/plan.py``: command lines in the new place."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from epochlog.cli.reproduction.plan import make_plan, requirements_text, script_text
from epochlog.cli.reproduction.sources import Written


def plan_of(tmp_path: Path, variables: dict[str, str] | None = None, **facts: Any) -> Any:
    """Return the plan for a run of /p/sub/train.py, whose code is in ``tmp_path``/code."""
    (tmp_path / "code" / "sub").mkdir(parents=True)
    (tmp_path / "code" / "conf it.yaml").touch()
    code: Any = SimpleNamespace(
        facts={
            "argv": [],
            "entry": {"script": "/p/sub/train.py", "launched_in": "/p/sub"},
            **facts,
        },
        roots=["/p", "/lib"],
        import_path=["0/sub", "1", "7"],
        cells=facts.get("cells", ""),
    )
    written = Written([tmp_path / "code", tmp_path / "other-code" / "1-lib"])
    return make_plan(code, written, tmp_path, variables or {})


def test_paths_of_the_project_become_those_of_the_copy(tmp_path: Path) -> None:
    """Those that exist there; others stay, quoted for the shell."""
    argv = ["/usr/bin/python", "-u", "train.py", "/p/conf it.yaml", "--c=/p/conf it.yaml"]
    plan = plan_of(tmp_path, argv=[*argv, "/p/data", "it's"])

    assert plan.words == [
        "-u", "train.py", "\"$here\"/'code/conf it.yaml'", "--c=\"$here\"/'code/conf it.yaml'",
        "/p/data", "'it'\"'\"'s'",
    ]  # fmt: skip
    assert (plan.directory, plan.path) == ("code/sub", ["code/sub", "other-code/1-lib"])


def test_the_script_is_run_as_the_run_was(tmp_path: Path) -> None:
    """The shell sees the words, the directory, the import path and the variables."""
    argv = [
        "python",
        "-c",
        "import os, sys; print(os.getcwd(), sys.path[1:3], sys.argv, os.environ['OMP_X'])",
    ]
    plan = plan_of(tmp_path, {"OMP_X": "a b", "RANK": "0"}, argv=[*argv, "x y", "$HOME"])
    (tmp_path / "run.sh").write_text(script_text(plan, "a\nb"))
    done = subprocess.run(
        ["sh", str(tmp_path / "run.sh"), "more"], capture_output=True, text=True, check=True
    )

    assert done.stdout.split(" ", 1)[0] == str(tmp_path / "code" / "sub")
    assert str(tmp_path / "other-code" / "1-lib") in done.stdout
    assert "['-c', 'x y', '$HOME', 'more'] a b" in done.stdout


def test_what_is_not_known_is_told(tmp_path: Path) -> None:
    """Secrets, launchers, missing arguments."""
    plan = plan_of(tmp_path, {"WORLD_SIZE": "4"}, argv=["python", "train.py", "--token", "***"])
    assert any("secret" in problem for problem in plan.problems)
    assert any("one of 4 processes" in problem for problem in plan.problems)

    plan = plan_of(tmp_path / "other")
    assert plan.words == ["/p/sub/train.py"]
    assert any("arguments may be missing" in problem for problem in plan.problems)


def test_cells_of_a_notebook_are_a_script(tmp_path: Path) -> None:
    """Plain ones for Python, others for IPython."""
    plan = plan_of(tmp_path, cells="a = 1\n")
    assert plan.words == ['"$here"/code/cells.py']
    assert (tmp_path / "code" / "cells.py").read_text() == "a = 1\n"

    plan = plan_of(tmp_path / "other", cells="%matplotlib inline\n")
    assert plan.words == ["-m", "IPython", "--no-banner", '"$here"/code/cells.ipy']


def test_requirements_have_exact_versions() -> None:
    """All that was installed; not epochlog itself, nor what has no version."""
    facts = {"python": {"version": "3.11.7"}, "packages": {"a": "1+cpu", "epochlog": "2", "b": ""}}

    assert requirements_text(facts) == "# Python 3.11.7\na==1+cpu\n"
