"""Load plugins one by one from their entry points and call each one's hooks in isolation."""

from __future__ import annotations

import importlib.metadata
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pluggy

from epochlog.base.guard import warn_once
from epochlog.contract import hookspecs
from epochlog.contract.events import AnyEvent
from epochlog.contract.integration import Integration
from epochlog.contract.sink import StoreFlavor
from epochlog.contract.watchdog import Watchdog

GROUP = "epochlog"
FAILURES_MAX = 3
"""A plugin whose ``on_*`` hooks raised this often is switched off for the rest of the process."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One plugin that is (partly) out of service, and why."""

    plugin: str
    reason: str


class Plugins:
    """All plugins of this process.

    Args:
        entry_points: where plugins come from; default: the entry points of the group
            ``epochlog`` of all installed distributions. Scanned once, when first needed.
    """

    def __init__(self, entry_points: Callable[[], Iterable[Any]] | None = None) -> None:
        self._entry_points = entry_points or _installed_entry_points
        self._pluggy = pluggy.PluginManager(hookspecs.PROJECT)
        self._pluggy.add_hookspecs(hookspecs)
        self._lock = threading.RLock()
        self._loaded = False
        self._failures: dict[str, int] = defaultdict(int)
        self._off: set[str] = set()
        self._listeners: dict[str, tuple[tuple[str, Callable[..., Any]], ...]] | None = None
        self.problems: list[Problem] = []

    @property
    def names(self) -> list[str]:
        """Names of the loaded plugins, those switched off included."""
        self.load()
        return [name for name, _ in self._pluggy.list_name_plugin()]

    def load(self) -> None:
        """Load what the entry points offer; the first call does the work."""
        with self._lock:
            if self._loaded:
                return
            self._loaded = True
            for entry_point in self._entry_points():
                self._load_one(entry_point)

    def register(self, plugin: object, name: str) -> bool:
        """Register one plugin object; return False (and note a problem) if it is not usable."""
        with self._lock:
            try:
                self._pluggy.register(plugin, name)
                self._pluggy.check_pending()
            except Exception as error:
                if self._pluggy.has_plugin(name):
                    self._pluggy.unregister(name=name)
                self._note(name, f"broken: {_one_line(error)}")
                return False
            finally:
                self._listeners = None
            return True

    def unregister(self, name: str) -> None:
        """Forget a plugin."""
        with self._lock:
            self._pluggy.unregister(name=name)
            self._listeners = None

    def switch_off(self, names: Iterable[str]) -> None:
        """Announce nothing any more to exactly these plugins (a later call replaces the set)."""
        with self._lock:
            self._off = set(names)
            self._listeners = None

    def integrations(self) -> list[tuple[str, Integration]]:
        """Return ``(plugin name, integration)`` of all frameworks on offer; the first of a name."""
        found: dict[str, tuple[str, Integration]] = {}
        for plugin, item in self._ask("register_integrations", Integration):
            if item.name in found:
                owner = found[item.name][0]
                if owner != plugin:
                    self._note(
                        plugin, f"integration {item.name!r} ignored: plugin {owner!r} has that name"
                    )
                continue
            found[item.name] = (plugin, item)
        return list(found.values())

    def stores(self) -> dict[str, StoreFlavor]:
        """Return the store flavors on offer, by URL scheme."""
        found: dict[str, StoreFlavor] = {}
        for _, flavor in self._ask("register_stores", StoreFlavor):
            for scheme in flavor.schemes:
                found.setdefault(scheme, flavor)
        return found

    def watchdogs(self) -> list[Watchdog]:
        """Return the watchdogs on offer."""
        return [watchdog for _, watchdog in self._ask("register_watchdogs", Watchdog)]

    def announce(self, events: Sequence[AnyEvent]) -> None:
        """Tell listeners what was just committed, one call per hook and plugin; never raises.

        Costs one dict look-up when nobody listens, which is the usual case.
        """
        listeners = self._listeners
        if listeners is None:
            listeners = self._find_listeners()
        if not listeners:
            return
        groups: dict[str, list[AnyEvent]] = defaultdict(list)
        for event in events:
            hook = hookspecs.HOOK_OF_EVENT.get(type(event))
            if hook in listeners:
                groups[hook].append(event)
        for hook, group in groups.items():
            for name, function in listeners[hook]:
                self._tell(name, hook, function, group)

    def _tell(
        self, name: str, hook: str, function: Callable[..., Any], group: list[AnyEvent]
    ) -> None:
        if self._failures[name] >= FAILURES_MAX:
            return
        try:
            function(events=tuple(group))
        except Exception as error:
            self._failures[name] += 1
            warn_once(
                f"plugin {name} listener", f"plugin {name!r} failed in {hook}: {_one_line(error)}"
            )
            if self._failures[name] >= FAILURES_MAX:
                self._note(
                    name,
                    f"listeners switched off after {FAILURES_MAX} failures: {_one_line(error)}",
                    warn=False,
                )
                self._listeners = None

    def _find_listeners(self) -> dict[str, tuple[tuple[str, Callable[..., Any]], ...]]:
        # Without the lock: two threads find the same, and a fork may happen meanwhile.
        hooks = set(hookspecs.HOOK_OF_EVENT.values())
        found = {hook: self._implementations(hook) for hook in hooks}
        listeners = {hook: items for hook, items in found.items() if items}
        self._listeners = listeners
        return listeners

    def _implementations(self, hook: str) -> tuple[tuple[str, Callable[..., Any]], ...]:
        caller = getattr(self._pluggy.hook, hook)
        return tuple(
            (impl.plugin_name, _call_with(impl))
            for impl in caller.get_hookimpls()
            if impl.plugin_name not in self._off and self._failures[impl.plugin_name] < FAILURES_MAX
        )

    def _ask(self, hook: str, kind: type) -> list[tuple[str, Any]]:
        """Call a ``register_*`` hook plugin by plugin; collect what is of the right kind."""
        self.load()
        answers: list[tuple[str, Any]] = []
        for impl in getattr(self._pluggy.hook, hook).get_hookimpls():
            try:
                items = list(impl.function() or ())
            except Exception as error:
                self._note(impl.plugin_name, f"{hook} failed: {_one_line(error)}")
                continue
            for item in items:
                if isinstance(item, kind):
                    answers.append((impl.plugin_name, item))
                else:
                    self._note(impl.plugin_name, f"{hook} returned {item!r}, not {kind.__name__}")
        return answers

    def _load_one(self, entry_point: Any) -> None:
        try:
            plugin = entry_point.load()
        except Exception as error:
            self._note(
                entry_point.name, f"broken: {_one_line(error)} (entry point {entry_point.value})"
            )
            return
        if self._pluggy.has_plugin(entry_point.name):
            self._note(
                entry_point.name, f"ignored: another plugin has that name ({entry_point.value})"
            )
            return
        self.register(plugin, entry_point.name)

    def _note(self, plugin: str, reason: str, *, warn: bool = True) -> None:
        problem = Problem(plugin, reason)
        if problem not in self.problems:
            self.problems.append(problem)
            if warn:
                warn_once(f"plugin {plugin}", f"plugin {plugin!r} is left out: {reason}")


def _call_with(impl: Any) -> Callable[..., Any]:
    """Return a caller that passes only the arguments that the implementation declares."""
    function: Callable[..., Any] = impl.function
    if "events" in impl.argnames:
        return function
    return lambda events: function()  # noqa: ARG005


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _installed_entry_points() -> Iterable[importlib.metadata.EntryPoint]:
    return importlib.metadata.entry_points(group=GROUP)


_plugins: Plugins | None = None


def get_plugins() -> Plugins:
    """Return the plugins of this process; entry points are scanned when first asked for them."""
    global _plugins
    if _plugins is None:
        _plugins = Plugins()
    return _plugins


def announce(events: Sequence[AnyEvent]) -> None:
    """Tell this process's plugins what was just committed (the drain's callback); never raises."""
    get_plugins().announce(events)
