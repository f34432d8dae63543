"""Tell epochlog that PyTorch Lightning can be recorded, in which versions, and by what."""

from __future__ import annotations

from epochlog.plugins.api import Integration, hookimpl

FRAMEWORK, SUPPORTS = "lightning", "lightning>=2.5,<3"


@hookimpl
def register_integrations() -> list[Integration]:
    """Offer the PyTorch Lightning integration."""
    return [
        Integration(
            name="lightning",
            framework=FRAMEWORK,
            supports=SUPPORTS,
            instrument="epochlog_lightning.patches:instrument",
            description="",
            options={},
        )
    ]
