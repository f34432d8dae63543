"""Make our classes for users inherit from Lightning's own, of both packages if both are there."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

from epochlog_lightning.plugin import FLAVORS

PACKAGES = tuple(package for package, _ in FLAVORS.values())
_made: dict[tuple[str, tuple[str, ...]], type] = {}


def class_named(name: str) -> type:
    """Return ``EpochlogCallback`` or ``EpochlogLogger`` for the package that is in use.

    Raises:
        ImportError: neither ``lightning`` nor ``pytorch_lightning`` is installed.
    """
    packages = _packages_in_use()
    known = _made.get((name, tuple(packages)))
    if known is None:
        known = _made[name, tuple(packages)] = _make(name, packages)
    return known


def _packages_in_use() -> list[str]:
    loaded = [package for package in PACKAGES if package in sys.modules]
    if loaded:
        return loaded
    for package in PACKAGES:
        if importlib.util.find_spec(package.partition(".")[0]) is not None:
            importlib.import_module(package)
            return [package]
    raise ImportError("Lightning is not installed; run: pip install 'lightning>=2.5,<3'")


def _make(name: str, packages: list[str]) -> type:
    module, base, folder = _parts(name)
    own = getattr(module, f"{name}Methods")
    bases = tuple(
        getattr(importlib.import_module(f"{package}.{folder}"), base) for package in packages
    )
    body: dict[str, Any] = {"__module__": "epochlog_lightning", "__doc__": own.__doc__}
    return type(name, (own, *bases), body)


def _parts(name: str) -> tuple[ModuleType, str, str]:
    if name == "EpochlogCallback":
        from epochlog_lightning import callback

        return callback, "Callback", "callbacks"
    from epochlog_lightning import logger

    return logger, "Logger", "loggers"
