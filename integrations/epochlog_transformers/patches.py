"""Where we enter Transformers. Every patch is undone by ``undo("transformers")``."""

from __future__ import annotations

from epochlog.plugins.api import IntegrationOptions

OWNER = "transformers"


def instrument(options: IntegrationOptions) -> None:
    """Wrap what trains."""
    del options
