"""What an integration declares about itself: framework, versions, how it enters and leaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Integration:
    """One framework's integration, as returned by ``register_integrations()``.

    Attributes:
        name: what users write in ``autolog("lightgbm")`` and ``autolog(disable=["lightgbm"])``.
        framework: top-level module to wait for; "" if there is none to wait for (armed at once).
        supports: requirement of the distribution, e.g. ``"lightgbm>=4.5"``; "" accepts any version.
            Several distributions that provide the same module are separated by ``|``.
        instrument: ``"package.module:function"``, imported and called when the framework has been
            imported and its version fits; receives `IntegrationOptions`, enters the framework
            through ``epochlog.plugins.api.patch`` & co., which know how to undo themselves.
        trigger: module whose import fires ``instrument``, when that is not ``framework`` itself
            ("sklearn.base" rather than "sklearn"). Submodules work.
        wraps: names of integrations that must stay silent while this one's training runs.
        description: one line for ``epochlog plugins`` and the table in the README.
        options: what ``autolog(options={name: {...}})`` understands, each with its default.
    """

    name: str
    framework: str
    supports: str
    instrument: str
    trigger: str = ""
    wraps: tuple[str, ...] = ()
    description: str = ""
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IntegrationOptions:
    """Options for one integration: its declared defaults, overridden by the user's settings."""

    values: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return the option's value, or ``default`` if it is not declared."""
        return self.values.get(name, default)
