"""Where we enter PyTorch. Every patch is undone by ``undo("torch")``."""

from __future__ import annotations

from epochlog.plugins.api import IntegrationOptions

OWNER = "torch"


def instrument(options: IntegrationOptions) -> None:
    """Wrap what trains."""
    del options
