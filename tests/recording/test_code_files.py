"""Facts about ``recording/code_files.py``: which files are kept, and what never is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from epochlog.recording import code_files
from epochlog.recording.code_files import CodeFiles, collect, is_source
from epochlog.recording.code_state import capture_code
from epochlog.recording.first_party import is_first_party, is_install_target, root_of

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8"


def git(folder: Path, *arguments: str) -> None:
    """Run git."""
    who = ("-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, check=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with one commit, which is the working directory."""
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q")
    for name in ("train.py", "gone.py", "table.csv", "same.py"):
        (folder / name).write_text("a = 1\n")
    (folder / ".gitignore").write_text("ignored.py\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    monkeypatch.chdir(folder)
    return folder


def collected(**facts: Any) -> CodeFiles:
    """Return what is kept of the working directory's code."""
    code = {**capture_code(), "argv": ["python"], "entry": {}, **facts}
    return collect(code)


def states(found: CodeFiles) -> dict[str, str]:
    """Return name -> state of the kept files in the project, without the tests' own modules."""
    return {n[2:]: f["state"] for n, f in found.known.items() if n.startswith("0/")}


def test_changed_and_untracked_sources_are_kept(repository: Path) -> None:
    """Not what the commit has, what .gitignore names, nor untracked data."""
    (repository / "train.py").write_text("a = 2\n")
    (repository / "table.csv").write_text("2\n")
    (repository / "gone.py").unlink()
    (repository / "new").mkdir()
    for name in ("new/odd ü \n'name.py", "ignored.py", "image.png", "notes.txt"):
        (repository / name).write_text("b\n")
    code = capture_code()

    assert states(collected()) == {
        "train.py": "changed",
        "table.csv": "changed",
        "new/odd ü \n'name.py": "untracked",
        "notes.txt": "untracked",
    }
    assert code["git"]["deleted"] == ["gone.py"]


def test_files_with_names_of_secrets_and_secrets_in_files_are_not_kept(repository: Path) -> None:
    """A file of credentials stays out; a key in a source file is taken out, and said to be."""
    (repository / "credentials.json").write_text("{}")
    (repository / ".env").write_text("A=1\n")
    (repository / "model.bin").write_bytes(b"\xff\0" + SECRET.encode())
    git(repository, "add", "model.bin")
    (repository / "train.py").write_text(f'key = "{SECRET}"\n')
    found = collected()

    assert set(states(found)) == {"train.py"}
    assert found.known["0/train.py"]["redacted"] is True
    assert found.fresh["0/train.py"].content == b'key = "***"\n'
    assert found.skipped["0/model.bin"] == "not text, and it may hold secrets"


def test_large_files_links_and_odd_names_are_named_as_skipped(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not kept is said, with the reason."""
    monkeypatch.setattr(code_files, "FILE_BYTES_MAX", 100)
    (repository / "train.py").write_text("#" * 101)
    (repository / "link.py").symlink_to("/etc/passwd")
    os.mkfifo(repository / "pipe.py")
    with open(os.fsencode(repository) + b"/\xff.py", "w"):
        pass
    found = collected()

    assert states(found) == {}
    assert {n: why for n, why in found.skipped.items() if n.startswith("0/")} == {
        "0/train.py": "101 bytes are too many",
        "0/link.py": "a symbolic link",
        "0/?.py": "its name is not UTF-8",
    }


def test_reading_is_bounded_in_size_number_and_time(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond each limit the rest is passed over."""
    for number in range(5):
        (repository / f"new{number}.py").write_text("12345")
    monkeypatch.setattr(code_files, "FILES_MAX", 2)
    assert len(collected().known) == 2

    monkeypatch.setattr(code_files, "FILES_MAX", 2000)
    monkeypatch.setattr(code_files, "UNTRACKED_MAX", 3)
    assert len(states(collected())) == 3

    found = CodeFiles([str(repository)], deadline=float("inf"), bytes_left=12)
    for number in range(5):
        found.add(str(repository / f"new{number}.py"), "untracked")
    assert len(found.known) == 2

    found = CodeFiles([str(repository)], deadline=0.0)
    found.add(str(repository / "new1.py"), "untracked")
    assert "longer" in found.skipped["0/new1.py"]


def test_files_named_on_the_command_line_are_kept(repository: Path, tmp_path: Path) -> None:
    """Configurations, even ignored ones; not data, nor what is nowhere."""
    (repository / "conf").mkdir()
    (repository / "conf" / "base.yaml").write_text("lr: 1\n")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "second")
    argv = ["python", "train.py", "--config=conf/base.yaml", "table.csv", "nowhere.yaml", "/"]

    assert states(collected(argv=argv)) == {"conf/base.yaml": "argument", "train.py": "argument"}


def test_imported_modules_are_kept_without_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the project and from elsewhere; never installed ones, the library's or ours."""
    project, library = tmp_path / "project", tmp_path / "library"
    for folder, name in ((project, "its_own"), (library, "shared_tools")):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text("from . import part\n")
        (folder / name / "part.py").write_text("c = 3\n")
        monkeypatch.syspath_prepend(folder)
    monkeypatch.chdir(project)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    for name in ("its_own", "shared_tools"):
        __import__(name)
        for module in (name, f"{name}.part"):
            monkeypatch.delitem(sys.modules, module, raising=False)
            monkeypatch.setitem(sys.modules, module, sys.modules.get(module) or _module(module))
    found = collected()

    assert found.roots[0] == str(project)
    place = found.roots.index(str(library))
    assert {"0/its_own/__init__.py", "0/its_own/part.py"} <= set(found.known)
    assert f"{place}/shared_tools/part.py" in found.known
    assert not [n for n in found.known if "site-packages" in n or "epochlog/recording" in n]
    facts = found.facts()
    assert {"0", str(place)} <= set(facts["path"])


def _module(name: str) -> Any:
    import importlib

    return importlib.import_module(name)


def test_a_script_outside_of_the_working_directory_is_the_project(tmp_path: Path) -> None:
    """``python ../other/train.py`` has its files there; a script below belongs to the whole."""
    entry = {"script": str(tmp_path / "other" / "train.py"), "launched_in": str(tmp_path / "here")}
    assert code_files._project({"entry": entry}) == str(tmp_path / "other")

    entry = {"script": str(tmp_path / "src" / "train.py"), "launched_in": str(tmp_path)}
    assert code_files._project({"entry": entry}) == str(tmp_path)


def test_a_working_directory_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is relative to it is left out, and the rest is kept."""
    (tmp_path / "mine.py").write_text("a = 1\n")
    mine, made_up = ModuleType("mine"), ModuleType("made_up")
    mine.__file__, made_up.__file__ = str(tmp_path / "mine.py"), "_made_up.py"
    monkeypatch.setitem(sys.modules, "mine", mine)
    monkeypatch.setitem(sys.modules, "made_up", made_up)
    monkeypatch.setattr(sys, "path", ["", None, str(tmp_path)])
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    found = CodeFiles([str(tmp_path)])
    found.add_modules()

    assert found.facts()["path"] == ["0"]
    assert "0/mine.py" in found.facts()["files"]


def test_what_is_first_party() -> None:
    """Neither Python's library nor an installed package."""
    import pluggy

    assert not is_first_party(os.__file__)
    assert not is_first_party(pluggy.__file__)
    assert is_first_party("/home/me/project/train.py")


def test_a_folder_that_packages_were_installed_into_is_not_first_party(tmp_path: Path) -> None:
    """As by ``pip install --target``; a project has no ``.dist-info``."""
    (tmp_path / "a" / "tool-1.0.dist-info").mkdir(parents=True)
    (tmp_path / "b" / "tool.egg-info").mkdir(parents=True)

    assert is_install_target(tmp_path / "a")
    assert not is_install_target(tmp_path / "b")
    assert not is_install_target(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "path", "root"),
    [
        ("a", "/x/a.py", "/x"),
        ("a", "/x/a/__init__.py", "/x"),
        ("a.b.c", "/x/a/b/c.py", "/x"),
        ("a.b", "/x/a/b/__init__.py", "/x"),
    ],
)
def test_the_root_of_a_module_is_where_it_is_imported_from(name: str, path: str, root: str) -> None:
    """The folder that is in ``sys.path``."""
    assert root_of(name, path) == Path(root)


@pytest.mark.parametrize(
    ("name", "kept"),
    [("a/train.py", True), ("Makefile", True), ("conf/base.yaml", True), ("auth.py", True),
     ("api_key.json", False), ("secrets.yaml", False), ("weights.pt", False), ("data.csv", False)],
)  # fmt: skip
def test_names_of_sources(name: str, kept: bool) -> None:
    """People wrote it, and its name does not speak of secrets."""
    assert is_source(name) is kept
