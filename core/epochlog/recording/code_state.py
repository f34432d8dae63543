"""Capture the code of a run: git commit and changes, entry script, arguments."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from epochlog.base.guard import raises_under_test, report
from epochlog.base.redaction import redact_argv, redact_text, redact_url

GIT_TIMEOUT_S = 5.0
DIFF_BYTES_MAX = 256 * 1024
SOURCE_BYTES_MAX = 256 * 1024
UNTRACKED_MAX = 100
TOO_LONG = f"git took longer than {GIT_TIMEOUT_S:g} s"

_QUIET_GIT = {
    "GIT_OPTIONAL_LOCKS": "0",  # never in the way of the user's own git
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "LC_ALL": "C",
}
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")


def capture_code(directory: str | Path | None = None) -> dict[str, Any]:
    """Return the code state as plain data; never raises.

    Keys: ``entry`` (script or module, its SHA-256, and its source if git doesn't have it),
    ``argv``, ``working_directory``, ``notebook``, ``git`` (``commit``, ``branch``, ``dirty``,
    number of ``changed`` files, names of ``untracked`` ones, ``remote``, ``message``,
    ``committed_at``, ``diff``; or the ``reason`` why there is nothing).
    """
    found: dict[str, Any] = {}
    try:
        working_directory = Path(directory) if directory is not None else Path.cwd()
        found["working_directory"] = str(working_directory)
        found["argv"] = redact_argv(getattr(sys, "orig_argv", sys.argv))
        found["notebook"] = _notebook()
        found["git"] = capture_git(working_directory)
        found["entry"] = _entry(found["git"])
    except Exception as error:
        if raises_under_test():
            raise
        report("capturing the code state", error)
    return found


def capture_git(directory: Path) -> dict[str, Any]:
    """Return the state of the git work tree around ``directory``, or the ``reason`` for none."""
    status, why = _status(directory)
    if status is None:
        return {"reason": why}
    found = _read_status(status.split("\0"))
    top = _top_of(directory)
    found["top"] = str(top)
    remote, _ = _git(top, "config", "--get", "remote.origin.url")
    found["remote"] = redact_url((remote or "").strip())
    if not found["commit"]:
        return {**found, "reason": "no commit yet"}
    last, _ = _git(directory, "log", "-1", "--no-show-signature", "--format=%cI%x00%s")
    committed_at, _, message = (last or "").strip().partition("\0")
    found |= {"committed_at": committed_at, "message": redact_text(message)}
    if found["dirty"]:
        found |= _diff(top)
    return found


def _status(directory: Path) -> tuple[str | None, str]:
    """Return git's status with untracked files, or without them where that takes too long."""
    arguments = ("status", "--porcelain=v2", "--branch", "-z")
    status, why = _git(directory, *arguments, "--untracked-files=normal")
    if why == TOO_LONG:
        return _git(directory, *arguments, "--untracked-files=no")
    return status, why


def _top_of(directory: Path) -> Path:
    """Return the top of the work tree, without a process in the usual case."""
    if "GIT_DIR" not in os.environ and "GIT_WORK_TREE" not in os.environ:
        directory = directory.resolve()
        for folder in (directory, *directory.parents):
            if (folder / ".git").exists():
                return folder
    return Path((_git(directory, "rev-parse", "--show-toplevel")[0] or "").strip() or directory)


def _read_status(entries: list[str]) -> dict[str, Any]:
    """Read ``git status --porcelain=v2 --branch -z``."""
    found: dict[str, Any] = {"commit": "", "branch": "", "dirty": False, "changed": 0}
    untracked: list[str] = []
    remaining = iter(entries)
    for entry in remaining:
        if entry.startswith("# branch.oid "):
            commit = entry.removeprefix("# branch.oid ")
            found["commit"] = "" if commit == "(initial)" else commit
        elif entry.startswith("# branch.head "):
            branch = entry.removeprefix("# branch.head ")
            found["branch"] = "" if branch == "(detached)" else branch
        elif entry.startswith("? "):
            untracked.append(entry[2:])
        elif entry[:2] in ("1 ", "2 ", "u "):
            found["changed"] += 1
            if entry[0] == "2":
                next(remaining, None)  # a rename: its old path is an entry of its own
    found["dirty"] = found["changed"] > 0
    return {**found, "untracked": untracked[:UNTRACKED_MAX], "untracked_count": len(untracked)}


def _diff(top: Path) -> dict[str, Any]:
    options = ("--no-color", "--no-ext-diff", "--no-textconv", "--submodule=short")
    diff, why = _git(top, "diff", "HEAD", *options, limit=DIFF_BYTES_MAX + 1)
    if diff is None:
        return {"diff": "", "diff_reason": why}
    cut = len(diff.encode("utf-8", "replace")) > DIFF_BYTES_MAX
    return {"diff": redact_text(diff, code=True), "diff_truncated": cut}


def _git(directory: Path, *arguments: str, limit: int = 2**22) -> tuple[str | None, str]:
    """Return git's output, at most ``limit`` bytes of it, or None and the reason."""
    try:
        process = subprocess.Popen(
            [*_GIT, *arguments],
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **_QUIET_GIT},
        )
    except FileNotFoundError:
        return None, "git is not installed"
    except OSError as error:
        return None, f"git can't be started: {error}"
    alarm = threading.Timer(GIT_TIMEOUT_S, process.kill)
    alarm.daemon = True
    alarm.start()
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        output = process.stdout.read(limit)
        cut = len(output) == limit
        if cut:  # enough; git may have gigabytes more to say
            process.kill()
        errors = process.stderr.read(2000).decode("utf-8", "replace").strip()
        code = process.wait()
    finally:
        alarm.cancel()
        process.stdout.close()  # type: ignore[union-attr]
        process.stderr.close()  # type: ignore[union-attr]
    if code != 0 and not cut:
        why = TOO_LONG if code < 0 else errors.partition("\n")[0]
        return None, why or f"git ended with {code}"
    return output.decode("utf-8", "replace"), ""


def _notebook() -> str:
    """Return in what kind of notebook this runs (jupyter, colab, databricks …), "" if in none."""
    if "google.colab" in sys.modules:
        return "colab"
    if "DATABRICKS_RUNTIME_VERSION" in os.environ:
        return "databricks"
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return ""
    return {"ZMQInteractiveShell": "jupyter", "TerminalInteractiveShell": "ipython"}.get(
        type(shell).__name__, type(shell).__name__
    )


def _entry(git: dict[str, Any]) -> dict[str, Any]:
    """Return what was started: a script, a module, a notebook, or nothing that has a file."""
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    script = getattr(main, "__vsc_ipynb_file__", None) or getattr(main, "__file__", None)
    found: dict[str, Any] = {}
    if spec is not None and spec.name:
        found["module"] = spec.name.removesuffix(".__main__")
    if not isinstance(script, str):
        return found
    path = Path(script).absolute()
    found["script"] = str(path)
    try:
        content = path.read_bytes()
    except OSError:
        return found
    found["sha256"] = hashlib.sha256(content, usedforsecurity=False).hexdigest()
    if len(content) <= SOURCE_BYTES_MAX and not _has_script(git, path):
        found["source"] = redact_text(content.decode("utf-8", "replace"), code=True)
    return found


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
