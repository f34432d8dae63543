"""Where we enter CatBoost. Every patch is undone by ``undo("catboost")``."""

from __future__ import annotations

from epochlog.plugins.api import IntegrationOptions

OWNER = "catboost"


def instrument(options: IntegrationOptions) -> None:
    """Wrap what trains."""
    del options
