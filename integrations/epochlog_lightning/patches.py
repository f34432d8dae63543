"""Where we enter PyTorch Lightning. Every patch is undone by ``undo("lightning")``."""

from __future__ import annotations

from epochlog.plugins.api import IntegrationOptions

OWNER = "lightning"


def instrument(options: IntegrationOptions) -> None:
    """Wrap what trains."""
    del options
