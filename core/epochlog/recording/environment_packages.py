"""Find the installed distributions, and where those come from that no index knows."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from epochlog.base.redaction import redact_url
from epochlog.recording.code_state import capture_git

ENTRIES_MAX = 20_000
"""Entries looked at in one folder of ``sys.path``; a script may well lie among a million images."""
EDITABLE_MAX = 10
"""Editable installs whose git state is asked for (some 20 ms each)."""
_GIT_FACTS = ("commit", "branch", "dirty", "changed", "remote")


def find_packages() -> dict[str, str]:
    """Return the installed distributions, name to version, from the names of their folders.

    Reading each one's metadata file would cost a hundred times more. The first on ``sys.path``
    counts, as it does for imports. Names are normalized (PEP 503): ``scikit_learn`` is
    ``scikit-learn``.
    """
    return {name: version for name, (version, _) in _found().items()}


def find_direct_packages() -> dict[str, dict[str, Any]]:
    """Return the distributions that were not installed from an index: name -> where from.

    Keys of each: ``url`` (without credentials), ``commit`` of a VCS, ``editable``, and for an
    editable install ``git``: commit, branch, dirty, number of changed files, remote.
    """
    found: dict[str, dict[str, Any]] = {}
    asked = 0
    for name, (_, folder) in _found().items():
        facts = _direct(folder)
        if not facts:
            continue
        found[name] = facts
        if facts.get("editable") and asked < EDITABLE_MAX:
            asked += 1
            git = capture_git(Path(unquote(urlsplit(facts["url"]).path)))
            if git.get("commit"):
                facts["git"] = {key: git[key] for key in _GIT_FACTS if key in git}
    return found


def find_conda_packages(prefix: str) -> dict[str, str]:
    """Return what conda installed into an environment, name to version and build.

    Libraries that are no Python distributions (CUDA, MKL) are known to conda alone.
    """
    found: dict[str, str] = {}
    for path in sorted(Path(prefix, "conda-meta").glob("*.json"))[:ENTRIES_MAX]:
        name, _, rest = path.stem.rpartition("-")[0].rpartition("-")
        if name:
            found[name] = f"{rest} {path.stem.rpartition('-')[2]}"
    return found


def _direct(folder: str) -> dict[str, Any]:
    """Return what PEP 610's ``direct_url.json`` says, {} if there is none."""
    try:
        text = Path(folder, "direct_url.json").read_text("utf-8")
        said = json.loads(text)
    except (OSError, ValueError):
        return {}
    if not isinstance(said, dict) or not isinstance(said.get("url"), str):
        return {}
    facts: dict[str, Any] = {"url": redact_url(said["url"])}
    vcs, local = said.get("vcs_info"), said.get("dir_info")
    if isinstance(vcs, dict) and vcs.get("commit_id"):
        facts["commit"] = str(vcs["commit_id"])
    if isinstance(local, dict) and local.get("editable"):
        facts["editable"] = True
    return facts


def _found() -> dict[str, tuple[str, str]]:
    """Return name -> (version, folder of its metadata), sorted by name."""
    found: dict[str, tuple[str, str]] = {}
    for folder in dict.fromkeys(sys.path):
        if folder:
            for name, facts in _found_in(folder).items():
                found.setdefault(name, facts)
    return dict(sorted(found.items()))


def _found_in(folder: str) -> dict[str, tuple[str, str]]:
    here: dict[str, tuple[str, str]] = {}
    try:
        with os.scandir(folder) as entries:
            for count, entry in enumerate(entries):
                if count >= ENTRIES_MAX:
                    break
                stem, _, ending = entry.name.rpartition(".")
                if ending in ("dist-info", "egg-info"):
                    name, _, version = stem.partition("-")
                    name = re.sub(r"[-_.]+", "-", name).lower()
                    here[name] = version.partition("-py")[0], entry.path
    except OSError:  # a zip file, or a folder that is gone
        return {}
    return here
