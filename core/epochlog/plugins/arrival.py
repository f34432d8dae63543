"""Call back when a module has been imported, without importing it.

Written here rather than taken from ``wrapt``: that imports asyncio on the way (40 ms), replaces
loaders by proxies, and can't see a reload. This one puts a finder in front that asks the others and
shadows ``exec_module`` on the one loader instance that loads the awaited module.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from epochlog.base.guard import guard

Hook = Callable[[ModuleType], Any]

_hooks: dict[str, list[Hook]] = {}
_lock = threading.Lock()


def when_imported(module: str, hook: Hook) -> None:
    """Call ``hook(module)`` after each import or reload of ``module``, and now if it is there.

    What the hook raises is reported and never makes the import fail. The hook runs on the importing
    thread, before the import statement returns; a parent package may still be incomplete then.

    Args:
        module: full dotted name; submodules work.
        hook: receives the module object. It stays registered for the life of the process, so it has
            to look whether it is still wanted.
    """
    with _lock:
        _hooks.setdefault(module, []).append(hook)
        if _finder not in sys.meta_path:
            sys.meta_path.insert(0, _finder)
    arrived = sys.modules.get(module)
    if arrived is not None:
        _call(module, hook, arrived)


class _Finder:
    """First in ``sys.meta_path``; finds nothing itself."""

    def __init__(self) -> None:
        self._asking = threading.local()  # another finder may search from the start again

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in _hooks or getattr(self._asking, "name", None) == name:
            return None
        before, self._asking.name = getattr(self._asking, "name", None), name
        try:
            spec = self._ask_others(name, path, target)
        finally:
            self._asking.name = before
        if spec is not None and spec.loader is not None:
            _shadow(spec.loader, name)
        return spec

    def _ask_others(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(name, path, target)
            if spec is not None:
                return spec
        return None


def _shadow(loader: Any, name: str) -> None:
    """Let this loader tell us when it has executed module ``name``; once, then it is as before."""
    original = getattr(loader, "exec_module", None)
    if original is None:
        return

    def exec_module(module: ModuleType) -> None:
        if module.__name__ != name:  # one loader for many modules, as for zip files
            original(module)
            return
        if vars(loader).get("exec_module") is exec_module:
            del loader.exec_module
        original(module)
        for hook in list(_hooks.get(name, ())):
            _call(name, hook, module)

    try:
        loader.exec_module = exec_module
    except (AttributeError, TypeError):  # built into the interpreter; frameworks are not
        return


def _call(name: str, hook: Hook, module: ModuleType) -> None:
    with guard(f"arrival of {name}"):
        hook(module)


_finder = _Finder()
