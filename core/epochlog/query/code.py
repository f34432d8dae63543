"""Read the code of a run: the files that were kept, those of its commit, the diff of two runs."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epochlog.base.errors import StoreError
from epochlog.base.redaction import redact_text
from epochlog.query.artifacts import ArtifactView
from epochlog.recording.git import ask_git, ask_git_names

if TYPE_CHECKING:
    from epochlog.query.run_view import RunView

DIFF_BYTES_MAX = 2**20
"""Of larger files a diff only says that they differ."""

FILE_NAMES_MAX = 5000


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of the code that the store holds.

    Attributes:
        root: number of the folder it was in; 0 is the project's.
        path: where in it.
        state: changed or untracked (git knows the rest), imported, script or argument.
        redacted: secrets were taken out, so this is not quite what ran.
        executable: whether it could be run as a program.
    """

    root: int
    path: str
    state: str
    redacted: bool
    executable: bool
    _artifact: ArtifactView
    _name: str

    def read_bytes(self) -> bytes:
        """Return the content.

        Raises:
            StoreError: the store lost it.
        """
        return self._artifact.read_bytes(self._name)


class RunCode:
    """The code of a run; of a run inside another, that of the outermost.

    Attributes:
        facts: commit, script, arguments …: ``RunView.code``.
        roots: folders that files were in; the first is the project's.
    """

    def __init__(self, run: RunView) -> None:
        self.run = run if run.code else run.root
        self.facts: Mapping[str, Any] = self.run.code
        self.git: Mapping[str, Any] = self.facts.get("git") or {}
        kept = self.facts.get("files") or {}
        self.roots: list[str] = [str(root) for root in kept.get("roots") or ()]
        self.import_path: list[str] = [str(entry) for entry in kept.get("path") or ()]
        self.skipped: dict[str, str] = dict(kept.get("skipped") or {})
        self._kept: Mapping[str, Any] = kept.get("files") or {}

    @property
    def commit(self) -> str:
        """The commit that was checked out; "" if there was none."""
        return str(self.git.get("commit") or "")

    @cached_property
    def files(self) -> list[KeptFile]:
        """The files that the store holds, sorted by root and path."""
        found: dict[str, KeptFile] = {}
        for each in self.run.inputs:
            if each.type == "code" and each.files and each.state == "live":
                for name in each.files:
                    if name in self._kept:
                        found.setdefault(name, self._file(name, each))
        return [found[name] for name in sorted(found)]

    def _file(self, name: str, artifact: ArtifactView) -> KeptFile:
        root, _, path = name.partition("/")
        facts = self._kept[name]
        redacted, executable = bool(facts.get("redacted")), bool(facts.get("executable"))
        state = str(facts.get("state", ""))
        return KeptFile(int(root), path, state, redacted, executable, artifact, name)

    @cached_property
    def cells(self) -> str:
        """Notebook cells in the order in which they were executed; "" if there were none."""
        found = [each for each in self.run.inputs if each.type == "code" and not each.files]
        if not found or found[-1].state != "live":
            return ""
        try:
            return found[-1].read_text()
        except StoreError as error:
            return f"# {error}\n"

    def repository(self, *places: str | Path) -> Path | None:
        """Return a folder where git has this run's commit, None if none of those known has.

        Args:
            *places: folders to look in, after the one that the run had.
        """
        if not self.commit:
            return None
        for place in (str(self.git.get("top") or ""), *map(str, places)):
            if place and os.path.isdir(place):  # noqa: PTH112
                found, _ = ask_git(Path(place), "cat-file", "-e", f"{self.commit}^{{commit}}")
                if found is not None:
                    return Path(place)
        return None


def code_diff(one: RunView, other: RunView, *places: str | Path) -> str:
    """Return what differs between the code of two runs as a unified diff; "" if nothing does.

    Commits are compared where git still has both; the files that the store holds count before
    them. Secrets are taken out.

    Args:
        one: the run on the side of ``-``.
        other: the run on the side of ``+``.
        *places: folders of git repositories to look in, besides those that the runs had.
    """
    codes = (RunCode(one), RunCode(other))
    sides = [_Side(code, code.repository(*places, *_tops(codes))) for code in codes]
    lines: list[str] = []
    commits = [code.commit for code in codes]
    if commits[0] != commits[1]:
        lines.append(f"# commit {commits[0][:12] or '(none)'} → {commits[1][:12] or '(none)'}\n")
    both = None not in (sides[0].repository, sides[1].repository)
    if commits[0] != commits[1] and all(commits) and not both:
        lines.append("# git no longer has both commits: only files that the store holds\n")
    for name in sorted({*sides[0].names, *sides[1].names, *_between(sides)}):
        lines += _file_diff(name, sides, (one.name, other.name))
    cells = [code.cells for code in codes]
    lines += _unified("notebook cells", cells[0], cells[1], (one.name, other.name))
    return "".join(lines)


class _Side:
    """One run's files by name: the path in the project, ``FOLDER:path`` for those elsewhere."""

    def __init__(self, code: RunCode, repository: Path | None) -> None:
        self.code, self.repository = code, repository
        self.kept = {self._label(file): file for file in code.files}
        self.deleted = set(code.git.get("deleted") or ())
        self.names = {*self.kept, *self.deleted}

    def _label(self, file: KeptFile) -> str:
        if file.root == 0:
            return file.path
        return f"{Path(self.code.roots[file.root]).name}:{file.path}"

    def content(self, name: str) -> bytes | None:
        """Return a file without secrets; None if there was no such file."""
        if name in self.kept:
            return self.kept[name].read_bytes()
        if name in self.deleted or self.repository is None:
            return None
        found, _ = ask_git(self.repository, "cat-file", "blob", f"{self.code.commit}:{name}")
        return found

    def knows(self, name: str) -> bool:
        """Return whether it can be told if the run had this file."""
        return name in self.names or self.repository is not None or not self.code.commit


def _tops(codes: Iterable[RunCode]) -> list[str]:
    return [str(code.git.get("top") or "") for code in codes]


def _between(sides: list[_Side]) -> list[str]:
    """Return the names that differ between two commits which git has."""
    one, two = sides
    commits = (one.code.commit, two.code.commit)
    if one.repository is None or two.repository is None or commits[0] == commits[1]:
        return []
    names, _ = ask_git_names(
        one.repository, "diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", *commits
    )
    return [os.fsencode(n).decode("utf-8", "replace") for n in (names or ())][:FILE_NAMES_MAX]


def _file_diff(name: str, sides: list[_Side], runs: tuple[str, str]) -> Iterator[str]:
    for place, side in enumerate(sides):
        if not side.knows(name):
            if sides[1 - place].kept[name].state in ("changed", "untracked", "script"):
                yield f"# {name}: not known how it was in {runs[place]}\n"
            return
    try:
        contents = [side.content(name) for side in sides]
    except StoreError as error:  # one lost file does not hide what is known of the others
        yield f"# {name}: can't be compared: {error}\n"
        return
    if contents[0] == contents[1]:
        return
    try:
        texts = [(content or b"").decode() for content in contents]
    except UnicodeDecodeError:
        yield f"# {name}: binary files differ\n"
        return
    if max(map(len, texts)) > DIFF_BYTES_MAX:
        yield f"# {name}: differs, too long to show\n"
        return
    clean = [redact_text(text, code=True) for text in texts]
    missing = tuple(content is None for content in contents)
    yield from _unified(name, clean[0], clean[1], runs, missing)


def _unified(
    name: str,
    one: str,
    two: str,
    runs: tuple[str, str],
    missing: tuple[bool, ...] = (False, False),
) -> Iterator[str]:
    names = [f"{mark}/{name}" for mark in "ab"]
    before, after = (
        "/dev/null" if gone else label for gone, label in zip(missing, names, strict=True)
    )
    for line in difflib.unified_diff(
        one.splitlines(keepends=True), two.splitlines(keepends=True), before, after, *runs
    ):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
