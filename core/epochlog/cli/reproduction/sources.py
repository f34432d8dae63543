"""Write the code of a run into a folder, from git's objects and from the files in the store."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from epochlog.base.errors import EpochlogError, StoreError
from epochlog.base.redaction import redact_text
from epochlog.query.code import KeptFile, RunCode

CODE_FOLDER, OTHERS_FOLDER = "code", "other-code"


@dataclass
class Written:
    """What was written.

    Attributes:
        roots: folder of each root of `RunCode.roots`, in their order.
        how: where the code came from, in a few words.
        problems: what could not be had, each with what to do about it.
    """

    roots: list[Path]
    how: str = ""
    problems: list[str] = field(default_factory=list)


def write_code(code: RunCode, into: Path, repository: Path | None) -> Written:
    """Write the code as it was.

    Args:
        code: of the run.
        into: an existing folder; ``code`` and, for files from elsewhere, ``other-code`` are made.
        repository: where git has the commit, if there is such a place.

    Raises:
        EpochlogError: neither the commit nor a file of the code can be had.
    """
    if not code.files and not code.cells and repository is None:
        raise EpochlogError(_nothing(code))
    roots = [into / CODE_FOLDER]
    for number, root in enumerate(code.roots[1:], 1):
        roots.append(into / OTHERS_FOLDER / f"{number}-{Path(root).name}")
    written = Written(roots)
    roots[0].mkdir()
    sources: list[str] = []
    if repository is not None:
        export_commit(repository, code.commit, roots[0], written.problems)
        sources.append(f"commit {code.commit[:12]} from {repository}")
    elif code.commit:
        written.problems.append(_missing_commit(code))
    changed = {*(code.git.get("changed_files") or ()), *(code.git.get("untracked") or ())}
    count = sum(_write_file(file, code, written, changed) for file in code.files)
    if count:
        sources.append(f"{count} file{'s' if count > 1 else ''} from the store")
    for name in code.git.get("deleted") or ():
        if (path := _inside(roots[0], name)) is not None:
            path.unlink(missing_ok=True)
    written.problems += _skipped(code)
    written.how = ", ".join(sources)
    return written


def _nothing(code: RunCode) -> str:
    if not code.facts:
        return f"no code was recorded for run {code.run.name!r} (setting capture, or it died early)"
    if code.commit:
        return f"the code of run {code.run.name!r} can't be had: {_missing_commit(code)}"
    return f"the store holds no files of the code of run {code.run.name!r}"


def _missing_commit(code: RunCode) -> str:
    remote = code.git.get("remote") or "the repository"
    return (
        f"commit {code.commit[:12]} is in no git repository here, so only files that the store "
        f"holds can be written; clone {remote}, and give its folder as --repository"
    )


def _skipped(code: RunCode) -> list[str]:
    return [
        f"{name.removeprefix('0/')} was not kept ({why}); what is written may be another version"
        for name, why in code.skipped.items()
    ]


def export_commit(repository: Path, commit: str, target: Path, problems: list[str]) -> None:
    """Check a commit out into a folder, without touching the repository's index or work tree.

    Raises:
        EpochlogError: git refuses.
    """
    with tempfile.TemporaryDirectory(prefix="epochlog-") as folder:
        index = {**os.environ, "GIT_INDEX_FILE": str(Path(folder, "index")), "LC_ALL": "C"}
        for name in ("GIT_DIR", "GIT_WORK_TREE"):
            index.pop(name, None)
        _run_git(repository, index, "read-tree", commit)
        work_tree = f"--work-tree={target.resolve()}"
        _run_git(repository, index, work_tree, "checkout-index", "--all", "--force", "--quiet")
        modules = _run_git(repository, index, "ls-files", "--stage", "-z")
    for entry in filter(None, modules.split(b"\0")):
        facts, _, path = entry.partition(b"\t")
        mode, digest, _ = facts.decode().split(" ")
        if mode == "160000":
            _export_submodule(repository, os.fsdecode(path), digest, target, problems)


def _export_submodule(
    repository: Path, name: str, commit: str, target: Path, problems: list[str]
) -> None:
    folder = target / name
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if not (repository / name / ".git").exists():
            raise EpochlogError("it is not checked out")
        export_commit(repository / name, commit, folder, problems)
    except EpochlogError as error:
        problems.append(f"submodule {name} at {commit[:12]} can't be written: {error}")


def _run_git(repository: Path, environment: dict[str, str], *arguments: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-c", f"core.hooksPath={os.devnull}", "-c", "core.sparseCheckout=false",
             *arguments],
            cwd=repository, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
            check=False,
        )  # fmt: skip
    except OSError as error:
        raise EpochlogError(f"git can't be started: {error}") from error
    if done.returncode:
        message = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise EpochlogError(f"git {arguments[-1]} in {repository}: {message}")
    return done.stdout


def _write_file(file: KeptFile, code: RunCode, written: Written, changed: set[str]) -> bool:
    path = _inside(written.roots[file.root], file.path) if file.root < len(written.roots) else None
    if path is None:
        written.problems.append(f"{file.path!r} would lie outside of the folder: not written")
        return False
    if file.redacted and path.exists() and not (file.root == 0 and file.path in changed):
        return False  # git's version is the whole one
    try:
        content = file.read_bytes()
    except StoreError as error:
        written.problems.append(f"{file.path} can't be read: {error}")
        return False
    if file.redacted:
        original = _original(Path(code.roots[file.root], file.path), content)
        if original is None:
            written.problems.append(
                f"secrets were taken out of {path}: put them back where it says ***"
            )
        content = original or content
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink():
        path.unlink()
    path.write_bytes(content)
    if file.executable:
        path.chmod(path.stat().st_mode | 0o111)
    return True


def _original(path: Path, clean: bytes) -> bytes | None:
    """Return the file with its secrets if it is still here and otherwise the same."""
    try:
        content = path.read_bytes()
        same = redact_text(content.decode(), code=True).encode() == clean
    except (OSError, UnicodeDecodeError):
        return None
    return content if same else None


def _inside(root: Path, name: str) -> Path | None:
    """Return the path of a file below ``root``; None if it would lie outside."""
    path = root / name
    return path if path.parent.resolve().is_relative_to(root.resolve()) else None


def link_data(names: list[str], code: RunCode, written: Written) -> list[str]:
    """Link files and folders of the original project into the copy; return what was linked.

    Args:
        names: paths, absolute or below the project's folder.
        code: of the run.
        written: the copy; what is missing becomes a problem of it.
    """
    linked: list[str] = []
    for name in names:
        source = Path(code.roots[0] if code.roots else ".", name)
        home = next((n for n, root in enumerate(code.roots) if source.is_relative_to(root)), None)
        if home is None or not source.exists():
            written.problems.append(f"{source} can't be linked: it is gone or outside the project")
            continue
        target = written.roots[home] / source.relative_to(code.roots[home])
        if target.exists() or target.is_symlink():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(source.resolve(), target_is_directory=source.is_dir())
        linked.append(str(target))
    return linked


def empty_folder(into: Path, *, force: bool) -> None:
    """Make the folder.

    Raises:
        EpochlogError: it exists, is not empty, and ``force`` is False.
    """
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        if not force or not (into / "reproduce.json").is_file():
            raise EpochlogError(
                f"{into} exists and is not empty; choose another folder with --into, or --force "
                "to replace what an earlier reproduction wrote"
            )
        shutil.rmtree(into)
    into.mkdir(parents=True, exist_ok=True)
