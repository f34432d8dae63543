"""Arm integrations: instrument a framework when it arrives, at once if it is there already."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from epochlog.base.errors import FrameworkNotFound, SettingsError, UnsupportedVersion
from epochlog.base.guard import guard, warn_once
from epochlog.contract.integration import Integration, IntegrationOptions
from epochlog.plugins import patching, versions
from epochlog.plugins.arrival import when_imported
from epochlog.recording.listeners import remove_run_listeners

ON, WAITING, OFF = "on", "waiting", "off"
NOT_INSTALLED = "not installed"


@dataclass(slots=True)
class Armed:
    """What this process knows about one integration.

    Attributes:
        plugin: name of the plugin that offers it.
        integration: its declaration.
        wanted: whether autolog() asked for it; the post-import hooks look here.
        state: on, waiting (for the import of its framework) or off.
        reason: why it is off, or what is worth knowing; "" if nothing is.
        version: the framework's version, once instrumented.
        options: the user's values, over the integration's defaults.
        notes: what undoing left behind.
    """

    plugin: str
    integration: Integration
    wanted: bool = False
    state: str = OFF
    reason: str = "not asked for"
    version: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    hooked: bool = False  # a post-import hook is registered; it can't be taken back
    spec: Any = None  # the module's spec when instrumented: a reloaded module has another


class Activation:
    """The integrations of one process and their states. Thread-safe.

    No lock is held while an integration is instrumented: that imports modules, and another thread
    may hold an import lock while our post-import hook waits there.
    """

    def __init__(self, offered: Iterable[tuple[str, Integration]] = ()) -> None:
        self._lock = threading.Lock()
        self.items: dict[str, Armed] = {}
        self.offer(offered)

    def offer(self, offered: Iterable[tuple[str, Integration]]) -> None:
        """Make integrations known, without arming them; those known already stay as they are."""
        for plugin, integration in offered:
            self.items.setdefault(integration.name, Armed(plugin, integration))

    def arm(
        self,
        names: Iterable[str] = (),
        *,
        disable: Iterable[str] = (),
        options: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Switch integrations on, now or as soon as their framework is imported.

        Args:
            names: of the frameworks only these, and loudly: what can't work raises. Default: all,
                quietly. What waits for no framework is armed in any case.
            disable: these stay off (and are taken off if they were on).
            options: per integration, over its declared defaults.

        Raises:
            FrameworkNotFound: a name has no integration, or its framework is not installed.
            UnsupportedVersion: a named framework's version is outside its range.
            SettingsError: an option that the integration doesn't have.
        """
        names, disable, options = tuple(names), set(disable), options or {}
        self._check_names((*names, *sorted(disable)) if names else names)
        merged = {name: self._merge(name, options.get(name, {})) for name in self.items}
        if names:
            for name in names:
                self._require(self.items[name].integration)
        for name, item in self.items.items():
            if name in disable:
                self.disarm(name, reason="disabled")
            elif not names or name in names or not item.integration.framework:
                self._arm_one(item, merged[name])

    def arm_frameworkless(
        self,
        *,
        disable: Iterable[str] = (),
        options: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Arm only what waits for no framework, such as the hardware sampler."""
        for name, item in self.items.items():
            if item.integration.framework == "" and name not in set(disable):
                self._arm_one(item, self._merge(name, (options or {}).get(name, {})))

    def disarm(self, name: str, *, reason: str = "taken off") -> None:
        """Take one integration off its framework and keep it off."""
        item = self.items[name]
        with self._lock:
            was_on = item.state == ON
            item.wanted, item.state, item.reason = False, OFF, reason
        if was_on:
            item.notes = _take_off(item.integration)

    def disarm_all(self) -> None:
        """Take everything off, newest first, so that stacked wrappers restore the originals."""
        for name in reversed([n for n, item in self.items.items() if item.wanted]):
            self.disarm(name)

    def armed(self) -> list[str]:
        """Return the names of the integrations that are on or waiting."""
        return [name for name, item in self.items.items() if item.wanted]

    def _arm_one(self, item: Armed, options: dict[str, Any]) -> None:
        integration = item.integration
        if item.state == ON:
            if options == item.options and not _reloaded(item):
                return
            self.disarm(integration.name)
        with self._lock:
            item.wanted, item.state, item.reason = True, WAITING, ""
            item.options = options
        if not integration.framework:
            self._instrument(item)
            return
        trigger = integration.trigger or integration.framework
        if not item.hooked:
            item.hooked = True
            when_imported(trigger, lambda module: self._arrived(item))  # noqa: ARG005
        # Also what was imported while this integration was off, or by another thread just now: an
        # import that was already past its finders when the hook was registered does not fire it.
        if trigger in sys.modules:
            self._arrived(item)

    def _arrived(self, item: Armed) -> None:
        """Instrument if this is still wanted; also the framework that was reloaded under us."""
        if item.state == ON and _reloaded(item):
            self.disarm(item.integration.name)
            item.wanted, item.state, item.reason = True, WAITING, ""
        if item.wanted and item.state == WAITING:
            self._instrument(item)

    def _instrument(self, item: Armed) -> None:
        with self._lock:
            if item.state != WAITING:
                return
            item.state = ON  # claimed: two threads may see the framework arrive
        integration = item.integration
        try:
            verdict = versions.judge(integration.supports, integration.framework)
            item.version = verdict.version
            if not verdict.fits:
                item.state, item.reason = OFF, verdict.reason
                return
            item.reason = verdict.reason
            item.spec = _spec(integration)
            _resolve(integration.instrument)(IntegrationOptions(dict(item.options)))
            if integration.framework:
                _import_content_modules()
        except Exception as error:
            _take_off(integration)
            item.state, item.reason = OFF, f"broken: {type(error).__name__}: {error}"
            warn_once(
                f"activation of {integration.name}",
                f"integration {integration.name!r} is off ({type(error).__name__}: {error}); "
                "training is not affected",
                exc_info=error,
            )

    def _check_names(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self.items:
                known = ", ".join(sorted(self.items)) or "none"
                raise FrameworkNotFound(f"no integration is called {name!r}; there are: {known}")

    def _merge(self, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
        declared = self.items[name].integration.options
        for key in options:
            if key not in declared:
                known = ", ".join(sorted(declared)) or "none"
                raise SettingsError(f"integration {name!r} has no option {key!r}; it has: {known}")
        return {**declared, **options}

    @staticmethod
    def _require(integration: Integration) -> None:
        if not integration.framework:
            return
        verdict = versions.judge(integration.supports, integration.framework)
        if not verdict.installed:
            need = integration.supports.split("|", maxsplit=1)[0] or integration.framework
            raise FrameworkNotFound(
                f"{integration.framework} is not installed; run: pip install '{need}'"
            )
        if not verdict.fits:
            raise UnsupportedVersion(f"{integration.framework}: {verdict.reason}")


def _take_off(integration: Integration) -> list[str]:
    """Undo an integration: its own ``uninstrument`` if it has one, its listeners, its patches."""
    module_name, _, _ = integration.instrument.partition(":")
    module = sys.modules.get(module_name)
    own = getattr(module, "uninstrument", None)
    if callable(own):
        with guard(f"uninstrument of {integration.name}"):
            own()
    remove_run_listeners(integration.name)
    return patching.undo(integration.name)


def _import_content_modules() -> None:
    """Import what fits need to describe data and models: now, beside the framework's own seconds.

    Otherwise the first fit would pay for it, out of its budget for optional work.
    """
    for name in ("datasets", "models"):
        importlib.import_module(f"epochlog.recording.{name}")


def _resolve(target: str) -> Any:
    module_name, _, function = target.partition(":")
    return getattr(importlib.import_module(module_name), function)


def _spec(integration: Integration) -> Any:
    return getattr(sys.modules.get(integration.trigger or integration.framework), "__spec__", None)


def _reloaded(item: Armed) -> bool:
    return bool(item.integration.framework) and _spec(item.integration) is not item.spec
