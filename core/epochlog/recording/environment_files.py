"""Find what pins a project's environment: lock files, requirements, Dockerfiles."""

from __future__ import annotations

import fnmatch
import hashlib
import os
from pathlib import Path
from typing import Any

from epochlog.base.redaction import redact_text

PATTERNS = (
    "requirements*.txt",
    "constraints*.txt",
    "pylock*.toml",
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "Pipfile.lock",
    "Pipfile",
    "pixi.lock",
    "pixi.toml",
    "conda-lock.yml",
    "environment*.y*ml",
    "conda*.y*ml",
    "pyproject.toml",
    "setup.cfg",
    ".python-version",
    "Dockerfile",
    "Dockerfile.*",
    "*.Dockerfile",
    "Containerfile",
    "Singularity*",
    "*.def",
)
FILES_MAX, ENTRIES_MAX, FOLDERS_MAX = 30, 5000, 8
BYTES_MAX = 16 * 2**20
"""Larger files are named without a hash."""
TEXT_BYTES_MAX = 64 * 1024
"""Texts up to this size are kept, without secrets; of larger ones the hash."""


def find_environment_files(directory: Path) -> dict[str, dict[str, Any]]:
    """Return path -> size, SHA-256 and text of what pins the environment of a project.

    Looked at are the folder and those above it up to the top of the git work tree (without one:
    the folder alone).
    """
    folders = _folders(directory)
    found: dict[str, dict[str, Any]] = {}
    for folder in folders:
        for name in _names(folder):
            if len(found) >= FILES_MAX:
                return found
            path = folder / name
            facts = _facts(path)
            if facts:
                found[os.path.relpath(path, folders[-1])] = facts
    return found


def _folders(directory: Path) -> list[Path]:
    chain = [directory, *directory.parents][:FOLDERS_MAX]
    top = next((n for n, folder in enumerate(chain) if (folder / ".git").exists()), 0)
    return chain[: top + 1]


def _names(folder: Path) -> list[str]:
    names: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for count, entry in enumerate(entries):
                if count >= ENTRIES_MAX:
                    break
                if any(fnmatch.fnmatchcase(entry.name, pattern) for pattern in PATTERNS):
                    names.append(entry.name)
    except OSError:
        return []
    return sorted(names)


def _facts(path: Path) -> dict[str, Any]:
    try:
        if not path.is_file():
            return {}
        size = path.stat().st_size
        if size > BYTES_MAX:
            return {"bytes": size}
        content = path.read_bytes()
    except OSError:
        return {}
    facts: dict[str, Any] = {"bytes": size, "sha256": hashlib.sha256(content).hexdigest()}
    if size <= TEXT_BYTES_MAX:
        facts["text"] = redact_text(content.decode("utf-8", "replace"), code=True)
    return facts
