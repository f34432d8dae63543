"""Capture the code of a run: git commit and changes, entry script, arguments."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

from epochlog.base.guard import raises_under_test, report
from epochlog.base.redaction import redact_argv, redact_text, redact_url
from epochlog.recording.git import ask_git, ask_git_text, too_long
from epochlog.recording.notebook import notebook_kind

DIFF_BYTES_MAX = 256 * 1024
SOURCE_BYTES_MAX = 256 * 1024
UNTRACKED_MAX = 100
CHANGED_MAX = 500


def capture_code(
    directory: str | Path | None = None, *, script: str | None = None, arguments: bool = True
) -> dict[str, Any]:
    """Return the code state as plain data; never raises.

    Keys: ``entry`` (script or module, its SHA-256, and its source if git doesn't have it),
    ``argv``, ``working_directory``, ``notebook``, ``git`` (``commit``, ``branch``, ``dirty``,
    number and names of ``changed`` files, names of ``untracked`` ones, ``remote``, ``message``,
    ``committed_at``, ``diff``; or the ``reason`` why there is nothing).

    Args:
        directory: where (default: the working directory).
        script: what was started, if Python no longer knows it.
        arguments: also the command line.
    """
    found: dict[str, Any] = {}
    try:
        working_directory = Path(directory) if directory is not None else Path.cwd()
        found["working_directory"] = str(working_directory)
        if arguments:
            found["argv"] = captured_arguments()
        found["notebook"] = notebook_kind()
        found["git"] = capture_git(working_directory)
        found["entry"] = _entry(found["git"], script)
    except Exception as error:
        if raises_under_test():
            raise
        report("capturing the code state", error)
    return found


def captured_arguments() -> list[str]:
    """Return the command line without secrets: interpreter, its options, script, arguments."""
    return redact_argv(getattr(sys, "orig_argv", sys.argv))


def capture_git(directory: Path) -> dict[str, Any]:
    """Return the state of the git work tree around ``directory``, or the ``reason`` for none."""
    status, why = _status(directory)
    if status is None:
        return {"reason": why}
    found = _read_status(status.split("\0"))
    top = _top_of(directory)
    found["top"] = str(top)
    remote, _ = ask_git_text(top, "config", "--get", "remote.origin.url")
    found["remote"] = redact_url((remote or "").strip())
    if not found["commit"]:
        return {**found, "reason": "no commit yet"}
    last, _ = ask_git_text(directory, "log", "-1", "--no-show-signature", "--format=%cI%x00%s")
    committed_at, _, message = (last or "").strip().partition("\0")
    found |= {"committed_at": committed_at, "message": redact_text(message)}
    if found["dirty"]:
        gone = [name for name in found["changed_files"] if not os.path.lexists(top / name)]
        found |= {"deleted": gone, **_diff(top)}
    return found


def _status(directory: Path) -> tuple[str | None, str]:
    """Return git's status with untracked files, or without them where that takes too long."""
    arguments = ("status", "--porcelain=v2", "--branch", "-z")
    status, why = ask_git(directory, *arguments, "--untracked-files=normal")
    if why == too_long():
        status, why = ask_git(directory, *arguments, "--untracked-files=no")
    return (None if status is None else os.fsdecode(status)), why


def _top_of(directory: Path) -> Path:
    """Return the top of the work tree, without a process in the usual case."""
    if "GIT_DIR" not in os.environ and "GIT_WORK_TREE" not in os.environ:
        directory = directory.resolve()
        for folder in (directory, *directory.parents):
            if (folder / ".git").exists():
                return folder
    return Path(
        (ask_git_text(directory, "rev-parse", "--show-toplevel")[0] or "").strip() or directory
    )


def _read_status(entries: list[str]) -> dict[str, Any]:
    """Read ``git status --porcelain=v2 --branch -z``."""
    found: dict[str, Any] = {"commit": "", "branch": "", "dirty": False}
    untracked: list[str] = []
    changed: list[str] = []
    renamed: list[str] = []
    remaining = iter(entries)
    for entry in remaining:
        if entry.startswith("# branch.oid "):
            commit = entry.removeprefix("# branch.oid ")
            found["commit"] = "" if commit == "(initial)" else commit
        elif entry.startswith("# branch.head "):
            branch = entry.removeprefix("# branch.head ")
            found["branch"] = "" if branch == "(detached)" else printable(branch)
        elif entry.startswith("? "):
            untracked.append(printable(entry[2:]))
        elif fields := _FIELDS_BEFORE_PATH.get(entry[:2]):
            changed.append(printable(entry.split(" ", fields)[-1]))
            if entry[0] == "2":  # a rename: its old path is an entry of its own
                renamed.append(printable(next(remaining, "")))
    return {
        **found,
        "dirty": bool(changed),
        "changed": len(changed),
        "changed_files": [*changed, *filter(None, renamed)][:CHANGED_MAX],
        "untracked": untracked[:UNTRACKED_MAX],
        "untracked_count": len(untracked),
    }


_FIELDS_BEFORE_PATH = {"1 ": 8, "2 ": 9, "u ": 10}


def printable(name: str) -> str:
    """Return a file's name with a question mark for each byte that is not UTF-8."""
    return name.encode("utf-8", "replace").decode()


def _diff(top: Path) -> dict[str, Any]:
    options = ("--no-color", "--no-ext-diff", "--no-textconv", "--submodule=short")
    diff, why = ask_git_text(top, "diff", "HEAD", *options, limit=DIFF_BYTES_MAX + 1)
    if diff is None:
        return {"diff": "", "diff_reason": why}
    cut = len(diff.encode("utf-8", "replace")) > DIFF_BYTES_MAX
    return {"diff": redact_text(diff, code=True), "diff_truncated": cut}


def _entry(git: dict[str, Any], known: str | None = None) -> dict[str, Any]:
    """Return what was started: a script, a module, a notebook, or nothing that has a file."""
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    notebook = getattr(main, "__vsc_ipynb_file__", None)
    script = notebook or getattr(main, "__file__", None) or known
    found: dict[str, Any] = {}
    if spec is not None and spec.name:
        found["module"] = spec.name.removesuffix(".__main__")
    if not isinstance(script, str):
        return found
    path = Path(script).absolute()
    found["script"] = str(path)
    found["launched_in"] = _launched_in(path)
    try:
        content = path.read_bytes()
    except OSError:
        return found
    found["sha256"] = hashlib.sha256(content, usedforsecurity=False).hexdigest()
    if len(content) <= SOURCE_BYTES_MAX and not _has_script(git, path):
        found["source"] = redact_text(content.decode("utf-8", "replace"), code=True)
    return found


def _launched_in(script: Path) -> str:
    """Return the directory that the command was given in; the program may have left it since."""
    arguments = getattr(sys, "orig_argv", [])[1:]
    candidates = [os.getcwd(), os.environ.get("PWD", "")]  # noqa: PTH109
    for argument in arguments:
        for folder in filter(os.path.isabs, candidates):
            if os.path.normpath(os.path.join(folder, argument)) == str(script):  # noqa: PTH118
                return folder
    return candidates[0]


def _has_script(git: dict[str, Any], path: Path) -> bool:
    """Return whether commit and diff hold the script, so that its source needn't be kept."""
    if not git.get("commit") or not git.get("top"):
        return False
    try:
        name = path.resolve().relative_to(Path(git["top"]).resolve()).as_posix()
    except ValueError:
        return False
    untracked = git["untracked"]  # whole new folders end with "/"
    return name not in untracked and not any(name.startswith(u) for u in untracked if u[-1] == "/")
