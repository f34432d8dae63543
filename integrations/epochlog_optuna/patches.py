"""Where we enter Optuna. Every patch is undone by ``undo("optuna")``."""

from __future__ import annotations

from epochlog.plugins.api import IntegrationOptions

OWNER = "optuna"


def instrument(options: IntegrationOptions) -> None:
    """Wrap what trains."""
    del options
