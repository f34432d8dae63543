"""Settings: arguments over environment variables over epochlog.toml over pyproject.toml over defaults."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from epochlog.base.errors import SettingsError

STORE_FOLDER = ".epochlog"
ENV_PREFIX = "EPOCHLOG_"
RUN_ID_ENV = "EPOCHLOG_RUN_ID"
"""A process started with this variable joins that run (torchrun, DDP ranks, CI steps)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults; every field can be set as ``EPOCHLOG_<FIELD>``.

    Attributes:
        store: folder or database URL; "" finds ``.epochlog`` upward from the working directory,
            else makes one at the top of the git work tree, else in the working directory.
        blobs: fsspec URL for artifacts; "" keeps them in the store's folder.
        project, experiment: where new runs go.
        disable: integrations that stay off.
        options: per integration, e.g. ``{"sklearn": {"models": False}}``.
        flush_interval_s: pause of the thread that moves the journal into the store.
        journal_segment_bytes: a new journal file is begun beyond this size, once the old is stored.
        journal_max_bytes: the journal grows to this while the store is away; then the oldest
            metric points give way and are counted.
        ring_events_max: events kept in memory while the disk is full.
        finish_timeout_s: the longest that the end of a process waits for the store.
        fsync_interval_s: how often the journal is forced to disk (bounds loss in a power cut).
        heartbeat_interval_s: how often a writer says that it lives.
        budget_share, budget_floor_s: optional work after a fit may take this share of the fit's own
            time, and at least the floor.
        hardware: sample the machine while a run is open.
    """

    store: str = ""
    blobs: str = ""
    project: str = "default"
    experiment: str = "default"
    disable: tuple[str, ...] = ()
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    flush_interval_s: float = 0.5
    journal_segment_bytes: int = 64 * 2**20
    journal_max_bytes: int = 4 * 2**30
    ring_events_max: int = 10_000
    finish_timeout_s: float = 30.0
    fsync_interval_s: float = 5.0
    heartbeat_interval_s: float = 10.0
    budget_share: float = 0.05
    budget_floor_s: float = 0.25
    hardware: bool = True


def load_settings(directory: Path | None = None, **overrides: Any) -> Settings:
    """Return the settings that hold in ``directory`` (default: the working directory).

    Raises:
        SettingsError: an unknown name or a value of the wrong kind, with its source.
    """
    directory = directory or Path.cwd()
    settings = Settings()
    for source, values in (
        *_from_files(directory),
        ("environment", _from_environment()),
        ("arguments", overrides),
    ):
        settings = replace(
            settings, **{k: _convert(k, v, source) for k, v in values.items() if v is not None}
        )
    return settings


def _from_environment() -> dict[str, Any]:
    names = {f.name for f in fields(Settings)} - {"options"}
    return {n: os.environ[v] for n in sorted(names) if (v := ENV_PREFIX + n.upper()) in os.environ}


def _from_files(directory: Path) -> list[tuple[str, dict[str, Any]]]:
    """Read the nearest pyproject.toml [tool.epochlog] and epochlog.toml, upward from ``directory``."""
    found: list[tuple[str, dict[str, Any]]] = []
    for name, path_in_file in (("pyproject.toml", ("tool", "epochlog")), ("epochlog.toml", ())):
        for folder in (directory, *directory.parents):
            if (file := folder / name).is_file():
                found.append((str(file), _read_table(file, path_in_file)))
                break
    return found


def _read_table(file: Path, path_in_file: tuple[str, ...]) -> dict[str, Any]:
    try:
        table: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        if file.name == "pyproject.toml":  # somebody else's file; its owner's tools will complain
            return {}
        raise SettingsError(f"{file} is not readable as TOML: {error}") from error
    for key in path_in_file:
        table = table.get(key, {})
    return table


def _convert(name: str, value: Any, source: str) -> Any:
    default = {f.name: f for f in fields(Settings)}.get(name)
    if default is None:
        known = ", ".join(f.name for f in fields(Settings))
        raise SettingsError(f"unknown setting {name!r} in {source}; known settings: {known}")
    kind = str(default.type)
    try:
        if kind == "bool":
            return value if isinstance(value, bool) else _to_bool(value)
        if kind in ("int", "float"):
            return int(value) if kind == "int" else float(value)
        if kind.startswith("tuple"):
            return tuple(value.replace(",", " ").split() if isinstance(value, str) else value)
        return str(value) if kind == "str" else dict(value)
    except (TypeError, ValueError) as error:
        raise SettingsError(
            f"setting {name!r} in {source} must be {kind}, not {value!r}"
        ) from error


def _to_bool(value: Any) -> bool:
    text = str(value).strip().lower()
    if text in ("1", "true", "yes", "on"):
        return True
    if text in ("0", "false", "no", "off", ""):
        return False
    raise ValueError(text)


def find_store(directory: Path | None = None) -> Path:
    """Return the store folder that a run started in ``directory`` uses (it need not exist yet)."""
    directory = (directory or Path.cwd()).resolve()
    folders = (directory, *directory.parents)
    for folder in folders:
        if (folder / STORE_FOLDER).is_dir():
            return folder / STORE_FOLDER
    for folder in folders:
        if (folder / ".git").exists():
            return folder / STORE_FOLDER
    return directory / STORE_FOLDER


def locate(settings: Settings, directory: Path | None = None) -> tuple[str, Path, str]:
    """Return ``(database URL, local root folder, blob URL)`` for the settings."""
    store = settings.store
    if "://" not in store:
        root = Path(store).expanduser().resolve() if store else find_store(directory)
        return f"sqlite:///{root / 'epochlog.db'}", root, settings.blobs or str(root / "blobs")
    parts = urlsplit(store)
    if parts.scheme == "sqlite":
        root = Path(parts.path.removeprefix("/")).resolve().parent
    else:
        root = find_store(directory)
    return store, root, settings.blobs or str(root / "blobs")
