"""Tell epochlog that CatBoost can be recorded, in which versions, and by what."""

from __future__ import annotations

from epochlog.plugins.api import Integration, hookimpl

FRAMEWORK, SUPPORTS = "catboost", "catboost>=1.2.8,<2"


@hookimpl
def register_integrations() -> list[Integration]:
    """Offer the CatBoost integration."""
    return [
        Integration(
            name="catboost",
            framework=FRAMEWORK,
            supports=SUPPORTS,
            trigger="catboost.core",
            instrument="epochlog_catboost.patches:instrument",
            description="",
            options={},
        )
    ]
