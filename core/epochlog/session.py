"""Bring one process's recording up: settings, store, recorder, plugins; and take it down again."""

from __future__ import annotations

import functools
import importlib
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from epochlog.base.errors import SettingsError
from epochlog.base.guard import warn_once
from epochlog.base.settings import Settings, load_settings, locate
from epochlog.contract.sink import Sink, StoreFlavor, StoreLocation
from epochlog.monitoring.arming import arm, split
from epochlog.monitoring.arming import read as read_rules
from epochlog.plugins.activation import Activation
from epochlog.plugins.manager import Problem, announce, get_plugins
from epochlog.plugins.report import Report
from epochlog.recording.active import set_borrowed
from epochlog.recording.console import unwatch_console, watch_console
from epochlog.recording.context import set_session_hooks
from epochlog.recording.recorder import Recorder, configure, get_recorder

HARDWARE = "hardware"


@dataclass(slots=True)
class _Session:
    """What is up in this process."""

    settings: Settings
    location: StoreLocation
    activation: Activation
    problems: list[Problem]


_lock = threading.RLock()
_session: _Session | None = None


def autolog(
    *names: str,
    disable: Iterable[str] = (),
    options: Mapping[str, Mapping[str, Any]] | None = None,
    **settings: Any,
) -> Report:
    """Record every training of every supported framework, imported already or later.

    Imports no framework. A second call changes settings and options and is otherwise without
    effect.

    Args:
        *names: record these frameworks alone, and raise if one can't be recorded; by default all
            that can, and the report says why others can't.
        disable: integrations (or plugins) that stay off, in addition to those of the settings.
        options: per integration, e.g. ``{"sklearn": {"models": False}}``.
        **settings: any field of `epochlog.base.settings.Settings`, e.g. ``store="runs"``; and
            names of integrations: ``keras=False`` is short for ``disable=["keras"]``.
            ``watch`` also takes functions of a run being watched (`Watched`) that return what
            they found, or None.

    Returns:
        What is on, waiting and off, and why; shown when echoed, silent in scripts.

    Raises:
        FrameworkNotFound: a framework named here is not installed, or there is no such integration.
        UnsupportedVersion: a framework named here is too old or too new.
        SettingsError: an unknown setting or option, or a value of the wrong kind.
    """
    disable = (disable,) if isinstance(disable, str) else tuple(disable)
    with _lock:
        set_borrowed(borrowed=False)
        switches = _switches(settings)
        settings["watch"], functions = split(settings.get("watch"))
        loaded = load_settings(**{k: v for k, v in settings.items() if k not in switches})
        session = _configure(loaded, functions=functions)
        off = {*disable, *loaded.disable, *(name for name, on in switches.items() if not on)} | (
            set() if loaded.hardware else {HARDWARE}
        )
        session.problems = _unknown(off, session.activation)
        get_plugins().switch_off(off)
        _check_options(options or {}, session.activation)
        session.activation.arm(names, disable=off, options=_merged(loaded.options, options or {}))
        return report()


def ensure_session() -> Recorder:
    """Return this process's recorder; without `autolog`, arm only what waits for no framework.

    Raises:
        SettingsError: a setting in a file or in the environment is unusable.
    """
    recorder = get_recorder()
    if recorder is not None and _session is not None:
        return recorder
    with _lock:
        settings = load_settings()
        session = _configure(settings)
        off = set(settings.disable) | (set() if settings.hardware else {HARDWARE})
        session.activation.arm_frameworkless(disable=off, options=settings.options)
        return _recorder()


def uninstrument() -> Report:
    """Take epochlog off all frameworks and the console: every patched object is the original."""
    with _lock:
        if _session is not None:
            _session.activation.disarm_all()
        unwatch_console()
        return report()


def report() -> Report:
    """Return what is on, waiting and off in this process right now."""
    session = _session
    if session is None:
        return Report("nothing yet", tuple)
    plugins = get_plugins()
    return Report(
        readable(session.location),
        lambda: list(session.activation.items.values()),
        lambda: [*plugins.problems, *session.problems],
    )


class Exported(dict[str, Any]):
    """What `export` returns; unpickling it in a worker process imports this module."""


def export() -> Exported:
    """Return this session as plain data that `restore` understands in a worker process."""
    session = _session
    if session is None:
        return Exported()
    items = session.activation.items
    return Exported(
        {
            "location": asdict(session.location),
            "settings": {**asdict(session.settings), "options": dict(session.settings.options)},
            "armed": {name: items[name].options for name in session.activation.armed()},
        }
    )


def restore(exported: Mapping[str, Any]) -> None:
    """Set up in a worker process what `export` described: the same store, the same integrations.

    What waits for no framework (the hardware sampler) stays with the process that exported: it
    watches its children too. With ``exported["samples"]`` true it is armed here as well.
    """
    if not exported:
        return
    with _lock:
        session = _configure(
            Settings(**exported["settings"]), StoreLocation(**exported["location"])
        )
        armed, items = exported["armed"], session.activation.items
        samples = bool(exported.get("samples"))
        off = {
            name
            for name, item in items.items()
            if name not in armed or not (item.integration.framework or samples)
        }
        session.activation.arm(disable=off, options={n: o for n, o in armed.items() if n in items})


def readable(location: StoreLocation) -> str:
    """Return where a store is, for people: its folder, or its URL without the password."""
    if location.url.startswith("sqlite:"):
        return location.root
    from urllib.parse import urlsplit

    parts = urlsplit(location.url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def find_flavor(url: str) -> StoreFlavor:
    """Return the store flavor that serves a URL.

    Raises:
        SettingsError: no plugin serves its scheme; names those that are served.
    """
    scheme = url.split("://", 1)[0]
    flavors = get_plugins().stores()
    flavor = flavors.get(scheme) or flavors.get(scheme.split("+", 1)[0])
    if flavor is None:
        known = (
            ", ".join(f"{name}://" for name in sorted(flavors)) or "none (is epochlog installed?)"
        )
        raise SettingsError(
            f"no plugin serves stores of the kind {scheme}://; known kinds: {known}"
        )
    return flavor


def locate_store(settings: Settings) -> StoreLocation:
    """Return where the store of these settings is; touches nothing."""
    url, root, blobs = locate(settings)
    return StoreLocation(url, str(root), blobs, {"project": settings.project})


def open_sink(target: str, location: StoreLocation) -> Sink:
    """Import a flavor's ``"module:function"`` and open a sink there (on the drain's thread)."""
    module, _, function = target.partition(":")
    sink: Sink = getattr(importlib.import_module(module), function)(location)
    return sink


def _configure(
    settings: Settings,
    location: StoreLocation | None = None,
    functions: Sequence[Callable[..., Any]] = (),
) -> _Session:
    global _session
    if settings.watch or functions:
        read_rules(settings, functions)  # before anything is changed
    location = location or locate_store(settings)
    flavor = find_flavor(location.url)
    recorder = configure(
        location, settings, functools.partial(open_sink, flavor.open_sink, location), announce
    )
    arm(recorder, settings, functions)
    if "console" in settings.capture:
        watch_console(settings.console_bytes, relay=settings.console_relay)
    else:
        unwatch_console()
    if _session is None:
        _session = _Session(settings, location, Activation(), [])
    _session.settings, _session.location = settings, location
    _session.activation.offer(get_plugins().integrations())
    return _session


def _recorder() -> Recorder:
    recorder = get_recorder()
    if recorder is None:  # configured a moment ago by the caller
        raise SettingsError("recording was shut down meanwhile")
    return recorder


def _switches(settings: Mapping[str, Any]) -> dict[str, bool]:
    """Return what ``keras=False`` and its like say; names of settings are none of these."""
    known = {integration.name for _, integration in get_plugins().integrations()}
    own = {each.name for each in fields(Settings)}
    return {
        name: value
        for name, value in settings.items()
        if name in known - own and isinstance(value, bool)
    }


def _unknown(names: Iterable[str], activation: Activation) -> list[Problem]:
    """Name what was to be disabled and does not exist: usually a typing mistake."""
    unknown = sorted(set(names) - set(activation.items) - set(get_plugins().names) - {HARDWARE})
    for name in unknown:
        warn_once(f"disable {name}", f"disable={name!r}: no integration or plugin has this name")
    return [
        Problem(name, "to be disabled, but no integration or plugin has this name")
        for name in unknown
    ]


def _check_options(options: Mapping[str, Any], activation: Activation) -> None:
    for name in options:
        if name not in activation.items:
            known = ", ".join(sorted(activation.items))
            raise SettingsError(
                f"options for {name!r}, but no integration has this name; there are: {known}"
            )


def _merged(
    first: Mapping[str, Mapping[str, Any]], second: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    return {name: {**first.get(name, {}), **second.get(name, {})} for name in (*first, *second)}


set_session_hooks(export, restore, ensure_session)
