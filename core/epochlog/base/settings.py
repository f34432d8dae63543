"""Settings: arguments over environment over epochlog.toml over pyproject.toml over defaults."""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from epochlog.base.errors import SettingsError

STORE_FOLDER = ".epochlog"
ENV_PREFIX = "EPOCHLOG_"
RUN_ID_ENV = "EPOCHLOG_RUN_ID"
"""A process started with this variable joins that run (torchrun, DDP ranks, CI steps)."""

CAPTURES = ("console", "code", "environment", "data", "arguments")
"""What surrounds a run and may be left out; see `Settings.capture`."""


Lines = tuple[str, ...]
"""Texts that may hold spaces and commas."""


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
        flush_interval_s: shortest pause of the thread that moves the journal into the store; it
            rests up to 5 s while little is waiting.
        first_flush_s: its first pause. Importing the database's driver costs a core some 0.3 s,
            which a short fit would feel; readers bring in what is not stored yet by themselves.
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
        sample_rows: so many rows of each data set are kept as they are; 0 keeps none.
        redact_columns: patterns of column names (``*mail*``) of which no value and no statistic is
            kept; columns that are named like secrets are hidden anyway.
        capture: what is recorded of a run's surroundings; names of `CAPTURES`. "all" or True is
            everything, "none" or False nothing, and ``"-console"`` all the others.
            console: what is printed; code: commit, changes, script; environment: interpreter,
            machine, packages, chosen variables; data: statistics and sample rows of data sets;
            arguments: the command line.
        console_bytes: of a run's console so much is kept from its beginning, and as much from its
            end; in between lines are left out, and counted.
        console_relay: at a terminal or into a pipe, too, all that is printed is captured, C
            libraries and child processes included: a small process stands in between.
        allow_stop: trainings end early, and in order, when ``epochlog stop`` or a watchdog asks.
        watch: rules of watchdogs, e.g. ``"plateau metric=val/loss patience=5 -> print stop"``;
            in one text they are separated by ``;``. They come on top of three quiet ones, which
            ``"-stalled"`` leaves out one by one, and ``"none"`` all.
        watch_command: what the action ``command`` runs: split like a shell would, the finding in
            ``EPOCHLOG_WATCH_TEXT``, ``…_RUN``, ``…_NAME``, ``…_RULE`` and as JSON on its input.
        watch_webhook: URL to which the action ``webhook`` posts the finding as JSON.
    """

    store: str = ""
    blobs: str = ""
    project: str = "default"
    experiment: str = "default"
    disable: tuple[str, ...] = ()
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    flush_interval_s: float = 0.5
    first_flush_s: float = 3.0
    journal_segment_bytes: int = 64 * 2**20
    journal_max_bytes: int = 4 * 2**30
    ring_events_max: int = 10_000
    finish_timeout_s: float = 30.0
    fsync_interval_s: float = 5.0
    heartbeat_interval_s: float = 10.0
    budget_share: float = 0.05
    budget_floor_s: float = 0.25
    hardware: bool = True
    sample_rows: int = 5
    redact_columns: tuple[str, ...] = ()
    capture: frozenset[str] = frozenset(CAPTURES)
    console_bytes: int = 2**20
    console_relay: bool = False
    allow_stop: bool = False
    watch: Lines = ()
    watch_command: str = ""
    watch_webhook: str = ""


def load_settings(directory: Path | None = None, **overrides: Any) -> Settings:
    """Return the settings that hold in ``directory`` (default: the working directory).

    Raises:
        SettingsError: an unknown name or a value of the wrong kind, with its source.
    """
    settings = Settings()
    for source, values in settings_sources(directory, **overrides):
        given = {k: _convert(k, v, source) for k, v in values.items() if v is not None}
        if "options" in given:  # option by option, not one table instead of the other
            given["options"] = _merged(settings.options, given["options"])
        settings = replace(settings, **given)
    return settings


def _merged(
    options: Mapping[str, Mapping[str, Any]], over: Mapping[str, Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    return {name: {**options.get(name, {}), **over.get(name, {})} for name in {**options, **over}}


def settings_sources(
    directory: Path | None = None, **overrides: Any
) -> list[tuple[str, dict[str, Any]]]:
    """Return (where from, values as they stand there), the weakest first; later ones win."""
    return [
        *_from_files(directory or Path.cwd()),
        ("environment", _from_environment()),
        ("arguments", overrides),
    ]


def _from_environment() -> dict[str, Any]:
    """Read the variables; an empty one is as good as none."""
    names = sorted({f.name for f in fields(Settings)} - {"options"})
    return {n: value for n in names if (value := os.environ.get(ENV_PREFIX + n.upper()))}


def _from_files(directory: Path) -> list[tuple[str, dict[str, Any]]]:
    """Read the nearest pyproject.toml [tool.epochlog] and epochlog.toml, going upward."""
    found: list[tuple[str, dict[str, Any]]] = []
    for name, path_in_file in (("pyproject.toml", ("tool", "epochlog")), ("epochlog.toml", ())):
        for folder in (directory, *directory.parents):
            if (file := folder / name).is_file():
                table = _read_table(file, path_in_file)
                if table is None:  # a pyproject.toml that doesn't speak of us; a parent's may
                    continue
                found.append((str(file), _with_absolute_paths(table, folder)))
                break
    return found


def _with_absolute_paths(table: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the table with relative paths made absolute: they are meant from the file's folder."""
    paths = {
        key: str(folder / Path(value).expanduser())
        for key in ("store", "blobs")
        if isinstance(value := table.get(key), str) and value and "://" not in value
    }
    return {**table, **paths}


def _read_table(file: Path, path_in_file: tuple[str, ...]) -> dict[str, Any] | None:
    try:
        table: Any = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        if file.name == "pyproject.toml":  # somebody else's file; its owner's tools will complain
            return None
        raise SettingsError(f"{file} is not readable as TOML: {error}") from error
    for key in path_in_file:
        table = table.get(key) if isinstance(table, dict) else None
    if table is not None and not isinstance(table, dict):
        raise SettingsError(f"[{'.'.join(path_in_file)}] in {file} must be a table, not {table!r}")
    return table


def _convert(name: str, value: Any, source: str) -> Any:
    default = {f.name: f for f in fields(Settings)}.get(name)
    if default is None:
        raise SettingsError(f"unknown setting {name!r} in {source}; {_known_settings(name)}")
    kind = str(default.type).partition("[")[0]
    try:
        return _READERS[kind](value)
    except (TypeError, ValueError) as error:
        raise SettingsError(
            f"setting {name!r} in {source} must be {_KIND_NAMES[kind]}, not {value!r}"
        ) from error


def _known_settings(name: str) -> str:
    import difflib  # only a mistake needs it

    known = [f.name for f in fields(Settings)]
    close = difflib.get_close_matches(name.lower().replace("-", "_"), known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known settings: {', '.join(known)}"


def _to_int(value: Any) -> int:
    number = int(value)
    if isinstance(value, bool) or number < 0 or (isinstance(value, float) and number != value):
        raise ValueError(value)
    return number


def _to_float(value: Any) -> float:
    number = float(value)
    if isinstance(value, bool) or not 0 <= number < math.inf:
        raise ValueError(value)
    return number


def _to_text(value: Any) -> str:
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(value)
    return os.fspath(value)


def _to_names(value: Any) -> tuple[str, ...]:
    names = value.replace(",", " ").split() if isinstance(value, str) else tuple(value)
    return tuple(map(_to_text, names))


def to_lines(value: Any) -> Lines:
    """Return texts that stand in one, separated by ``;`` or line ends, or in a list."""
    if isinstance(value, bool):
        return () if value else ("none",)
    lines = value.replace("\n", ";").split(";") if isinstance(value, str) else tuple(value)
    return tuple(text for line in lines if (text := _to_text(line).strip()))


def _to_options(value: Any) -> dict[str, dict[str, Any]]:
    return {_to_text(name): dict(options) for name, options in dict(value).items()}


def _to_bool(value: Any) -> bool:
    text = str(value).strip().lower()
    if text in ("1", "true", "yes", "on"):
        return True
    if text in ("0", "false", "no", "off", ""):
        return False
    raise ValueError(text)


def _to_captures(value: Any) -> frozenset[str]:
    """Read names of `CAPTURES`; names with a minus are taken from all."""
    if isinstance(value, bool):
        return frozenset(CAPTURES if value else ())
    names = _to_names(value)
    if len(names) == 1 and names[0].lower() in _CAPTURE_SWITCHES:
        return frozenset(CAPTURES if _CAPTURE_SWITCHES[names[0].lower()] else ())
    chosen = {name for name in names if not name.startswith("-")}
    without = {name[1:] for name in names if name.startswith("-")}
    if unknown := (chosen | without) - set(CAPTURES):
        raise ValueError(unknown)
    return frozenset((chosen or set(CAPTURES if without else ())) - without)


_CAPTURE_SWITCHES = {
    **dict.fromkeys(("all", "true", "on", "yes", "1"), True),
    **dict.fromkeys(("none", "false", "off", "no", "0"), False),
}

_READERS: dict[str, Callable[[Any], Any]] = {
    "bool": _to_bool,
    "int": _to_int,
    "float": _to_float,
    "str": _to_text,
    "tuple": _to_names,
    "Lines": to_lines,
    "frozenset": _to_captures,
    "Mapping": _to_options,
}
_KIND_NAMES = {
    "bool": "true or false",
    "int": "a whole number, not negative",
    "float": "a number, not negative",
    "str": "a text",
    "tuple": "a list of names",
    "Lines": "a text or a list of texts",
    "frozenset": f"all, none, or names out of {', '.join(CAPTURES)}",
    "Mapping": "a table of tables (integration, option)",
}


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
    """Return ``(database URL, local root folder, blob URL)`` for the settings.

    Raises:
        SettingsError: the URL of the store names no place.
    """
    store = settings.store
    if "://" not in store:
        root = Path(store).expanduser().resolve() if store else find_store(directory)
        return f"sqlite:///{root / 'epochlog.db'}", root, settings.blobs or str(root / "blobs")
    parts = urlsplit(store)
    if parts.scheme.partition("+")[0] == "sqlite":
        if parts.path in ("", "/", "/:memory:"):
            raise SettingsError(f"the store {store!r} is in memory; a store has to be a file")
        root = Path(parts.path.removeprefix("/")).resolve().parent
    else:
        root = find_store(directory)
    return store, root, settings.blobs or str(root / "blobs")
