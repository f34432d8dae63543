"""Where we enter XGBoost. Every patch is undone by ``undo("xgboost")``."""

from __future__ import annotations

from epochlog.plugins.api import IntegrationOptions

OWNER = "xgboost"


def instrument(options: IntegrationOptions) -> None:
    """Wrap what trains."""
    del options
