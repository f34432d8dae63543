"""Tell epochlog that Transformers can be recorded, in which versions, and by what."""

from __future__ import annotations

from epochlog.plugins.api import Integration, hookimpl

FRAMEWORK, SUPPORTS = "transformers", "transformers>=4.48,<6"


@hookimpl
def register_integrations() -> list[Integration]:
    """Offer the Transformers integration."""
    return [
        Integration(
            name="transformers",
            framework=FRAMEWORK,
            supports=SUPPORTS,
            trigger="transformers.trainer",
            instrument="epochlog_transformers.patches:instrument",
            description="",
            options={},
        )
    ]
