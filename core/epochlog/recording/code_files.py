"""Choose the source files that a run needs besides the commit, and read them without secrets."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from epochlog.base.redaction import is_secret_key, redact_text
from epochlog.recording.first_party import (
    imported_files,
    is_first_party,
    is_install_target,
    root_of,
)
from epochlog.recording.git import ask_git_names

# ruff: noqa: SIM905 - a text of words is easier to read than a list of literals

FILE_BYTES_MAX, TEXT_BYTES_MAX = 2**20, 2**18
TOTAL_BYTES_MAX = 16 * 2**20
FILES_MAX, UNTRACKED_MAX, SKIPPED_MAX, ROOTS_MAX = 2000, 500, 200, 20
SECONDS_MAX = 5.0

FOLDER_ALGORITHM = "sha256-manifest"
"""How the store digests a folder (`epochlog.store.contents`): equal ones are kept once."""

_PROGRAMS = frozenset(
    ".py .pyi .pyx .pxd .ipynb .sh .bash .zsh .sql .r .jl .c .h .cc .cpp .cxx .hpp .cu .cuh .rs "
    ".go .java .kt .scala .js .ts .proto .cmake .mk .stan .lua .m .f90 .jinja .j2 .tpl".split()
)
_TEXTS = frozenset(
    ".toml .yaml .yml .json .jsonnet .cfg .conf .ini .gin .txt .md .rst .in .lock .xml "
    ".properties".split()
)
_NAMES = frozenset("makefile dockerfile containerfile snakefile procfile justfile".split())


@dataclass(frozen=True, slots=True)
class CodeFile:
    """One file as it was: content without secrets, and why it is kept.

    ``state`` is changed or untracked (git knows the rest), imported, script or argument.
    """

    content: bytes
    state: str
    redacted: bool = False
    executable: bool = False

    @property
    def facts(self) -> dict[str, Any]:
        """What the record of the code says of this file."""
        facts: dict[str, Any] = {"sha256": _sha256(self.content), "state": self.state}
        for name in ("redacted", "executable"):
            if getattr(self, name):
                facts[name] = True
        return facts


@dataclass
class CodeFiles:
    """Files of one process, by ``<number of the root>/<path below it>``.

    Attributes:
        roots: folders; the first is the project's.
        fresh: what was read since the last `take`.
        known: facts about every file that was read.
        skipped: what was not read, and why.
        modules: names of the modules that were looked at, installed ones too.
    """

    roots: list[str]
    fresh: dict[str, CodeFile] = field(default_factory=dict)
    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    deadline: float = 0.0
    bytes_left: int = TOTAL_BYTES_MAX

    def add(self, path: str, state: str) -> None:
        """Read a file, unless it is there already, or say why not."""
        name = self.name_of(path)
        if name is None or name in self.known or name in self.skipped:
            return
        why = self._refusal(name)
        if not why:
            read = _read(path, state, min(_limit(path), self.bytes_left))
            if isinstance(read, CodeFile):
                self.fresh[name], self.known[name] = read, read.facts
                self.bytes_left -= len(read.content)
                return
            why = read
        if why and len(self.skipped) < SKIPPED_MAX:
            self.skipped[name.encode("utf-8", "replace").decode()] = why

    def _refusal(self, name: str) -> str:
        if len(self.known) >= FILES_MAX:
            return f"more than {FILES_MAX} files"
        if time.monotonic() > self.deadline:
            return f"reading took longer than {SECONDS_MAX:g} s"
        try:
            name.encode()
        except UnicodeEncodeError:
            return "its name is not UTF-8"
        return ""

    def name_of(self, path: str) -> str | None:
        """Return the name under which a file is kept; None if it lies in no root."""
        path = os.path.normpath(path)  # "python ../train.py" leaves ".." in names of modules
        for number, root in enumerate(self.roots):
            if path.startswith(root.rstrip(os.sep) + os.sep):
                return f"{number}/{Path(path).relative_to(root).as_posix()}"
        return None

    def add_root(self, folder: Path) -> None:
        """Add a folder that files are imported from, unless it lies in one that is there."""
        text = os.path.normpath(folder)
        inside = any(f"{text}{os.sep}".startswith(r.rstrip(os.sep) + os.sep) for r in self.roots)
        if not inside and len(self.roots) < ROOTS_MAX:
            self.roots.append(text)

    def add_modules(self) -> None:
        """Add the first-party modules that were imported since the last call."""
        self.deadline = max(self.deadline, time.monotonic() + SECONDS_MAX)
        found = imported_files(self.modules)
        for name, path in found.items():
            if self.name_of(path) is None:
                root = root_of(name, path)
                if is_install_target(root):
                    continue
                self.add_root(root)
            self.add(path, "imported")

    def take(self) -> dict[str, CodeFile]:
        """Return what was read since the last call, and forget its content."""
        taken, self.fresh = self.fresh, {}
        return taken

    def facts(self) -> dict[str, Any]:
        """Return what is in the record of the code: roots, import path, files, what is missing."""
        return {
            "roots": list(self.roots),
            "path": self._import_path(),
            "files": dict(sorted(self.known.items())),
            "skipped": dict(sorted(self.skipped.items())),
        }

    def _import_path(self) -> list[str]:
        """Return the entries of ``sys.path`` that lie in a root, as ``<number>/<path>``."""
        found: list[str] = []
        for entry in list(sys.path):
            try:
                path = os.path.abspath(entry) if entry else os.getcwd()  # noqa: PTH100, PTH109
            except (OSError, TypeError, ValueError):  # the working directory is gone; no path
                continue
            for number, root in enumerate(self.roots):
                if path == root:
                    found.append(str(number))
                elif name := self.name_of(path):
                    found.append(name)
                    break
        return list(dict.fromkeys(found))


def collect(code: Mapping[str, Any]) -> CodeFiles:
    """Read what a run needs besides the commit.

    Changed and untracked source files of the git work tree, the script, the first-party modules
    that are imported, and source files that the command line names.

    Args:
        code: what `epochlog.recording.code_state.capture_code` returned.
    """
    git, entry = code.get("git") or {}, code.get("entry") or {}
    found = CodeFiles([_project(code)], deadline=time.monotonic() + SECONDS_MAX)
    script = entry.get("script", "")
    if script and is_first_party(script):
        found.add_root(Path(script).parent)
        found.add(script, "script")
    if git.get("top"):
        top = Path(git["top"])
        for name in git.get("changed_files") or ():
            if os.path.lexists(top / name):
                found.add(str(top / name), "changed")
        for name in _untracked(top, code.get("working_directory", ""), found):
            found.add(str(top / name), "untracked")
    here = entry.get("launched_in") or code.get("working_directory") or ""
    for path in _named(code.get("argv") or (), here):
        found.add(path, "argument")
    found.add_modules()
    return found


def _project(code: Mapping[str, Any]) -> str:
    """Return the project's folder: git's, else where script and working directory meet."""
    git, entry = code.get("git") or {}, code.get("entry") or {}
    if git.get("top"):
        return str(git["top"])
    here = entry.get("launched_in") or code.get("working_directory") or os.getcwd()  # noqa: PTH109
    script = entry.get("script", "")
    if script and is_first_party(script):
        folder = os.path.normpath(Path(script).parent)
        if not f"{folder}{os.sep}".startswith(here.rstrip(os.sep) + os.sep):
            return folder
    return str(here)


def _untracked(top: Path, here: str, found: CodeFiles) -> list[str]:
    """Return untracked source files below ``top``, those below ``here`` first."""
    wanted, _ = ask_git_names(top, "config", "-z", "--get", "status.showUntrackedFiles")
    if wanted == ["no"]:
        return []
    names, why = ask_git_names(top, "ls-files", "--others", "--exclude-standard", "-z")
    if names is None:
        found.skipped["untracked files"] = why
        return []
    sources = sorted(filter(is_source, names), key=lambda name: not _below(top / name, here))
    if len(sources) > UNTRACKED_MAX:
        found.skipped["untracked files"] = f"{len(sources) - UNTRACKED_MAX} more than are kept"
    return sources[:UNTRACKED_MAX]


def _below(path: Path, folder: str) -> bool:
    return str(path).startswith(folder.rstrip(os.sep) + os.sep)


def _named(arguments: Iterable[str], folder: str) -> Iterator[str]:
    """Yield the source files that a command line names: configurations, mostly."""
    for argument in list(arguments)[1:200]:
        for text in {argument, argument.rpartition("=")[2]}:
            if len(text) < 1000 and "\0" not in text and is_source(text):
                path = os.path.normpath(Path(folder, text))
                if os.path.isfile(path) and is_first_party(path):  # noqa: PTH113
                    yield path


def is_source(name: str) -> bool:
    """Return whether a file's name says that people wrote it and that it holds no secrets."""
    base = os.path.basename(name).lower()  # noqa: PTH119
    stem, ending = os.path.splitext(base)  # noqa: PTH122
    if ending in _PROGRAMS or base in _NAMES:
        return True
    return ending in _TEXTS and not is_secret_key(stem)


def _limit(path: str) -> int:
    return TEXT_BYTES_MAX if Path(path).suffix.lower() in _TEXTS else FILE_BYTES_MAX


def _read(path: str, state: str, limit: int) -> CodeFile | str:
    """Return a file, or the reason why it is not kept."""
    try:
        facts = os.lstat(path)
        if stat.S_ISLNK(facts.st_mode) and state in ("changed", "untracked"):
            return "a symbolic link"
        facts = os.stat(path)  # noqa: PTH116
        if not stat.S_ISREG(facts.st_mode):
            return "no regular file"
        if facts.st_size > limit:
            return f"{facts.st_size:,} bytes are too many"
        with open(path, "rb") as file:  # noqa: PTH123
            content = file.read(limit + 1)
    except OSError as error:
        return error.strerror or str(error)
    if len(content) > limit:
        return "too long"
    executable = bool(facts.st_mode & stat.S_IXUSR)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        binary = content.decode("latin-1")
        if redact_text(binary) != binary:
            return "not text, and it may hold secrets"
        return CodeFile(content, state, executable=executable)
    clean = redact_text(text, code=True)
    return CodeFile(clean.encode(), state, redacted=clean != text, executable=executable)


def folder_digest(files: Mapping[str, CodeFile]) -> str:
    """Return the digest that the store will give to a folder of these files."""
    manifest = {name: (_sha256(file.content), len(file.content)) for name, file in files.items()}
    text = json.dumps(manifest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return _sha256(text.encode())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content, usedforsecurity=False).hexdigest()
