"""Copy the artifacts of runs into a folder, never outside of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from epochlog.base.errors import EpochlogError, StoreError
from epochlog.cli import formats
from epochlog.query.artifacts import ArtifactView
from epochlog.query.run_view import RunView

_UNSAFE = re.compile(r'[\x00-\x1f<>:"|?*\\]')


def download_artifacts(runs: Iterable[RunView], to: Path, *, force: bool = False) -> Iterator[str]:
    """Copy what the runs produced to ``to``/RUN/NAME; yield a line for each.

    Of several versions of one name, the latest gets the bare name, others ``NAME.v1`` …

    Raises:
        EpochlogError: there is nothing to copy, or a file exists and ``force`` is False.
    """
    copied = 0
    for run in runs:
        latest = {
            each.name: max(e.version for e in run.artifacts if e.name == each.name)
            for each in run.artifacts
        }
        for each in run.artifacts:
            name = (
                each.name if each.version == latest[each.name] else f"{each.name}.v{each.version}"
            )
            target = to / safe_path(run.name or run.id) / safe_path(name)
            line = _copy(each, target, force=force)
            copied += not line.startswith("skipped")
            yield line
    if not copied:
        raise EpochlogError("none of these runs has an artifact whose content is in the store")


def _copy(each: ArtifactView, target: Path, *, force: bool) -> str:
    if target.exists() and not force:
        raise EpochlogError(f"{target} exists; --force overwrites it")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        if each.files:
            target.mkdir(exist_ok=True)
        written = each.download(target)
    except StoreError as error:
        return f"skipped {formats.clean(each.name)}: {error}"
    return f"{written}  {formats.size(each.size)}"


def safe_path(name: str) -> Path:
    """Return a relative path for a name; what could lead elsewhere is taken out."""
    parts = [_UNSAFE.sub("_", part).strip() for part in re.split(r"[/\\]+", name)]
    kept = [part for part in parts if part not in ("", ".", "..")]
    return Path(*kept) if kept else Path("_")
