"""Tell epochlog that Keras can be recorded, in which versions, and by what."""

from __future__ import annotations

from epochlog.plugins.api import Integration, hookimpl

FRAMEWORK, SUPPORTS = "keras", "keras>=3.8,<4"


@hookimpl
def register_integrations() -> list[Integration]:
    """Offer the Keras integration."""
    return [
        Integration(
            name="keras",
            framework=FRAMEWORK,
            supports=SUPPORTS,
            instrument="epochlog_keras.patches:instrument",
            description="",
            options={},
        )
    ]
